"""The host-agent: what keeps it from starting, and what it passes over."""

from __future__ import annotations

from checks.troubleshooting.cause import NOT, Case, Entry, Judgement
from checks.troubleshooting.judges import by_answer, by_card, by_finding, fact, first_of
from sriov_tui.facts import Pf
from sriov_tui.message import NOTHING, Message, Text, say, verbatim
from sriov_tui.model import HOST_CONF, Fix, Level
from sriov_tui.model.advice import Question

RESTARTED = Question(
    "pod-restarted", say("Was the host-agent's pod of this host restarted since host.conf was changed?")
)
LIST = say("climc isolated-device-list --host HOST --limit 0, after the host-agent of this host has restarted.")
OVER = say("Cloudpods 3.10 and newer")


def _renamed(case: Case) -> tuple[Text, Text, Message] | None:
    """A name of host.conf or of Open vSwitch that is gone, while the same name with a port suffix is there."""
    names = [finding.subject for finding in case.findings if finding.id == "agent.nic-name"]
    names += [port for bridge in case.facts.ovs.bridges or () for port in bridge.ports]
    links = {link.name for link in case.facts.links or ()}
    for name in names:
        new = next((link for link in sorted(links) if link in (f"{name}np0", f"{name}np1")), "")
        if name not in links and new:
            return (
                "/sys/class/net",
                say("no {name}, but {new}", name=name, new=new),
                say("{name} is now named {new}.", name=name, new=new),
            )
    return None


def _gone_port(case: Case) -> tuple[Text, Text, Message] | None:
    links = {link.name for link in case.facts.links or ()}
    for bridge in case.facts.ovs.bridges or () if links else ():
        gone = [port for port in bridge.ports if port not in links]
        if bridge.datapath == "system" and gone:
            return (
                "ovs-vsctl list-ports",
                f"{bridge.name}: {gone[0]}",
                say("{name} has the port {gone}, and no such interface exists.", name=bridge.name, gone=gone[0]),
            )
    return None


def _none_yet(case: Case, pf: Pf) -> Message | None:
    """A card that host.conf lists has no VF, where the host-agent makes all of them when it starts."""
    listed = case.wanted(pf) != "leave" and case.facts.file(HOST_CONF) is not None
    return (
        say("0 of {totalvfs} VFs are there", totalvfs=pf.totalvfs)
        if listed and pf.numvfs == 0 and pf.totalvfs
        else NOTHING
    )


def _waits(case: Case) -> Judgement:
    wanted = any(case.wanted(pf) != "leave" for pf in case.facts.pfs or ())
    return by_finding("drift.taken", levels=(Level.INFO,), topic="unbound")(case) \
        if wanted else NOT  # fmt: skip


