"""Names of PCI devices from pci.ids, for machines whose udev has no hardware database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

FILES = (
    Path("/usr/share/hwdata/pci.ids"),  # Red Hat's family
    Path("/usr/share/misc/pci.ids"),  # Debian's family
    Path(__file__).with_name("pci.ids"),  # the one file brings its own
)


def names(pci_id: str, files: Sequence[Path] = FILES) -> dict[str, str]:
    """udev's two properties for "VVVV:DDDD" from the first file that can be read; what is not in it is left out."""
    vendor, _, device = pci_id.lower().partition(":")
    data = next((data for file in files if (data := _read(file))), b"")
    found = re.search(rb"^%s  (.*)\n((?:[\t#].*\n?)*)" % re.escape(vendor.encode()), data, re.MULTILINE)
    if not found:
        return {}
    model = re.search(rb"^\t%s  (.*)" % re.escape(device.encode()), found[2], re.MULTILINE)
    said = {"ID_VENDOR_FROM_DATABASE": found[1], **({"ID_MODEL_FROM_DATABASE": model[1]} if model else {})}
    return {key: name.decode("utf-8", "replace").strip() for key, name in said.items()}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
