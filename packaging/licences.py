"""Licences as SPDX expressions, of what is in the one file and tells its own in no form that a program reads."""

from __future__ import annotations

from typing import Any

PUBLIC = "LicenseRef-public-domain"
# By the beginning of the name. Of a Debian package only the part that is in the file counts: of util-linux libuuid, of
# xz-utils liblzma; each from the package's copyright file.
EXPRESSIONS = {
    "libc6": "LGPL-2.1-or-later",
    "libexpat1": "MIT",
    "libffi8": "MIT",
    "liblzma5": PUBLIC,
    "libpython": "PSF-2.0",
    "libudev1": "LGPL-2.1-or-later",
    "libuuid1": "BSD-3-Clause",
    "musl-dev": "MIT",
    "pci.ids": "GPL-2.0-or-later OR BSD-3-Clause",
    "zlib1g": "Zlib",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "staticx": "GPL-2.0-or-later",
}
# What the source of staticx's boot loader holds of others: libtar/ and libxz/ in its archive.
STATICX = "0.14.2"
EMBEDDED = (
    ("libtar", "1.2.20", "NCSA", "https://github.com/tklauser/libtar"),
    ("xz-embedded", "2017-04-07", PUBLIC, "https://tukaani.org/xz/embedded.html"),
)


def expression(name: str) -> str:
    """The SPDX expression of a part, or ""."""
    return next((found for start, found in EXPRESSIONS.items() if name.startswith(start)), "")


def embedded() -> list[dict[str, Any]]:
    """The parts inside staticx, as CycloneDX components."""
    return [
        {
            "type": "library",
            "name": name,
            "version": version,
            "bom-ref": f"staticx@{STATICX}/{name}",
            "licenses": [{"expression": found}],
            "externalReferences": [{"type": "website", "url": url}],
        }
        for name, version, found, url in EMBEDDED
    ]


def stated(part: dict[str, Any], text: str = "") -> dict[str, Any]:
    """The component with one expression for its licence; the words that were found stand as evidence."""
    found = expression(part["name"])
    given = [entry["license"] for entry in part.get("licenses", ()) if "license" in entry]
    texts = [entry for entry in given if "text" in entry]
    if text:
        texts.append(
            {"name": f"copyright file of {part['name']}", "text": {"content": text, "contentType": "text/plain"}}
        )
    if not found:
        return part
    part = part | {"licenses": [{"expression": found, "acknowledgement": "declared"}]}
    return part | ({"evidence": {"licenses": [{"license": entry} for entry in texts]}} if texts else {})
