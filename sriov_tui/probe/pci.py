"""Network PCI functions, their SR-IOV state and their VFs, from sysfs and config space."""

from __future__ import annotations

import re
from typing import Any

from sriov_tui.facts import Bridge, HostFacts, PcieLink, Pf, VfBar
from sriov_tui.hosts.host import INTERFACE
from sriov_tui.message import say
from sriov_tui.probe.config_space import parse, parse_bridge
from sriov_tui.probe.source import Source
from sriov_tui.probe.vfs import Groups, indices, vfs_of

DEVICES, GROUPS = "/sys/bus/pci/devices", "/sys/kernel/iommu_groups"
REPRESENTOR = re.compile(rb"(?:c\d+)?(?:pf\d+)?(?:vf|sf)[+-]?\d+")  # phys_port_name (net/devlink/port.c)
NETWORK, ACCELERATOR = 0x02, 0x12  # PCI base classes: Ethernet, InfiniBand, other network; processing accelerators


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`pfs` and `lspci`."""
    addresses = source.names(DEVICES)
    if addresses is None:
        return {}
    groups = Groups(source)
    pfs = tuple(_pf(source, address, groups) for address in addresses if _is_pf(source, address))
    return {"pfs": pfs, "lspci": _lspci(source) if any(pf.vfs for pf in pfs) else ()}


def _is_pf(source: Source, address: str) -> bool:
    """Whether it is a network function and no VF; one whose class cannot be read is by its interfaces."""
    at = f"{DEVICES}/{address}"
    text = source.text(f"{at}/class")
    if text is None:
        entries = source.names(at) or ()
        return "net" in entries and "physfn" not in entries
    try:
        base = int(text, 16) >> 16
    except ValueError:
        source.problem(f"{at}/class", say("not a PCI class: {text}", text=repr(text[:40])))
        return False
    if base != NETWORK and not (base == ACCELERATOR and "net" in (source.names(at) or ())):
        return False
    parent = source.target(f"{at}/physfn")
    return parent == "" if parent is not None else "physfn" not in (source.names(at) or ())


def _pf(source: Source, address: str, groups: Groups) -> Pf:
    at = f"{DEVICES}/{address}"
    listed = source.names(at)
    entries = listed or ()
    netdevs = _netdevs(source, at, entries)
    config = source.data(f"{at}/config", 4096) or b""
    space = parse(config)
    driver = source.target(f"{at}/driver")
    group = source.target(f"{at}/iommu_group")
    vendor, numa = source.number(f"{at}/vendor", 16), source.number(f"{at}/numa_node")
    versions = _versions(source, netdevs[0]) if netdevs else {}
    path = _path(source, at)
    has_sriov = not entries or "sriov_totalvfs" in entries
    numvfs = source.number(f"{at}/sriov_numvfs") if has_sriov else None
    autoprobe = source.number(f"{at}/sriov_drivers_autoprobe") if has_sriov else None
    return Pf(
        address=address,
        vendor=vendor,
        device=source.number(f"{at}/device", 16),
        class_code=source.number(f"{at}/class", 16),
        name=_name(source, address),
        path=path,
        driver=driver,
        driver_version=versions.get("version"),
        firmware_version=versions.get("firmware-version"),
        numa_node=None if numa is None or numa < 0 else numa,
        pcie=_pcie(source, at),
        iommu_group=int(group) if group and group.isdigit() else None,
        domain_type=source.text(f"{GROUPS}/{group}/type") if group and group.isdigit() else None,
        group_members=() if group == "" else groups.members(group) if group and group.isdigit() else None,
        config_bytes=len(config) or None,
        sriov=space.sriov,
        vf_names=_vf_names(source, vendor, space.sriov.vf_device) if space.sriov else None,
        ari=space.ari,
        acs=space.acs,
        counts_vfs=None if listed is None else "sriov_totalvfs" in listed,
        totalvfs=source.number(f"{at}/sriov_totalvfs") if has_sriov else None,
        numvfs=numvfs,
        autoprobe=None if autoprobe is None else bool(autoprobe),
        vf_bars=_vf_bars(source, at),
        bridges=_bridges(source, path) if space.sriov else None,
        msix=space.msix,
        vf_msix=source.number(f"{at}/sriov_vf_total_msix") if "sriov_vf_total_msix" in entries else None,
        netdevs=netdevs,
        compat_devlink=_compat_devlink(source, netdevs),
        vfs=vfs_of(source, at, indices(entries) if entries else range(numvfs or 0), groups),
    )


def _netdevs(source: Source, at: str, entries: tuple[str, ...]) -> tuple[str, ...] | None:
    """The function's own interfaces, without the representors of its VFs; virtio's hang one device lower."""
    parents = [at] if not entries or "net" in entries else [f"{at}/{name}" for name in entries if "virtio" in name]
    lists = [source.names(f"{parent}/net") for parent in parents]
    if None in lists:
        return None
    found = tuple(name for names in lists for name in names or ())
    return tuple(name for name in found if not _stands_for_another(source, name)) if len(found) > 1 else found


def _stands_for_another(source: Source, netdev: str) -> bool:
    """Whether it is the representor of a VF or SF: they hang on the PF's device. Most drivers refuse the question."""
    try:
        port = source.reader.read(f"/sys/class/net/{netdev}/phys_port_name", 64)
    except OSError:
        return False
    return REPRESENTOR.match(port) is not None


