"""No secret of two hundred leaves the machine, whatever the encoding; what is none stays; no text takes long."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import evaluate
from checks.host_agent.requested import asked_for
from sriov_tui.cli import main
from sriov_tui.hostconf import diff, secret_spans
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.machine_file import load, save
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import HOST_CONF
from sriov_tui.privacy.masking import Masked
from sriov_tui.probe import gather
from sriov_tui.secrets import assignments, yaml_spans
from sriov_tui.secrets.hiding import replaced
from sriov_tui.secrets.names import Secret, may_name, secret
from sriov_tui.secrets.text import masked_bytes, masked_file, masked_line
from tests import boot_machines, machines, mellanox_machines
from tests.secret_places import planted

FILES, OUTPUTS, LINES = planted()
HOSTS = Path(__file__).parents[2] / "hosts"
ENCODED: dict[str, tuple[Callable[[str], bytes], str]] = {
    "plain": (str.encode, "utf-8"),
    "with a NUL byte": (lambda text: text.encode() + b"\0", "utf-8"),
    "with a NUL byte first": (lambda text: b"\0" + text.encode(), "utf-8"),
    "not UTF-8": (lambda text: text.encode() + b"\xff\xfe", "latin-1"),
    "with carriage returns": (lambda text: text.replace("\n", "\r\n").encode(), "utf-8"),
    "UTF-16": (lambda text: text.encode("utf-16"), "utf-16"),
    "UTF-16 without a mark": (lambda text: text.encode("utf-16-le"), "utf-16-le"),
    "UTF-32": (lambda text: text.encode("utf-32"), "utf-32"),
    "with a byte order mark": (lambda text: text.encode("utf-8-sig"), "utf-8"),
}


def leaks(text: str) -> dict[str, str]:
    return {value: line for value, line in LINES.items() if value in text}


def test_there_are_two_hundred() -> None:
    assert len(LINES) >= 200
    assert len(leaks("".join((*FILES.values(), *OUTPUTS.values())))) == len(LINES)


@pytest.mark.parametrize("way", ENCODED)
def test_no_secret_stays_in_a_file(way: str) -> None:
    encode, encoding = ENCODED[way]
    for path, text in FILES.items():
        masked = masked_bytes(encode(text), path).decode(encoding, "replace")
        assert leaks(masked) == {}, path
        assert len(masked.split("\n")) == len(encode(text).decode(encoding, "replace").split("\n")), path


def test_no_secret_stays_in_what_commands_print_and_in_logs() -> None:
    for name, text in OUTPUTS.items():
        assert leaks(masked_line(text)) == {}, name
        assert len(masked_line(text).splitlines()) == len(text.splitlines())


def test_what_is_no_secret_stays() -> None:
    masked = {path: masked_file(text, path) for path, text in FILES.items()}
    for kept in ("- eth0/br0/10.0.0.1", "@10.0.0.1:3306/db", "?charset=utf8", "@proxy:3128", "port: "):
        assert kept in masked["/etc/yunion/host.conf"] or kept == "port: "
    assert "client-key: /etc/x.key" in masked["/etc/netplan/50.yaml"]
    assert "key-management: 802.1x" in masked["/etc/netplan/50.yaml"]
    assert "public: PUBLIC" in masked["/etc/netplan/50.yaml"]
    assert "key-mgmt=wpa-psk\n" in masked["/etc/NetworkManager/system-connections/a.nmconnection"]
    assert "psk-flags=0\n" in masked["/etc/NetworkManager/system-connections/a.nmconnection"]
    assert "PublicKey=PUBLIC" in masked["/etc/systemd/network/10.netdev"]
    assert "intel_iommu=on" in masked["/proc/cmdline"]
    assert "-name guest=vm1" in masked_line(OUTPUTS["pgrep -a qemu"])
    assert "networks:\n- a/b/c" in masked["/etc/yunion/broken.conf"]


def every_machine() -> list[Machine]:
    built = [build() for build in (*machines.ALL, *mellanox_machines.ALL) if build is not machines.big]
    return [
        *(load(path) for path in HOSTS.iterdir() if path.is_dir()),
        *built,
        *(boot_machines.build(family) for family in boot_machines.FAMILIES),
    ]


def test_hosts_without_secrets_are_masked_to_themselves() -> None:
    for machine in every_machine():
        for path, data in machine.files.items():
            assert masked_bytes(data, path) == data, (machine.name, path)
        for line, done in machine.queries.items():
            if line not in ("dmesg", "journalctl -k -b 0 --no-pager -o cat"):  # "kernel key: " and its digest
                assert masked_line(done.out) == done.out, (machine.name, line)


WRONG = {
    "two colons": "admin_password: {s}: {s}\n",
    "a tab": "admin_password: {s}\n\tx: 1\n",
    "an open quote": "admin_password: '{s}\nmore: 1\n",
    "an open bracket": "tokens: [{s}\n",
    "the same name twice": "admin_password: {s}\nadmin_password: {s}\n",
    "a number where a list should be": "networks: 5\nadmin_password: {s}\n",
    "a list where a text should be": "admin_password: [{s}]\n",
    "a NUL byte": "admin_password: {s}\n\0\n",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_checks_find_what_is_wrong_beside_a_secret(wrong: str) -> None:
    machine = machines.two_igb()
    put_file(machine, HOST_CONF, WRONG[wrong].format(s="hUsHhUsH1") + machine.files[HOST_CONF].decode())

    def found(facts: object) -> set[tuple[str, str]]:
        return {(f.id, f.level.name) for f in evaluate(facts, asked_for(facts))[0]}  # type: ignore[arg-type]

    plain, masked = gather(RecordedHost(machine)), gather(Masked(RecordedHost(machine)))
    assert "hUsHhUsH1" not in repr(masked)
    assert found(masked) == found(plain)


def test_plan_and_its_json_show_no_line_with_a_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = machines.two_igb()
    conf = machine.files[HOST_CONF].decode()
    secrets = "".join(f"{name}: hUsH{n}x\n" for n, name in enumerate(("admin_password", "db_secret", "token", "ak")))
    put_file(machine, HOST_CONF, secrets + conf + secrets.replace(": ", "_2: "))
    save(machine, tmp_path / "machine")
    answers = tmp_path / "answers.toml"
    answers.write_text(
        'version = 1\n[[nics]]\naddress = "0000:01:00.0"\nuse = "sriov"\nbridge = "br1"\nwire = "w"\n', "utf-8"
    )
    argv = ["plan", "--host", str(tmp_path / "machine"), "--answers", str(answers)]
    for more in ([], ["--format", "json"]):
        main([*argv, *more])
        said = capsys.readouterr()
        assert "hUsH" not in said.out + said.err
        assert "host.conf" in said.out
    assert json.loads(said.out)["diff"]


def test_a_diff_shows_the_change_and_masks_what_stands_beside_it() -> None:
    shown = diff("password: hUsH\nx: 1\n", "password: hUsH\nx: 2\n", "/etc/yunion/host.conf")
    assert "-x: 1\n+x: 2\n" in shown
    assert "hUsH" not in shown


@pytest.mark.parametrize(
    "name", ["adminPassword", "DB_PASSWD", "密码", "api-key", "x.secret.y", "wep-key0", "KEY1", "psk"]
)
def test_names_of_secrets(name: str) -> None:
    assert secret(name)


@pytest.mark.parametrize(
    "name", ["auth_token_cache_size", "ssl_key_file", "key-mgmt", "PublicKey", "secretName", "keyboard", "monkey", ""]
)
def test_names_of_none(name: str) -> None:
    assert secret(name) is Secret.NO


WORDS = ["password", "key", "=", ":", " ", "\n", '"', "'", "\\", "[", "{", "- ", "://", "@", "#", "curl -u ", "--", "|"]


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_text_keeps_its_lines_and_is_masked_once(parts: list[str]) -> None:
    text = "".join(parts)
    for mask in (masked_file, masked_line):
        masked = mask(text)
        assert masked.count("\n") == text.count("\n")
    assert masked_bytes(text.encode()).decode() == masked_file(text)


TEXTS = ("adminPassword", "pass", "-word", "_", "disk", "api", "Key", "key1", "pin", "spin", "token", "密码", ": ", "x",
         "\n", "'", '"', "\\u0077", "? ", "- ", "&a ", "*a ", "{", "}", "# ")  # fmt: skip


@given(st.lists(st.sampled_from(TEXTS), max_size=20).map("".join))
def test_where_no_name_of_a_secret_may_stand_a_parser_finds_none(text: str) -> None:
    with patch.object(yaml_spans, "may_be", lambda _: True):
        found = list(yaml_spans.spans(text))
    assert may_name(text) or not found


@given(st.lists(st.sampled_from(TEXTS), max_size=20).map("".join))
def test_both_parsers_hide_the_same_in_host_conf(text: str) -> None:
    """What the host-agent's parser reads to its end is hidden as ruamel.yaml hides it, where that reads it, too."""
    whole = f"password: {text}\nx: y\n"
    ours, other = (replaced(whole, spans(whole)) for spans in (secret_spans.spans, yaml_spans.spans))
    assert ours == other or other == whole


UNITS = (
    "key=",
    "key=[",
    "secret:\n",
    "- secret:\n",
    "password: ",
    '"key": [',
    "://a:b@",
    "x:y@tcp(",
    "curl -u ",
    '"',
    "\\",
)


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Counted in calls and lines of Python, not in time: twice the text is at most a bit more than twice the work."""

    def work(size: int) -> int:
        steps = 0

        def count(frame: object, event: str, argument: object) -> object:
            nonlocal steps
            steps += 1
            return count

        text = unit * size
        sys.settrace(count)  # type: ignore[arg-type]
        try:
            spans = list(assignments.spans(text, config=True))
        finally:
            sys.settrace(None)
        replaced(text, spans)
        return steps

    assert work(2000) < 2.5 * work(1000) + 1000
