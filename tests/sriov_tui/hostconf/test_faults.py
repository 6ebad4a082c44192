"""Every fault that a file can have: its id, level and line; and the layers over host.conf."""

from __future__ import annotations

import pytest

from sriov_tui.hostconf import read
from sriov_tui.model import Level

NET = "networks:\n- eth0/br0/10.0.0.5\n"


@pytest.mark.parametrize(
    ("text", "fault", "level", "line"),
    [
        (f"{NET}sriov_nics:\n- a\nsriov-nics:\n- b\n", "key.two-spellings", Level.FAIL, 5),
        (f"{NET}port: 0\nport: 1\n", "key.duplicate", Level.WARN, 4),
        (f"\ufeff\ufeff{NET}", "encoding.two-marks", Level.FAIL, 1),
        (f"{NET}enable_nested_virtualization:\n", "value.bad", Level.FAIL, 3),
        (f"{NET}sriov_nics: a,b\n", "item.comma", Level.FAIL, 3),
        (f"{NET}sriov_nics:\n- eth1\u00a0\n", "item.invisible", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- eth1\u200b\n", "item.invisible", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- on\n", "item.retyped", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- 1e3\n", "item.retyped", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- 0123\n", "item.retyped", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n-\n", "item.null", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- name: eth1\n", "item.map", Level.FAIL, 4),
        (f"{NET}sriov_nics:\n- eth1\n- eth1\n", "item.duplicate", Level.WARN, 5),
        (f"{NET}sriov_nics:\n- eth1#x\n", "item.hash", Level.WARN, 4),
        (f"{NET}sriov_nics:\n- 'eth 1'\n", "item.space", Level.FAIL, 4),
        (f"{NET}SRIOV_NICS:\n- eth1\n", "key.misspelt", Level.FAIL, 3),
        (f"{NET}AMDVgpuPFs:\n- 04:00.0\n", "key.misspelt", Level.WARN, 3),
        (f"{NET}sriov_nic:\n- eth1\n", "key.misspelt", Level.FAIL, 3),
        (f"{NET}enable_rbac: true\n", "key.unknown", Level.INFO, 3),
        (f"{NET}disable_security_group: true\n", "key.configmap", Level.WARN, 3),
        (f"{NET}port: 0", "newline.missing", Level.WARN, 3),
        (f"{NET}listen_interface:\n", "value.null", Level.FAIL, 3),
        (f"{NET}---\nport: 0\n", "yaml.documents", Level.FAIL, 4),
        (f"{NET}bridge_driver: bridge\n", "bridge-driver.unknown", Level.FAIL, 0),
        ("networks: []\n", "networks.empty", Level.FAIL, 0),
        ("Networks:\n- a/b/c\n", "networks.empty", Level.FAIL, 0),
        (f"{NET}......\n", "yaml.dots", Level.FAIL, 3),
        (f"{NET}sriov_nics：\n- eth1\n", "yaml.wide-colon", Level.FAIL, 3),
        (f"<<<<<<< HEAD\n{NET}", "yaml.conflict", Level.FAIL, 1),
        (f"{NET}host_type: kvm\n", "value.bad", Level.FAIL, 3),
        (f"{NET}disable_gpu: 'yes'\n", "value.bad", Level.FAIL, 3),
        ("networks=a/b/c\n", "format.key-value", Level.WARN, 1),
    ],
)
def test_fault(text: str, fault: str, level: Level, line: int) -> None:
    found = [entry for entry in read(text.encode()).faults if entry.id == fault]
    assert [(entry.level, entry.line) for entry in found] == [(level, line)]
    assert found[0].message
    assert found[0].fix or level is Level.INFO


def test_bytes_that_are_not_utf_8() -> None:
    reading = read(NET.encode() + b"# \xb5\xc4\n")
    assert not reading.loads
    assert (reading.faults[0].id, reading.faults[0].line) == ("encoding.not-utf-8", 3)


def test_a_healthy_file_has_no_fault() -> None:
    reading = read(f"bridge_driver: openvswitch\n{NET}sriov_nics:\n- eth1 # 中文\n".encode())
    assert reading.faults == ()
    assert reading.place("sriov_nics", "eth1") == "host.conf:5"


def test_the_configmap_replaces_its_group_also_where_it_is_silent() -> None:
    conf = f"{NET}disable_security_group: true\nhost_type: container\n".encode()
    assert read(conf).options.disable_security_group
    options = read(conf, common=b"log_level: info\n").options
    assert not options.disable_security_group
    assert options.host_type == "container"


def test_what_the_configmap_replaces_is_told_with_its_line() -> None:
    conf = f"{NET}port: 8885\nlog_level: info\nrequest_worker_count: 8\nrack: r\n".encode()
    found = [f for f in read(conf, common=b"log_level: info\nport: 1\n").faults if f.id == "key.replaced"]
    assert [(fault.level, fault.line) for fault in found] == [(Level.INFO, 3), (Level.INFO, 5)]
    assert "and 1 counts" in found[0].message
    assert "the default counts" in found[1].message
    assert not [fault for fault in read(conf).faults if fault.id == "key.replaced"]


def test_the_configmap_cannot_set_the_lists() -> None:
    assert read(NET.encode(), common=b"sriov_nics: [eth5]\n").options.sriov_nics == ()


def test_local_lists_are_appended_and_scalars_win() -> None:
    conf = f"{NET}sriov_nics: [eth2]\n".encode()
    reading = read(conf, common=b"port: 1\n", local=b"sriov_nics: [eth2]\ndisable_security_group: true\n")
    assert reading.options.sriov_nics == ("eth2", "eth2")
    assert reading.options.disable_security_group


def test_a_broken_layer_stops_the_host_agent() -> None:
    reading = read(NET.encode(), local=b"- x\n")
    assert not reading.loads
    assert reading.message.startswith("FATAL Parse local configuration file")
    assert reading.faults[0].file == "host_local.conf"


def test_key_value_lists() -> None:
    assert read(b"networks = [a/b/c, 'd/e/f']\nport=x\n").options.networks == ("a/b/c", "d/e/f")
    assert read(b"networks=a;b\n").options.networks == ("a;b",)
    assert not read(b'networks=["a\\]\n').loads
    assert not read(b"networks=\n").loads
