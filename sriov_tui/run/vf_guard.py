"""What keeps VFs from being taken away: whoever uses them, by the same judgement as in the plan, read at the moment."""

from __future__ import annotations

import posixpath

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host, Reader
from sriov_tui.message import Message, join, say, verbatim
from sriov_tui.model import SriovError
from sriov_tui.probe import gather_uses
from sriov_tui.probe.holders import Holders, vfio_names
from sriov_tui.run.kernel_errors import is_numvfs

MODE = "/compat/devlink/mode"  # below an interface: the mode of its eswitch, with the vendor driver

RELOADS = ("/etc/init.d/openibd",)  # unloads the mlx5 driver, with all VFs


def takes(path: str, found: str, value: str) -> bool:
    """Whether writing this value takes VFs away: fewer of them, another number by way of 0, or another mode."""
    if not is_numvfs(path):
        return path.endswith(MODE) and found != value
    return found != value and found != "0"


def pf_address(host: Reader, path: str) -> str:
    """The PCI address of the PF whose sriov_numvfs or eswitch mode this is; "" for another attribute."""
    if not is_numvfs(path) and not path.endswith(MODE):
        return ""
    device = _device(path)
    try:
        return posixpath.basename(host.realpath(device))
    except OSError:
        return posixpath.basename(device)


def refuse_used(host: Host, path: str, facts: HostFacts | None = None) -> None:
    """SriovError that names every use of the VFs of this attribute's PF; taking them would cut it, or hang the card."""
    held = _held(host, path)
    uses = [*map(_sentence, held), *_uses(facts or gather_uses(host), pf_address(host, path), held)]
    if uses:
        raise SriovError(
            say("VFs of {pf} are in use: {uses}", pf=pf_address(host, path), uses=join("; ", uses)),
            say(
                "Stop that virtual machine or program, or detach the VF: take its interface out of its bridge, bond "
                "or container, and remove its addresses. Then run the same command again."
            ),
        )


def refuse_reload(host: Host, argv: tuple[str, ...]) -> None:
    """SriovError where this command unloads a driver and a VF of one of its cards is in use."""
    if argv[:1] != RELOADS:
        return
    facts = gather_uses(host)
    for pf in facts.pfs or ():
        if pf.mellanox and pf.vfs:
            refuse_used(host, f"/sys/bus/pci/devices/{pf.address}/sriov_numvfs", facts)


Held = tuple[str, int, str]  # VF address, process id, command line


def _held(host: Reader, path: str) -> tuple[Held, ...]:
    """Who has VFs of the PF open, from its own folder in sysfs: also where nothing else of the host can be read."""
    device = _device(path)
    try:
        links = [f"{device}/{name}" for name in host.listdir(device) if name.startswith("virtfn")]
    except OSError:
        links = []
    if not links:
        return ()
    try:
        holders = Holders(host)
    except OSError as error:
        raise SriovError(
            say("Who uses the VFs of {device} cannot be seen: {reason}", device=device, reason=error.strerror or ""),
            say("Nothing was taken away. Run the same command as root on the host itself, outside any container."),
        ) from error
    found = []
    for link in links:
        address, driver = _target(host, link), _target(host, f"{link}/driver")
        found += [(address, one.pid, one.command) for one in holders.of(address, vfio_names(host, link), driver)]
    return tuple(found)


def _uses(facts: HostFacts, address: str, held: tuple[Held, ...]) -> list[Message]:
    """Every other use that the plan would refuse, of the facts of now."""
    from checks.cards import in_use  # with all checks, which nothing else of the rollback needs

    pf = facts.pf(address)
    return [] if pf is None or held else in_use.on_vfs(facts, pf)


def _sentence(held: Held) -> Message:
    address, pid, command = held
    return say("{vf} by process {pid} ({command})", vf=address, pid=pid, command=verbatim(command[:80]))


def _device(path: str) -> str:
    """The directory of the PF that an attribute belongs to."""
    return f"{path.removesuffix(MODE)}/device" if path.endswith(MODE) else posixpath.dirname(path)


def _target(host: Reader, link: str) -> str:
    """The last part of a link's target, "" where it cannot be read."""
    try:
        return posixpath.basename(host.readlink(link))
    except OSError:
        return ""
