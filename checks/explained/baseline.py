"""What the findings about a baseline are about (see `sriov_tui.reports.baseline`)."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

FILE = say("sriov-tui itself: the file that was given with --baseline.")
FIX = say("Find out who changed it. If it is as it should be, save a new baseline.")
TRUST = say("The host was good as it was. What changed since is the first place to look when something fails.")

EXPLAINED = (
    Explanation(
        id="baseline.card",
        title=say("A card since the baseline"),
        means=say("A network card of the baseline is gone, another one is in its place, or one is new."),
        matters=say("host.conf and the answers name cards by their addresses, which move with the slots."),
        fix=FIX,
        source=FILE,
    ),
    Explanation(
        id="baseline.host",
        title=say("The host since the baseline"),
        means=say("The kernel, its arguments, the system or the firmware of the machine is another one."),
        matters=say("A new kernel may have no driver of the vendor; lost arguments switch the IOMMU off."),
        fix=FIX,
        source=FILE,
    ),
    Explanation(
        id="baseline.host-conf",
        title=say("host.conf since the baseline"),
        means=say("/etc/yunion/host.conf is not the file that it was; secrets in it are not compared."),
        matters=TRUST,
        fix=FIX,
        source=FILE,
    ),
    Explanation(
        id="baseline.nic",
        title=say("Driver and firmware since the baseline"),
        means=say("A card has another interface name, driver or firmware."),
        matters=TRUST,
        fix=FIX,
        source=FILE,
    ),
    Explanation(
        id="baseline.unchanged",
        title=say("Nothing changed since the baseline"),
        means=say("All that the baseline knows was read again, and is the same; no finding became worse."),
        matters=say("What is not in an audit is not compared."),
        fix=say("Nothing is to be done."),
        source=FILE,
    ),
    Explanation(
        id="baseline.vfs",
        title=say("The VFs since the baseline"),
        means=say("A card has another number of VFs, or offers another number."),
        matters=say("The host-agent reports what is there. A count between 0 and the total ends its whole list."),
        fix=FIX,
        source=FILE,
    ),
    Explanation(
        id="baseline.worse",
        title=say("A finding became worse since the baseline"),
        means=say("A finding is WARN or FAIL now, and was better in the baseline, or not there."),
        matters=TRUST,
        fix=say("Follow the finding itself; it stands beside this one."),
        source=FILE,
    ),
)
