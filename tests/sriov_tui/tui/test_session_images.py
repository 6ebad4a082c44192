"""Driver images in a sitting of the wizard and on the command line: listed, looked at, kept, and refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.hosts.machine import put_file
from sriov_tui.model import Choices, SriovError, State
from sriov_tui.services.answers import encode_answers
from sriov_tui.simulated import SimulatedHost
from sriov_tui.tui.session import Session
from tests import driver_machines as driver


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return SimulatedHost.create(driver.centos7(), tmp_path)


def level(state: State, id: str) -> str:
    return next(finding.level.name for finding in state.findings if finding.id == id)


def wish(host: SimulatedHost, sha256: str | None = None) -> Choices:
    return driver.choose(driver.facts_of(host.machine), host.machine, sha256=sha256)[1]


def test_an_image_is_listed_looked_at_and_kept_over_a_reading(host: SimulatedHost, tmp_path: Path) -> None:
    session = Session(f"simulated:{tmp_path}")
    services = session.services()
    assert services.list_images is not None
    assert services.look_at_image is not None
    assert services.list_images("/root") == ((driver.NAME, False),)
    with pytest.raises(SriovError, match="/absent cannot be listed"):
        services.list_images("/absent")
    assert level(session.state(wish(host)), "driver.image") == "FAIL"  # not looked at
    services.look_at_image(driver.PATH)
    assert level(session.state(wish(host)), "driver.image") == "OK"
    services.gather()
    assert level(session.state(wish(host)), "driver.image") == "OK"
    services.save_answers(wish(host))
    assert level(Session(f"simulated:{tmp_path}").state(), "driver.image") == "OK"


def test_a_changed_file_is_seen_when_it_is_looked_at_again(host: SimulatedHost, tmp_path: Path) -> None:
    session, choices = Session(f"simulated:{tmp_path}"), wish(host)
    look = session.services().look_at_image
    assert look is not None
    look(driver.PATH)
    host.change(lambda machine: put_file(machine, driver.PATH, driver.iso_of(driver.content(release="5.8-1.1.2.1"))))
    look(driver.PATH)
    assert level(session.state(choices), "driver.image") == "FAIL"


def answers(host: SimulatedHost, tmp_path: Path, choices: Choices) -> str:
    path = tmp_path / "answers.toml"
    path.write_text(encode_answers(choices, driver.facts_of(host.machine)))
    path.chmod(0o600)
    return str(path)


def test_an_answers_file_names_the_image_and_its_digest(
    host: SimulatedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choices = wish(host)
    choices = replace(choices, nics=tuple(replace(nic, numvfs=8) for nic in choices.nics))
    file = answers(host, tmp_path, choices)
    assert main(["plan", "--host", f"simulated:{tmp_path}", "--answers", file]) == 0
    said = capsys.readouterr().out
    assert f"with {driver.PATH} mounted read-only at /run/sriov-tui/media" in said
    assert f"refused unless its SHA-256 is {choices.driver.sha256}" in said


def test_a_wrong_digest_in_the_answers_file_is_in_the_way(
    host: SimulatedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers(host, tmp_path, wish(host, "0" * 64))
    assert main(["plan", "--host", f"simulated:{tmp_path}", "--answers", file]) == 2
    assert "another SHA-256" in capsys.readouterr().out
    assert main(["apply", "--host", f"simulated:{tmp_path}", "--answers", file, "--yes"]) == 1
    assert "another SHA-256" in capsys.readouterr().err
    assert main(["audit", "--host", f"simulated:{tmp_path}", "--answers", file]) == 2
    assert "another SHA-256" in capsys.readouterr().out
