"""The steps that mend a cause: those of the checks, and a few small ones that only troubleshooting needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from checks import hostconf, iommu
from checks import ovs as ovs_check
from checks.cards import in_use
from checks.host_agent.intent import KEYS
from checks.platform.iommu_verdict import STEP
from checks.troubleshooting import Found, bond_repair
from checks.troubleshooting.cause import Case
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hostconf import edit, reading_of_text
from sriov_tui.message import say
from sriov_tui.model import HOST_CONF, Choices, NicChoice, Run, Step, WriteSysfs

HW_OFFLOAD = "other_config:hw-offload=true"


def steps(case: Case, found: Found) -> tuple[Step, ...]:
    """What mends this cause, with the steps that must come before; () where a person has to."""
    repair = _REPAIRS.get(found.entry.id)
    own = repair(case) if repair else ()
    if own:
        return own
    by_id = {step.id: step for step in case.steps}
    return tuple(_with_earlier(by_id, found.fix.steps).values())


def answered(facts: HostFacts, choices: Choices, answers: dict[str, str]) -> Choices:
    """The choices with what a person answered: `nic` an interface to use, `bridge` and `wire` for its entry."""
    pf = facts.pf_of_netdev(answers.get("nic", ""))
    if pf is not None and choices.nic(pf.address).use == "leave":
        choices = choices.with_nic(NicChoice(address=pf.address, use="sriov"))
    for nic in choices.chosen:
        bridge, wire = answers.get("bridge", nic.bridge), answers.get("wire", nic.wire)
        choices = choices.with_nic(replace(nic, bridge=bridge, wire=wire))
    return choices


def _with_earlier(by_id: dict[str, Step], ids: Iterable[str]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for id in ids:
        if id in by_id:
            found |= _with_earlier(by_id, by_id[id].after) | {id: by_id[id]}
    return found


def _right_name(case: Case) -> tuple[Step, ...]:
    """host.conf with the interface that was answered in the place of names that no card has."""
    file = case.facts.file(HOST_CONF)
    wrong = {f.subject for f in case.findings if f.id == "agent.nic-name" and f.subject != "host"}
    if not wrong or file is None or file.text is None or case.facts.link(case.answers.get("nic", "")) is None:
        return ()
    text = hostconf.proposed(case.facts, case.choices) or file.text
    now = reading_of_text(text).options
    text = edit(
        text,
        sriov_nics=tuple(name for name in now.sriov_nics if name not in wrong),
        ovs_offload_nics=tuple(name for name in now.ovs_offload_nics if name not in wrong),
    )
    return (hostconf.write_step(case.facts, file, text, ("agent.nic-name host",)),)


def _no_null_list(case: Case) -> tuple[Step, ...]:
    """host.conf with the interface that was answered in the list without items; without an answer, no such list."""
    file = case.facts.file(HOST_CONF)
    keys = [f.topic for f in case.findings if f.id == "hostconf.value-null-list"]
    lists = [key for key in keys if key in KEYS.values()]
    if not lists or file is None or file.text is None:
        return ()
    nic = case.answers.get("nic", "")
    items = (nic,) if case.facts.link(nic) is not None else ()
    offload = lists[0] == KEYS["offload"]
    text = edit(file.text, sriov_nics=None if offload else items, ovs_offload_nics=items if offload else None)
    return (hostconf.write_step(case.facts, file, text, ("hostconf.loads host",)),)


def _arguments(case: Case) -> tuple[Step, ...]:
    """The kernel arguments also where no card is chosen yet."""
    if any(step.id == STEP for step in case.steps):
        return ()
    return tuple(iommu.steps(case.facts, replace(case.choices, kernel_args="set")))


def _vfs_anew(case: Case) -> tuple[Step, ...]:
    return tuple(_anew(pf) for pf in case.pfs if pf.vfs and _free(case.facts, pf))


def _free(facts: HostFacts, pf: Pf) -> bool:
    """Nothing uses its VFs, and no session runs over the card: they may be removed."""
    return not in_use.on_vfs(facts, pf) and not facts.carries_session(pf.address)


def _anew(pf: Pf) -> Step:
    path = f"/sys/bus/pci/devices/{pf.address}/sriov_numvfs"
    return Step(
        id=f"vfs.anew:{pf.address}",
        title=say("Recreate the VFs of {netdev}", netdev=pf.netdev or pf.address),
        why=say("A VF that is recreated has forgotten which driver it was given to. Nothing uses these VFs now."),
        operations=(WriteSysfs(path=path, value="0"), WriteSysfs(path=path, value=str(pf.totalvfs))),
        disrupts="link",
    )


def _ovs_offload(case: Case) -> tuple[Step, ...]:
    """Tell Open vSwitch to offload, and restart it where that does not cut the session."""
    ovs = case.facts.ovs
    if not ovs.unit or ovs_check.carries_session(case.facts) or not (ovs.hw_offload is False or ovs.flow_api is False):
        return ()
    restart = Run(argv=("systemctl", "restart", ovs.unit), undo=("systemctl", "restart", ovs.unit))
    tell = Run(
        argv=("ovs-vsctl", "set", "Open_vSwitch", ".", HW_OFFLOAD),
        undo=("ovs-vsctl", "remove", "Open_vSwitch", ".", "other_config", "hw-offload"),
    )
    return (
        Step(
            id="offload.ovs",
            title=say("Tell Open vSwitch to offload, and restart it"),
            why=say("It reads hw-offload when it starts. Its bridges carry nothing for a moment."),
            operations=(restart,) if ovs.hw_offload else (tell, restart),
            disrupts="link",
        ),
    )


_REPAIRS: dict[str, Callable[[Case], tuple[Step, ...]]] = {
    "conf.null-list": _no_null_list,
    "kernel.iommu-not-requested": _arguments,
    "kernel.iommu-off": _arguments,
    "kernel.argument-misspelt": _arguments,
    "conf.nic": _right_name,
    "flow.setting": _ovs_offload,
    "vf.other-driver": _vfs_anew,
    "lag.mode": bond_repair.steps,
}
