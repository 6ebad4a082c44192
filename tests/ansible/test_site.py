"""Three hosts in three failure domains, by real ssh and `become` with a sudo password; the second cuts its own uplink.

The network, sshd and sudo are real, and so is the cut: the host takes its own end of the wire down once the step has
made the VFs, and up once that is undone. The cards are those of a simulated machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ansible.playing import BIN, PROGRAM, Played, Site
from tests.ansible.test_confirm import ANSWERS, ended, outcome
from tests.ansible.test_rollout import NEXT, summary
from tests.ansible.wired import PASSWORD, UPLINK, Wires, missing

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not (BIN / "ansible-playbook").exists(), reason="Ansible is not set up: make ansible"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
HOSTS = ("kvm1", "kvm2", "kvm3")
# The states are those of sriov_tui/run/confirmation.py.
CUT = f"""\
until grep -qs '"waiting"' {{journals}}; do sleep 0.1; done
ip link set {UPLINK} down
until grep -qs '"closed"' {{journals}}; do sleep 0.1; done
ip link set {UPLINK} up
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The hosts, each reached as the user who needs a password for sudo."""
    site, wires = Site(tmp_path), Wires(tmp_path / "wires")
    try:
        for number, name in enumerate(HOSTS, 1):
            site.add(name, "bond-ssh", str(number))
            site.variables[name] = wires.join(name)
        site.through = wires.through
        (tmp_path / "answers.toml").write_text(ANSWERS)
        (tmp_path / "answers.toml").chmod(0o600)
        yield site
    finally:
        wires.end()


def rollout(site: Site, **values: object) -> Played:
    """The rollout with steps that are to be confirmed."""
    given = {"host_answers": str(site.folder / "answers.toml"), "host_apply": True, "host_confirm": True}
    return site.play("sriov_tui.host.rollout", "-e", json.dumps(given | {"host_answer_timeout": 20} | values))


def test_a_host_that_cuts_its_uplink_is_the_last_and_the_run_is_taken_up_again(site: Site) -> None:
    cut = site.folder / "cut"
    site.script(cut, CUT.format(journals=f"{site.folder}/kvm2/state/runs/*/journal.jsonl"))
    begin = f'command=$1\nshift\n[ "$command" != apply ] || setsid {cut} >/dev/null 2>&1 </dev/null &\n'
    site.script(site.program("kvm2"), f'{begin}exec {PROGRAM} "$command" --host {site.spec("kvm2")} "$@"')

    played = rollout(site)
    assert played.status != 0, played.text
    assert PASSWORD not in played.text
    lines = summary(played)
    assert lines[0] == "done: 1 (kvm1)", played.text
    assert lines[1].startswith("stopped at: kvm2, "), played.text
    assert lines[2] == "not begun: 1 (kvm3)"
    assert lines[3].startswith(NEXT)
    ended(site, "kvm2")
    assert [outcome(site, name) for name in HOSTS] == [["applied"], ["unconfirmed"], []]

    site.script(site.program("kvm2"), f'command=$1\nshift\nexec {PROGRAM} "$command" --host {site.spec("kvm2")} "$@"')
    again = rollout(site)
    assert (again.status, summary(again)[0]) == (0, "done: 3 (kvm1, kvm2, kvm3)"), again.text
    assert again.stats["kvm1"]["changed"] == 0
    last = rollout(site)
    assert (last.status, [last.stats[name]["changed"] for name in HOSTS]) == (0, [0, 0, 0]), last.text


def test_without_the_sudo_password_no_host_is_begun(site: Site) -> None:
    site.variables["kvm3"] = site.variables["kvm3"].replace(PASSWORD, "another")
    played = rollout(site)
    assert (played.status != 0, [outcome(site, name) for name in HOSTS]) == (True, [[], [], []]), played.text
    assert summary(played)[0] == "done: 0"
    assert summary(played)[1].startswith("stopped at: kvm3, "), played.text
