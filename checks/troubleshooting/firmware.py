"""What the card's firmware, its config space and the rights of this session decide."""

from __future__ import annotations

from checks.troubleshooting.cause import Case, Entry
from checks.troubleshooting.judges import by_answer, by_card, first_of
from sriov_tui.facts import Pf, nv_number, nv_word
from sriov_tui.message import NOTHING, Message, join, say, verbatim
from sriov_tui.model import Fix
from sriov_tui.model.advice import Question

POWER_CYCLE = Question("rebooted", say("Was this host rebooted since the card's firmware setting was changed?"))


def _offers_none(case: Case, pf: Pf) -> Message | None:
    if pf.totalvfs or not pf.sriov_capable:
        return NOTHING
    number, switch = pf.setting("NUM_OF_VFS"), pf.setting("SRIOV_EN")
    if switch and nv_word(switch.current or switch.next) == "False":
        return say("SRIOV_EN is False in the firmware: it offers 0 VFs")
    none = pf.totalvfs == 0 or (pf.sriov is not None and pf.sriov.total == 0)
    setting = f" (NUM_OF_VFS {number.current or number.next})" if number else ""
    return say("the SR-IOV capability offers 0 VFs{setting}", setting=setting) if none else NOTHING


def _no_capability(case: Case, pf: Pf) -> Message | None:
    asked = case.wanted(pf) != "leave" or not any(other.sriov_capable for other in case.facts.pfs or ())
    no = pf.sriov_capable is False and (pf.config_bytes or 0) >= 4096
    return say("no SR-IOV capability in 4096 bytes of config space") if asked and no else NOTHING


def _short(least: int, most: int, words: str) -> Message:
    return (
        say("only {most} bytes of config space can be read: {words}", most=most, words=words)
        if least < most
        else NOTHING
    )


def _no_rights(case: Case, pf: Pf) -> Message | None:
    if pf.config_bytes is None or pf.config_bytes > 64 or case.facts.root is True:
        return NOTHING
    return say("only {config_bytes} bytes of config space can be read, as without root", config_bytes=pf.config_bytes)


def _no_extended(case: Case, pf: Pf) -> Message | None:
    return say("config space ends after 256 bytes: no MMCONFIG (ECAM)") if pf.config_bytes == 256 else NOTHING


def _pending(case: Case, pf: Pf) -> Message | None:
    waiting = [setting for setting in pf.nvconfig or () if setting.pending]
    shown = join(
        ", ",
        (
            say("{name} is {current} and becomes {following}", name=s.name, current=s.current, following=s.next)
            for s in waiting[:4]
        ),
    )
    return say("{shown} at the next boot", shown=shown) if waiting else NOTHING


def _not_taken(case: Case, pf: Pf) -> Message | None:
    number = pf.setting("NUM_OF_VFS")
    now = nv_number(number.current) if number else None
    if number is None or now is None or number.pending or pf.totalvfs is None or pf.setting("PF_NUM_OF_VF") is None:
        return NOTHING
    own = pf.setting("PF_NUM_OF_VF_VALID")
    if own and nv_word(own.current) == "True":
        return NOTHING
    return (
        say("NUM_OF_VFS is {now}, but sriov_totalvfs still {totalvfs}", now=now, totalvfs=pf.totalvfs)
        if pf.totalvfs < now
        else NOTHING
    )


def _dpu(case: Case, pf: Pf) -> Message | None:
    return (
        say("the card's own processor owns it (DPU mode), and {case}", case=_pending(case, pf))
        if pf.dpu and _pending(case, pf)
        else NOTHING
    )


def _locked(case: Case, pf: Pf) -> Message | None:
    lockdown = case.facts.kernel.lockdown
    if lockdown is None:
        return None
    return say("the kernel is locked down ({lockdown})", lockdown=lockdown) if lockdown != "none" else NOTHING


