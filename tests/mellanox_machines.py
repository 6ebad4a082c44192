"""Machines with simulated NVIDIA cards, each out of a few words: model, ports, driver, firmware, Open vSwitch."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine
from sriov_tui.simulated import ovs
from sriov_tui.simulated.config import SriovRegisters
from sriov_tui.simulated.drivers import link_row
from sriov_tui.simulated.mellanox import driver, firmware
from sriov_tui.simulated.mellanox.models import MODELS
from tests.builder import MELLANOX, Builder

CARD = "0000:03:00"
PF0, PF1 = f"{CARD}.0", f"{CARD}.1"
NET0, NET1 = "enp3s0f0np0", "enp3s0f1np1"
OFED = "5.8-1.1.2.1"
READY = {"SRIOV_EN": "True(1)", "NUM_OF_VFS": "8"}
INFINIBAND = {"LINK_TYPE_P1": "IB(1)", "LINK_TYPE_P2": "IB(1)"}


def plug(builder: Builder, model: str, settings: dict[str, str], ports: int = 2) -> None:
    """Put a card into the machine that was begun, its firmware set so and in force."""
    card = MODELS[model]
    for port in range(ports):
        infiniband = settings.get(f"LINK_TYPE_P{port + 1}", "").startswith("IB")
        row = link_row(f"ib{port}" if infiniband else f"enp3s0f{port}np{port}", f"b8:ce:f6:00:00:0{port}", up=True,
                       carrier=True, arphrd=32 if infiniband else 1, phys_port_name=f"p{port}")  # fmt: skip
        builder.nic(
            f"0000:00:01.0/{CARD}.{port}",
            (MELLANOX, card.of.pfs[0], card.words),
            row,
            driver="mlx5_core",
            card=SriovRegisters(total=0, offset=0, stride=1, vf_device=card.of.vfs[0]),
            firmware=card.firmware,
            kind="0x020700" if infiniband else "0x020000",
        )
    firmware.insert(builder.machine, CARD, model, settings)


def connectx(
    model: str = "connectx-6-dx",
    settings: dict[str, str] | None = None,
    *,
    ports: int = 2,
    vendor: bool = True,
    with_ovs: bool = True,
    tool: str = "mstconfig",
) -> Machine:
    """A host with one such card, SSH on a NIC of its own; 8 VFs in its firmware unless `settings` say otherwise."""
    kind = "the vendor driver" if vendor else "the kernel's own driver"
    builder = Builder(f"{model}-{ports}", f"An NVIDIA {MODELS[model].kind}, {ports} port(s), with {kind}.")
    builder.virtio()
    plug(builder, model, READY if settings is None else settings, ports)
    if tool:
        builder.file(f"/usr/bin/{tool}", b"", 0o755)
    if vendor:
        driver.install(builder.machine, OFED)
    if with_ovs:
        ovs.install(builder.machine)
    builder.host_conf("mgmt0", "10.0.2.15")
    return builder.power_on()


def factory_new() -> Machine:
    """A ConnectX-6 Dx as it comes out of its box: no VFs in its firmware, the kernel's own driver."""
    return connectx(settings={}, vendor=False)


def infiniband() -> Machine:
    """A ConnectX-7 with one InfiniBand port."""
    return connectx("connectx-7", READY | INFINIBAND, ports=1)


def dpu() -> Machine:
    """A BlueField-2 in DPU mode."""
    return connectx("bluefield-2")


def locked() -> Machine:
    """A ConnectX-6 Dx on a kernel that is locked down, as with Secure Boot."""
    machine = connectx()
    machine.files["/sys/kernel/security/lockdown"] = b"none [integrity] confidentiality\n"
    return machine


ALL = (
    *(lambda model=model: connectx(model) for model in ("connectx-5", "connectx-6-dx", "connectx-6-lx")),
    lambda: connectx("connectx-7", ports=1),
    lambda: connectx(vendor=False, tool="mlxconfig", with_ovs=False),
    infiniband,
    dpu,
)
"""One of each kind with VFs on offer."""
