"""What the findings of `checks.hostconf` and of networks are about; the faults of the file stand beside it."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

LISTS = "Cloudpods host-agent: hostinfo.go, getNicsInterfaces"
NEW_NIC = "Cloudpods host-agent: hostinfohelper.go, NewNIC"
BRIDGE = "Cloudpods host-agent: hostbridge.go"
OFFLINE = say("The host-agent does not start: it waits three minutes, ends, and the host is offline.")

EXPLAINED = (
    Explanation(
        id="hostconf.present",
        title=say("There is a host.conf"),
        means=say("/etc/yunion/host.conf is there and can be read."),
        matters=say("The host-agent takes from it which cards' VFs to report. Without it this is no Cloudpods host."),
        fix=say(
            "Add the host to Cloudpods; its installer writes the file. Where the host-agent is given "
            "another file by --config, link it to this path."
        ),
        source="Cloudpods host-agent: cloudcommon/options/options.go.",
    ),
    Explanation(
        id="hostconf.loads",
        title=say("The host-agent can read host.conf"),
        means=say(
            "The file is read as the host-agent reads it: as YAML 1.1, then, where that fails, line "
            "by line as key = value."
        ),
        matters=say(
            "A file that it cannot read keeps the host-agent and sdnagent from starting. Their "
            "message names the first line of the file, whatever the fault is."
        ),
        fix=say("Fix the line that the finding about the file names. `sriov-tui hostconf check` names it, too."),
        source="Cloudpods' structarg.go, ParseFile; go-yaml 2.4.",
    ),
    Explanation(
        id="hostconf.edit",
        title=say("The change of host.conf can be made"),
        means=say("The cards that are chosen can be written into the file with every other byte left as it is."),
        matters=say("A file whose layout cannot be edited safely is not touched."),
        fix=say("Follow the reason that is given, then read the machine again."),
        source="sriov-tui itself: it writes only what it has read back and understood.",
    ),
    Explanation(
        id="hostconf.nic",
        title=say("Each chosen card is in its list"),
        means=say("sriov_nics or ovs_offload_nics lists the interface of the card, or the bond above it."),
        matters=say("The host-agent reports VFs of the cards in these lists only, and knows them by this name alone."),
        fix=say("Let the plan add it, or write it there. A card without a driver has no name yet."),
        source=f"{LISTS}; isolated_device/nic.go.",
    ),
    Explanation(
        id="hostconf.network-entry",
        title=say("Each chosen card has its network"),
        means=say("An entry of networks (INTERFACE/BRIDGE/WIRE) begins with the card's interface."),
        matters=say(
            "A card without an entry is silently put on the wire of the first network: its VFs "
            "appear, on the wrong network. InfiniBand cards have no entry and mean it so."
        ),
        fix=say("Give the bridge (a free name such as br1) and the wire as the platform shows it."),
        source=f"{LISTS}.",
    ),
    Explanation(
        id="hostconf.offload",
        title=say("Offload fits host.conf"),
        means=say("ovs_offload_nics is used with bridge_driver openvswitch, and for Ethernet cards only."),
        matters=say("Offload is Open vSwitch's; a Linux bridge has none, and InfiniBand cannot be in a bridge."),
        fix=say("Use the cards for plain SR-IOV (sriov_nics), or change bridge_driver."),
        source="Cloudpods host-agent: isolated_device/nic.go; hostbridge.go.",
    ),
    Explanation(
        id="hostconf.lists",
        title=say("No card is named twice"),
        means=say(
            "Each card is in one list, once, by itself or through its bond. The lists of "
            "host_local.conf are added to those of host.conf."
        ),
        matters=say(
            "Every VF of a card that is named twice is reported twice. In both lists the uses undo each other."
        ),
        fix=say("Keep it once, in one of the two lists."),
        source=f"{LISTS}; options.go, host_local.conf is read on top.",
    ),
    Explanation(
        id="hostconf.networks",
        title=say("The entries of networks fit this machine"),
        means=say("Each entry is compared with the interfaces, bridges, addresses and routes of the host."),
        matters=say("A wrong entry keeps the host-agent from starting, or takes the host off the network."),
        fix=say("Fix the entries that the hostconf.entry-... findings name."),
        source=f"{NEW_NIC}; hostbridge.go.",
    ),
    Explanation(
        id="hostconf.entry-form",
        title=say("The form of an entry of networks"),
        means=say(
            "An entry is INTERFACE/BRIDGE/IP or INTERFACE/BRIDGE/WIRE, with names of 1 to 15 bytes "
            "and an interface that exists. What follows is ignored, a prefix length too."
        ),
        matters=OFFLINE,
        fix=say("Write the present names; they change with drivers and slots."),
        source=f"{NEW_NIC}; Linux IFNAMSIZ.",
    ),
    Explanation(
        id="hostconf.entry-wire",
        title=say("No wire for an interface that has an address"),
        means=say(
            "An entry that names a wire is for an interface without an address, a default route or your session."
        ),
        matters=say(
            "Where the bridge is new, the host-agent flushes the address: the host is gone from the "
            "network. Where it exists, the host-agent does not start."
        ),
        fix=say("Write the address in the place of the wire, or use another interface."),
        source=f"{BRIDGE}, SetupAddresses and the checks before it.",
    ),
    Explanation(
        id="hostconf.entry-ip",
        title=say("The address of an entry is there"),
        means=say("The address in an entry is on its interface or its bridge now."),
        matters=say("The host-agent waits 60 s for it and then does not start (Ip ... is not configure on ...)."),
        fix=say("Write the address that the interface has now, or give it this address."),
        source=f"{NEW_NIC}.",
    ),
    Explanation(
        id="hostconf.entry-bridge",
        title=say("The bridge of an entry is free"),
        means=say(
            "No two entries share a bridge, no other device has its name, and the interface is no "
            "port of another bridge or bond."
        ),
        matters=say(
            "The host-agent does not start (exists, but not created by this driver), or takes a port "
            "from whoever has it."
        ),
        fix=say("Write another name for the bridge; name the bond instead of its port."),
        source=f"{BRIDGE}.",
    ),
    Explanation(
        id="hostconf.entry-order",
        title=say("The management entry comes first"),
        means=say("The first entry of networks has an address, or listen_interface names an interface that has one."),
        matters=say(
            "Without any the host-agent does not start (No interface suitable to be master NIC). "
            "Some versions take the wrong entry for the management one where it is not the first."
        ),
        fix=say("Move the entry with the management address to the front."),
        source="Cloudpods host-agent: hostinfo.go.",
    ),
    Explanation(
        id="hostconf.entry-ipv6",
        title=say("No IPv6 address that the entry does not name"),
        means=say(
            "Once the bridge of an entry is there, neither it nor its interface has an IPv6 address beyond fe80, "
            "unless the entry names it."
        ),
        matters=say(
            "The host-agent of Cloudpods 4.0 or newer does not start (shoud have no ipv6 address). Older ones do "
            "not look: it shows after an upgrade."
        ),
        fix=say(
            "Switch automatic IPv6 addresses off (net.ipv6.conf.NAME.accept_ra=0, autoconf=0), or add the address to "
            "the entry: INTERFACE/BRIDGE/IPV4/IPV6."
        ),
        source=f"{BRIDGE}, ConfirmToConfig; Cloudpods issue 24645.",
    ),
    Explanation(
        id="hostconf.listen-interface",
        title=say("listen_interface has an address"),
        means=say(
            "listen_interface names an interface that has an address once each bridge of networks has taken over the "
            "address of its interface."
        ),
        matters=say("Otherwise the host-agent does not start (Listen interface ... master have no IP)."),
        fix=say("Name the bridge of the management entry, or remove the line."),
        source="Cloudpods host-agent: hostinfo.go, parseConfig.",
    ),
    Explanation(
        id="hostconf.hugepages",
        title=say("hugepages_option can be carried out"),
        means=say(
            "hugepages_option is disable, native or transparent; for native, huge pages of hugepage_size_mb are "
            "reserved."
        ),
        matters=say(
            "Otherwise the host-agent does not start (Invalid hugepages option; hugepage ... nr 0). YAML reads an "
            "on without quotes as true, which is none of the three."
        ),
        fix=say("Write one of the three words. For native, add hugepagesz=1G hugepages=N to the kernel arguments."),
        source="Cloudpods host-agent: hostinfo.go, prepareEnv.",
    ),
    Explanation(
        id="hostconf.report-interval",
        title=say("report_interval is 300 s at most"),
        means=say("report_interval is a number of seconds up to 300."),
        matters=say("Above that the host-agent does not start."),
        fix=say("Write a smaller number, or remove the line."),
        source="Cloudpods host-agent: hostinfo.go, prepareEnv.",
    ),
)
