"""The rollout over hosts that fail, that cannot be reached, that vanish, that are no such hosts at all."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import sriov_tui
from tests.ansible.playing import BIN, COLLECTION, Played, Site

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


def test_a_host_that_is_refused_stops_it_and_none_is_begun_after_it(site: Site) -> None:
    site.add("kvm2", "two-igb", "2", device=0x1521)
    played = rollout(site)
    assert (played.status != 0, changed(site)) == (True, ["kvm1"]), played.text
    lines = summary(played)
    assert lines[0] == "done: 1 (kvm1)"
    assert lines[1].startswith("stopped at: kvm2, failed: ")
    assert "the answers expect 8086:10c9" in lines[1]


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda site: site.script(site.program("kvm3"), 'echo "sriov-tui 0.0.1"'), "is version 0.0.1, and this"),
        (lambda site: site.program("kvm3").write_bytes(b"\x7fELF\x02\x01\x01"), "not a program for this host's arch"),
        (lambda site: (site.folder / "kvm3" / "prefix").write_text("setarch linux32 "), "and this host is i686"),
        (lambda site: site.program("kvm3").unlink(), "is not on this host, or not executable"),
        (lambda site: site.variables.update(kvm3="host_room=999999999"), "has 999999999 MB free"),
        (lambda site: site.variables.update(kvm3=f"ansible_become=true {sudo(site)}"), "kvm3"),
    ],
    ids=["version", "damaged", "architecture", "no program", "room", "sudo password"],
)
def test_no_host_is_changed_where_one_is_not_ready(site: Site, break_it: Callable[[Site], object], words: str) -> None:
    break_it(site)
    played = rollout(site)
    assert (played.status != 0, changed(site)) == (True, []), played.text
    lines = summary(played)
    assert lines[0] == "done: 0"
    assert lines[1].startswith("stopped at: kvm3, ")
    assert words in played.text


def sudo(site: Site) -> str:
    """A sudo that asks for a password which nobody gives. (Root would not need it to become root.)"""
    site.script(site.folder / "sudo", "echo 'sudo: a password is required' >&2; exit 1")
    return f"ansible_become_user=daemon ansible_become_exe={site.folder / 'sudo'}"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"host_answers": ""}, "host_apply needs answers."),
        ({"host_answers": "/none/answers.toml"}, "which is no file on the controller"),
        ({"host_answers": "answers.toml"}, "Give the absolute path"),
        ({"host_program_source": "/none"}, "host_program_source is /none, which is no file"),
        ({"host_program_source": "https://example.org/sriov-tui"}, "A program from a URL needs host_program_sha256"),
        ({"host_drain": "/none.yml"}, "host_drain is /none.yml"),
        ({"rollout_hosts": "nobody"}, "No host of the inventory matches nobody"),
    ],
)
def test_wrong_variables_change_nothing(site: Site, values: dict[str, str], words: str) -> None:
    played = rollout(site, **values)
    assert (played.status != 0, changed(site)) == (True, []), played.text
    assert words in " ".join(played.text.split())


def test_an_empty_inventory_is_a_failure(tmp_path: Path) -> None:
    played = Site(tmp_path).play("sriov_tui.host.rollout")
    assert played.status != 0
    assert "No host of the inventory matches all, so nothing was done." in " ".join(played.text.split())


def test_the_program_is_compared_with_its_sha256(site: Site) -> None:
    source = site.folder / "program"
    site.script(source, 'echo "sriov-tui 0.2.0"')
    (site.folder / "program.sha256").write_text("0" * 64 + "  program\n")
    played = rollout(site, host_program_source=str(source))
    assert (played.status != 0, changed(site)) == (True, []), played.text
    assert f"and {'0' * 64} is expected" in " ".join(played.text.split())


@pytest.mark.parametrize("wrong", [False, True])
def test_a_program_from_a_url_is_fetched_once_and_compared_before_any_host_has_it(site: Site, wrong: bool) -> None:
    served = site.folder / "served"
    served.mkdir()
    data = site.program("kvm1").read_bytes()
    (served / "sriov-tui").write_bytes(data)
    expected = "0" * 64 if wrong else hashlib.sha256(data).hexdigest()
    site.program("kvm1").unlink()
    asked: list[str] = []
    with HTTPServer(("127.0.0.1", 0), partial(Served, asked, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = f"http://127.0.0.1:{server.server_port}/sriov-tui"
        values = {"host_program_source": source, "host_program_sha256": expected, "rollout_hosts": "kvm1"}
        played = rollout(site, **values, host_apply=False, host_answers="")
        server.shutdown()
    assert (played.status != 0, site.program("kvm1").exists()) == (wrong, not wrong), played.text
    assert asked.count("/sriov-tui") == 1
    if not wrong:
        assert site.program("kvm1").read_bytes() == data


class Served(SimpleHTTPRequestHandler):
    """Serves a folder, and notes what it was asked for in place of printing it."""

    def __init__(self, asked: list[str], *given: Any, **options: Any) -> None:
        self.asked = asked
        super().__init__(*given, **options)

    def log_message(self, format: str, *given: Any) -> None:
        """Called once for each answer."""
        self.asked.append(self.path)


def test_each_tag_works_by_itself(site: Site) -> None:
    site.add("kvm1", "iommu-off", "1")
    source, audits = site.folder / "program", site.folder / "audits"
    source.write_bytes(site.program("kvm1").read_bytes())
    values = {"rollout_hosts": "kvm1", "host_audits": str(audits)}
    site.program("kvm1").unlink()
    rollout(site, "--tags", "program", host_program_source=str(source), **values)
    assert site.program("kvm1").read_bytes() == source.read_bytes()
    rollout(site, "--tags", "audit", **values)
    assert [path.name for path in audits.iterdir()] == ["kvm1.json"]
    played = rollout(site, "--tags", "apply", host_reboot=False, **values)
    assert played.status == 0, played.text
    assert "waiting for a reboot: 1 (kvm1)" in summary(played)
    played = rollout(site, "--tags", "reboot", **values)
    assert (played.status, changed(site)) == (0, ["kvm1"]), played.text


def test_the_sites_own_tasks_run_before_and_after_the_change(site: Site) -> None:
    log = site.folder / "log"
    for name in ("drain", "health"):
        task = {"path": str(log), "create": True, "line": name + " {{ inventory_hostname }}"}
        (site.folder / f"{name}.yml").write_text(json.dumps([{"ansible.builtin.lineinfile": task}]))
    site.add("kvm1", "iommu-off", "1")
    hooks = {f"host_{name}": str(site.folder / f"{name}.yml") for name in ("drain", "health")}
    played = rollout(site, rollout_hosts="kvm1:kvm2", **hooks)
    assert played.status == 0, played.text
    assert log.read_text().split("\n")[:-1] == ["drain kvm1", "health kvm1", "drain kvm2", "health kvm2"]
    (site.folder / "health.yml").write_text("- ansible.builtin.fail: {msg: the host-agent is offline}\n")
    played = rollout(site, **hooks)
    assert summary(played)[1].startswith("stopped at: kvm1, failed: ")
    assert "the host-agent is offline" in summary(played)[1]
    assert changed(site) == ["kvm1", "kvm2"]


def test_check_mode_writes_nothing_on_the_controller(site: Site) -> None:
    audits = site.folder / "audits"
    played = rollout(site, "--check", host_audits=str(audits))
    assert (played.status, changed(site), audits.exists()) == (0, [], False), played.text
    assert {stats["changed"] for stats in played.stats.values()} == {1}


def test_what_was_done_is_undone_and_the_program_removed(site: Site) -> None:
    site.variables["kvm2"] = "host_purge=false"
    assert rollout(site, rollout_hosts="kvm1:kvm2").status == 0
    runs = site.task("history", "kvm1").of("history")
    assert ([one["outcome"] for one in runs["runs"]], runs["next"], runs["changed"]) == (["applied"], "", False)
    checked = site.play("sriov_tui.host.rollback", "--check", "-e", "rollback_hosts=kvm1:kvm2")
    assert (checked.status, changed(site)) == (0, ["kvm1", "kvm2"]), checked.text
    played = site.play("sriov_tui.host.rollback", "-e", "rollback_hosts=kvm1:kvm2")
    assert (played.status, changed(site)) == (0, []), played.text
    again = site.play("sriov_tui.host.rollback", "-e", "rollback_hosts=kvm1:kvm2")
    assert (again.status, {stats["changed"] for stats in again.stats.values()}) == (0, {0}), again.text
    removed = site.play("sriov_tui.host.uninstall", "-e", "uninstall_hosts=kvm1")
    assert (removed.status, site.program("kvm1").exists()) == (0, False), removed.text
    assert (site.folder / "kvm1/state/runs").exists()
    nothing = site.play("sriov_tui.host.uninstall", "-e", "uninstall_hosts=kvm1")
    assert (nothing.status, nothing.stats["kvm1"]["changed"]) == (0, 0), nothing.text


def test_an_uninstall_takes_back_and_forgets_where_it_is_asked_to(site: Site) -> None:
    site.add("kvm1", "two-igb", "1")
    assert rollout(site, rollout_hosts="kvm1").status == 0
    seen = site.task("uninstall", "kvm1").of("uninstall")
    assert seen["changed"] is False
    assert "/etc/modules-load.d/sriov-tui.conf" in seen["settings"]
    options = ("-e", json.dumps({"uninstall_hosts": "kvm1", "host_take_back": True, "host_purge": True}))
    checked = site.play("sriov_tui.host.uninstall", "--check", *options)
    assert (checked.status, changed(site)) == (0, ["kvm1"]), checked.text
    removed = site.play("sriov_tui.host.uninstall", *options)
    assert (removed.status, changed(site), site.program("kvm1").exists()) == (0, [], False), removed.text
    assert not (site.folder / "kvm1/state").exists()


def test_a_host_whose_run_is_open_keeps_the_program(site: Site) -> None:
    site.add("kvm1", "iommu-off", "1")
    rollout(site, rollout_hosts="kvm1", host_reboot=False)
    played = site.play("sriov_tui.host.uninstall", "-e", "uninstall_hosts=kvm1")
    assert (played.status != 0, site.program("kvm1").exists()) == (True, True), played.text


def test_failure_domains_are_in_the_order_of_their_numbers(site: Site) -> None:
    for name, domain in (("kvm1", "rack10"), ("kvm2", "rack9"), ("kvm3", "rack9"), ("kvm4", "b")):
        site.domains[name] = domain
    played = rollout(site, host_apply=False, host_answers="")
    assert summary(played)[0] == "done: 4 (kvm4, kvm2, kvm3, kvm1)"


def test_the_version_is_the_same_everywhere() -> None:
    galaxy = (COLLECTION / "galaxy.yml").read_text()
    assert f"\nversion: {sriov_tui.__version__}\n" in galaxy
    assert f'\nVERSION = "{sriov_tui.__version__}"' in (COLLECTION / "plugins/module_utils/program.py").read_text()
    assert f"host_program_version: {sriov_tui.__version__}\n" in (COLLECTION / "roles/host/vars/main.yml").read_text()
