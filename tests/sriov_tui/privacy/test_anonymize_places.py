"""Whatever writes it, and wherever: nothing of whose machine it was is left, and what was the same still is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import evaluate
from checks.host_agent.requested import asked_for
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import dumps, load
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Finding
from sriov_tui.privacy.anonymize import Anonymizer, anonymized
from sriov_tui.privacy.hardware import Hardware
from sriov_tui.privacy.ip_addresses import Addresses
from sriov_tui.probe import gather
from tests import machines, mellanox_machines
from tests.anonymize_places import FRAGMENTS, KEPT, NOTATIONS, Identity, everywhere, lines

ONE = Identity()


@pytest.fixture(scope="module")
def after() -> Machine:
    return anonymized(everywhere(ONE))


@pytest.fixture(scope="module")
def other(after: Machine) -> Identity:
    """What stands for each name, each read in one place."""
    files = {path: data.decode("utf-8", "replace").strip() for path, data in after.files.items()}
    short, _, domain = files["/proc/sys/kernel/hostname"].partition(".")
    said = dict(line.split(" | ", 1) for line in after.queries["dmesg"].out.splitlines())
    return Identity(
        mac=files["/sys/class/net/enp59s0f0np0/address"],
        short=short,
        domain=domain,
        site=said["mail"].partition("@")[2],
        house=said["house in a name"].removesuffix("-storage"),
        uuid=files["/sys/class/dmi/id/product_uuid"],
        machine=files["/etc/machine-id"],
        vfat=said["UUID of FAT"].rpartition("/")[2],
        serial=files["/sys/class/dmi/id/product_serial"],
        guest=said["disk of a guest"].removeprefix("file=/disks/").partition(".")[0],
        other=said["quoted guest"].split("'")[1],
    )


def test_there_are_enough_notations() -> None:
    assert len(NOTATIONS) == len(dict(NOTATIONS)) >= 64
    before = dumps(everywhere(ONE)).lower()
    assert [one for one in FRAGMENTS if one not in before.replace("\\\\", "\\")] == []


def texts(machine: Machine) -> str:
    """All that a recording holds, the files of other encodings as text."""
    files = "\n".join(data.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-8") for data in machine.files.values())
    return f"{dumps(machine)}\n{files}".lower().replace("\\\\", "\\")


def test_nothing_is_left(after: Machine) -> None:
    text = texts(after)
    assert [one for one in FRAGMENTS if one in text] == []


@pytest.mark.parametrize("number", range(len(NOTATIONS)), ids=[name for name, _ in NOTATIONS])
def test_the_same_in_every_notation_and_place(after: Machine, other: Identity, number: int) -> None:
    line = lines(other)[number]
    assert after.queries["dmesg"].out.splitlines()[number] == line
    assert after.queries["dmesg"].err.splitlines()[number] == line
    assert after.netlink["notes"][number] == {"text": line}
    assert after.udev["/sys/class/net/enp59s0f0np0"]["NOTE"].splitlines()[number] == line
    assert after.files["/var/log/app.log"].decode().splitlines()[number] == line
    assert after.files["/var/log/with-nul.log"].removeprefix(b"begin\0").decode().splitlines()[number] == line
    assert after.files["/var/log/utf-16.log"].decode("utf-16").splitlines()[number] == line


def test_the_whole_machine_is_the_one_of_the_other_identity(after: Machine, other: Identity) -> None:
    expected = everywhere(other)
    assert after.dirs == expected.dirs
    assert after.links == expected.links
    assert list(after.files) == list(expected.files)
    assert after.errors == expected.errors
    assert after.holders == expected.holders
    assert after.environment == expected.environment
    assert after.queries["pgrep -a qemu"] == expected.queries["pgrep -a qemu"]


def test_what_a_check_needs_stays(after: Machine) -> None:
    text = texts(after)
    assert [one for one in KEPT if one.lower() not in text] == []


LAB = Path(__file__).parents[2] / "hosts"
MACHINES: tuple[Callable[[], Machine], ...] = (
    machines.two_igb,
    machines.bios_off,
    mellanox_machines.connectx,
    lambda: load(LAB / "lab-idle"),
    lambda: load(LAB / "lab-7-vfs"),
)


@pytest.mark.parametrize("make", MACHINES)
def test_the_findings_are_those_of_the_original(make: Callable[[], Machine]) -> None:
    before = make()
    for path, data in everywhere(ONE).files.items():
        if path.startswith(("/var/", "/sys/class/dmi", "/etc/machine-id")) and path not in before.files:
            before.files[path] = data
    before.files["/proc/sys/kernel/hostname"] = f"{ONE.short}.{ONE.domain}\n".encode()
    anonymizer = Anonymizer(before)
    assert [told(one, str) for one in findings(anonymizer.machine())] == [
        told(one, anonymizer.rewrite) for one in findings(before)
    ]


def findings(machine: Machine) -> tuple[Finding, ...]:
    facts = gather(RecordedHost(machine))
    return tuple(evaluate(facts, asked_for(facts))[0])


def told(one: Finding, rewrite: Callable[[str], str]) -> tuple[str, ...]:
    """A finding as it is read."""
    evidence = (text for each in one.evidence for text in (each.source, each.text))
    return (one.id, one.level.name, *map(rewrite, map(str, (one.subject, one.title, one.detail, *evidence))))


ADDRESSES = tuple(
    (name, written) for name, written in NOTATIONS[: [name for name, _ in NOTATIONS].index("host and domain")]
    if not name.startswith("own half")
)  # fmt: skip
MACS = st.binary(min_size=6, max_size=6).filter(lambda mac: not mac[0] & 1 and len(set(mac.hex())) > 4)


@settings(max_examples=60, deadline=None)
@given(st.lists(MACS, min_size=1, max_size=4, unique=True), st.data())
def test_any_address_in_any_notation(macs: list[bytes], data: st.DataObject) -> None:
    written = [mac.hex(":") for mac in macs]
    hardware = Hardware([" ".join(written)])
    replace = [hardware.replace, Addresses(hardware.interface).replace]
    others = [hardware.replace(mac) for mac in written]
    assert len(set(others)) == len(set(written))
    name, notation = data.draw(st.sampled_from(ADDRESSES))
    for mac, other in zip(written, others, strict=True):
        text = replace[1](replace[0](notation(Identity(mac=mac))))
        assert text == notation(Identity(mac=other)) or ("IPv6" in name and own_half(mac) not in text)


def own_half(mac: str) -> str:
    return mac.replace(":", "")[6:]


UNITS = ("aa:", "a.", "1", "a", "aaaa:", "-name ", "guest=", "/efi/", "0000-", "a.bank.example ", "domain-1-", "S/N: ")


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_line_ends(unit: str) -> None:
    """Each pattern looks a bounded way: 256 KiB of its own beginning took minutes where one did not."""
    text = (unit * (256 << 10))[: 256 << 10]
    machine = everywhere(ONE)
    machine.files["/var/log/long.log"] = text.encode()
    assert len(anonymized(machine).files) == len(machine.files)


def test_a_guest_that_is_called_as_a_word_of_the_log() -> None:
    machine = everywhere(Identity(guest="timeout"))
    machine.files.clear()
    machine.queries["dmesg"] = Completed(0, "mlx5_core: wait timeout", "")
    after = anonymized(machine)
    assert after.queries["dmesg"].out == "mlx5_core: wait timeout"
    assert "timeout" not in after.queries["pgrep -a qemu"].out
