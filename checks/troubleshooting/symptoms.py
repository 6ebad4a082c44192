"""The tree of symptoms: what an operator sees, and the causes that it can have. `words` has other words for them."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model.advice import Question

VM_NETWORK = Question("vm-network", say("Does this VM use a VF (vf), or a port of Open vSwitch (ovs)?"), ("vf", "ovs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What an operator sees; `ask` chooses one of `branches` where there are some.

    `advice` is what holds on every host: the answer, where the trouble is not one of this host.
    """

    id: str
    words: Message
    entries: tuple[str, ...]
    advice: Message = NOTHING
    ask: Question | None = None
    branches: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def causes(self) -> frozenset[str]:
        """All entries that it names by their whole id, whatever is answered."""
        return frozenset((*self.entries, *(id for _, ids in self.branches for id in ids)))

    def candidates(self, answer: str | None) -> tuple[str, ...]:
        """The entries to look at, with those of the branch that was answered."""
        return (*self.entries, *dict(self.branches).get(answer or "", ()))


IOMMU = (
    "bios.iommu-broken",
    "bios.iommu-off",
    "kernel.arguments-pending",
    "kernel.iommu-off",
    "kernel.argument-misspelt",
    "kernel.iommu-not-requested",
)
MAKING = ("host.not-root", "card.short-config", "firmware.not-taken", "firmware.pending", "card.no-driver",
          "firmware.no-vfs", "card.no-sriov", "card.no-sysfs", "bios.no-buses", "bios.no-bars", "bios.no-room",
          "bios.no-memory", "bios.enable-hca", "vf.port-down", "vf.driver-limit",
          "card.safe-mode", "card.fault", "card.busy", "vf.no-vectors", "vf.no-resources", "card.firmware-silent",
          "card.firmware-refused", "vf.fewer-made", "vf.too-many", "vf.held", "vf.some-exist")  # fmt: skip
BINDING = (
    "vfio.missing",
    "vf.no-autoprobe",
    "vf.other-driver",
    "vfio.unknown-id",
    "vfio.no-group",
    "vfio.id-exists",
    "vfio.unbind-early",
)
START = ("conf.null-list", "conf.unreadable", "conf.entry", "bios.no-virtualization")

