"""Services with canned answers: the screens need nothing of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from screens.services import Services
from sriov_tui.facts import HostFacts, Source
from sriov_tui.message import verbatim
from sriov_tui.model import (
    HOST_CONF,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Plan,
    Run,
    RunView,
    State,
    Step,
    WriteFile,
    WriteSysfs,
)
from tests.samples import FIRST, igb_host

DIFF = f"""\
--- {HOST_CONF}
+++ {HOST_CONF}
@@ -4,3 +4,5 @@
 networks:
 - mgmt0/br0/10.0.2.15
+- enp1s0/br1/bcast1
+sriov_nics:
+- enp1s0
 report_interval: 60
"""


def findings(choices: Choices) -> tuple[Finding, ...]:
    """Findings as the checks word them, about the host and the chosen NICs."""
    parts = [
        Finding(id="hardware.sriov", level=Level.OK, title=verbatim("2 ports can give VFs")),
        Finding(
            id="iommu.active",
            level=Level.FAIL if choices.kernel_args == "leave" else Level.WARN,
            title=verbatim("The IOMMU is not active"),
            detail=verbatim("No VF can be given to a virtual machine."),
            evidence=(Evidence("/sys/kernel/iommu_groups", "(empty)"),),
            fix=Fix(
                title=verbatim("Let the plan set the kernel arguments"),
                steps=("iommu.arguments",),
                verify=verbatim("ls /sys/class/iommu"),
            ),
            blocks=choices.kernel_args == "leave",
        ),
        Finding(id="driver.vfio", level=Level.OK, title=verbatim("The vfio modules are loaded")),
    ]
    for nic in choices.chosen:
        parts.append(
            Finding(id="vfs.count", level=Level.WARN, subject=nic.address, title=verbatim("0 VFs now, 7 wanted"))
        )
        parts.append(
            Finding(id="offload.possible", level=Level.INFO, subject=nic.address, title=verbatim("It has no eswitch."))
        )
        missing = not (nic.bridge and nic.wire)
        parts.append(
            Finding(
                id="hostconf.network-entry",
                level=Level.FAIL if missing else Level.OK,
                subject=nic.address,
                title=verbatim(
                    "`networks` has no entry for this card"
                    if missing
                    else f"entry /{nic.bridge}/{nic.wire} will be added"
                ),
                fix=Fix(title=verbatim("Give bridge and wire")),
                blocks=missing,
            )
        )
    return tuple(parts)


def plan(choices: Choices) -> Plan:
    """Three steps, a reboot after the first, where a NIC is chosen."""
    if not choices.chosen:
        return Plan(host="kvm07", choices=choices)
    steps = (
        Step(
            id="iommu.arguments",
            title=verbatim("Set the IOMMU kernel arguments"),
            why=verbatim("The IOMMU is not active without them."),
            operations=(
                WriteFile(path="/etc/default/grub.d/90-sriov-tui.cfg", text="# sriov-tui\nGRUB_CMDLINE_LINUX=x\n"),
                Run(argv=("update-grub",), rewrites=("/boot/grub/grub.cfg",)),
            ),
            resolves=("iommu.active host",),
            disrupts="reboot",
        ),
        Step(
            id=f"vfs.numvfs.{FIRST}",
            title=verbatim("Make 7 VFs on enp1s0"),
            why=verbatim("The host-agent makes exactly these at its start."),
            operations=(WriteSysfs(path=f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs", value="7"),),
            resolves=(f"vfs.count {FIRST}",),
            disrupts="link",
        ),
        Step(
            id="hostconf.write",
            title=verbatim("List enp1s0 in host.conf"),
            why=verbatim("The host-agent reports the VFs of the listed cards only."),
            operations=(WriteFile(path=HOST_CONF, text="x: 1\n"),),
        ),
    )
    return Plan(host="kvm07", choices=choices, steps=steps, reboot_after=1)


@dataclass
class Fake:
    """A machine that remembers what was asked of it."""

    state: State = field(default_factory=State)
    calls: list[str] = field(default_factory=list)
    saved: list[Choices] = field(default_factory=list)
    view: RunView | None = None
    find: Callable[[Choices], tuple[Finding, ...]] = findings

    def evaluate(self, choices: Choices) -> State:
        """What follows from these choices."""
        made = plan(choices)
        return replace(
            self.state,
            choices=choices,
            findings=self.find(choices),
            plan=made,
            diff=DIFF if made.steps else "",
            forecast=("7 VFs of enp1s0 on wire bcast1",) if made.steps else (),
        )

    def gather(self) -> State:
        """Read again."""
        self.calls.append("gather")
        return self.evaluate(Choices())

    def start(self, made: Plan) -> None:
        """Start a run that is done at once up to the reboot."""
        self.calls.append("start")
        self.view = RunView(id="1", plan=made, states=tuple((s.id, "done") for s in made.steps), outcome="applied")

    def sum_up(self, after: State | None) -> tuple[str, tuple[str, ...]]:
        """Pretend to save the summary."""
        self.calls.append("summary" if after else "summary without the host")
        return "/state/summary.md", ("# sriov-tui on kvm07", "", "All steps are done.")

    def services(self) -> Services:
        """All of it, as the app takes it."""
        return Services(
            evaluate=self.evaluate,
            gather=self.gather,
            save_answers=self.saved.append,
            start_run=self.start,
            view_run=lambda: self.view,
            resume_run=lambda: self.calls.append("resume"),
            stop_run=lambda: self.calls.append("stop"),
            rollback_run=lambda: self.calls.append("rollback"),
            confirm_run=lambda: self.calls.append("confirm"),
            save_summary=self.sum_up,
            reboot=lambda: self.calls.append("reboot"),
        )


def fake(facts: HostFacts | None = None, choices: Choices | None = None, **fields: object) -> Fake:
    """A fake machine: a real igb host unless told otherwise."""
    host = facts or igb_host(source=Source())
    made = Fake(state=replace(State(facts=host, mode="real"), **fields))  # type: ignore[arg-type]
    made.state = made.evaluate(choices or Choices())
    return made
