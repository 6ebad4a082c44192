"""The systemd unit that waits for the bond in hardware at boot, before anything binds a VF: nothing of ours in it.

A VF that is bound before keeps the card from joining its ports (mlx5/core/lag; netplan LP 1988018).
"""

from __future__ import annotations

from checks.cards.boot_unit import BootUnit
from sriov_tui.facts import Pf
from sriov_tui.model import lag_unit, switchdev_unit

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


def unit(pfs: tuple[Pf, ...]) -> BootUnit:
    """The unit of the card of these ports."""
    name, card = lag_unit(pfs[0].card), pfs[0].card
    units = " ".join(switchdev_unit(pf.address) for pf in pfs)
    text = TEMPLATE.format(card=card, unit=name, units=units, state=state_file(pfs[0]))
    return BootUnit(name, lambda: text)
