"""What the firmware and the driver of an NVIDIA (Mellanox) card say of themselves."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from sriov_tui.late import regex

VENDOR = 0x15B3
COMPAT = "mlx_compat"  # the module of the vendor's that each of its others needs
_RELEASE = regex(r"\d+\.\d+-\d+(?:\.\d+)*$")
_NUMBER = regex(r"(?:.*\()?(-?(?:0x[0-9a-fA-F]+|\d+))\)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NvSetting:
    """A setting in a card's non-volatile memory, each value as mstconfig prints it ("8", "True(1)", "ETH(2)").

    `default` and `current` are None where the firmware does not tell them; `next` is what the next boot brings.
    """

    name: str
    default: str | None = None
    current: str | None = None
    next: str | None = None
    read_only: bool = False

    @property
    def pending(self) -> bool | None:
        """Whether the next boot brings another value than the one in force; None where that is not told."""
        return None if self.current is None or self.next is None else self.current != self.next


@functools.lru_cache(maxsize=256)
def nv_number(value: str | None) -> int | None:
    """The number in a firmware value: 8 in "8", 1 in "True(1)"; None where there is none."""
    found = _NUMBER.fullmatch(value or "")
    return int(found[1], 0 if "x" in found[1] else 10) if found else None


def nv_word(value: str | None) -> str:
    """The word in a firmware value: "True" in "True(1)", "8" in "8", "" where it is not known."""
    return (value or "").partition("(")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mlx5Driver:
    """mlx5_core as it is loaded and as it lies on the disk; the two differ until the old one is replaced.

    "" stands for what is known to be absent: no `ofed_info`, no module installed, a module without a version (the
    kernel's own, since it lost its MODULE_VERSION).
    """

    loaded: bool | None = None
    ofed: str | None = None  # `ofed_info -s` without its colon: "MLNX_OFED_LINUX-5.8-1.1.2.1"
    doca_host: str | None = None  # version of that package: "3.2.1-044000_25.10_rhel9"
    loaded_version: str | None = None
    loaded_srcversion: str | None = None
    installed_path: str | None = None
    installed_version: str | None = None
    installed_srcversion: str | None = None
    installed_depends: str | None = None  # modules that it needs: "mlx_compat,mlxfw,psample"

    @property
    def loaded_vendor(self) -> bool | None:
        """Whether the vendor's driver is the loaded one.

        It is where it is the one on the disk and that one is the vendor's (srcversion, kernel/module/main.c); else by
        its version: only the vendor's has one like "5.8-1.1.2".
        """
        if self.loaded_version is None:
            return None
        same = self.loaded_srcversion and self.loaded_srcversion == self.installed_srcversion
        if same and self.installed_vendor is not None:
            return self.installed_vendor
        return vendor_version(self.loaded_version)

    @property
    def installed_vendor(self) -> bool | None:
        """Whether the vendor's driver is the one that the next load takes.

        It needs mlx_compat, as the vendor's own openibd asks (check_mlnx_ofed_module). Where it lies tells nothing:
        DKMS may put it in the place of the kernel's own.
        """
        if self.installed_path == "":
            return False
        if self.installed_depends is not None:
            return COMPAT in self.installed_depends.split(",")
        return None if self.installed_version is None else vendor_version(self.installed_version)

    @property
    def release(self) -> str:
        """The release in `ofed_info -s`: "5.8-1.1.2.1"; "" where it tells none."""
        found = _RELEASE.search(self.ofed or "")
        return found[0] if found else ""

    @property
    def doca(self) -> bool:
        """Whether DOCA-Host has brought it: its ofed_info says "OFED-internal-25.10-1.7.1" since MLNX_OFED ended."""
        return bool(self.doca_host) or (self.ofed or "").startswith("OFED-internal-")

    @property
    def stale(self) -> bool | None:
        """Whether another driver is loaded than the one on the disk: not restarted, or an old one in the initramfs."""
        if not self.loaded:
            return self.loaded
        for loaded, installed in (
            (self.loaded_srcversion, self.installed_srcversion),
            (self.loaded_version, self.installed_version),
        ):
            if loaded and installed:
                return loaded != installed
        if self.loaded_vendor is None or self.installed_vendor is None:
            return None
        return self.loaded_vendor != self.installed_vendor


def vendor_version(version: str) -> bool:
    """Whether a module version is one of MLNX_OFED's or DOCA-OFED's; "5.0-0" is that of old kernels' own driver."""
    return re.match(r"\d+\.\d+-\d+\.\d+", version) is not None
