"""On which kernels a release of the vendor's driver builds and keeps the E-Switch, and which cards it is made for.

Each release names two kernels in its ofed_scripts/configure: below MIN_KVERSION the build ends; from
SWITCH_NON_SUPPORTED_KVERSION_AND_ABOVE on it goes through without CONFIG_MLX5_ESWITCH, so without switchdev and
compat/devlink. Read in the driver's source, github.com/knneth/mlnx-ofa_kernel. What it does not tell is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sriov_tui.cards import devices
from sriov_tui.facts import Pf

Pair = tuple[int, int]
ALL = 99  # an update of a release that has no later ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A release of the driver, by its year and month, and that of DOCA-Host which brings it.

    It builds from `least` on, has its switch below `on_below` and none from `off_from` on. Later updates of a release
    may raise that: `read` is the last update that was read. `until` is YYYY-MM, "" for superseded.
    """

    release: Pair
    least: Pair
    on_below: Pair
    off_from: Pair
    switch_from: Pair | None = None  # below it only some kernels have the switch
    read: int = ALL
    doca: Pair | None = None
    until: str = ""


def _window(release: Pair, least: Pair, limit: Pair, doca: Pair | None = None, *, read: int = ALL,
            until: str = "") -> Window:  # fmt: skip
    return Window(release=release, least=least, on_below=limit, off_from=limit, read=read, doca=doca, until=until)


WINDOWS = (
    _window((25, 10), (4, 18), (6, 18), (3, 2), read=1, until="2028-10"),
    _window((25, 7), (4, 18), (6, 17), (3, 1)),
    _window((25, 4), (4, 18), (6, 15), (3, 0)),
    _window((25, 1), (4, 18), (6, 14), (2, 10)),
    _window((24, 10), (4, 18), (6, 13), (2, 9), read=1, until="2027-10"),
    _window((24, 7), (4, 18), (6, 11), (2, 8)),
    _window((24, 4), (4, 18), (6, 10), (2, 7)),
    _window((23, 10), (3, 10), (6, 7), (2, 5), read=0, until="2026-10"),
    _window((5, 8), (3, 10), (6, 2), read=3, until="2025-11"),
    _window((5, 8), (3, 10), (6, 1), read=1, until="2025-11"),
    Window(release=(5, 4), least=(2, 6), switch_from=(4, 9), on_below=(5, 14), off_from=(5, 16)),
)
"""The newest first, and of one release the newest update. Support: NVIDIA's DOCA general support, three years of LTS;
of 23.10 and 5.8 it is reckoned the same way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Cards that not every release is made for: from which one on, up to which one."""

    devices: frozenset[int]
    first: Pair = (0, 0)
    last: Pair = (ALL, 0)


CARDS = (
    Cards(devices=devices("ConnectX-3", "Connect-IB"), last=(4, 9)),
    Cards(devices=devices("ConnectX-4"), last=(24, 10)),
    Cards(devices=devices("ConnectX-8"), first=(25, 1)),
    Cards(devices=devices("ConnectX-9"), first=(26, 1)),
)
"""NVIDIA: general support of MLNX_OFED 4.9 and of DOCA 2.9 and 3.1; MFT 4.35 for ConnectX-9. Others are in each."""


def kernel(release: str) -> Pair | None:
    """The two numbers of a kernel's release that decide; None where it has none."""
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else None


def builds(version: str, release: str) -> bool | None:
    """Whether this driver ("24.10-1.1.4.0") can be built on this kernel, as far as its source tells."""
    here, window = kernel(release), window_of(version)
    return None if here is None or window is None else here >= window.least


def switch(version: str, release: str) -> bool | None:
    """Whether this driver has switchdev and compat/devlink on this kernel; None outside of what was read."""
    here, driver, window = kernel(release), _driver(version), window_of(version)
    if here is None or driver is None:
        return None
    if window is None:  # before the first one read the limit was not higher
        oldest = WINDOWS[-1]
        return False if driver < oldest.release and here >= oldest.off_from else None
    if here < window.least:
        return False
    if window.switch_from and here < window.switch_from:
        return None
    if here < window.on_below:
        return True
    return False if here >= window.off_from and _update(version) <= window.read else None


def window_of(version: str) -> Window | None:
    """The window of a driver by its version; that of the last update which was read where it is a later one."""
    rows = [row for row in WINDOWS if row.release == _driver(version)]
    fits = [row for row in rows if _update(version) <= row.read]
    return fits[-1] if fits else rows[0] if rows else None


def made_for(version: str, pf: Pf) -> bool | None:
    """Whether this driver is made for this card; None where the card is not known to any."""
    driver = _driver(version)
    if driver is None or pf.device is None:
        return None
    return all(row.first <= driver <= row.last for row in CARDS if pf.device in row.devices)


def doca(release: str, pfs: tuple[Pf, ...]) -> Window | None:
    """The newest DOCA-Host whose driver has the switch on this kernel, and is made for these cards; None for none."""
    for row in WINDOWS:
        version = f"{row.release[0]}.{row.release[1]:02}-0"
        if row.doca and switch(version, release) and all(made_for(version, pf) for pf in pfs):
            return row
    return None


def _driver(version: str) -> Pair | None:
    found = re.match(r"(\d+)\.(\d+)(?:-|$)", version)
    return (int(found[1]), int(found[2])) if found else None


def _update(version: str) -> int:
    """The number after the release; where only the release is told, a later one than any that was read."""
    found = re.match(r"\d+\.\d+-(\d+)", version)
    return int(found[1]) if found else ALL
