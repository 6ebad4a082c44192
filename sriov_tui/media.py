"""What the operator hands in from outside: an image of the vendor's driver, and how a command gets at what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MEDIA_DIR = "/run/sriov-tui/media"  # an image is mounted here, or unpacked where it is a tar file


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverChoice:
    """The vendor's driver as it is wished; no `image` leaves the driver as it is.

    `sha256` is the digest that the vendor tells of the image; `firmware` lets the installer flash the cards, too.
    `restart` "now" loads the new driver at once, which drops every link of these cards.
    """

    image: str = ""
    sha256: str = ""
    firmware: bool = False
    restart: Literal["boot", "now"] = "boot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """An image whose content a command finds in MEDIA_DIR, read-only, and only while it runs.

    An ISO is mounted; a tar file is unpacked and removed again. It is refused unless it has this SHA-256.
    """

    path: str
    sha256: str

    @property
    def unpacked(self) -> bool:
        """Whether it is a tar file, which cannot be mounted."""
        return self.path.endswith((".tgz", ".tar.gz"))
