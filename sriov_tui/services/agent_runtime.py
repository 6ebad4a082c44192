"""Where the host-agent of this node runs, and what restarts it alone: crictl, ctr, or kubectl.

The kubelet keeps it running (a DaemonSet's pod is always restarted), so to stop its container is to restart it. A
runtime touches the container `host` alone; kubectl can only delete the pod, with all its containers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sriov_tui.hosts.host import Completed, Host, Reader
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.services import cluster

SOCKETS = ("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock")
NAMESPACE, CONTAINER = "onecloud", "host"
POD = regex(r"default-host-[a-z0-9]{5}")
ID = regex(r"[a-zA-Z0-9_.-]{1,128}")
GRACE = 30  # seconds to end by itself
NAME, SPACE, OF = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.container.name"
FILTER = f'labels."{SPACE}"=={NAMESPACE},labels."{OF}"=={CONTAINER}'


@dataclass(frozen=True, slots=True)
class Way:
    """The pod, the program that restarts it, and its command; `whole` where all containers of the pod are restarted.

    `force` is for one that is still in `listed`, the running ones, after its grace: the program does not do it itself.
    """

    pod: str
    program: str
    command: tuple[str, ...]
    whole: bool = False
    listed: tuple[str, ...] = ()
    force: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoWay:
    """Why it cannot be restarted from here."""

    why: Message


def find(reader: Reader, hostname: str) -> Way | NoWay:
    """How the host-agent of this node is restarted here."""
    found = [way for socket in SOCKETS for way in (*_crictl(reader, socket), *_ctr(reader, socket))]
    pods = {way.pod for way in found}
    if len(pods) > 1:
        return NoWay(say("More than one pod of the host-agent runs here: {pods}.", pods=", ".join(sorted(pods))))
    if found:
        return found[0]
    pod = cluster.find(reader, hostname)
    if pod.name:
        return Way(pod.name, "kubectl", (*cluster.KUBECTL, "delete", "pod", pod.name, "--wait=false"), whole=True)
    return NoWay(say("No container of the host-agent was found by crictl or ctr. {why}", why=pod.why or NOTHING))


def restart(host: Host, way: Way, pause: Callable[[float], None]) -> tuple[int, tuple[str, ...]]:
    """Stop it, so that the kubelet starts it again; the command's exit status, and what it printed."""
    lines: list[str] = []
    status = host.run(way.command, GRACE * 2.0, lines.append)
    for second in range(GRACE if way.force and not status else 0):
        if way.command[-1] not in _alive(_ask(host, way.listed)):
            break
        if second == GRACE - 1:
            host.run(way.force, GRACE * 1.0, lines.append)
        pause(1)
    return status, tuple(lines)


def _crictl(reader: Reader, socket: str) -> Iterator[Way]:
    crictl = ("crictl", "--runtime-endpoint", f"unix://{socket}")
    done = _ask(reader, (*crictl, "ps", "--label", f"{OF}={CONTAINER}", "--state", "Running", "-o", "json"))
    for one in _json(done, "containers"):
        labels, id = _labels(one, "labels"), str(one.get("id", ""))
        if _ours(labels, id):
            yield Way(labels[NAME], "crictl", (*crictl, "stop", "--timeout", str(GRACE), id))


def _ctr(reader: Reader, socket: str) -> Iterator[Way]:
    ctr = ("ctr", "-a", socket, "-n", "k8s.io")
    tasks, kill = (*ctr, "tasks", "list"), (*ctr, "tasks", "kill", "--signal")
    listed = _ask(reader, (*ctr, "containers", "list", "-q", FILTER))
    alive = _alive(_ask(reader, tasks)) if listed else frozenset()
    for id in listed.out.split() if listed else ():
        if id not in alive or not ID.fullmatch(id):
            continue
        for one in _json(_ask(reader, (*ctr, "containers", "info", id))):
            labels = _labels(one, "Labels")
            if _ours(labels, id):
                term, force = (*kill, "SIGTERM", id), (*kill, "SIGKILL", id)
                yield Way(labels[NAME], "ctr", term, listed=tasks, force=force)


def _alive(tasks: Completed | None) -> frozenset[str]:
    """The ids of the running tasks, of the table that `ctr tasks list` prints."""
    rows = (line.split() for line in tasks.out.splitlines()) if tasks else ()
    return frozenset(row[0] for row in rows if len(row) == 3 and row[2] == "RUNNING")


def _ours(labels: dict[str, str], id: str) -> bool:
    pod = POD.fullmatch(labels.get(NAME, ""))
    return bool(pod and ID.fullmatch(id)) and (labels.get(SPACE), labels.get(OF)) == (NAMESPACE, CONTAINER)


def _labels(one: dict[str, object], key: str) -> dict[str, str]:
    labels = one.get(key)
    return {str(name): str(value) for name, value in labels.items()} if isinstance(labels, dict) else {}


def _json(done: Completed | None, key: str = "") -> Iterator[dict[str, object]]:
    """The objects that a runtime printed; none where it printed something else."""
    try:
        data = json.loads(done.out) if done else None
    except (ValueError, RecursionError):
        return
    if key:
        data = data.get(key) if isinstance(data, dict) else None
    yield from (one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict))


def _ask(reader: Reader, argv: tuple[str, ...]) -> Completed | None:
    """The answer of a runtime; None where there is no such program or socket, or a recording does not hold it."""
    try:
        done = reader.query(argv)
    except OSError:
        return None
    return None if done.status else done
