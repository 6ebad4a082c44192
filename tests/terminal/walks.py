"""The ways through every screen and overlay, for tests and for the measurement of what they send."""

from __future__ import annotations

from typing import NamedTuple


class Stop(NamedTuple):
    """Where keys lead: the text that stands there, how often Down is pressed there, the class of the screen."""

    keys: tuple[str, ...]
    text: str
    downs: int
    screen: str


Walk = tuple[Stop, ...]
WIZARD: Walk = (
    Stop((), "home", 0, "HomeScreen"),
    Stop(("h",), "History of", 0, "HistoryScreen"),
    Stop(("escape",), "F8 Set up", 0, "HomeScreen"),
    Stop(("f8",), "step 1/6", 0, "HardwareScreen"),
    Stop(("f3",), "Network card of kvm07", 19, "DeviceScreen"),
    Stop(("enter",), "─ Line ─", 0, "TextScreen"),
    Stop(("escape", "/", "v", "f", "i", "o"), "of 16", 3, "DeviceScreen"),
    Stop(("escape", "escape", "f1"), "Help: step 1/6", 0, "HelpScreen"),
    Stop(("?",), "─ Keys ─", 0, "KeysScreen"),
    Stop(("escape", "escape", "f2"), "hardware.sriov", 0, "ExplainScreen"),
    Stop(("escape", "g"), "─ Steps ─", 3, "StepsScreen"),
    Stop(("escape", "f9"), "Audit of kvm07", 19, "AuditScreen"),
    Stop(("f4",), "Troubleshooting of kvm07", 19, "TroubleScreen"),
    Stop(("escape", "down", "down", "space", "f8"), "step 2/6", 3, "IommuScreen"),
    Stop(("f8",), "step 3/6", 0, "DriverScreen"),
    Stop(("f8",), "step 4/6", 0, "VfsScreen"),
    Stop(("f8",), "step 5/6", 0, "OffloadScreen"),
    Stop(("tab", "tab", "enter"), "─ Bond ─", 0, "BondScreen"),
    Stop(("escape", "f7", "f8"), "step 5/6", 0, "OffloadScreen"),
    Stop(("b", "r", "1", "tab", "n", "f8"), "step 6/6", 3, "DiffScreen"),
    Stop(("f8",), "Apply this plan?", 0, "ConfirmScreen"),
    Stop(("tab", "enter"), "Applied, but not all is as promised", 0, "RunScreen"),
    Stop(("m",), "/state/summary.md", 0, "TextScreen"),
)
CHINESE: Walk = (  # of the demo connectx-driver
    Stop((), "首页", 0, "HomeScreen"),
    Stop(("d",), "模拟机", 3, "DemosScreen"),
    Stop(("escape", "f4"), "的排障", 2, "TroubleScreen"),
    Stop(("enter",), "firmware.no-vfs", 0, "TroubleScreen"),
    Stop(("tab",), "firmware.no-vfs", 3, "TroubleScreen"),
    Stop(("escape", "f8"), "第 1/6 步", 0, "HardwareScreen"),
    Stop(("f9",), "的审计", 19, "AuditScreen"),
    Stop(("f2",), "含义", 3, "ExplainScreen"),
    Stop(("escape", "escape", "space", "f8"), "第 2/6 步", 3, "IommuScreen"),
    Stop(("f8",), "第 3/6 步", 1, "DriverScreen"),
    Stop(("enter",), "选择厂商驱动的镜像", 0, "PickScreen"),
    Stop(("enter",), "SHA-256", 3, "DriverScreen"),
    Stop(("f8",), "暂时不能继续", 3, "DriverScreen"),
)
FLEET: Walk = (
    Stop((), "sriov-tui fleet", 19, "FleetScreen"),
    Stop(("2",), "2 Findings", 0, "FleetScreen"),
    Stop(("3",), "3 Differences", 0, "FleetScreen"),
    Stop(("4",), "4 Free VFs", 0, "FleetScreen"),
    Stop(("5",), "5 Unreadable", 0, "FleetScreen"),
    Stop(("1", "/", "0", "2", "0"), "1 of 40", 3, "FleetScreen"),
    Stop(("enter", "enter"), "Audit of lab020", 19, "AuditScreen"),
)
AT_WORK = ("RunScreen", "BusyScreen", "AgentScreen")  # these tell what goes on, and have tests of their own