ENTRIES = (
    Entry(
        id="conf.null-list",
        cause=say("A list in host.conf has no items: the host-agent and sdnagent both end at their start."),
        looks_at=verbatim(HOST_CONF),
        judge=by_finding("hostconf.value-null-list"),
        fix=Fix(
            title=say("Write the cards below the key, or `[]` behind it."), verify=verbatim("sriov-tui hostconf check")
        ),
        source="Cloudpods structarg.go; go-yaml 2.4.",
    ),
    Entry(
        id="conf.unreadable",
        cause=say("The host-agent cannot read host.conf, and does not start."),
        looks_at=verbatim(HOST_CONF),
        line="or",
        judge=by_finding("hostconf.loads"),
        fix=Fix(
            title=say("Fix the line that `sriov-tui hostconf check` names."),
            verify=verbatim("sriov-tui hostconf check"),
        ),
        source="Cloudpods pkg/hostman/options.",
    ),
    Entry(
        id="conf.entry",
        cause=say("An entry of `networks` does not fit this host: the host-agent does not start, or the network goes."),
        looks_at=say("networks in {host_conf}, the links and addresses", host_conf=HOST_CONF),
        judge=by_finding(
            "hostconf.entry-form",
            "hostconf.entry-ip",
            "hostconf.entry-wire",
            "hostconf.entry-bridge",
            "hostconf.entry-order",
            "hostconf.networks-empty",
            levels=(Level.FAIL,),
        ),
        fix=Fix(
            title=say("Write the entry as it fits: INTERFACE/BRIDGE/IP where the interface has the address."),
            verify=verbatim("sriov-tui audit --only hostconf"),
        ),
        source="Cloudpods pkg/hostman/hostinfo/networks.go; issues #16817, #21977, #17391.",
    ),
    Entry(
        id="card.pci-domain",
        cause=say("The card is outside PCI domain 0000, where the host-agent does not look."),
        looks_at=say("the path of the card below /sys/devices"),
        judge=by_finding("agent.pci-domain"),
        fix=Fix(title=say("Move the card to a slot of domain 0000, or take it out of the list."), verify=LIST),
        source="Cloudpods isolated_device/nic.go.",
    ),
    Entry(
        id="name.changed",
        cause=say("The interface was renamed, and host.conf or Open vSwitch still has the old name."),
        looks_at=say("the names in host.conf and in Open vSwitch against the links"),
        line="or",
        judge=first_of(fact(_renamed), fact(_gone_port)),
        fix=Fix(
            title=say("Pin the old name with a udev rule by PCI address, or write the new one."),
            manual=verbatim(
                'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", KERNELS=="ADDRESS", '
                'ATTR{phys_port_name}!="pf*vf*", NAME="NAME"'
            ),
            verify=verbatim("ls /sys/class/net"),
        ),
        source="systemd netif-naming-scheme; sriov-network-operator's rule.",
    ),
    Entry(
        id="conf.nic",
        cause=say(
            "A card in host.conf has a wrong name, or no entry in `networks`: it is passed over, or wired wrongly."
        ),
        looks_at=say("sriov_nics and ovs_offload_nics against the links and networks"),
        judge=by_finding("agent.nic-name", "hostconf.network-entry"),
        fix=Fix(
            title=say("Write the exact name of the interface, and an entry for it in networks."),
            manual=say(
                "--answer nic=NAME gives the right interface, --answer bridge=br1 --answer wire=WIRE the entry."
            ),
            verify=verbatim("sriov-tui agent"),
        ),
        source="Cloudpods isolated_device/nic.go and hostinfo.go.",
    ),
    Entry(
        id="switchdev.subfunction",
        cause=say("An interface of the card is no VF representor (a scalable function): the host-agent stops there."),
        looks_at=say("phys_port_name of the card's interfaces"),
        line="or",
        judge=by_finding("agent.forecast", topic="representors"),
        fix=Fix(title=say("Remove the scalable functions (devlink port del)."), verify=verbatim("sriov-tui agent")),
        source="Cloudpods isolated_device/nic.go.",
    ),
    Entry(
        id="switchdev.kernel-driver",
        cause=say("The kernel's own mlx5 driver is loaded; the host-agent offloads only with the vendor's."),
        looks_at=say("compat/devlink/mode of the card"),
        line="or",
        judge=by_finding("offload.possible", levels=(Level.FAIL,), topic="compat"),
        fix=Fix(
            title=say("Install MLNX_OFED or DOCA-OFED, write the initramfs again, reboot."),
            verify=verbatim("cat /sys/class/net/INTERFACE/compat/devlink/mode"),
        ),
        source="Cloudpods isolated_device/nic.go; mlnx-ofa_kernel eswitch_devlink_compat.c.",
    ),
    Entry(
        id="vf.partial",
        cause=say(
            "Only some of the VFs are there: the host-agent's write is refused, and it reports no device at all."
        ),
        looks_at=verbatim("sriov_numvfs against sriov_totalvfs, the host-agent's log"),
        line="or",
        judge=by_finding("agent.partial-vfs"),
        fix=Fix(
            title=say("Make all VFs, or none."),
            manual=say("igb.max_vfs or another service may make fewer."),
            verify=verbatim("cat /sys/bus/pci/devices/ADDRESS/sriov_numvfs"),
        ),
        source="Cloudpods isolated_device/sriov_base.go, ensureNumvfsEqualTotalvfs.",
    ),
    Entry(
        id="ovs.no-module",
        cause=say("The running kernel has no openvswitch module, or the host no Open vSwitch service."),
        looks_at=say("the host-agent's log"),
        fix=Fix(
            title=say("Install Open vSwitch and its module for the running kernel."),
            verify=verbatim("modinfo -n openvswitch; systemctl cat openvswitch"),
        ),
        source="Cloudpods hostbridge/ovs.go.",
    ),
    Entry(
        id="conf.not-read",
        cause=say("The host-agent has not read the present host.conf: its pod was not restarted."),
        looks_at=say("the VFs and their drivers; what you say"),
        judge=by_answer(RESTARTED, "no", given=first_of(_waits, by_card(_none_yet))),
        fix=Fix(
            title=say("Delete the host-agent's pod of this node, and of no other."),
            manual=verbatim(
                "kubectl -n onecloud get pods --field-selector spec.nodeName=NODE; kubectl -n onecloud delete pod POD"
            ),
            verify=LIST,
        ),
        source="Cloudpods operator host.go.",
    ),
)
