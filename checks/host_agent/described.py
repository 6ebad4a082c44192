"""The prediction for a person: the devices by card, what is skipped, and what the host-agent will change."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator

from checks.host_agent.devices import Change, Device
from checks.host_agent.forecast import Forecast, ListForecast
from sriov_tui.facts import grouped
from sriov_tui.message import Message, Text, join, plural, say
from sriov_tui.model.choices import BYPASS


def lines(forecast: Forecast) -> tuple[Message, ...]:
    """A line each; nothing about devices where it does not start."""
    if not forecast.loads and not forecast.message:
        return (say("There is no host.conf that could be read, so there is nothing to foresee."),)
    if not forecast.loads:
        return (say("The host-agent will not start: {why}", why=forecast.message),)
    if not forecast.starts:
        return (
            forecast.obstacle,
            say("Its message will be: {message}", message=forecast.message),
        )
    if forecast.idle:
        return (forecast.idle,)
    if not forecast.asks:
        return (say("host.conf asks for no VFs: the host-agent will report none."),)
    found = [*forecast.unseen, *forecast.doubts]
    found += [line for part in (forecast.sriov, forecast.offload) for line in _part(part)]
    if forecast.sriov.devices:
        found.append(BYPASS)
    return tuple(found)


def _part(part: ListForecast) -> Iterator[Message]:
    if not part.items:
        return
    if part.error:
        yield say("{key}: the host-agent will report no device: {cause} ({culprit}).", key=part.key, cause=part.cause,
                  culprit=part.culprit)  # fmt: skip
        yield say("  {error}", error=part.error)
    else:
        yield plural(
            "{key}: the host-agent will report 1 device.",
            "{key}: the host-agent will report {count} devices.",
            len(part.devices),
            key=part.key,
        )
    for pf, devices in grouped(part.devices, lambda device: device.pf).items():
        yield from _card(pf, devices)
    for name, why in (*part.skipped, *part.notes):
        yield say("  {name} {why}", name=name or "''", why=why)
    if part.changes:
        yield from _changes(part.changes)


@functools.lru_cache(maxsize=1024)
def _card(pf: str, own: tuple[Device, ...]) -> tuple[Message, ...]:
    """Kept, since what is there now and what will be are told one after the other, and mostly of the same devices."""
    return tuple(_lines(pf, own))


def _lines(pf: str, own: tuple[Device, ...]) -> Iterator[Message]:
    ids = own[0].vendor_device_id or say("unknown id")
    model = own[0].model or say("named as lspci will name it")
    for wire, count in Counter(device.wire for device in own).items():
        if wire:
            yield say("  {pf}: {count} of {ids} ({model}), wire {wire}", pf=pf, count=count, ids=ids, model=model,
                      wire=wire)  # fmt: skip
        else:
            yield say("  {pf}: {count} of {ids} ({model}), the wire of its IP network", pf=pf, count=count, ids=ids,
                      model=model)  # fmt: skip
    yield _span(own)


def _span(devices: tuple[Device, ...]) -> Message:
    ordered = sorted(devices, key=lambda device: device.virtfn)
    first, last = (device.addr or "?" for device in (ordered[0], ordered[-1]))
    if len(ordered) == 1:
        span = say("    {first}", first=first)
    elif len(ordered) == 2:
        span = say("    {first} and {last}", first=first, last=last)
    else:
        span = say("    {first} to {last}", first=first, last=last)
    return say("{span} (to be created)", span=span) if ordered[0].planned else span


def _changes(changes: tuple[tuple[Change, Text], ...]) -> Iterator[Message]:
    yield say("  At its start it will:")
    yield from (join("", ("    ", text)) for kind, text in changes if kind not in ("bind", "unbind"))
    bound, unbound = (sum(kind == wanted for kind, _ in changes) for wanted in ("bind", "unbind"))
    if bound:
        yield plural("    bind 1 VF to vfio-pci", "    bind {count} VFs to vfio-pci", bound)
    if unbound:
        yield plural(
            "    unbind 1 VF from its driver first", "    unbind {count} VFs from their drivers first", unbound
        )