def _name(source: Source, address: str) -> str | None:
    try:
        properties = source.reader.udev(f"{DEVICES}/{address}")
    except OSError as error:
        source.problem(f"udev {address}", error.strerror or str(error))
        return None
    words = [properties.get(f"ID_{part}_FROM_DATABASE", "") for part in ("VENDOR", "MODEL")]
    return " ".join(word for word in words if word) or None


def _path(source: Source, at: str) -> str | None:
    try:
        return source.reader.realpath(at)
    except OSError as error:
        source.problem(at, error.strerror or str(error))
        return None


def _bridges(source: Source, path: str | None) -> tuple[Bridge, ...] | None:
    """The ports on the way from a function up to its root complex, the nearest first."""
    if path is None:
        return None
    ports = [part for part in path.split("/")[:-1] if part.count(":") == 2]
    return tuple(parse_bridge(port, source.data(f"{DEVICES}/{port}/config", 4096) or b"") for port in reversed(ports))


def _pcie(source: Source, at: str) -> PcieLink | None:
    speed, width = source.text(f"{at}/current_link_speed"), source.text(f"{at}/current_link_width")
    best, widest = source.text(f"{at}/max_link_speed"), source.text(f"{at}/max_link_width")
    if not (speed and width and best and widest and width.isdigit() and widest.isdigit()):
        return None
    return PcieLink(speed=speed, width=int(width), max_speed=best, max_width=int(widest))


def _vf_bars(source: Source, at: str) -> tuple[VfBar, ...] | None:
    """Lines 7 to 12 of `resource` are the VF BARs (drivers/pci/pci-sysfs.c, resource_show)."""
    text = source.text(f"{at}/resource")
    if text is None:
        return None
    bars = []
    try:
        for index, line in enumerate(text.splitlines()[7:13]):
            start, end, flags = (int(word, 16) for word in line.split())
            if flags:
                bars.append(VfBar(index=index, start=start, size=end - start + 1 if start else 0))
    except ValueError:
        source.problem(f"{at}/resource", say("not a resource table"))
        return None
    return tuple(bars)


def _versions(source: Source, netdev: str) -> dict[str, str]:
    """Driver and firmware version. ethtool's netlink interface has no message for them, hence the command's words."""
    if not re.fullmatch(INTERFACE, netdev):
        return {}
    done = source.query(("ethtool", "-i", netdev))
    lines = (line.partition(": ") for line in (done.out if done else "").splitlines())
    return {key: value for key, _, value in lines}


def _compat_devlink(source: Source, netdevs: tuple[str, ...] | None) -> bool | None:
    if not netdevs:
        return False if netdevs == () else None
    seen = [source.exists(f"/sys/class/net/{netdev}/compat/devlink/mode") for netdev in netdevs]
    return True if True in seen else None if None in seen else False


def _vf_names(source: Source, vendor: int | None, vf_device: int) -> tuple[str, str] | None:
    """How the hardware database names VFs, which need not be there yet; None where it has not even their maker."""
    if vendor is None:
        return None
    try:
        found = source.reader.udev(f"pci:v{vendor:08X}d{vf_device:08X}")
    except OSError:
        return None  # nothing is missing but a name
    maker = found.get("ID_VENDOR_FROM_DATABASE", "")
    return (maker, found.get("ID_MODEL_FROM_DATABASE", "")) if maker else None


def _lspci(source: Source) -> tuple[tuple[str, str], ...]:
    """(address, rest of the line) of every function: the host-agent takes ids and model from such a line."""
    done = source.query(("lspci", "-nnmm", "-D"))
    rows = (line.partition(" ") for line in (done.out if done else "").splitlines())
    return tuple((address, rest) for address, _, rest in rows if rest)
