"""Names from pci.ids where udev knows none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.hosts.pci_ids import names

TEXT = """\
# a comment
15b3  Mellanox Technologies
\t1017  MT27800 Family [ConnectX-5]
\t\t15b3 0006  ConnectX-5 EN
# in between
\t101d  MT2892 Family [ConnectX-6 Dx]
8086  Intel Corporation
\t1017  Something else
C 02  Network controller
\t00  Ethernet controller
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pci.ids"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("pci_id", "vendor", "model"),
    [
        ("15B3:1017", "Mellanox Technologies", "MT27800 Family [ConnectX-5]"),
        ("15B3:101D", "Mellanox Technologies", "MT2892 Family [ConnectX-6 Dx]"),
        ("8086:1017", "Intel Corporation", "Something else"),
        ("8086:0006", "Intel Corporation", None),
        ("15B3:0006", "Mellanox Technologies", None),
        ("1AF4:1000", None, None),
        ("", None, None),
    ],
)
def test_vendor_and_model(file: Path, pci_id: str, vendor: str | None, model: str | None) -> None:
    found = names(pci_id, [file])
    assert found.get("ID_VENDOR_FROM_DATABASE") == vendor
    assert found.get("ID_MODEL_FROM_DATABASE") == model
    assert None not in found.values()


def test_the_first_file_that_is_there_counts(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("8086  Somebody\n")
    assert names("8086:1017", [tmp_path / "none", file, other])["ID_VENDOR_FROM_DATABASE"] == "Intel Corporation"
    assert names("8086:1017", [tmp_path / "none"]) == {}
