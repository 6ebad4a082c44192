"""A machine with one port of any family of cards, out of its entry in the table alone."""

from __future__ import annotations

from sriov_tui.cards import Family, driver_named
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import Choices, NicChoice
from sriov_tui.simulated.config import SriovRegisters
from sriov_tui.simulated.drivers import link_row
from tests.builder import Builder

PORT, NETDEV, TOTAL = "0000:01:00.0", "enp1s0", 4
WANT = Choices(nics=(NicChoice(address=PORT, use="sriov", bridge="br1", wire="bcast1"),))


def port_of(family: Family, up: bool = True) -> Machine:
    """Debian 13 with the IOMMU on, SSH on a NIC of its own, and one idle port of this family that offers 4 VFs."""
    builder = Builder(f"one-{family.name.lower().replace(' ', '-')}", f"One port: {family.name}.")
    builder.virtio()
    builder.nic(
        f"0000:00:04.0/{PORT}",
        ((f"0x{family.vendor:04x}", family.name.split()[0]), family.pfs[0], family.name),
        link_row(NETDEV, "52:54:00:cc:00:01", up=up, carrier=up or None),
        driver=family.driver,
        total=TOTAL,
        card=SriovRegisters(total=TOTAL, offset=128, stride=1, vf_device=family.vfs[0]),
    )
    builder.host_conf("mgmt0", "10.0.2.15")
    return builder.power_on()


def by_sysfs(family: Family) -> bool:
    """Whether the driver of the family creates VFs as the host-agent wants it."""
    driver = driver_named(family.driver)
    return driver is not None and driver.makes == "sysfs"
