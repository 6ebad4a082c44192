"""The prediction as one finding: how many devices the host-agent will report, or why none."""

from __future__ import annotations

from checks.host_agent.described import lines
from checks.host_agent.devices import BAD_PORT
from checks.host_agent.forecast import Forecast, why_not
from sriov_tui.message import join, plural, say, sentences, verbatim
from sriov_tui.model import Finding, Fix, Level

FOLLOW = verbatim("kubectl -n onecloud logs -f POD -c host | grep -E 'sriov|isolated|getSRIOVNics|getOvsOffloadNics'")


def outcome(now: Forecast, down: tuple[str, ...] = ()) -> Finding:
    """The outcome in one line; `down` are the ports that have to be up for it."""
    if not now.starts:
        return Finding(
            id="agent.forecast",
            level=Level.FAIL,
            title=now.obstacle,
            detail=say("Its message will be: {message}", message=now.message),
            fix=Fix(title=say("Fix host.conf; the findings about it say how.")),
        )
    part = next((part for part in (now.sriov, now.offload) if part.error), None)
    if part is not None and part.topic == "unseen":
        return Finding(
            id="agent.forecast",
            level=Level.SKIP,
            title=say(
                "What the host-agent will report of {list} is not known: {cause} ({culprit}).",
                list=part.key,
                cause=part.cause,
                culprit=part.culprit,
            ),
            fix=Fix(title=say("Fix the cause; the other findings say how."), verify=FOLLOW),
        )
    if part is not None:
        return Finding(
            id="agent.forecast",
            level=Level.FAIL,
            title=say("The host-agent will report no device of {key}: {cause} ({culprit}).", key=part.key,
                      cause=part.cause, culprit=part.culprit),
            detail=say("Its message will be: {message}", message=part.error),
            topic="representors" if BAD_PORT in part.error else "",
            fix=Fix(title=say("Fix the cause; the other findings say how."), verify=FOLLOW),
        )  # fmt: skip
    if now.idle:
        return Finding(
            id="agent.forecast", level=Level.FAIL, title=now.idle, fix=Fix(title=say("Fix agent.kvm first."))
        )
    if not now.devices:
        return Finding(id="agent.forecast", level=Level.FAIL, title=say("The host-agent will report no device."),
                       fix=Fix(title=say("See the findings about the names in the lists.")))  # fmt: skip
    return _count(now, down)


def _count(now: Forecast, down: tuple[str, ...]) -> Finding:
    count = len(now.devices)
    must = say("The link must be up when it starts: {ports}.", ports=down)
    why = sentences(why_not(now), must if down else "")
    certain = plural("The host-agent will report 1 device.", "The host-agent will report {count} devices.", count)
    open_ = plural(
        "The host-agent may report 1 device. {why}", "The host-agent may report {count} devices. {why}", count, why=why
    )
    return Finding(
        id="agent.forecast",
        level=Level.SKIP if now.unseen else Level.WARN if now.doubts or down else Level.OK,
        title=open_ if why else certain,
        detail=join("\n", lines(now)),
        fix=Fix(title=say("It reads host.conf when its pod starts again."), verify=FOLLOW),
    )
