"""Simulated `modprobe`: modules with their dependencies, out of modules.dep and modules.builtin."""

from __future__ import annotations

from collections.abc import Callable

from sriov_tui.hosts.machine import Machine, names, put_dir, put_file, remove, text
from sriov_tui.simulated.drivers import DRIVERS, IDS, detach, device, forget, register
from sriov_tui.simulated.functions import remove_vfs

AFTER = {"vfio": ("vfio_iommu_type1",)}  # MODULE_SOFTDEP("post: ...") in drivers/vfio/vfio_main.c


def modprobe(machine: Machine, arguments: list[str], output: Callable[[str], None]) -> int:
    """`modprobe NAME...` and `modprobe -r NAME...`; 1 where a module is not there or in use."""
    removing = bool(arguments) and arguments[0] in ("-r", "--remove")
    for name in arguments[1:] if removing else arguments[:1]:
        plain = name.replace("-", "_")
        if not _known(machine, plain) and not loaded(machine, plain):
            output(f"modprobe: FATAL: Module {name} not found in directory /lib/modules/{_release(machine)}")
            return 1
        if removing and not _unload(machine, plain):
            output(f"modprobe: FATAL: Module {name} is in use.")
            return 1
        if not removing:
            load(machine, plain)
    return 0


def loaded(machine: Machine, name: str) -> bool:
    """Whether a module is loaded or built in and shows itself."""
    return f"/sys/module/{name}" in machine.dirs


def load(machine: Machine, name: str) -> None:
    """Load a module after those that it needs; nothing where it is already there."""
    if loaded(machine, name):
        return
    for needed in _needs(machine).get(name, ()):
        load(machine, needed)
    put_dir(machine, f"/sys/module/{name}")
    version = machine.simulation.get("module_versions", {}).get(name)
    if version:
        put_file(machine, f"/sys/module/{name}/version", f"{version}\n")
    for later in AFTER.get(name, ()):
        if _known(machine, later):
            load(machine, later)
    if driver := _driver(name):
        register(machine, driver)


def with_needed(machine: Machine, wanted: list[str]) -> set[str]:
    """These modules and all that they need."""
    needs = _needs(machine)
    return set(wanted).union(*(needs.get(name, ()) for name in wanted))


def autoload(machine: Machine, driver: str) -> None:
    """udev loads the driver of a function that has appeared, where it is on disk."""
    name = driver.replace("-", "_")
    if driver and name in _needs(machine):
        load(machine, name)


def _unload(machine: Machine, name: str) -> bool:
    """A bound function does not keep its driver's module (measured: `modprobe -r igb`); an open VFIO group does."""
    users = [other for other, needs in _needs(machine).items() if name in needs and loaded(machine, other)]
    if users or (name.startswith("vfio") and machine.holders):
        return False
    discard(machine, name)
    for needed in _needs(machine).get(name, ()):
        if loaded(machine, needed):
            _unload(machine, needed)  # where nobody else needs it
    return True


def discard(machine: Machine, name: str) -> None:
    """Drop a module whether it is used or not, as a reset does; a PF's VFs go with its driver."""
    driver = _driver(name)
    for address in names(machine, f"{DRIVERS}/{driver}") if driver else ():
        if f"{DRIVERS}/{driver}/{address}" in machine.links:
            if text(machine, f"{device(machine, address)}/sriov_numvfs", "0") != "0":
                remove_vfs(machine, address)
            detach(machine, address)
    if driver:
        forget(machine, driver)
    remove(machine, f"/sys/module/{name}")


def _driver(name: str) -> str:
    return next((driver for driver in IDS if driver.replace("-", "_") == name), "")


def _release(machine: Machine) -> str:
    return text(machine, "/proc/sys/kernel/osrelease")


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].partition(".ko")[0].replace("-", "_")


def _needs(machine: Machine) -> dict[str, tuple[str, ...]]:
    table = {}
    for line in text(machine, f"/lib/modules/{_release(machine)}/modules.dep").splitlines():
        module, _, needed = line.partition(":")
        table[_stem(module)] = tuple(_stem(path) for path in reversed(needed.split()))
    return table


def _known(machine: Machine, name: str) -> bool:
    builtin = text(machine, f"/lib/modules/{_release(machine)}/modules.builtin").splitlines()
    return name in _needs(machine) or name in map(_stem, builtin)
