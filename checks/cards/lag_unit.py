"""The systemd unit that waits for the bond in hardware at boot, before anything binds a VF: nothing of ours in it.

A VF that is bound before keeps the card from joining its ports (mlx5/core/lag; netplan LP 1988018).
"""

from __future__ import annotations

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.model import UNITS, WANTED_UNITS, lag_unit, switchdev_unit

TEMPLATE = """\
# Written by sriov-tui, and needs nothing of it: waits until the ports of {card} are one switch (VF-LAG), so that no
# VF is bound before. To end it: systemctl disable {unit}.
[Unit]
Description=VF-LAG of {card}
DefaultDependencies=no
After=network.target NetworkManager.service systemd-networkd.service networking.service network.service {units}
Before=kubelet.service k3s.service k3s-agent.service

[Service]
Type=oneshot
TimeoutStartSec=60
ExecStart=/bin/sh -c 'test -e {state} || sleep 5'
ExecStart=/bin/sh -c 'until ! test -e {state} || grep -qx active {state}; do sleep 1; done'

[Install]
WantedBy=multi-user.target
"""


def state_file(pf: Pf) -> str:
    """Where the driver says whether the ports are joined; kernels before 5.19 have no such file."""
    return f"/sys/kernel/debug/mlx5/{pf.address}/lag/state"


def path(card: str) -> str:
    """Where the unit of a card is."""
    return f"{UNITS}/{lag_unit(card)}"


def text(pfs: tuple[Pf, ...]) -> str:
    """The unit of the card of these ports."""
    card = pfs[0].card
    units = " ".join(switchdev_unit(pf.address) for pf in pfs)
    return TEMPLATE.format(card=card, unit=lag_unit(card), units=units, state=state_file(pfs[0]))


def enabled(facts: HostFacts, card: str) -> bool:
    """Whether systemd starts it at boot."""
    link = facts.file(f"{WANTED_UNITS}/{lag_unit(card)}")
    return link is not None and link.state == "present"


def complete(facts: HostFacts, pfs: tuple[Pf, ...]) -> bool:
    """Whether the unit is there as it has to be, and enabled."""
    file = facts.file(path(pfs[0].card))
    return file is not None and file.text == text(pfs) and enabled(facts, pfs[0].card)
