"""What the kernel and udev tell by themselves: a device, a driver, a link or an address came, went or changed."""

from __future__ import annotations

import select
import socket
from pathlib import Path

from sriov_tui.hosts.local import pyudev_module
from sriov_tui.message import say
from sriov_tui.model import SriovError

SUBSYSTEMS = ("pci", "net", "module")  # a driver that takes or leaves a device is told as the device's
LINKS = 0x001 | 0x010 | 0x100  # RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR (linux/rtnetlink.h)
UDEVD = Path("/run/udev/control")


class LocalWatcher:
    """`Watcher` on this machine: udev's events (pyudev) and those of netlink. At rest it sleeps in one poll."""

    def __init__(self) -> None:
        pyudev = pyudev_module()
        try:
            # udev's own events come when its rules, such as a new name, are done; without udev there are the kernel's.
            of = "udev" if UDEVD.exists() else "kernel"
            self._monitor = pyudev.Monitor.from_netlink(pyudev.Context(), of)
            for subsystem in SUBSYSTEMS:
                self._monitor.filter_by(subsystem)
            self._monitor.start()
            # That something changed is all that is asked of netlink, so nothing has to understand its messages.
            self._links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
            self._links.bind((0, LINKS))
        except (OSError, ImportError) as error:
            raise SriovError(
                say("The events of this machine cannot be followed: {error}.", error=str(error)),
                say("Leave --watch out."),
            ) from error
        self._woken, self._wake = socket.socketpair()
        self._closed = False
        self._poll = select.poll()
        for source in (self._monitor, self._links, self._woken):
            self._poll.register(source.fileno(), select.POLLIN)

    def wait(self, timeout: float | None = None) -> bool:
        ready = () if self._closed else [fd for fd, _ in self._poll.poll(None if timeout is None else timeout * 1000)]
        if self._closed:
            return False
        if self._links.fileno() in ready:
            self._drain_links()
        if self._monitor.fileno() in ready:
            self._drain_udev()
        return bool(ready)

    def close(self) -> None:
        self._closed = True
        self._wake.close()  # the other end of the pair becomes readable

    def _drain_links(self) -> None:
        while True:
            try:
                self._links.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:  # too many at once: that some were lost is told once, and does not matter
                continue

    def _drain_udev(self) -> None:
        while True:
            try:
                if self._monitor.poll(timeout=0) is None:
                    return
            except OSError:
                continue
