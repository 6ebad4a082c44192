"""The switch inside a card: its mode, its representors, and the bond that two of its ports form in hardware."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Eswitch:
    """The embedded switch of a PF in devlink's words; `mode` "" where the device has none or will not tell.

    `source` is what told it: "devlink", or "compat" for the vendor driver's compat/devlink files.
    """

    mode: str  # legacy, switchdev
    inline_mode: str | None = None  # none, link, network, transport
    encap_mode: str | None = None  # none, basic
    steering_mode: str | None = None  # dmfs, smfs, hmfs; only from the compat files
    source: str = "devlink"


@dataclass(frozen=True, slots=True)
class Representor:
    """The interface that stands for a VF in switchdev mode (phys_port_name pf0vf3)."""

    vf: int
    netdev: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """The bond of a card's ports as its driver has it (debugfs mlx5/BDF/lag); `type` "" while it is not active."""

    state: str  # active, disabled
    type: str = ""  # roce, switchdev, multipath, multiport_eswitch
    members: tuple[str, ...] = ()
