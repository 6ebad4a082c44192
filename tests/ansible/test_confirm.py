"""A step that cuts the connection, over real ssh: kept where the host answers afterwards, undone where it does not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ansible.playing import BIN, PROGRAM, Site
from tests.ansible.test_rollout import summary

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
ANSWERS = "version = 1\n" + "".join(
    f'[[nics]]\naddress = "0000:03:00.{port}"\nuse = "sriov"\nwhen = "now"\n' for port in (0, 1)
)
pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not (BIN / "ansible-playbook").exists(), reason="Ansible is not set up: make ansible"),
    pytest.mark.skipif(not Path(SSHD).exists(), reason="there is no sshd (Debian: apt install openssh-server)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may log in as root"),
]


class Server:
    """An SSH server of this test alone, on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        (folder / "authorized").write_bytes((folder / "user.pub").read_bytes())
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        settings = (
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/authorized\n"
            "PermitRootLogin yes\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\n"
        )
        (folder / "config").write_text(settings)
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL)

    @property
    def variables(self) -> str:
        """How Ansible reaches it."""
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5"
        return (
            f"ansible_connection=ssh ansible_host=127.0.0.1 ansible_port={self.port} ansible_user=root "
            f"ansible_ssh_private_key_file={self.folder}/user ansible_ssh_retries=2 ansible_ssh_common_args='{options}'"
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The server, up until the test ends."""
    server = Server(tmp_path / "ssh")
    try:
        yield server
    finally:
        server.process.send_signal(signal.SIGCONT)
        server.process.terminate()
        server.process.wait(timeout=30)


@pytest.fixture
def site(tmp_path: Path, server: Server) -> Site:
    """Two hosts whose session comes in by the port that is to change; in two failure domains."""
    site = Site(tmp_path)
    for number in (1, 2):
        site.add(f"kvm{number}", "bond-ssh", str(number))
        site.variables[f"kvm{number}"] = server.variables
    (tmp_path / "answers.toml").write_text(ANSWERS)
    (tmp_path / "answers.toml").chmod(0o600)
    return site


def run(site: Site, **values: object) -> tuple[int, list[str], str]:
    """The rollout with steps that are to be confirmed."""
    given = {"host_answers": str(site.folder / "answers.toml"), "host_confirm": True} | values
    given = {"host_apply": True, "host_answer_timeout": 20} | given
    played = site.play("sriov_tui.host.rollout", "-e", json.dumps(given))
    return played.status, summary(played), played.text


def outcome(site: Site, name: str) -> list[str]:
    """How the runs of a host ended."""
    argv = [str(PROGRAM), "history", "--host", site.spec(name), "--format", "json"]
    done = subprocess.run(argv, capture_output=True, check=True)
    return [one["outcome"] for one in json.loads(done.stdout)["runs"]]


def ended(site: Site, name: str) -> None:
    """Follow the newest run until its own engine has ended it: nothing is resumed or undone here."""
    journal = max((site.folder / name / "state/runs").glob("*/journal.jsonl"))
    argv = ["tail", "-n", "+1", "-F", str(journal)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as follow:
        assert follow.stdout
        next(line for line in follow.stdout if json.loads(line).get("kind") == "finished")
        follow.terminate()


def test_what_the_host_answers_after_is_kept(site: Site) -> None:
    status, lines, text = run(site, rollout_hosts="kvm1")
    assert outcome(site, "kvm1") == ["applied"], text
    assert "confirm" in (next((site.folder / "kvm1/state/runs").glob("*/journal.jsonl"))).read_text()
    assert status == 0, text
    assert lines[0] == "done: 1 (kvm1)"


def test_a_host_that_cut_itself_off_undoes_it_and_no_other_is_begun(site: Site, server: Server) -> None:
    journals = f"{site.folder}/kvm1/state/runs/*/journal.jsonl"
    watch = f"(until grep -q armed {journals}; do sleep 0.2; done; kill -STOP {server.process.pid}) >/dev/null 2>&1 &"
    begin = f'command=$1\nshift\n[ "$command" != apply ] || {watch}\n'
    site.script(site.program("kvm1"), f'{begin}exec {PROGRAM} "$command" --host {site.spec("kvm1")} "$@"')
    status, lines, text = run(site)
    assert status != 0, text
    assert lines[0] == "done: 0"
    assert lines[1].startswith("stopped at: kvm1, "), text
    assert lines[2] == "not begun: 1 (kvm2)"
    server.process.send_signal(signal.SIGCONT)
    ended(site, "kvm1")
    assert (outcome(site, "kvm1"), outcome(site, "kvm2")) == (["unconfirmed"], [])
    status, lines, text = run(site, host_confirm=False)
    assert (status != 0, outcome(site, "kvm1")) == (True, ["unconfirmed"])
    assert "because nobody confirmed it over a new connection" in lines[1], text


def test_without_it_such_a_step_is_refused(site: Site) -> None:
    status, lines, text = run(site, host_confirm=False)
    assert status != 0
    assert lines[1].startswith("stopped at: kvm1, "), text
    assert "Somebody would have to confirm" in lines[1]
