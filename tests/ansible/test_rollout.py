"""The rollout over hosts that fail, that cannot be reached, that vanish, that are no such hosts at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ansible.playing import BIN, Played, Site

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not (BIN / "ansible-playbook").exists(), reason="Ansible is not set up: make ansible"),
]
NEXT = "To continue: fix the cause, then run the same command again."


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Four hosts in four failure domains."""
    site = Site(tmp_path)
    for number in range(1, 5):
        site.add(f"kvm{number}", "two-igb", str(number))
    return site


def rollout(site: Site, *options: str, **values: object) -> Played:
    """The rollout of the first host's answers."""
    given = {"host_answers": str(site.answers("kvm1")), "host_apply": True, "host_answer_timeout": 3} | values
    return site.play("sriov_tui.host.rollout", "-e", json.dumps(given), *options)


def changed(site: Site) -> list[str]:
    """The hosts that have VFs now."""
    return [name for name in site.hosts if site.numvfs(name) != b"0\n"]


def summary(played: Played) -> list[str]:
    """The lines at the end of the playbook."""
    _, found, text = played.text.partition("SR-IOV ROLLOUT")
    assert found, played.text
    return text.splitlines()[1:]


def test_all_hosts_are_done_and_said_to_be(site: Site) -> None:
    played = rollout(site)
    assert (played.status, changed(site)) == (0, ["kvm1", "kvm2", "kvm3", "kvm4"]), played.text
    assert summary(played)[0] == "done: 4 (kvm1, kvm2, kvm3, kvm4)"
    assert NEXT not in played.text


def test_a_host_that_is_out_of_reach_at_the_start_stops_it_before_the_first_is_changed(site: Site) -> None:
    site.gone("kvm3").touch()
    played = rollout(site)
    assert (played.status != 0, changed(site)) == (True, []), played.text
    lines = summary(played)
    assert lines[0] == "done: 0"
    assert lines[1].startswith("stopped at: kvm3, does not answer: ")
    assert lines[2] == "not begun: 3 (kvm1, kvm2, kvm4)"
    assert lines[3].startswith(NEXT)


@pytest.mark.parametrize("command", ["audit", "plan", "apply"])
def test_none_is_begun_after_a_host_that_vanishes(site: Site, command: str) -> None:
    site.after("kvm2", command, f"touch {site.gone('kvm2')}")
    played = rollout(site)
    assert played.status != 0
    assert changed(site) == ["kvm1", "kvm2"] if command == "apply" else ["kvm1"], played.text
    lines = summary(played)
    assert lines[0] == "done: 1 (kvm1)"
    assert lines[1].startswith("stopped at: kvm2, ")
    assert lines[2] == "not begun: 2 (kvm3, kvm4)"
    site.gone("kvm2").unlink()
    site.after("kvm2", command, "true")
    again = rollout(site)
    assert (again.status, len(changed(site))) == (0, 4), again.text
    assert again.stats["kvm1"]["changed"] == 0


def test_none_is_begun_after_a_host_that_does_not_come_back(site: Site) -> None:
    site.add("kvm2", "iommu-off", "2")
    site.on_reboot("kvm2", f"touch {site.gone('kvm2')}")
    played = rollout(site, host_reboot_timeout=3)
    assert (played.status != 0, changed(site)) == (True, ["kvm1", "kvm2"]), played.text
    assert summary(played)[1].startswith("stopped at: kvm2, ")


def test_a_host_that_comes_back_is_finished_before_the_next(site: Site) -> None:
    site.add("kvm2", "iommu-off", "2")
    played = rollout(site)
    assert (played.status, len(changed(site))) == (0, 4), played.text
    assert rollout(site).stats["kvm2"]["changed"] == 0
