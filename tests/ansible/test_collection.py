"""The modules, the role and the rollout of the Ansible collection, on simulated machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sriov_tui.fleet.reading import read_fleet
from sriov_tui.model import HOST_CONF
from tests.ansible.playing import BIN, NUMVFS, Site

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not (BIN / "ansible-playbook").exists(), reason="Ansible is not set up: make ansible"),
]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_audit_reads_and_tells(site: Site) -> None:
    site.add("kvm1", "two-igb")
    before = (site.folder / "kvm1" / "machine.json").read_bytes()
    played = site.task("audit", "kvm1")
    seen = played.of("audit")
    assert (played.status, seen["changed"], seen["worst"], seen["ready"]) == (0, False, "FAIL", False), played.text
    assert seen["audit"]["host"] == "kvm1"
    assert seen["audit"]["facts"]["nics"][1]["model"] == "8086:10c9"
    refused = site.task("audit", "kvm1", "--check", fail_on="fail")
    assert (refused.status, refused.of("audit")["msg"].startswith("Not ready.")) == (2, True)
    assert "hardware.chosen: No network card is chosen" in refused.of("audit")["msg"]
    assert (site.folder / "kvm1" / "machine.json").read_bytes() == before


def test_check_mode_and_diff_mode_tell_the_plan_and_change_nothing(site: Site) -> None:
    host = site.add("kvm1", "two-igb")
    before = (site.folder / "kvm1" / "machine.json").read_bytes()
    played = site.task("setup", "kvm1", "--check", "--diff", content=site.answers("kvm1").read_text())
    done = played.of("setup")
    assert (played.status, done["changed"], done["reboot_required"], done["runs"]) == (0, True, False, []), played.text
    plan, conf = (part["prepared"] for part in done["diff"])
    assert "write 7 to " in plan
    assert "+sriov_nics:" in conf
    assert "+sriov_nics:" in played.text
    assert (site.folder / "kvm1" / "machine.json").read_bytes() == before
    assert not (site.folder / "kvm1" / "state").exists()
    assert host.read(NUMVFS) == b"0\n"


def test_setup_changes_once(site: Site) -> None:
    host = site.add("kvm1", "two-igb")
    answers = str(site.answers("kvm1"))
    played = site.task("setup", "kvm1", answers=answers)
    done = played.of("setup")
    assert (played.status, done["changed"], done["runs"][0]["outcome"]) == (0, True, "applied"), played.text
    assert host.read(NUMVFS) == b"7\n"
    assert b"sriov_nics:" in host.read(HOST_CONF)
    for options in ((), ("--check",)):
        again = site.task("setup", "kvm1", *options, answers=answers)
        assert again.stats["kvm1"] | {"ok": 1} == again.stats["kvm1"]
        assert (again.stats["kvm1"]["changed"], again.of("setup")["runs"]) == (0, [])


def test_a_reboot_is_asked_for_and_the_run_goes_on_after_it(site: Site) -> None:
    host = site.add("kvm1", "iommu-off")
    content = site.answers("kvm1").read_text()
    check = site.task("setup", "kvm1", "--check", content=content).of("setup")
    assert (check["changed"], check["reboot_required"]) == (True, True)
    first = site.task("setup", "kvm1", content=content).of("setup")
    assert (first["changed"], first["reboot_required"], first["runs"][0]["outcome"]) == (True, True, "reboot")
    waiting = site.task("setup", "kvm1", content=content).of("setup")
    assert (waiting["changed"], waiting["reboot_required"], waiting["runs"]) == (False, True, [])
    host.reboot()
    check = site.task("setup", "kvm1", "--check", content=content).of("setup")
    assert (check["changed"], check["runs"]) == (True, [])
    second = site.task("setup", "kvm1", content=content)
    done = second.of("setup")
    assert (done["changed"], done["reboot_required"]) == (True, False), second.text
    assert [run["outcome"] for run in done["runs"]] == ["applied"]
    assert site.numvfs("kvm1") == b"7\n"
    third = site.task("setup", "kvm1", content=content)
    assert third.stats["kvm1"]["changed"] == 0


def test_a_host_whose_card_differs_is_refused_with_the_difference(site: Site) -> None:
    site.add("kvm1", "two-igb")
    site.add("kvm2", "two-igb", device=0x1521)
    content = site.answers("kvm1").read_text()
    before = (site.folder / "kvm2" / "machine.json").read_bytes()
    for options in ((), ("--check",)):
        played = site.task("setup", "kvm2", *options, content=content)
        assert played.status == 2
        message = played.of("setup", "kvm2")["msg"]
        assert "(8086:1521) here, the answers expect 8086:10c9." in message
        assert "8086:10c9 is here at 0000:02:00.0" in message
    assert (site.folder / "kvm2" / "machine.json").read_bytes() == before


def test_what_stands_in_the_way_and_bad_input_change_nothing(site: Site) -> None:
    site.add("kvm1", "two-igb")
    good = site.answers("kvm1").read_text()
    before = (site.folder / "kvm1" / "machine.json").read_bytes()
    for content, words in (
        (good.replace('"br1"', '"br0"'), "The bridge br0 is taken"),
        (good.replace("use = ", "usee = "), "unknown key 'usee'"),
        ("\x01", "is not a TOML file"),
    ):
        played = site.task("setup", "kvm1", content=content)
        assert played.status == 2
        assert words in played.of("setup")["msg"]
    assert "one of the following is required" in site.task("setup", "kvm1").of("setup")["msg"]
    missing = site.task("audit", "kvm1", program=str(site.folder / "nothing"))
    assert "nothing" in missing.of("audit")["msg"]
    assert (site.folder / "kvm1" / "machine.json").read_bytes() == before


def test_a_step_that_somebody_must_confirm_is_refused(site: Site) -> None:
    site.add("kvm1", "bond-ssh")
    ports = (f'[[nics]]\naddress = "0000:03:00.{port}"\nuse = "sriov"\nwhen = "now"\n' for port in (0, 1))
    played = site.task("setup", "kvm1", content="version = 1\n" + "".join(ports))
    assert played.status == 2
    assert "Somebody would have to confirm" in played.of("setup")["msg"], played.text
    assert played.of("setup")["changed"] is False


def role(site: Site, *options: str, **values: object) -> dict[str, int]:
    """The recap of the role on kvm1."""
    play = {"hosts": "kvm1", "gather_facts": False, "roles": ["sriov_tui.host.host"], "vars": values}
    return site.play([play], *options).stats["kvm1"]


def test_the_role_audits_applies_waits_and_goes_on(site: Site) -> None:
    host = site.add("kvm1", "iommu-off")
    audits = site.folder / "audits"
    audits.mkdir()
    values = {"host_answers": str(site.answers("kvm1")), "host_reboot": False, "host_audits": str(audits)}
    assert role(site, **values)["changed"] == 0  # it only audits
    assert [one.state for one in read_fleet(audits).hosts] == ["FAIL"]
    values["host_apply"] = True
    assert role(site, "--check", **values)["changed"] == 1
    assert role(site, **values)["changed"] == 1
    host.reboot()
    recap = role(site, **values)
    assert (recap["changed"], recap["failures"]) == (1, 0)
    assert role(site, **values)["changed"] == 0
    assert [one.state for one in read_fleet(audits).hosts] == ["READY"]


def test_the_rollout_goes_domain_by_domain_and_stops_at_the_first_that_is_not_whole(site: Site) -> None:
    for name, domain in (("kvm1", "b"), ("kvm2", "a"), ("kvm3", "b"), ("kvm4", "a"), ("kvm5", "c")):
        site.add(name, "two-igb", domain, device=0x1521 if name == "kvm3" else 0)
    answers = site.answers("kvm1")
    options = ("-e", json.dumps({"host_answers": str(answers), "host_apply": True, "rollout_limit": 2}))
    played = site.play("sriov_tui.host.rollout", *options)
    assert played.status == 2, played.text
    assert [site.numvfs(name) for name in ("kvm2", "kvm4")] == [b"7\n", b"7\n"]
    assert site.numvfs("kvm3") == b"0\n"
    assert site.numvfs("kvm5") == b"0\n"
    assert ("kvm5", "sriov_tui.host.host : Audit") not in played.results
    assert "the answers expect 8086:10c9" in played.text
    order = [host for host, task in played.results if task.endswith(": Copy the program")]
    assert [sorted(order[:2]), sorted(order[2:])] == [["kvm2", "kvm4"], ["kvm1", "kvm3"]]


def test_the_rollout_of_like_hosts_changes_each_once(site: Site) -> None:
    for name in ("kvm1", "kvm2"):
        site.add(name, "two-igb")
    values = json.dumps({"host_answers": str(site.answers("kvm1")), "host_apply": True})
    first = site.play("sriov_tui.host.rollout", "-e", values)
    assert (first.status, {stats["changed"] for stats in first.stats.values()}) == (0, {1}), first.text
    again = site.play("sriov_tui.host.rollout", "-e", values)
    assert (again.status, {stats["changed"] for stats in again.stats.values()}) == (0, {0}), again.text
