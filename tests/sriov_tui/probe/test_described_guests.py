"""A virtual machine is named as the platform names it: by the host-agent's description, not by an old command line."""

from __future__ import annotations

import json

import pytest

from sriov_tui.facts import Holder
from sriov_tui.hosts.machine import Machine, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.privacy.masking import Masked
from sriov_tui.privacy.names import guests_in
from sriov_tui.probe.holders import Holders
from tests.machines import two_igb

ID = "0b9f1f0e-1c5a-4f0e-8a55-0d4f7c3f2a11"
SERVERS, ELSEWHERE = "/opt/cloud/workspace/servers", "/data/vm/servers"
PLAIN = f"qemu-system-x86_64 -name old-name,debug-threads=on -uuid {ID}"
DESC = json.dumps({"uuid": ID, "name": "web-1", "vnc_password": "abc12345", "metadata": {"login_key": "s3cret"}})


def holder(desc: str | bytes | None, command: str = PLAIN, folder: str = SERVERS) -> Holder:
    """Who holds group 14, where the host-agent's description is this."""
    (found,) = Holders(RecordedHost(machine(desc, command, folder))).of("0000:01:10.0", ("14",), "vfio-pci")
    return found


def machine(desc: str | bytes | None, command: str = PLAIN, folder: str = SERVERS) -> Machine:
    """A host with one virtual machine."""
    machine = two_igb()
    assert machine.holders is not None
    machine.holders[:] = [("/dev/vfio/14", 4711, command)]
    if desc is not None:
        put_file(machine, f"{folder}/{ID}/desc", desc)
    return machine


def test_the_name_is_that_of_the_description() -> None:
    assert holder(DESC).who == f"web-1 {ID}"


def test_the_folder_is_the_one_that_its_command_line_names() -> None:
    command = f"qemu-system-x86_64 -name old-name -pidfile {ELSEWHERE}/{ID}/pid -monitor unix:{ELSEWHERE}/{ID}/q"
    assert holder(DESC, command, ELSEWHERE).who == f"web-1 {ID}"


@pytest.mark.parametrize(
    "desc", [None, "", "{", "[]", '{"name": 7}', '{"name": "a\\u001b[31m"}', b"\xff\xfe", "[" * 99999]
)
def test_without_one_that_can_be_read_it_is_that_of_the_command_line(desc: str | bytes | None) -> None:
    assert holder(desc).vm == "old-name"


def test_of_a_description_nothing_leaves_but_name_and_id() -> None:
    path = f"{SERVERS}/{ID}/desc"
    read = Masked(RecordedHost(machine(DESC))).read(path)
    assert json.loads(read) == {"uuid": ID, "name": "web-1"}
    assert Masked(RecordedHost(machine("not json: hunter2"))).read(path) == b'{"uuid": "", "name": ""}'


def test_its_name_is_among_those_that_an_anonymous_recording_replaces() -> None:
    read = Masked(RecordedHost(machine(DESC))).read(f"{SERVERS}/{ID}/desc")
    assert guests_in([read.decode()]) == {"web-1"}
