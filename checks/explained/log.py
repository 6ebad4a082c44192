"""What the findings of `checks.log` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="log.card",
        title=say("The kernel log has no errors of the card"),
        means=say(
            "The lines of the kernel log of this boot that name the card, one of its VFs or its interface are "
            "compared with the messages that troubleshooting knows."
        ),
        matters=say("What is set up on a card that resets, or whose firmware fails, stops again."),
        fix=say("`sriov-tui explain` with the id of the cause that the finding names has the fix."),
        source="Linux drivers/net/ethernet; drivers/pci/pcie/aer.c; drivers/iommu.",
    ),
    Explanation(
        id="log.link",
        title=say("The link of the card is steady"),
        means=say("How often the kernel log of this boot says that the link of the card went down."),
        matters=say("Each time, every VF of the card loses its network, and so do the guests."),
        fix=say("Look at the cable, the optical module and the switch port, then at the driver and the firmware."),
        source="Linux drivers/net/ethernet; net/core/link_watch.c.",
    ),
)
