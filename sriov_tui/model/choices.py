"""What the operator decided, as the answers file and the screens have it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

from sriov_tui.message import say

Use = Literal["leave", "sriov", "offload"]
BYPASS = say("VFs bypass Open vSwitch: security groups have no effect on them.")  # true of "sriov"


@dataclass(frozen=True, slots=True, kw_only=True)
class NicChoice:
    """What the operator wants of one PF; `numvfs` None means all that the card offers.

    `bridge` and `wire` make the `networks` entry where the interface has none yet. `when` counts
    only for a card that carries the SSH session: "now" makes its VFs at once, undone by itself
    unless a new connection confirms. `model` and `slot` tell in an answers file which card was
    meant, see `sriov_tui.matching`; "" where that is not known.
    """

    address: str
    use: Use = "leave"
    numvfs: int | None = None
    bridge: str = ""
    wire: str = ""
    when: Literal["boot", "now"] = "boot"
    model: str = ""
    slot: str = ""


BondMode = Literal["802.3ad", "active-backup", "balance-xor"]


BOND_CHOICES: tuple[BondMode, ...] = get_args(BondMode)
"""The modes that the wizard offers: those that a card forwards, the one that asks for LACP first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BondChoice:
    """A bond that the operator wants of two ports, named by their PCI addresses.

    What one of the ports carries (addresses, routes, VLANs) moves over to the bond. `over_session` counts only
    where that port carries the SSH session: the bond is then undone by itself unless a new connection confirms.
    """

    name: str = "bond0"
    mode: BondMode = "802.3ad"
    ports: tuple[str, ...] = ()
    over_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverChoice:
    """The vendor's driver as it is wished; no `image` leaves the driver as it is.

    `sha256` is the digest that the vendor tells of the image; `firmware` lets the installer flash the cards, too.
    `restart` "now" loads the new driver at once, which drops every link of these cards.
    """

    image: str = ""
    sha256: str = ""
    firmware: bool = False
    restart: Literal["boot", "now"] = "boot"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the operator decided; TOML on disk, the answers file.

    `kernel_args` "set" writes the IOMMU arguments for the next boot; "auto" does so only
    where the IOMMU is not active without them. `arguments` are others that the operator wants.
    """

    version: int = 1
    kernel_args: Literal["auto", "set", "leave"] = "auto"
    arguments: tuple[str, ...] = ()
    driver: DriverChoice = DriverChoice()
    nics: tuple[NicChoice, ...] = ()
    bonds: tuple[BondChoice, ...] = ()

    def nic(self, address: str) -> NicChoice:
        """The choice for this PF; "leave" where none was made."""
        return self._nics.get(address) or NicChoice(address=address)

    def with_nic(self, choice: NicChoice) -> Choices:
        """These choices with the one for `choice.address` replaced; the order stays by address."""
        others = tuple(nic for nic in self.nics if nic.address != choice.address)
        nics = tuple(sorted((*others, choice), key=lambda nic: nic.address))
        return replace(self, nics=nics)

    @cached_property
    def _nics(self) -> dict[str, NicChoice]:
        return {nic.address: nic for nic in reversed(self.nics)}  # of two for one address the first counts

    @cached_property
    def chosen(self) -> tuple[NicChoice, ...]:
        """The NICs that are wanted for something."""
        return tuple(nic for nic in self.nics if nic.use != "leave")
