"""A machine with one port of any family of cards, out of its entry in the table alone."""

from __future__ import annotations

from sriov_tui.cards import DRIVERS, Family, driver_named
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import Choices, NicChoice
from sriov_tui.simulated.config import SriovRegisters
from sriov_tui.simulated.drivers import link_row
from tests.builder import Builder

PORT, NETDEV, TOTAL = "0000:01:00.0", "enp1s0", 4
WANT = Choices(nics=(NicChoice(address=PORT, use="sriov", bridge="br1", wire="bcast1"),))

FAULTS = {  # the lines of each driver's fault, and the line that ends it
    "ice": (
        ("ice 0000:3b:00.0: The DDP package file was not found or could not be read. Entering Safe Mode",),
        "ice 0000:3b:00.0: The DDP package was successfully loaded: ICE OS Default Package version 1.3.36.0",
    ),
    "mlx5_core": (
        (
            "mlx5_core 0000:03:00.0: mlx5_health_try_recover:335:(pid 9): handling bad device here",
            "mlx5_core 0000:03:00.0: mlx5_health_try_recover:343:(pid 9): health recovery failed",
        ),
        "mlx5_core 0000:03:00.0: mlx5_health_try_recover:347:(pid 9): health recovery succeeded",
    ),
}


def kernel_log() -> tuple[str, ...]:
    """Every line that the table of drivers knows of the kernel log."""
    refusals = [f"{driver.name} 0000:3b:00.0: {one.log}" for driver in DRIVERS for one in driver.reactions]
    return (*refusals, *(line for came, went in FAULTS.values() for line in (*came, went)))


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
