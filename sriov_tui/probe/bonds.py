"""Kernel bonding, from sysfs: /sys/class/net/BOND/bonding and PORT/bonding_slave (drivers/net/bonding)."""

from __future__ import annotations

from sriov_tui.facts import Bond, BondPort, Lacp
from sriov_tui.probe.source import Source

NETS = "/sys/class/net"


def bond(source: Source, name: str, mode: str, ports: tuple[str, ...]) -> Bond:
    """The bond of this name, of which netlink told mode and ports."""
    at = f"{NETS}/{name}/bonding"
    mode = mode or _word(source.text(f"{at}/mode")) or ""
    return Bond(
        mode=mode,
        ports=ports,
        xmit_policy=_word(source.text(f"{at}/xmit_hash_policy")),
        miimon=source.number(f"{at}/miimon"),
        active_port=source.text(f"{at}/active_slave") if mode == "active-backup" else None,
        lacp=_lacp(source, at) if mode == "802.3ad" else None,
        port_states=tuple(_port(source, port, mode) for port in ports),
    )


def _lacp(source: Source, at: str) -> Lacp | None:
    partner = source.text(f"{at}/ad_partner_mac")
    if not partner:
        return None  # without root these files are empty
    return Lacp(
        partner=partner,
        ports=source.number(f"{at}/ad_num_ports"),
        aggregator=source.number(f"{at}/ad_aggregator"),
        rate=_word(source.text(f"{at}/lacp_rate")),
    )


def _port(source: Source, port: str, mode: str) -> BondPort:
    at = f"{NETS}/{port}/bonding_slave"
    return BondPort(
        name=port,
        state=source.text(f"{at}/state"),
        mii=source.text(f"{at}/mii_status"),
        aggregator=source.number(f"{at}/ad_aggregator_id") if mode == "802.3ad" else None,
    )


def _word(text: str | None) -> str | None:
    """sysfs writes word and number: "layer3+4 1"."""
    return text.split()[0] if text else text
