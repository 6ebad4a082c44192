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
    data = b"\n" + next((data for file in files if (data := _read(file))), b"")
    at = data.find(b"\n%s  " % vendor.encode()) + 1  # every line of 1.3 MB by a regular expression takes long
    found = re.compile(rb"[0-9a-f]{4}  (.*)\n((?:[\t#].*\n?)*)").match(data, at) if at else None
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
