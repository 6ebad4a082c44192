"""The Cloudpods host-agent: what it says when it starts and registers proves the cause."""

from __future__ import annotations

from checks.troubleshooting.cause import Entry, by_text
from sriov_tui.message import say, verbatim

ENTRIES: tuple[Entry, ...] = (
    by_text(
        "conf.address",
        say("The address of a `networks` entry is on no interface and no bridge of this host: the host-agent ends."),
        say("Write the address that the interface has, or configure the address first."),
        verbatim("sriov-tui hostconf check"),
    ),
    by_text(
        "conf.form",
        say("An entry of `networks` has too few parts: INTERFACE/BRIDGE/IP or INTERFACE/BRIDGE/WIRE."),
        say("Write all three parts."),
        verbatim("sriov-tui hostconf check"),
    ),
    by_text(
        "conf.interface-gone",
        say("An interface of `networks` does not exist: the host-agent does not start."),
        say("Write the present name of the interface; see names if it was renamed."),
        verbatim("ip -br link"),
    ),
    by_text(
        "conf.bridge",
        say("The bridge of an entry exists already, with another address or made by something else."),
        say("Use another name for the bridge, or take the other bridge away from the console."),
        verbatim("ovs-vsctl show"),
    ),
    by_text(
        "conf.wire-address",
        say("An interface or bridge in an entry with a wire has an address: the host-agent ends."),
        say("Take the address away (IPv6 by SLAAC too), or write the entry with that address."),
        verbatim("ip -br address"),
    ),
    by_text(
        "conf.no-master",
        say("No entry of `networks` has an address, so the host-agent has no interface to be reached on."),
        say("Keep the management entry with its IP first, or set listen_interface to an interface with an address."),
        verbatim("sriov-tui hostconf check"),
    ),
    by_text(
        "conf.bridge-driver",
        say("bridge_driver is none that the host-agent knows."),
        say("Write openvswitch or linux_bridge."),
        verbatim("sriov-tui hostconf check"),
    ),
    by_text(
        "conf.hugepages",
        say("hugepages_option is wrong, or there are no huge pages."),
        say("Write disable, native or transparent; native needs pages reserved at boot."),
        verbatim("grep Huge /proc/meminfo"),
    ),
    by_text(
        "conf.unknown-key",
        say("A key of host.conf is unknown to this host-agent, and is ignored."),
        say("Correct the key where it is misspelt; keys of other versions may stay."),
        verbatim("sriov-tui hostconf check"),
        logged=False,
    ),
    by_text(
        "platform.network",
        say("The platform has no IP subnet with this host's address: the host-agent cannot register."),
        say("Create the IP subnet on the platform; keep the management entry first in `networks`."),
        verbatim("climc network-list"),
    ),
    by_text(
        "platform.wire",
        say("The interface is registered on another wire than `networks` says."),
        say("Change the entry, or remove the interface from its old wire on the platform."),
        verbatim("climc host-wire-list"),
    ),
    by_text(
        "platform.no-vf-on-wire",
        say("The platform has no free VF on the wire of the virtual machine's network."),
        say("List the card under that wire in `networks`, or free a VF; then restart the host-agent of this host."),
        verbatim("climc isolated-device-list"),
    ),
    by_text(
        "platform.duplicate-host",
        say("The platform has another host with the same address (manager_uri)."),
        say(
            "Remove the old host record on the platform if this host was reinstalled; else give one of them "
            "another address."
        ),
        verbatim("climc host-list"),
    ),
    by_text(
        "platform.unreachable",
        say("The host-agent cannot reach the control plane."),
        say("See that the address of the control plane answers from this host, and that its services run."),
        verbatim("kubectl -n onecloud get pods"),
    ),
    by_text(
        "platform.model",
        say("lspci names a device in a way that the host-agent cannot read; only the log suffers."),
        say("Nothing has to be done for NICs; update pci.ids where a VF is shown as `Device`."),
        verbatim("lspci -nnmm"),
        logged=False,
    ),
)
