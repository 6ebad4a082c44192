"""Restart the host-agent of this node, and watch in its log what it reports: for `agent --restart` and the result.

`ask` says what a restart interrupts, `carry_out` does it. It is no step of a plan: nothing can take it back, and a host
whose forecast is an error is refused, because the platform forgets the devices that the host-agent does not report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import checks
from checks import agent
from checks.host_agent.forecast import Forecast, why_not
from checks.host_agent.outcome import outcome
from checks.host_agent.reported import Reported, read, verdict
from checks.host_agent.requested import asked_for
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host, Reader
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import Level, SriovError
from sriov_tui.services import agent_runtime
from sriov_tui.services.agent_runtime import NAMESPACE, Way

PODS = "/var/log/pods"
PATIENCE = 600  # looks at the log, a second apart: the kubelet may wait 5 minutes before it starts a container again
QUIET = 15  # looks without another device after the last that is expected, or after an error
SETTLED = 60  # looks without another device where fewer came: it logs them in one go
LINE = 1 << 20  # bytes of the log that one look reads

Tell = Callable[[Message], None]
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the host-agent reported after its restart, against the forecast; `started` where it wrote a log at all."""

    reported: Reported
    expected: int
    started: bool

    @property
    def agrees(self) -> bool:
        """Whether it reported what was foreseen, and no error."""
        return self.reported.devices == self.expected and not self.reported.errors


def way_of(reader: Reader, facts: HostFacts) -> Way:
    """How it is restarted here; SriovError where it cannot be, or should not be."""
    now = agent.forecast(facts)
    refused = outcome(now)
    if refused.level is Level.FAIL or not now.asks:
        title = refused.title if now.asks else say("host.conf asks for no device, so a restart would show none.")
        raise SriovError(title, say("The host-agent was not restarted. `sriov-tui agent` says what it would report."))
    for one in checks.evaluate(facts, asked_for(facts))[0]:
        if one.level is Level.FAIL and one.id.startswith("hostconf."):
            raise SriovError(one.title, say("The host-agent was not restarted. Fix {id} first.", id=one.id))
    way = agent_runtime.find(reader, facts.hostname)
    if isinstance(way, Way):
        return way
    raise SriovError(way.why, say("`sriov-tui agent` prints the commands for where kubectl is configured."))


def ask(facts: HostFacts, way: Way) -> tuple[Message, ...]:
    """What the restart does and interrupts, and what it will show: to be read before the yes."""
    now = agent.forecast(facts)
    what = (
        say("This deletes the pod {pod} by kubectl; the cluster makes another, with all its containers.", pod=way.pod)
        if way.whole
        else say("This stops the container host of {pod} by {program}; the kubelet starts it again.",
                 pod=way.pod, program=way.program)
    )  # fmt: skip
    return (
        what,
        say("Virtual machines go on running. Until the host-agent is back, the platform cannot start, stop or change "
            "any on {host}.", host=facts.hostname),
        say("It reads host.conf again: it makes the bridges of networks that are missing and moves the address of "
            "their interface to them, so a session over that interface may stall for some seconds."),
        sentences(outcome(now).title, why_not(now)),
    )  # fmt: skip


def carry_out(host: Host, facts: HostFacts, way: Way, tell: Tell, pause: Pause = time.sleep) -> Answer:
    """Restart it, follow its log, tell what it says of devices as it comes, and at the end the verdict."""
    now = agent.forecast(facts)
    known = frozenset(logs(host))
    status, printed = agent_runtime.restart(host, way, pause)
    if status:
        last = Message(printed[-1]) if printed else say("no output")
        raise SriovError(
            say("{program} did not stop the host-agent (status {status}): {last}", program=way.program, status=status,
                last=last),
            say("Nothing was restarted. `sriov-tui agent` prints the commands for kubectl."),
        )  # fmt: skip
    tell(say("{pod} was stopped. Waiting for its next start.", pod=way.pod))
    answer = _follow(host, now, known, tell, pause)
    if not answer.started:
        tell(say("It did not start within {seconds} s. Look at `kubectl -n onecloud get pods`.", seconds=PATIENCE))
        return answer
    if not (answer.reported.devices or answer.reported.errors):
        tell(say("It started, and said nothing about devices within {seconds} s.", seconds=PATIENCE))
    for line in verdict(answer.reported, answer.expected):
        tell(line)
    return answer


def _follow(reader: Reader, now: Forecast, known: frozenset[str], tell: Tell, pause: Pause) -> Answer:
    """Its log from the new start on, until it has said what it has to say."""
    reported, read_to, parts, quiet = Reported(), dict[str, int](), dict[str, bytes](), 0
    expected = len(now.devices)
    for _ in range(PATIENCE):
        before = reported
        for path in sorted(set(logs(reader)) - known):
            if path not in read_to:
                tell(say("It starts: {path}", path=path))
            for line in _lines(reader, path, read_to, parts):
                after = read(reported, line)
                if after != reported and after.errors != reported.errors:
                    tell(Message(after.errors[-1]))
                reported = after
        if reported.devices != before.devices:
            tell(say("{devices} of {expected} devices so far.", devices=reported.devices, expected=expected))
        quiet = quiet + 1 if reported == before else 0
        if quiet >= (QUIET if reported.devices >= expected or reported.errors else SETTLED) and reported != Reported():
            break
        pause(1)
    return Answer(reported, expected, started=bool(read_to))


def logs(reader: Reader) -> Iterator[str]:
    """The logs of the container host of every pod of the host-agent on this node: one file for each start."""
    for folder in _names(reader, PODS):
        space, _, rest = folder.partition("_")
        if space == NAMESPACE and agent_runtime.POD.fullmatch(rest.partition("_")[0]):
            at = f"{PODS}/{folder}/{agent_runtime.CONTAINER}"
            yield from (f"{at}/{name}" for name in _names(reader, at) if name.endswith(".log"))


def _lines(reader: Reader, path: str, read_to: dict[str, int], parts: dict[str, bytes]) -> Iterator[str]:
    """The whole lines that a log has got since the last look."""
    start = read_to.setdefault(path, 0)
    try:
        data = reader.read(path, limit=LINE, offset=start)
    except OSError:
        return
    read_to[path] = start + len(data)
    *whole, parts[path] = (parts.get(path, b"") + data).split(b"\n")
    yield from (line.decode("utf-8", "replace") for line in whole)


def _names(reader: Reader, path: str) -> tuple[str, ...]:
    try:
        return reader.listdir(path)
    except OSError:
        return ()
