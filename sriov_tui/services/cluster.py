"""The host-agent's pod on this node, asked of the cluster with kubectl where that is configured. Reads only.

Deleting the pod is never done here: it ends the host-agent for a moment, and is the operator's own step.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from checks.host_agent import outcome
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Completed, Reader
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model.commands import Command

KUBECTL = ("kubectl", "--request-timeout=5s", "-n", "onecloud")
TAIL = "5000"  # lines of the pod's log
# The DaemonSet gives its pods five characters; default-host-image-... and default-host-deployer-... do not fit.
_POD = regex(r"^pod/(default-host-[a-z0-9]{5})$", re.MULTILINE)
_NODE = regex(r"[a-z0-9][a-z0-9.-]{0,252}")
_ABOUT = regex(
    "sriov|isolated|getSRIOVNics|getOvsOffloadNics|vfio|portname|compat/devlink|Misformated|Parse (?:configuration|nic)"
    "|is not configure on|not exists|is not expected IP|not created by this driver|have no (?:ip|address)|master NIC"
    "|[Bb]ridge not found|hugepages option|find_matched|expect wire|manager_uri|openvswitch|dial tcp",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod's name, or "" and a sentence that says why it is not known."""

    name: str
    why: Message = NOTHING


def find(reader: Reader, hostname: str) -> Pod:
    """This node's pod of the host-agent."""
    node = hostname.lower()
    if not _NODE.fullmatch(node):
        return Pod("", say("The name of this host is not a valid node name, so kubectl was not asked."))
    done = _ask(reader, ("get", "pods", "--field-selector", f"spec.nodeName={node}", "-o", "name"))
    if done is None:
        return Pod("", say("kubectl is not configured here: copy the commands to where it is."))
    if done.status:
        return Pod(
            "", say("kubectl cannot be used here ({done}): copy the commands to where it can.", done=_first(done))
        )
    found = _POD.findall(done.out)
    if len(found) != 1:
        many = say("more than one pod") if found else say("no pod")
        return Pod(
            "", say("The cluster has {many} of the host-agent on {node}; look at the list.", many=many, node=node)
        )
    return Pod(found[0])


def log(reader: Reader, pod: Pod) -> tuple[str, ...]:
    """The lines of the pod's log that are about devices, the newest last; or the sentence why there are none."""
    if not pod.name:
        return (pod.why,)
    done = _ask(reader, ("logs", pod.name, "-c", "host", f"--tail={TAIL}"))
    if done is None or done.status:
        return (say("The log of {name} cannot be read ({done}).", name=pod.name, done=_first(done)),)
    lines = tuple(line for line in done.out.splitlines() if _ABOUT.search(line))
    return lines or (say("The last {tail} lines of {name}'s log say nothing about devices.", tail=TAIL, name=pod.name),)


def _ask(reader: Reader, arguments: tuple[str, ...]) -> Completed | None:
    """The answer of kubectl; None where there is no kubectl, or a recording does not hold the answer."""
    try:
        done = reader.query((*KUBECTL, *arguments))
    except OSError:
        return None
    return None if done.status == 127 else done


def _first(done: Completed | None) -> Message:
    words = (done.err or done.out).strip().splitlines() if done else []
    return Message(words[-1][:200].rstrip(".")) if words else say("no answer")


def commands(facts: HostFacts, pod: str = "") -> tuple[str, ...]:
    """The commands that make the host-agent of this host alone start anew, and show what it reported.

    `pod` is its pod where the cluster was asked for it; they are only ever shown.
    """
    node = facts.hostname or "NODE"
    find = Command(f"  kubectl -n onecloud get pods --field-selector spec.nodeName={facts.hostname.lower() or node}")
    return (
        "",
        say("To let the host-agent of this host, and no other, read host.conf:"),
        *(() if pod else (find,)),
        Command(f"  kubectl -n onecloud delete pod {pod or 'POD'}"),
        Command(f"  {outcome.FOLLOW.replace('POD', pod or 'POD')}"),
        Command(f"  climc isolated-device-list --host {node} --limit 0"),
    )
