"""Which driver has a VF: autoprobe, stale ids, and what the host-agent can bind."""

from __future__ import annotations

from checks.troubleshooting.cause import NOT, Case, Entry, Judgement
from checks.troubleshooting.judges import by_answer, by_card, by_finding, first_of
from sriov_tui.facts import Pf
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import Fix
from sriov_tui.model.advice import Question

OWN_USE = Question("host-uses-vfs", say("Should the host itself use these VFs, with their own driver?"))
KEPT_APART = ("pci-stub", "pci_stub", "uio_pci_generic", "igb_uio", "xen-pciback", "vfio-platform")
DRIVERS = verbatim("ls -l /sys/bus/pci/devices/ADDRESS/virtfn*/driver")


def _other_driver(case: Case, pf: Pf) -> Message | None:
    other = [vf for vf in pf.vfs if vf.driver in KEPT_APART]
    return (
        say("{address} bound to {driver}", address=", ".join(vf.address for vf in other[:3]), driver=other[0].driver)
        if other
        else NOTHING
    )


def _no_autoprobe(case: Case, pf: Pf) -> str | None:
    if pf.autoprobe is None:
        return None if pf.totalvfs else ""
    return "sriov_drivers_autoprobe is 0" if not pf.autoprobe else ""


def _autoprobe(case: Case) -> Judgement:
    return NOT if any(pf.autoprobe is False for pf in case.pfs) else Judgement(found=True)


def _unasked(case: Case, pf: Pf) -> Message | None:
    taken = [vf for vf in pf.vfs if vf.driver == "vfio-pci" and not vf.holders]
    return (
        say("{count_of_taken} of its VFs are on vfio-pci", count_of_taken=len(taken))
        if taken and case.wanted(pf) == "leave"
        else NOTHING
    )


ENTRIES = (
    Entry(
        id="vf.no-autoprobe",
        cause=say("sriov_drivers_autoprobe is 0: no driver may take a VF, so vfio-pci gets none."),
        looks_at=say("sriov_drivers_autoprobe of the card"),
        judge=first_of(by_finding("agent.autoprobe"), by_card(_no_autoprobe)),
        fix=Fix(title=say("Write 1 into it, and recreate the VFs."), verify=DRIVERS),
        source="Linux drivers/pci/pci-driver.c, pci_device_can_probe.",
    ),
    Entry(
        id="vf.other-driver",
        cause=say("A VF was given to another driver than its own or vfio-pci, and the host-agent cannot take it."),
        looks_at=say("the driver of every VF"),
        judge=by_card(_other_driver),
        fix=Fix(
            title=say("Recreate the VFs: that forgets every driver_override."),
            manual=say("Or: echo > /sys/bus/pci/devices/VF/driver_override, then unbind the VF from that driver."),
            verify=DRIVERS,
        ),
        source="Linux Documentation/ABI/testing/sysfs-bus-pci, driver_override; Cloudpods gpu.go, bind.",
    ),
    Entry(
        id="vfio.unknown-id",
        cause=say("vfio-pci does not know this VF: its vendor and device id were not given to new_id."),
        looks_at=say("sriov_drivers_autoprobe, the text that was pasted"),
        judge=_autoprobe,
        fix=Fix(
            title=say("echo 'VENDOR DEVICE' > /sys/bus/pci/drivers/vfio-pci/new_id, with the VF's ids."),
            manual=say("lspci -n -s VF prints them."),
            verify=DRIVERS,
        ),
        source="Linux drivers/pci/pci-driver.c, new_id_store.",
    ),
    Entry(
        id="vfio.stale-id",
        cause=say("vfio-pci still has these ids from new_id, and takes every new VF before its own driver."),
        looks_at=say("the drivers of the VFs, what host.conf asks for"),
        judge=by_answer(OWN_USE, given=by_card(_unasked)),
        fix=Fix(
            title=say("echo 'VENDOR DEVICE' > /sys/bus/pci/drivers/vfio-pci/remove_id, then recreate the VFs."),
            verify=DRIVERS,
        ),
        source="Linux drivers/pci/pci-driver.c, remove_id_store.",
    ),
    Entry(
        id="vfio.id-exists",
        cause=say("An older host-agent stopped at ids that vfio-pci had already."),
        looks_at=say("the host-agent's log"),
        fix=Fix(
            title=say("Update Cloudpods: later versions fall back to bind."),
            verify=verbatim("climc isolated-device-list --host HOST --limit 0"),
        ),
        source="yunionio/cloudpods #17538.",
    ),
    Entry(
        id="vfio.unbind-early",
        cause=say("The host-agent met a VF's own driver while that was still loading, and could not unbind it."),
        looks_at=say("the host-agent's log"),
        fix=Fix(
            title=say("Restart the host-agent of this host: the driver is loaded now."),
            manual=say("VFs that are made at boot, as this program sets up, are there before the host-agent looks."),
            verify=verbatim("climc isolated-device-list --host HOST --limit 0"),
        ),
        source="Linux drivers/base/bus.c, bus_add_driver: devices are attached before the file unbind is made.",
    ),
)
