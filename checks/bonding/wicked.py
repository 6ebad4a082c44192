"""wicked (SLES, openSUSE): nothing is written, but the exact words are told (ifcfg-bonding(5) of wicked)."""

from __future__ import annotations

import posixpath

from checks.bonding import MIIMON, BondChanges, BondSpec, Files, NotMine, Unsupported, ifcfg
from checks.bonding.config import Config, Configs
from sriov_tui.message import lines, say, verbatim

FOLDER = "/etc/sysconfig/network"


def read(wanted: BondSpec, files: Files) -> Configs:
    """The interfaces that it configures; what it gives them is not read."""
    return {posixpath.basename(path).removeprefix("ifcfg-"): Config(dynamic=frozenset(["dhcp4"]))
            for path in files if posixpath.basename(path).startswith("ifcfg-")}  # fmt: skip


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """Always refused: by hand, with what to write where."""
    own = f"{FOLDER}/ifcfg-{wanted.carrier}" if wanted.carrier else ""
    if wanted.carrier and own not in files:
        raise NotMine(say("No file of {folder} configures {carrier}.", folder=FOLDER, carrier=wanted.carrier))
    kept = [
        line for line in files.get(own, "").splitlines() if ifcfg.key_of(line) not in ("", "STARTMODE", "BOOTPROTO")
    ]
    proto = ifcfg.settings(files.get(own, "")).get("BOOTPROTO", "none" if not own else "static")
    options = " ".join([f"mode={wanted.mode}", f"miimon={MIIMON}",
                        *(f"{key}={value}" for key, value in wanted.options.items() if key != "miimon")])  # fmt: skip
    bond = ["STARTMODE='auto'", f"BOOTPROTO='{proto}'", "BONDING_MASTER='yes'",
            *(f"BONDING_SLAVE_{n}='{port}'" for n, port in enumerate(wanted.ports)),
            f"BONDING_MODULE_OPTS='{options}'", f"LLADDR='{wanted.mac}'", *kept]  # fmt: skip
    raise Unsupported(
        say("wicked configures this host, and its files are not written here."),
        say("Make the bond by hand, at the console of the host; then read the machine again."),
        lines(
            say("Write into {path}:", path=f"{FOLDER}/ifcfg-{wanted.name}"),
            verbatim("\n".join(bond)),
            say("Into {paths} only:", paths=tuple(f"{FOLDER}/ifcfg-{port}" for port in wanted.ports)),
            verbatim("STARTMODE='hotplug'\nBOOTPROTO='none'"),
            say("Then run:"),
            verbatim("wicked ifreload all"),
        ),
    )
