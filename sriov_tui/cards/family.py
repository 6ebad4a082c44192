"""What a family of network cards is: its PCI ids, its drivers on the host and in the guest, and what sets it apart."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Cards of one kind. `source` is where its ids stand: a file of Linux below drivers/net/ethernet, or pci.ids."""

    name: str
    vendor: int
    pfs: tuple[int, ...]
    vfs: tuple[int, ...]  # () where no VF is known
    driver: str  # of the PF, a name in DRIVERS
    guest: str  # of the VF, inside the virtual machine
    source: str
    since: str = ""  # the year of the first Linux with the guest's driver, where that is recent
    vf_words: str = ""  # the VF as pci.ids names it
    totals: Message = NOTHING  # where the number of VFs that the card offers is set, if not in the BIOS alone
    driver_hint: Message = NOTHING  # what to know where no driver is bound to the PF
    connections: bool = True  # ConnectX: its hardware follows connections, as security groups need it
    inline: bool = False  # ConnectX: its eswitch needs inline-mode transport
    mode_first: bool = False  # switchdev is refused while VFs exist, whatever its driver says of others
