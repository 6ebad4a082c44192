"""Hosts behind real ssh and real sudo: each an SSH server in namespaces of its own, on a bridge of the controller's.

Real: the network between them, sshd, sudo and its password. The machine that the program sets up is a simulated one.
Users and sudoers are bind mounts that only these processes see; all of it is gone with the processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
USER, PASSWORD, UPLINK = "operator", "a sudo password", "uplink"
READY = "ready"
PATIENCE = 60.0  # seconds until a server must answer

# $1: the folder of this host, $2: its name
ENTER = f"""
set -e
until ip link show {UPLINK} >/dev/null 2>&1; do sleep 0.1; done
hostname "$2"
mount -t tmpfs -o mode=755 none /home
mkdir -m 700 /home/{USER} /home/{USER}/.ssh
cp "$1/user.pub" /home/{USER}/.ssh/authorized_keys
chown -R 4242:4242 /home/{USER}
for name in passwd shadow sudoers; do
    if [ $name = sudoers ]; then : >"$1/sudoers"; else cp /etc/$name "$1/$name"; fi
    cat "$1/$name.more" >>"$1/$name"
    mount --bind "$1/$name" /etc/$name
done
chmod 440 "$1/sudoers"
mkdir -p /run/sshd
touch "$1/{READY}"
exec {SSHD} -D -e -f "$1/sshd_config" 2>"$1/sshd.log"
"""


def missing() -> str:
    """Why this machine cannot have such hosts, or ""."""
    if os.geteuid() != 0:
        return "only root can make namespaces"
    for name in ("sshd", "ssh", "sudo", "ip", "nsenter", "unshare", "openssl"):
        if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
            return f"there is no {name} (Debian: apt install openssh-server sudo iproute2 openssl)"
    tried = ["unshare", "--net", "--mount", "--uts", "ip", "link", "add", "wires", "type", "bridge"]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    return f"no bridge can be made here: {done.stderr.strip()}" if done.returncode else ""


class Wires:
    """A bridge in a network namespace of its own, from which the controller works, and the hosts on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        self._key(folder / "user")
        self.servers: dict[str, subprocess.Popen[bytes]] = {}
        self.controller = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        _until(lambda: _own_network(self.controller.pid), "the controller's network")
        self._in_network("ip", "link", "add", "wires", "type", "bridge")
        self._in_network("ip", "address", "add", "10.19.0.254/24", "dev", "wires")
        self._in_network("ip", "link", "set", "wires", "up")

    @property
    def through(self) -> list[str]:
        """What stands before a command of the controller."""
        return ["nsenter", "--target", str(self.controller.pid), "--net"]

    def join(self, name: str) -> str:
        """A host on the bridge; how Ansible reaches it."""
        number = len(self.servers) + 1
        own = self.folder / name
        own.mkdir(mode=0o700)
        self._key(own / "host")
        (own / "user.pub").write_bytes((self.folder / "user.pub").read_bytes())
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=f"{PASSWORD}\n", capture_output=True, text=True, check=True
        ).stdout.strip()
        (own / "passwd.more").write_text(f"{USER}:x:4242:4242::/home/{USER}:/bin/sh\n")
        (own / "shadow.more").write_text(f"{USER}:{hashed}:20000:0:99999:7:::\n")
        (own / "sudoers.more").write_text(f"Defaults env_reset\n{USER} ALL=(ALL) ALL\n")
        (own / "sshd_config").write_text(
            f"HostKey {own}/host\nPermitRootLogin no\nPasswordAuthentication no\nStrictModes no\nUsePAM no\n"
            "PidFile none\nUseDNS no\nSubsystem sftp internal-sftp\n"
        )
        argv = ["unshare", "--net", "--mount", "--uts", "--propagation", "private"]
        server = subprocess.Popen([*argv, "sh", "-c", ENTER, "sh", str(own), name])
        self.servers[name] = server
        _until(lambda: _own_network(server.pid), f"the network of {name}")
        into, inside = str(server.pid), ["nsenter", "--target", str(server.pid), "--net"]
        self._in_network("ip", "link", "add", name, "type", "veth", "peer", "name", UPLINK, "netns", into)
        self._in_network("ip", "link", "set", name, "master", "wires", "up")
        address = f"10.19.0.{number}"
        subprocess.run([*inside, "ip", "address", "add", f"{address}/24", "dev", UPLINK], check=True)
        subprocess.run([*inside, "ip", "link", "set", UPLINK, "up"], check=True)
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        _until((own / READY).exists, f"the SSH server of {name}")
        options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5"
        options += " -o ServerAliveInterval=5 -o ServerAliveCountMax=2"
        return (
            f"ansible_connection=ssh ansible_host={address} ansible_user={USER} ansible_become=true "
            f"ansible_become_password='{PASSWORD}' ansible_ssh_private_key_file={self.folder}/user "
            f"ansible_ssh_retries=2 ansible_ssh_common_args='{options}'"
        )

    def end(self) -> None:
        """End the servers and the controller; their networks go with them."""
        for process in [*self.servers.values(), self.controller]:
            process.terminate()
            process.wait(timeout=60)

    def _in_network(self, *argv: str) -> None:
        subprocess.run([*self.through, *argv], check=True)

    @staticmethod
    def _key(path: Path) -> None:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def _own_network(pid: int) -> bool:
    """Whether unshare has done its work."""
    return os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")


def _until(reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} is not there")
        time.sleep(0.05)
