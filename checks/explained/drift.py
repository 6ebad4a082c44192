"""What the findings of `checks.drift` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="drift.vfs",
        title=say("VFs now and at the next boot"),
        means=say(
            "The number of VFs of every card now, the number requested, and the number the next boot "
            "creates: by the udev rule of sriov-tui, or by whatever else is found (drift.owner)."
        ),
        matters=say(
            "VFs that were made by hand are gone after a reboot. VFs that nothing asks for take "
            "addresses and interrupts. A max_vfs below the total leaves the host-agent without any "
            "VF."
        ),
        fix=say("Choose the card and apply the plan, or remove the rule or the argument that is left over."),
        source="Linux drivers/pci/iov.c; drivers igb and ixgbe, max_vfs; the udev rules of this host.",
    ),
    Explanation(
        id="drift.owner",
        title=say("Who creates the VFs at boot"),
        means=say(
            "Every place that sets a number of VFs at boot is read: kernel arguments and modprobe.d (max_vfs, "
            "num_vfs), systemd's .link files, udev rules, netplan, NetworkManager, units, tmpfiles, rc.local, cron "
            "and hooks. They are followed in the order of the boot, with sriov-tui's own rule in its place."
        ),
        matters=say(
            "The first number wins, because the kernel refuses to replace one number by another. If only some of the "
            "VFs exist, the host-agent reports no device of any card."
        ),
        fix=say(
            "Apply the plan, which replaces the number in its file; or set it to all that the card offers, or remove "
            "the line. Rebuild the initramfs if it holds a copy."
        ),
        source="Linux drivers/pci/iov.c (sriov_numvfs_store); man systemd.link, modprobe.d, udev; netplan "
        "virtual-function-count; NetworkManager sriov.total-vfs.",
    ),
    Explanation(
        id="drift.taken",
        title=say("The VFs and the host-agent"),
        means=say("At its start the host-agent binds every VF of the cards in its lists to vfio-pci, and no other VF."),
        matters=say(
            "VFs that are not bound were not there at its last start, or an error stopped it: they "
            "are not reported. Bound VFs of a card that is in no list were left by an earlier "
            "host.conf."
        ),
        fix=say("Restart the host-agent of this host alone by deleting its pod; read its log for getSRIOVNics."),
        source="Cloudpods host-agent: isolated_device/sriov_base.go and nic.go.",
    ),
    Explanation(
        id="drift.modules",
        title=say("The vfio modules now and at the next boot"),
        means=say("What is loaded now is compared with what the files below /etc/modules-load.d will load."),
        matters=say(
            "A module that was loaded by hand is gone after a reboot; one that is listed and not "
            "loaded either waits for the reboot or failed to load."
        ),
        fix=say("See driver.vfio and driver.vfio-boot; systemctl status systemd-modules-load shows what failed."),
        source="man modules-load.d.",
    ),
)
