"""Module parameters among the kernel arguments, as in `igb.max_vfs=7`: in the driver's form, no trap for the agent.

The kernel hands them to a module whenever it is loaded, also out of the initramfs, which needs no rebuilding for them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from sriov_tui.cards import DRIVERS
from sriov_tui.facts import HostFacts, Module, Pf
from sriov_tui.message import say
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level

COUNTS = sorted({driver.parameter for driver in DRIVERS if driver.parameter})


def expanded(facts: HostFacts, token: str) -> str:
    """An argument as it has to be written: one value for an array is given to every port of the driver."""
    module, name, value = _parts(facts, token)
    if module is None or not _kind(module, name).startswith("array") or not value or "," in value:
        return token
    return f"{token.partition('=')[0]}={','.join([value] * max(1, len(_ports(facts, module))))}"


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """What is wrong with the parameters that the operator asks for."""
    for token in choices.arguments:
        module, name, _ = _parts(facts, token)
        if module is None or module.parameters is None:
            continue
        evidence = (Evidence(f"modinfo -F parm {module.name}", ", ".join(f"{n} ({t})" for n, t in module.parameters)),)
        if name not in dict(module.parameters):
            yield _unknown(module, name, token, evidence)
        elif name in COUNTS:
            yield from _count(facts, module, token, name, evidence)


def _unknown(module: Module, name: str, token: str, evidence: tuple[Evidence, ...]) -> Finding:
    near = difflib.get_close_matches(name, [known for known, _ in module.parameters or ()], 1)
    return Finding(
        id="iommu.module-parameter",
        level=Level.WARN,
        subject=token,
        title=say(
            "The driver {name} has no parameter {name2}: the kernel log will say so, and that is all.",
            name=module.name,
            name2=name,
        ),
        evidence=evidence,
        fix=Fix(
            title=say("Write {name}.{near}=...", name=module.name, near=near[0])
            if near
            else say("Take it out of your choices.")
        ),
    )


def _count(
    facts: HostFacts, module: Module, token: str, name: str, evidence: tuple[Evidence, ...]
) -> Iterator[Finding]:
    """A count that the driver makes at its start and that is not the total keeps the agent from making its own."""
    ports = _ports(facts, module)
    values = expanded(facts, token).partition("=")[2].split(",")
    if not _kind(module, name).startswith("array"):
        values *= len(ports)
    wrong = [(pf, n) for pf, n in zip(ports, values, strict=False) if pf.totalvfs and n not in ("0", str(pf.totalvfs))]
    for pf, count in wrong[:1]:
        yield Finding(
            id="iommu.module-parameter",
            level=Level.FAIL,
            subject=token,
            title=say(
                "{token} makes {count} VFs on {address}, which offers {totalvfs}: the host-agent would "
                "report no VF of any card.",
                token=token,
                count=count,
                address=pf.address,
                totalvfs=pf.totalvfs,
            ),
            detail=say(
                "The parameter leaves the total as it is, and the kernel refuses to go from one count to another."
            ),
            evidence=evidence,
            fix=Fix(
                title=say(
                    "Write {value}={totalvfs}, or leave the parameter out.",
                    value=token.partition("=")[0],
                    totalvfs=pf.totalvfs,
                )
            ),
            blocks=True,
        )


def _parts(facts: HostFacts, token: str) -> tuple[Module | None, str, str]:
    """The driver, the parameter and the value of `driver.parameter=value`; no driver where it is none of a card's."""
    key, _, value = token.partition("=")
    driver, dot, name = key.partition(".")
    module = facts.module(driver) if dot else None
    return module, name.replace("-", "_"), value


def _kind(module: Module, name: str) -> str:
    return dict(module.parameters or ()).get(name, "")


def _ports(facts: HostFacts, module: Module) -> list[Pf]:
    return [pf for pf in facts.pfs or () if (pf.driver or "").replace("-", "_") == module.name]
