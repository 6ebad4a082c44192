"""What the findings of `checks.names` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="names.pinned",
        title=say("Names that stay in switchdev mode"),
        means=say("The rules of udev that pin the card's name, and name the representors after it, are all there."),
        matters=say(
            "A driver that reports port names makes udev append npN to a card's name. host.conf, "
            "bonds and Open vSwitch would no longer find it."
        ),
        fix=say(
            "The plan writes /etc/udev/rules.d/81-sriov-tui-names.rules. The vendor's "
            "82-net-setup-link.rules may stay as they are."
        ),
        source="udev(7), systemd.net-naming-scheme(7); sriov-network-operator; NVIDIA's mlnx-ofa_kernel.",
    ),
)
