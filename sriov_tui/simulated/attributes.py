"""The sysfs attributes that the simulated kernel lets itself be told by."""

from __future__ import annotations

from sriov_tui.hosts.machine import Machine, absence, fail, put_file, resolve, split
from sriov_tui.simulated.drivers import DRIVERS, NO_OVERRIDE, bind, new_id, offer, remove_id
from sriov_tui.simulated.mellanox.eswitch import store_compat
from sriov_tui.simulated.vfs import store_numvfs, unbind

_TRUE, _FALSE = ("1", "y", "on"), ("0", "n", "off")
_OF_DRIVER = {"bind": bind, "unbind": unbind, "new_id": new_id, "remove_id": remove_id}


def store(machine: Machine, path: str, value: str) -> None:
    """Write an attribute; OSError as the kernel's store function returns it, EACCES where nothing may be written."""
    if not value:
        return  # sysfs passes an empty write on to nobody (fs/sysfs/file.c)
    if path == f"{split(DRIVERS)[0]}/drivers_probe":
        offer(machine, value.strip())
        return
    resolved = resolve(machine, path)
    if resolved not in machine.files:
        raise absence(machine, resolved)
    parent, name = split(resolved)
    if split(parent)[0] == DRIVERS and name in _OF_DRIVER:
        _OF_DRIVER[name](machine, split(parent)[1], value.strip())
    elif name == "sriov_numvfs":
        store_numvfs(machine, split(parent)[1], value)
    elif name == "sriov_drivers_autoprobe":
        put_file(machine, resolved, "1\n" if _switch(value, path) else "0\n")
    elif parent.endswith("/compat/devlink"):
        store_compat(machine, resolved, name, value)
    elif name == "driver_override":
        put_file(machine, resolved, f"{value.strip() or NO_OVERRIDE}\n")
    else:
        raise fail(path, "EACCES")


def _switch(value: str, path: str) -> bool:
    word = value.strip().lower()
    if word not in (*_TRUE, *_FALSE):
        raise fail(path, "EINVAL")
    return word in _TRUE