TOTAL = verbatim("cat /sys/bus/pci/devices/ADDRESS/sriov_totalvfs")
ENTRIES = (
    Entry(
        id="host.not-root",
        cause=say("sriov-tui runs without root and cannot see what the card can do."),
        looks_at=say("how many bytes of config space can be read"),
        judge=by_card(_no_rights),
        fix=Fix(title=say("Run the same command with sudo."), verify=verbatim("sudo sriov-tui audit --only hardware")),
        source="Linux drivers/pci/pci-sysfs.c, pci_read_config.",
    ),
    Entry(
        id="card.short-config",
        cause=say("The extended config space is switched off, and with it the SR-IOV capability."),
        looks_at=say("the size of config space"),
        judge=by_card(_no_extended),
        fix=Fix(
            title=say("Switch MMCONFIG on in the BIOS, and take pci=nommconf out of the kernel arguments."),
            verify=say("wc -c < /sys/bus/pci/devices/ADDRESS/config shows 4096."),
        ),
        source="Linux drivers/pci/probe.c, pci_cfg_space_size.",
    ),
    Entry(
        id="firmware.not-taken",
        cause=say("The firmware did not take its new setting at the reboot."),
        looks_at=say("NUM_OF_VFS in force against sriov_totalvfs; DPU mode"),
        judge=first_of(
            by_card(_not_taken),
            by_card(_dpu),
            lambda case: (
                by_answer(POWER_CYCLE, given=by_card(_pending))(case)
                if POWER_CYCLE.key in case.answers
                else by_card(lambda case, pf: "")(case)
            ),
        ),
        fix=Fix(
            title=say(
                "Switch the host off at the mains for some seconds (cold power cycle): a kexec or "
                "fast reboot does not reload the card's firmware."
            ),
            verify=TOTAL,
        ),
        source="sriov-network-operator; mstconfig: 'Please power cycle machine to load new configurations'.",
    ),
    Entry(
        id="firmware.pending",
        cause=say("A firmware setting is written and waits for the reboot."),
        looks_at=say("each firmware setting now and at the next boot"),
        line="or",
        judge=by_card(_pending),
        fix=Fix(
            title=say("Reboot the host (or mstfwreset, which drops the link)."),
            verify=say("mstconfig -d ADDRESS -e q shows the same value under Current and Next Boot."),
        ),
        source="Mellanox mstflint, mlxconfig.",
    ),
    Entry(
        id="kernel.lockdown",
        cause=say("Secure Boot has locked the kernel down, and the firmware tool may not reach the card."),
        looks_at=verbatim("/sys/kernel/security/lockdown"),
        judge=by_card(_locked),
        fix=Fix(
            title=say("Change the setting with Secure Boot off, or with the vendor's signed mst module."),
            verify=say("mstconfig -d ADDRESS -e q prints the settings."),
        ),
        source="Linux security/lockdown/lockdown.c; sriov-network-operator.",
    ),
    Entry(
        id="firmware.no-vfs",
        cause=say("The card has SR-IOV, but its firmware offers no VFs."),
        looks_at=verbatim("the SR-IOV capability (TotalVFs), SRIOV_EN, NUM_OF_VFS"),
        judge=by_card(_offers_none),
        fix=Fix(
            title=say("Let the card's firmware offer VFs, then reboot."),
            manual=say(
                "ConnectX: mstconfig -d ADDRESS set SRIOV_EN=1 NUM_OF_VFS=N. Others: SR-IOV on the "
                "card's own page in the BIOS."
            ),
            verify=TOTAL,
        ),
        source="Linux drivers/pci/iov.c, sriov_init; sriov-network-device-plugin #536, #601.",
    ),
    Entry(
        id="card.no-sriov",
        cause=say("The card shows no SR-IOV capability: the model has none, or its firmware or the BIOS hides it."),
        looks_at=say("the extended capabilities in config space"),
        judge=by_card(_no_capability),
        fix=Fix(
            title=say("Look the model up; if it can do SR-IOV, switch it on in the card's firmware and in the BIOS."),
            verify=say("lspci -vv -s ADDRESS shows Single Root I/O Virtualization."),
        ),
        source="Linux include/uapi/linux/pci_regs.h (capability 0x10).",
    ),
)
