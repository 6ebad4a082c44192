"""A few hundred of the configurations of `python -m tests.fuzz_bonds`; and the tools' own parsers on some of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from checks.bonding import BondChanges, BondSpec, Unsupported, renamed, tools
from tests import fuzz_bonds
from tests.bond_specs import PORT, Written, spec
from tests.bond_written import RENDER

GENERATE = shutil.which("generate", path=f"/usr/libexec/netplan:/usr/lib/netplan:{os.environ['PATH']}")
SOME = 25
OF_A_BOND = ("Name=", "ConfigureWithoutCarrier=", "RequiredForOnline=", "Bond=", "MACAddress=", "PrimarySlave=",
             "Kind=", "PermanentMACAddress=")  # fmt: skip


@pytest.mark.parametrize("tool", fuzz_bonds.TOOLS)
def test_a_configuration_is_moved_rightly_or_refused_by_name(tool: str) -> None:
    assert {seed: found for seed in range(60) if (found := fuzz_bonds.judge(tool, seed)[1])} == {}


def moved(tool: str) -> list[tuple[BondSpec, Written, BondChanges]]:
    """Some configurations that are moved."""
    found = []
    for seed in range(200):
        random = Random(f"{tool} {seed}")
        meant = spec(random, tool)
        written, wanted = RENDER[tool](random, meant), fuzz_bonds.wanted_for(random, meant)
        try:
            recipe = tools.choose(fuzz_bonds.facts_for(tool, meant, written), wanted)[1]
        except Unsupported:
            continue
        found.append((wanted, written, recipe))
    return found[:SOME]


def put(files: dict[str, str | None], root: Path) -> None:
    """The files below a directory."""
    for path, text in files.items():
        if text is not None:
            target = root / path[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            target.chmod(0o600)


@pytest.mark.subprocess
@pytest.mark.skipif(not GENERATE, reason="netplan is not installed here")
def test_netplan_itself_gives_the_bond_what_it_gave_the_port(tmp_path: Path) -> None:
    for number, (wanted, written, recipe) in enumerate(moved("netplan")):
        made = []
        for when, files in (("before", {**written.files}), ("after", {**written.files, **recipe.files})):
            root = tmp_path / f"{number}-{when}"
            put(dict(files), root)
            done = subprocess.run(
                [GENERATE or "", "--root-dir", str(root)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            made.append({p.name: p.read_text() for p in (root / "run/systemd/network").glob("*.network")})
        own = (f"10-netplan-{id}.network" for id in (PORT, "uplink", "aglob"))
        port = next(made[0][name] for name in own if name in made[0])
        for old, new in (
            (port, made[1]["10-netplan-bond0.network"]),
            *(
                (made[0][f"10-netplan-{vlan}.network"], made[1][f"10-netplan-{then}.network"])
                for vlan, then in wanted.vlans
            ),
        ):
            assert settings(renamed(old, wanted.names)) == settings(new), written.files


def settings(text: str) -> set[str]:
    """The settings of a .network file; netplan 0.106 writes the DNS of an entry that waits for another one twice."""
    return {line for line in text.splitlines() if "=" in line and not line.startswith(OF_A_BOND)}


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("nmcli"), reason="nmcli is not installed here")
def test_networkmanager_itself_takes_every_new_profile() -> None:
    for _, _, recipe in moved("NetworkManager"):
        for path, text in recipe.files.items():
            if text is None:
                continue
            argv = ["nmcli", "--offline", "connection", "modify", "connection.autoconnect", "yes"]
            done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{path}: {done.stderr}\n{text}"
            for key in re.findall(r"^(?:address\d+|dns|mtu|zone|ring-rx|autoconnect-priority)=.*", text, re.MULTILINE):
                assert key.removeprefix("autoconnect-priority=0") in done.stdout, f"{key}\n{done.stdout}"


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("ifquery"), reason="ifupdown is not installed here")
def test_ifquery_itself_tells_the_same_of_the_bond(tmp_path: Path) -> None:
    for number, (wanted, written, recipe) in enumerate(moved("ifupdown")):
        told = []
        for when, name in (("before", PORT), ("after", wanted.name)):
            root = tmp_path / f"{number}-{when}"
            files = {**written.files, **(recipe.files if when == "after" else {})}
            put(
                {path: text and text.replace("source /etc", f"source {root}/etc") for path, text in files.items()}, root
            )
            argv = ["ifquery", "-i", f"{root}/etc/network/interfaces", name]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            told.append(
                [line for line in done.stdout.splitlines() if not re.match(r"pre-up:|post-down: ip link del", line)]
            )
        assert [renamed(line, wanted.names) for line in told[0]] == told[1]
