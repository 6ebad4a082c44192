"""A node in memory whose host-agent a container runtime, or kubectl, restarts: its log comes a line at each look."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sriov_tui.hosts.host import Completed, check_query
from tests.fakes import FakeHost, File

POD, UID, ID = "default-host-q8w2z", "5a4c1e", "3f9d"
FOLDER = f"/var/log/pods/onecloud_{POD}_{UID}/host"
CONTAINERD, K3S = "/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock"
HALF = 40  # characters of a line that are written first
TASKS = "TASK    PID     STATUS\n"


def labels(pod: str = POD, container: str = "host", space: str = "onecloud") -> dict[str, str]:
    """What the kubelet writes at a container."""
    return {
        "io.kubernetes.pod.name": pod,
        "io.kubernetes.pod.namespace": space,
        "io.kubernetes.container.name": container,
    }


def added(count: int) -> list[str]:
    """What the host-agent says of so many devices."""
    return [f"[info 2026-11-30 22:00:00 isolated_device] Add sriov nic: {n} => &isolated_device" for n in range(count)]


@dataclass(slots=True)
class Node(FakeHost):
    """`tools` are the programs that are there; `says` is what the next start of the host-agent logs."""

    tools: tuple[str, ...] = ("crictl",)
    socket: str = CONTAINERD
    containers: tuple[tuple[str, dict[str, str]], ...] = ((ID, labels()),)
    says: list[str] = field(default_factory=list)
    stubborn: bool = False
    fails: int = 0
    ran: list[str] = field(default_factory=list)
    starts: int = 0

    def __post_init__(self) -> None:
        self.files[f"{FOLDER}/0.log"] = File(b"2026-11-30T21:00:00.1Z stdout F [info] Add sriov nic: 0 => old\n")
        self.files["/var/log/pods/onecloud_default-host-image-x7k2p_1/host/0.log"] = File(b"another pod\n")

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        check_query(argv)
        line = " ".join(argv)
        if argv[0] not in self.tools:
            return Completed(127, "", f"{argv[0]}: not found")
        if argv[0] != "kubectl" and self.socket not in line:
            return Completed(1, "", "no such socket")
        return Completed(0, self._answer(argv, line), "")

    def _answer(self, argv: Sequence[str], line: str) -> str:
        if argv[0] == "kubectl":
            return f"pod/{POD}\n"
        if argv[0] == "crictl":
            return json.dumps({"containers": [{"id": id, "labels": names} for id, names in self.containers]})
        if "tasks list" in line:
            return TASKS + "".join(f"{id}    812    RUNNING\n" for id, _ in self.containers if not self.stopped)
        if "containers list" in line:
            return "".join(f"{id}\n" for id, _ in self.containers)
        return json.dumps({"ID": argv[-1], "Labels": dict(self.containers)[argv[-1]]})

    @property
    def stopped(self) -> bool:
        """Whether the old container has ended."""
        return bool(self.starts)

    def run(self, argv: Sequence[str], timeout: float, output: Callable[[str], None]) -> int:
        self.ran.append(" ".join(argv))
        if self.fails:
            output("cannot stop it")
            return self.fails
        if not (self.stubborn and "SIGTERM" in argv):
            self.starts += 1
        return 0

    def pause(self, seconds: float) -> None:
        """A second goes by: the kubelet starts it, and it says half a line more."""
        if not self.starts or not self.says:
            return
        file = self.files.setdefault(f"{FOLDER}/{self.starts}.log", File(b""))
        line = f"2026-11-30T22:00:00.123456789Z stderr F {self.says[0]}\n".encode()
        if file.data.endswith(line[:HALF]):
            file.data += line[HALF:]
            self.says.pop(0)
        else:
            file.data += line[:HALF]
