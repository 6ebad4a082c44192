"""The machines that `--demo` offers: complete machines, kept as demo/NAME/machine.json in the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sriov_tui.message import say
from sriov_tui.model import SriovError

if TYPE_CHECKING:
    from sriov_tui.hosts.machine import Machine

DEMOS: tuple[tuple[str, str], ...] = (
    ("two-igb", say("Healthy: two Intel 82576 ports, the IOMMU active, SSH on a management NIC.")),
    ("iommu-off", say("The BIOS offers VT-d, but the kernel arguments say intel_iommu=off.")),
    ("connectx-6", say("An NVIDIA ConnectX-6 Dx with the kernel's own driver, 8 VFs in its firmware.")),
    (
        "connectx-new",
        say("An NVIDIA ConnectX-6 Dx out of its box, with the vendor driver: no VFs in its firmware yet."),
    ),
    ("connectx-driver", say("CentOS 7.9 with a bare ConnectX-6 Dx, and an image of the vendor's driver in /root.")),
    ("bond-ssh", say("An Intel X710 whose two ports form the bond that carries your SSH session.")),
)
"""Name and one sentence, in the order to offer them."""


def demo_machine(name: str) -> Machine:
    """The demo machine of this name; SriovError that lists the names where there is none."""
    from importlib import resources

    from sriov_tui.hosts.machine_file import FILE, loads

    known = [known for known, _ in DEMOS]
    if name not in known:
        raise SriovError(
            say("There is no simulated machine {name}.", name=repr(name)),
            say("Choose one of {known}.", known=", ".join(known)),
        )
    return loads(resources.files("sriov_tui").joinpath("demo", name, FILE).read_bytes(), name)
