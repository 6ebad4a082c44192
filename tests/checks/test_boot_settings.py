"""/etc/default/grub in its hard forms: the right result, as a real shell reads it, or a refusal that names the line."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from checks.boot import arguments, loaders, settings
from checks.boot.loaders import Proposal
from sriov_tui.facts import Boot, BootEntry, HostFacts, TextFile
from sriov_tui.model import GRUB_DROP_IN, WriteFile
from tests.samples import igb_host, text_file

SETTINGS, LATER = "/etc/default/grub", "/etc/default/grub.d/95-site.cfg"
WANTED = ("intel_iommu=on", "iommu=pt")
STUCK = ("iommu=off",)


def host(loader: str, entry: str, **files: str) -> HostFacts:
    """A host of this family whose default entry passes these arguments; `files` by path."""
    config = {"grub-debian": "/boot/grub/grub.cfg", "grub2": "/boot/grub2/grub.cfg"}[loader]
    entries = (BootEntry(title="Linux", kernel="/vmlinuz-6.12.1-amd64", arguments=f"root=/dev/sda1 ro {entry}"),)
    boot = Boot(
        loader=loader, config=config, entries=entries, default_title="Linux", settings=tuple(sorted({SETTINGS, *files}))
    )
    texts = tuple(text_file(path, text) for path, text in files.items())
    if SETTINGS not in files:
        texts = (*texts, TextFile(path=SETTINGS, state="absent"))
    return replace(igb_host(), boot=boot, files=(*igb_host().files, *texts))


def written(proposal: Proposal) -> dict[str, str]:
    """The files of a proposal."""
    return {op.path: op.text or "" for op in proposal.operations if isinstance(op, WriteFile)}


def by_shell(files: dict[str, str], folder: Path, shell: str) -> list[str]:
    """The tokens of GRUB_CMDLINE_LINUX and its _DEFAULT, as a real shell reads the files in their order."""
    script = ""
    for number, path in enumerate(sorted(files)):
        (folder / f"{number}.cfg").write_text(files[path])
        script += f". {folder}/{number}.cfg; "
    script += 'printf "%s %s" "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"'
    done = subprocess.run([shell, "-ec", script], capture_output=True, text=True, check=True)
    return list(arguments.tokens(done.stdout))


FORMS = {
    "double quotes": 'GRUB_CMDLINE_LINUX="quiet splash"\n',
    "single quotes": "GRUB_CMDLINE_LINUX='quiet splash'\n",
    "no quotes": "GRUB_CMDLINE_LINUX=quiet\nGRUB_CMDLINE_LINUX_DEFAULT=splash\n",
    "empty": 'GRUB_CMDLINE_LINUX=\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\n',
    "several, the last counts": 'GRUB_CMDLINE_LINUX="old"\nGRUB_CMDLINE_LINUX="quiet splash"\n',
    "appended by itself": 'GRUB_CMDLINE_LINUX="quiet"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX splash"\n',
    "appended, in braces": 'GRUB_CMDLINE_LINUX="quiet"\nGRUB_CMDLINE_LINUX="${GRUB_CMDLINE_LINUX} splash"\n',
    "a command's output": 'GRUB_CMDLINE_LINUX="quiet $(echo splash)"\n',
    "backticks": "GRUB_CMDLINE_LINUX=\"quiet `echo splash`\"\n",
    "on a condition": 'GRUB_CMDLINE_LINUX="quiet"\nif true; then\n'
                      'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX splash"\nfi\n',
    "two lines": 'GRUB_CMDLINE_LINUX="quiet \\\nsplash"\n',
    "a comment behind": 'GRUB_CMDLINE_LINUX="quiet splash" # GRUB_CMDLINE_LINUX="x"\n',
    "a comment above": '#GRUB_CMDLINE_LINUX="x"\nGRUB_CMDLINE_LINUX="quiet splash"\n',
    "exported": 'export GRUB_CMDLINE_LINUX="quiet splash"\n',
    "no newline at the end": 'GRUB_CMDLINE_LINUX="quiet splash"',
    "not there": 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\n',
    "a semicolon": 'GRUB_CMDLINE_LINUX="quiet splash";\n',
    "a space in quotes": "GRUB_CMDLINE_LINUX='quiet splash dyndbg=\"file a +p\"'\n",
}  # fmt: skip


@pytest.mark.subprocess
@pytest.mark.parametrize("loader", ["grub2", "grub-debian"])
@pytest.mark.parametrize("form", FORMS)
def test_added_and_nothing_else_changed(form: str, loader: str, tmp_path: Path) -> None:
    before = by_shell({SETTINGS: FORMS[form]}, tmp_path, "sh")
    proposal = loaders.propose(host(loader, " ".join(before), **{SETTINGS: FORMS[form]}), WANTED)
    assert not proposal.refusal
    after = by_shell({SETTINGS: FORMS[form]} | written(proposal), tmp_path, "sh")
    assert [token for token in after if token not in WANTED] == before
    assert [token for token in after if token in WANTED] == list(WANTED)


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here; += is its own")
def test_appended_with_plus_where_sh_is_bash(tmp_path: Path) -> None:
    text = 'GRUB_CMDLINE_LINUX="quiet"\nGRUB_CMDLINE_LINUX+=" splash"\n'
    proposal = loaders.propose(host("grub2", "quiet splash", **{SETTINGS: text}), WANTED)
    assert by_shell(written(proposal), tmp_path, "bash") == ["quiet", "splash", *WANTED]


REPLACED = {
    "double quotes": ('GRUB_CMDLINE_LINUX="quiet intel_iommu=off splash"\n', "quiet intel_iommu=on splash"),
    "single quotes": ("GRUB_CMDLINE_LINUX='intel_iommu=off quiet'\n", "intel_iommu=on quiet"),
    "no quotes": ("GRUB_CMDLINE_LINUX=intel_iommu=off\n", "intel_iommu=on"),
    "a list": ('GRUB_CMDLINE_LINUX="intel_iommu=off,sm_on quiet"\n', "intel_iommu=on intel_iommu=sm_on quiet"),
    "in _DEFAULT": ('GRUB_CMDLINE_LINUX_DEFAULT="a intel_iommu=off"\nGRUB_CMDLINE_LINUX="b"\n', "a intel_iommu=on"),
    "in the second": ('GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=off"\n',
                      "$GRUB_CMDLINE_LINUX intel_iommu=on"),
    "beside a command": ('GRUB_CMDLINE_LINUX="a $(echo b)"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=off"\n',
                         "$GRUB_CMDLINE_LINUX intel_iommu=on"),
}  # fmt: skip


@pytest.mark.subprocess
@pytest.mark.parametrize("form", REPLACED)
def test_replaced_where_it_stands(form: str, tmp_path: Path) -> None:
    text, new = REPLACED[form]
    before = by_shell({SETTINGS: text}, tmp_path, "sh")
    proposal = loaders.propose(host("grub2", " ".join(before), **{SETTINGS: text}), ("intel_iommu=on",))
    assert not proposal.refusal
    assert new in written(proposal)[SETTINGS]
    after = by_shell(written(proposal), tmp_path, "sh")
    assert "intel_iommu=off" not in " ".join(after)
    assert after.count("intel_iommu=on") == 1
    rest = [token for token in before if not token.startswith("intel_iommu")]
    assert [token for token in after if not token.startswith("intel_iommu")] == rest


@pytest.mark.parametrize(
    ("loader", "entry", "files", "words"),
    [
        ("grub2", "quiet", {SETTINGS: 'GRUB_TIMEOUT=5\r\nGRUB_CMDLINE_LINUX="quiet"\r\n'}, f"{SETTINGS}:2 ends with"),
        ("grub-debian", "quiet", {SETTINGS: 'GRUB_CMDLINE_LINUX="quiet"\r\n'}, f"{SETTINGS}:1 ends with"),
        ("grub-debian", "a b", {SETTINGS: 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX+=" b"\n'}, f"{SETTINGS}:2 uses"),
        ("grub2", "quiet", {}, f"{SETTINGS} is missing"),
        ("grub2", "quiet iommu=off", {SETTINGS: 'GRUB_CMDLINE_LINUX="quiet $(cat /etc/x)"\n'}, f"{SETTINGS}:1"),
        ("grub2", "quiet iommu=off", {SETTINGS: '. /etc/site\nGRUB_CMDLINE_LINUX="quiet"\n'}, f"{SETTINGS}:1"),
        ("grub2", "quiet iommu=off", {SETTINGS: 'GRUB_CMDLINE_LINUX="quiet"\n'}, "/etc/grub.d"),
        ("grub2", "quiet rd.lvm.lv=a/b", {SETTINGS: 'GRUB_CMDLINE_LINUX="quiet"\n'}, "passes rd.lvm.lv=a/b"),
        ("grub-debian", "quiet", {SETTINGS: "", LATER: 'GRUB_CMDLINE_LINUX="quiet"\n'}, f"{LATER}:1 assigns"),
    ],
)
def test_a_refusal_names_the_line(loader: str, entry: str, files: dict[str, str], words: str) -> None:
    proposal = loaders.propose(host(loader, entry, **files), WANTED, STUCK)
    assert words in proposal.refusal
    assert proposal.operations == ()
    assert "iommu=pt" in proposal.manual


@pytest.mark.subprocess
def test_a_drop_in_that_overrides_is_edited_and_not_what_it_overrides(tmp_path: Path) -> None:
    cloud = "/etc/default/grub.d/50-cloudimg-settings.cfg"
    files = {SETTINGS: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=off"\n',
             cloud: 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 intel_iommu=off"\n'}  # fmt: skip
    proposal = loaders.propose(host("grub-debian", "console=tty1 intel_iommu=off", **files), WANTED)
    assert set(written(proposal)) == {cloud, GRUB_DROP_IN}
    after = by_shell(files | written(proposal), tmp_path, "sh")
    assert sorted(after) == ["console=tty1", "intel_iommu=on", "iommu=pt"]


@pytest.mark.subprocess
def test_on_debian_a_missing_file_is_no_hindrance(tmp_path: Path) -> None:
    proposal = loaders.propose(host("grub-debian", "quiet"), WANTED)
    assert by_shell(written(proposal), tmp_path, "sh") == list(WANTED)


def test_our_own_drop_in_grows_and_never_doubles() -> None:
    ours = f'{loaders.HEADER}GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=on iommu=pt"\n'
    facts = host("grub-debian", "quiet intel_iommu=on iommu=pt", **{SETTINGS: 'GRUB_CMDLINE_LINUX="quiet"\n'})
    facts = replace(facts, boot=replace(facts.boot, settings=(SETTINGS, GRUB_DROP_IN)))
    rest = tuple(file for file in facts.files if file.path != GRUB_DROP_IN)
    facts = replace(facts, files=(*rest, text_file(GRUB_DROP_IN, ours)))
    assert loaders.propose(facts, WANTED) == Proposal()
    proposal = loaders.propose(facts, (*WANTED, "pci=realloc"))
    assert written(proposal) == {GRUB_DROP_IN: ours.replace("iommu=pt", "iommu=pt pci=realloc")}
    write = proposal.operations[0]
    assert isinstance(write, WriteFile)
    assert write.expect == hashlib.sha256(ours.encode()).hexdigest()


def test_what_the_settings_have_and_the_menu_not_yet_is_said() -> None:
    facts = host("grub2", "quiet", **{SETTINGS: 'GRUB_CMDLINE_LINUX="quiet isolcpus=2-5"\n'})
    assert "isolcpus=2-5" in loaders.propose(facts, WANTED).warnings[0]


def test_quotes_that_cannot_be_kept_are_refused() -> None:
    file = text_file(SETTINGS, "GRUB_CMDLINE_LINUX='quiet'\n")
    with pytest.raises(settings.Refusal, match=f"{SETTINGS}:1"):
        settings.append(file, "GRUB_CMDLINE_LINUX", ("x='y'",))


@pytest.mark.parametrize(
    "token", ['x="; rm -rf /"', "a b", "x=$(id)", "x=`id`", "x=a\nb", "x='y'", "x=\\", "", "--", "x=*", "amd_iommu=on"]
)
@pytest.mark.parametrize("loader", ["grub2", "grub-debian"])
def test_what_a_shell_would_take_otherwise_is_never_written(token: str, loader: str) -> None:
    facts = host(loader, "quiet", **{SETTINGS: 'GRUB_CMDLINE_LINUX="quiet"\n'})
    proposal = loaders.propose(facts, ("iommu=pt", token))
    assert proposal.operations == ()
    assert "is not written" in proposal.refusal