SYMPTOMS = (
    Symptom(
        id="no-vfs",
        words=say("No VFs in climc isolated-device-list"),
        entries=(
            *START,
            "host.not-root",
            "card.pci-domain",
            "name.changed",
            "conf.nic",
            "switchdev.subfunction",
            "switchdev.kernel-driver",
            "ovs.no-module",
            *IOMMU,
            *MAKING,
            "vf.partial",
            *BINDING,
            "conf.not-read",
        ),
    ),
    Symptom(
        id="fewer-vfs",
        words=say("Fewer VFs than asked for"),
        entries=(
            "vf.partial",
            "firmware.pending",
            "firmware.not-taken",
            "vf.fewer-made",
            "vf.driver-limit",
            "vf.too-many",
            "bios.no-buses",
            "bios.no-room",
            "vf.some-exist",
            "vf.held",
            "firmware.no-vfs",
            "vf.no-vectors",
        ),
    ),
    Symptom(
        id="vf-write",
        words=say("Writing sriov_numvfs is refused, or makes no VFs"),
        entries=(
            *MAKING,
            "vf.partial",
            "bios.no-ari",
            "card.no-count-file",
            "card.no-module",
            "card.nvm-newer",
            "card.command-refused",
            "card.memory",
        ),
    ),
    Symptom(id="write-hangs", words=say("Removing VFs hangs"), entries=("vf.held",)),
    Symptom(
        id="no-sriov",
        words=say("Does this card support SR-IOV? It shows none"),
        entries=(
            "host.not-root",
            "card.short-config",
            "card.no-driver",
            "firmware.not-taken",
            "firmware.pending",
            "firmware.no-vfs",
            "card.no-sriov",
        ),
    ),
    Symptom(
        id="iommu",
        words=say("The IOMMU is not on"),
        entries=(*IOMMU, "bios.ioapic", "bios.no-remapping", "bios.no-virtualization"),
    ),
    Symptom(
        id="arguments",
        words=say("Kernel arguments do not arrive"),
        entries=(
            "grub.wrapper",
            "kernel.arguments-pending",
            "kernel.argument-misspelt",
            "kernel.iommu-off",
            "kernel.iommu-not-requested",
        ),
    ),
    Symptom(
        id="vf-bind",
        words=say("A VF does not bind to vfio-pci, or has another driver"),
        entries=(*IOMMU, *BINDING, "vfio.shared-group", "vfio.stale-id"),
    ),
    Symptom(
        id="vm-start",
        words=say("A VM does not start"),
        ask=VM_NETWORK,
        entries=("bios.no-virtualization", *START[:3], *IOMMU),
        branches=(
            (
                "vf",
                (
                    "bios.ioapic",
                    "bios.no-remapping",
                    "vfio.",
                    "vf.no-autoprobe",
                    "vf.other-driver",
                    "vf.partial",
                    "dma.fault",
                    "platform.no-vf-on-wire",
                ),
            ),
            ("ovs", ("ovs.no-module", "ovs.down", "name.changed", "conf.interface-gone")),
        ),
    ),
    Symptom(
        id="vm-network",
        words=say("A VM has no network"),
        ask=VM_NETWORK,
        entries=("net.port-down", "net.mtu", "bond.no-carrier"),
        branches=(
            (
                "vf",
                (
                    "bios.no-ari",
                    "conf.nic",
                    "ip.vf-list",
                    "vf.link-off",
                    "vf.mac-zero",
                    "vf.mac-twice",
                    "vf.mac-set",
                    "vf.spoofed",
                    "vf.untrusted",
                    "vf.malicious",
                    "vf.mailbox",
                    "vf.mac-refused",
                    "card.tx-hang",
                    "card.reset",
                    "dma.fault",
                    "platform.wire",
                ),
            ),
            ("ovs", ("name.changed", "ovs.no-module", "ovs.down", "flow.setting", "flow.device-gone", "flow.exists")),
        ),
    ),
    Symptom(
        id="vf-link",
        words=say("The link of a VF is down"),
        advice=say(
            "A VF follows the link of its port: `ip link show dev INTERFACE` shows the port, and for each VF "
            "link-state "
            "auto, enable or disable."
        ),
        entries=(
            "net.port-down",
            "vf.link-off",
            "vf.mailbox",
            "vf.malicious",
            "bond.no-carrier",
            "card.gone",
            "card.tx-hang",
            "card.reset",
        ),
    ),
    Symptom(
        id="mtu",
        words=say("Large packets do not pass (MTU)"),
        advice=say(
            "The MTU must be the same on the port of the host, on the VF in the guest, and on every switch port "
            "between "
            "them; a VF cannot have more than its port has."
        ),
        entries=("net.mtu",),
    ),
    Symptom(
        id="guest-driver",
        words=say("The guest has no driver for its VF"),
        advice=say(
            "`sriov-tui agent` prints for each card the guest's driver and how to install it. Intel: igbvf, ixgbevf "
            "or iavf "
            "of the guest's kernel; ConnectX: mlx5_core of the kernel, or the same MLNX_OFED as on the host."
        ),
        entries=("vf.mailbox",),
    ),
    Symptom(
        id="names",
        words=say("The name of an interface changed"),
        advice=say(
            "Names change with a driver, with switchdev mode and with a slot. A udev rule by PCI address pins a "
            "name; the "
            "wizard writes it for cards that offload. `sriov-tui explain names.pinned` has the rule."
        ),
        entries=("name.changed", "conf.interface-gone", "conf.nic", "flow.device-gone"),
    ),
    Symptom(
        id="security-group",
        words=say("Security groups have no effect, or must be switched off"),
        advice=say(
            "A plain VF passes Open vSwitch by, so no security group holds for it. ConnectX-4 and -5 offload only "
            "without "
            "them: `disable_security_group: true` in /etc/yunion/host_local.conf is for one host, the key in the "
            "ConfigMap "
            "default-host for every host; in host.conf it has no effect."
        ),
        entries=("flow.rejected",),
    ),
    Symptom(
        id="card-errors",
        words=say("A card or its driver reports errors"),
        entries=("card.", "dma.fault", "vf.malicious", "firmware.tool", "firmware.not-in-driver"),
    ),
    Symptom(
        id="host-offline",
        words=say("The host is offline in Cloudpods after a restart"),
        entries=(
            *START,
            "card.pci-domain",
            "name.changed",
            "conf.nic",
            "ovs.no-module",
            "ovs.down",
            "conf.",
            "platform.",
        ),
    ),
    Symptom(
        id="network-lost",
        words=say("The host lost its network after a change or a reboot"),
        entries=("conf.entry", "net.link-drops", "name.changed", "ofed.not-loaded"),
    ),
    Symptom(
        id="config-ignored",
        words=say("An edit of host.conf has no effect"),
        entries=(*START[:3], "conf.nic", "conf.unknown-key", "conf.not-read"),
    ),
    Symptom(
        id="offload-flows",
        words=say("Does the offload work? It shows no flows"),
        entries=(
            "switchdev.kernel-driver",
            "switchdev.subfunction",
            "switchdev.unsupported",
            "switchdev.lx-order",
            "flow.tc-fixed",
            "flow.setting",
            "lag.mode",
            "lag.too-many-vfs",
            "lag.vfs-bound",
            "lag.inactive",
            "flow.no-card",
            "flow.rejected",
            "flow.table-full",
            "flow.device-gone",
            "flow.exists",
            "ovs.down",
        ),
    ),
    Symptom(
        id="switchdev",
        words=say("switchdev mode is refused"),
        entries=("switchdev.busy", "switchdev.ice-order", "switchdev."),
    ),
    Symptom(
        id="bond",
        words=say("A bond is not offloaded"),
        entries=("lag.mode", "lag.too-many-vfs", "lag.vfs-bound", "lag.inactive", "bond.no-carrier"),
        advice=say(
            "Cards offload the modes 1 (active-backup), 2 (balance-xor) and 4 (802.3ad) of one card's two ports."
        ),
    ),
    Symptom(
        id="driver-install",
        words=say("The vendor driver does not install or load"),
        entries=("packages.", "ofed.", "module."),
    ),
    Symptom(
        id="firmware",
        words=say("A firmware setting has no effect"),
        entries=("kernel.lockdown", "firmware."),
    ),
    Symptom(id="infiniband", words=say("ip prints Buffer too small"), entries=("ip.vf-list",)),
)
