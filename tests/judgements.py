"""What is decided on every test machine, without a word of prose; with `noise` all sentences are noise.

`python -m tests.judgements [noise]` prints a line of JSON for each machine and each set of choices: the findings' ids,
levels, subjects and what blocks, the plan's steps, the forecast, and the causes that troubleshooting names.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from sriov_tui import message as messages
from sriov_tui.message import Message, Value

HOLE = re.compile(r"\{\w+\}")


def noise(template: str) -> str:
    """A template with its holes, and a hash in place of its words."""
    return hashlib.sha256(template.encode()).hexdigest()[:12] + "".join(HOLE.findall(template))


def noisy_say(template: str, /, **values: Value) -> Message:
    """`say`, whose words nobody can read."""
    return messages.built(noise(template), values)


def noisy_plural(one: str, many: str, count: int, /, **values: Value) -> Message:
    """`plural`, whose words nobody can read."""
    return messages.built(noise(one), {"count": count, **values}, noise(many))


def judgements() -> Iterator[dict[str, Any]]:
    """What follows from every machine of the tests."""
    from checks.troubleshooting import Case, diagnose
    from sriov_tui.codec import encode
    from sriov_tui.hosts.recorded import RecordedHost
    from sriov_tui.probe import gather
    from sriov_tui.services.evaluation import evaluate
    from tests import boot_machines, machines, mellanox_machines
    from tests.checks.test_explained import every_state

    found = {build.__name__: build() for build in (*machines.ALL, *mellanox_machines.ALL)}
    found |= {family.name: boot_machines.build(family) for family in boot_machines.FAMILIES}
    for name, machine in found.items():
        facts = gather(RecordedHost(machine))
        for choices in every_state(facts):
            state = evaluate(facts, choices)
            trouble = diagnose(Case(facts=facts, choices=choices, findings=state.findings, steps=state.plan.steps))
            yield {
                "machine": name,
                "findings": sorted([f.id, f.level.name, f.subject, f.topic, f.blocks] for f in state.findings),
                "steps": [
                    [
                        step.id,
                        step.disrupts,
                        step.after,
                        step.resolves,
                        step.confirm,
                        _operations(encode(step.operations)),
                    ]
                    for step in state.plan.steps
                ],
                "assumes": state.plan.assumes,
                "reboot": state.plan.reboot_after,
                "forecast": len(state.forecast),
                "cause": trouble.cause and trouble.cause.entry.id,
                "also": [one.entry.id for one in trouble.also],
            }


def _operations(operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "no_way_back"} for one in operations]


if __name__ == "__main__":
    if sys.argv[1:] == ["noise"]:
        messages.say, messages.plural = noisy_say, noisy_plural
    for judgement in judgements():
        print(json.dumps(judgement, sort_keys=True))
