"""One file holds all that any check reads: opened anywhere, it gives the same audit but for the clock."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.hostconf import read
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.machine_file import load, save
from sriov_tui.model import GRUB_DROP_IN, HOST_CONF
from sriov_tui.secrets.text import masked_file as mask_file
from sriov_tui.services.machine import facts_of
from sriov_tui.simulated import SimulatedHost
from tests import machines
from tests.timeless import timeless

HOSTS = Path(__file__).parents[2] / "hosts"
RECORDED = sorted(path.name for path in HOSTS.iterdir() if path.is_dir())


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command prints; whether the host is ready is not the question here."""
    capsys.readouterr()
    assert main(argv) in (0, 2), capsys.readouterr().err
    return capsys.readouterr().out


def audits(capsys: pytest.CaptureFixture[str], host: str) -> tuple[str, ...]:
    """The audit as text and as JSON, without what tells the source and the clock: how to see more differs by that."""
    forms = ("text", "json")
    texts = (timeless(form, printed(capsys, "audit", "--host", host, "--format", form)) for form in forms)
    return tuple(
        text.replace("Record the machine again, as root.", "Run sriov-tui as root.").replace(
            "sriov-tui collect", "sriov-tui"
        )
        for text in texts
    )


@pytest.mark.parametrize("build", machines.ALL)
def test_a_simulated_machine_and_its_recording_have_the_same_audit(
    build: Callable[[], Machine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SimulatedHost.create(build(), tmp_path / "machine")
    host, file = f"simulated:{tmp_path / 'machine'}", str(tmp_path / "m.sriov")
    printed(capsys, "collect", "--host", host, file)
    assert audits(capsys, file) == audits(capsys, host)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_of_a_recording_has_the_same_audit_to_the_last_byte(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host, file = str(HOSTS / name), str(tmp_path / "m.sriov")
    printed(capsys, "collect", "--host", host, file)
    for form in ("text", "json"):
        assert printed(capsys, "audit", "--format", form, "--host", file) == printed(
            capsys, "audit", "--format", form, "--host", host
        )
    first = printed(capsys, "audit", "--host", file).splitlines()[0]
    assert f"recording of {name}" in first
    assert load(HOSTS / name).made_at in first


SECRET = "hush5ecret"
ODD = f"""\
admin_password: {SECRET}
db_password: {SECRET}: {SECRET}
sql_connection: mysql+pymysql://root:{SECRET}@10.1.1.1/db
tokens:
- {SECRET}
- '{SECRET}
networks:
- mgmt0/br0/10.0.2.15
sriov_nics:
- enp1s0
"""


def with_secrets() -> Machine:
    """Secrets in many places, and one of them is what the host-agent stumbles over."""
    machine = machines.two_igb()
    put_file(machine, HOST_CONF, ODD)
    put_file(machine, "/proc/cmdline", f"root=/dev/vda1 quiet rd.iscsi.password={SECRET} intel_iommu=off\n")
    put_file(
        machine, "/etc/default/grub", f"GRUB_CMDLINE_LINUX='rd.iscsi.password={SECRET}'\nGRUB2_PASSWORD={SECRET}\n"
    )
    put_file(machine, GRUB_DROP_IN, f"password_pbkdf2 root {SECRET}\n")
    return machine


def test_secrets_leave_the_machine_neither_in_a_recording_nor_in_an_audit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(with_secrets(), tmp_path / "machine")
    host, file = str(tmp_path / "machine"), tmp_path / "m.sriov"
    printed(capsys, "collect", "--host", host, str(file))
    kept = load(file)
    assert SECRET.encode() not in b"".join(kept.files.values())
    assert b"MASKED" in kept.files["/proc/cmdline"]
    assert SECRET not in repr(kept)
    audit = audits(capsys, host)
    assert SECRET not in "".join(audit)
    assert "host.conf:2" in audit[1], "the fault is beside the second password"
    assert audits(capsys, str(file)) == audit


def test_what_a_host_was_rebooted_for_is_in_its_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SimulatedHost.create(machines.iommu_off(), tmp_path / "machine")
    host, file = f"simulated:{tmp_path / 'machine'}", str(tmp_path / "m.sriov")
    monkeypatch.setattr("sriov_tui.services.machine.rebooted_for", lambda state_dir, boot_id: ("iommu.arguments",))
    facts = facts_of(host)
    printed(capsys, "collect", "--host", host, file)
    monkeypatch.setattr("sriov_tui.services.machine.rebooted_for", lambda state_dir, boot_id: ("of another machine",))
    again = facts_of(f"recorded:{file}")
    assert again.rebooted_for == facts.rebooted_for == ("iommu.arguments",)
    assert again == replace(facts, source=again.source, gathered_at=again.gathered_at)


def test_the_file_is_new_private_and_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.big(8, 127), tmp_path / "big")
    file = tmp_path / "m.sriov"
    argv = ("collect", "--host", str(tmp_path / "big"), str(file))
    assert "m.sriov" in printed(capsys, *argv)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size < 1 << 20
    for target in (file, tmp_path):
        assert main((*argv[:-1], str(target))) == 1
        assert "Name a" in capsys.readouterr().err
    assert main((*argv[:-1], str(tmp_path / "absent" / "m.sriov"))) == 1
    assert "No such file" in capsys.readouterr().err


def test_its_name_is_the_hosts_where_none_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(machines.two_igb(), tmp_path / "machine")
    printed(capsys, "collect", "--host", f"simulated:{tmp_path / 'machine'}")
    assert [path.name for path in tmp_path.glob("*.sriov")] == ["kvm07.sriov"]


def test_it_goes_to_standard_output_but_not_to_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(machines.two_igb(), tmp_path / "machine")

    class Out(io.TextIOWrapper):
        tty = True

        def isatty(self) -> bool:
            return self.tty

    out = Out(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", out)
    argv = ("collect", "--host", str(tmp_path / "machine"), "-")
    assert main(argv) == 1
    assert "terminal" in capsys.readouterr().err
    out.tty = False
    assert main(argv) == 0
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    (tmp_path / "m.sriov").write_bytes(out.buffer.getvalue())
    assert load(tmp_path / "m.sriov").name == "two-igb"


@pytest.mark.parametrize("ip", [False, True])
@pytest.mark.parametrize("host", [*RECORDED, *(build.__name__ for build in machines.ALL if build is not machines.big)])
def test_an_anonymous_recording_has_the_same_levels_and_ids(
    host: str, ip: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = HOSTS / host
    if host not in RECORDED:
        source = tmp_path / host
        save(getattr(machines, host)(), source)
    file = str(tmp_path / "m.sriov")
    printed(capsys, "collect", "--host", str(source), "--anonymize-ip" if ip else "--anonymize", file)
    levels = [
        [(finding["id"], finding["level"]) for finding in json.loads(text)["findings"]]
        for text in (printed(capsys, "audit", "--format", "json", "--host", where) for where in (str(source), file))
    ]
    assert levels[0] == levels[1]
    assert levels[0]


@pytest.mark.parametrize("value", ["2048", "12345678", "0x1000", "yes", "off", '"true"', "t", "1.5", "-1200", "1_000"])
def test_the_mask_never_makes_a_host_conf_worse(value: str) -> None:
    conf = (Path(__file__).parents[2] / "lab" / "host.conf").read_text()
    for key in ("auth_token_cache_size", "enable_remote_executor_token", "admin_password"):
        text = re.sub(rf"(?m)^{key}:.*$", f"{key}: {value}", conf) if f"\n{key}:" in conf else f"{conf}{key}: {value}\n"
        plain, masked = read(text.encode()), read(mask_file(text).encode())
        assert (masked.loads, [(f.id, f.line) for f in masked.faults]) == (
            plain.loads,
            [(f.id, f.line) for f in plain.faults],
        ), (key, value)
    assert mask_file("admin_password: 12345678\n") == "admin_password: 11111111\n"
