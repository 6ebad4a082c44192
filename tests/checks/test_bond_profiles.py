"""Bonds on the network that hosts really have: NetworkManager's many profiles, and the proof that nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.bonding import (
    Unsupported,
    ifcfg,
    keyfile,
    layers,
    netplan,
    networkd,
    stanzas,
    tools,
)
from checks.bonding import network_files as nf
from checks.bonding import profiles as nm
from checks.bonding.config import Config, compare
from sriov_tui.facts import Address, Link, Route, TextFile
from tests.bond_hosts import (
    AT,
    LIVE,
    MACS,
    ON_VLAN,
    PROFILE,
    WANTED,
    YAML,
    carrier,
    facts_with,
    profile,
    refusal,
    text_of,
)

DEAD = PROFILE.format("a dead one", "u-dead", "198.51.100.9/24")

# -- NetworkManager: the profile that is active counts, and every profile of the port is handled ----------------------


def test_of_two_profiles_the_active_one_moves_and_no_other_stays_to_fight() -> None:
    files = {
        profile("a"): DEAD,
        profile("b"): LIVE,
        f"{nm.DEVICES}/3": "[device]\nmanaged=true\nconnection-uuid=u-live\n",
    }
    recipe = keyfile.make(WANTED, files)
    assert "192.0.2.7/24" in text_of(recipe)
    assert "198.51.100.9" not in text_of(recipe)
    assert recipe.files[profile("a")] is recipe.files[profile("b")] is None
    assert any("a dead one" in message for message in recipe.told)
    assert recipe.before[0].undo[-3:] == ("up", "uuid", "u-live")


def test_of_two_profiles_the_higher_priority_counts_and_a_tie_is_refused() -> None:
    files = {profile("a"): DEAD, profile("b"): LIVE}
    with pytest.raises(Unsupported, match="which of them is active"):
        keyfile.make(WANTED, files)
    files[profile("b")] = LIVE.replace("type=", "autoconnect-priority=5\ntype=")
    assert "192.0.2.7/24" in text_of(keyfile.make(WANTED, files))
    files[profile("b")] = LIVE
    files[profile("a")] = DEAD.replace("type=", "autoconnect=false\ntype=")
    assert "192.0.2.7/24" in text_of(keyfile.make(WANTED, files))


def test_a_profile_that_fits_every_port_does_not_win_at_the_next_boot() -> None:
    every = "[connection]\nid=all\nuuid=u-all\ntype=ethernet\nautoconnect-priority=7\n[ipv4]\nmethod=auto\n"
    recipe = keyfile.make(WANTED, {profile("all"): every, profile("b"): LIVE})
    assert profile("all") not in recipe.files
    for name in ("bond0", "bond0-ens1", "bond0-ens2"):
        assert "autoconnect-priority=8\n" in (recipe.files[profile(name)] or "")


def test_a_profile_that_fits_every_port_and_is_active_is_refused() -> None:
    every = LIVE.replace("interface-name=ens2\n", "")
    with pytest.raises(Unsupported, match="fits other ports"):
        keyfile.make(WANTED, {profile("b"): every, f"{nm.DEVICES}/3": "[device]\nconnection-uuid=u-live\n"})


def test_a_port_that_networkmanager_leaves_alone_is_refused_with_the_command() -> None:
    with pytest.raises(Unsupported) as refused:
        keyfile.make(WANTED, {profile("b"): LIVE, f"{nm.DEVICES}/3": "[device]\nmanaged=false\n"})
    assert "nmcli device set ens2 managed yes" in refused.value.way_out


def test_an_auto_default_profile_is_refused_for_the_carrier_and_left_for_the_free_port() -> None:
    auto = ("[connection]\nid=Wired connection 1\nuuid=u-auto\ntype=ethernet\nautoconnect-priority=-999\n"
            "[ethernet]\nmac-address={}\n[ipv4]\nmethod=auto\n")  # fmt: skip
    at = "/run/NetworkManager/system-connections/Wired connection 1.nmconnection"
    with pytest.raises(Unsupported, match="writes it again"):
        keyfile.make(WANTED, {at: auto.format(MACS[1])})
    recipe = keyfile.make(WANTED, {at: auto.format(MACS[0]), profile("b"): LIVE})
    assert at not in recipe.files


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("[802-1x]\neap=tls;\n", "802-1x.eap"),
        ("[tc]\nqdisc.root=fq\n", "tc.qdisc.root"),
        ("[match]\ninterface-name=ens*;\n", "ens2"),
        ("[link]\ntx-queue-length=9\n", "link.tx-queue-length"),
    ],
)
def test_a_setting_of_a_profile_that_is_not_understood_is_refused_by_name(lines: str, named: str) -> None:
    with pytest.raises(Unsupported, match=named):
        keyfile.make(WANTED, {profile("b"): LIVE + lines})


def test_zone_priority_mtu_ethtool_and_user_data_are_kept() -> None:
    text = LIVE.replace("type=", "zone=internal\nautoconnect-priority=3\ntype=") + (
        "[802-3-ethernet]\nmtu=9000\nwake-on-lan=64\n[ethtool]\nring-rx=4096\n[user]\nrack=7\n"
    )
    recipe = keyfile.make(WANTED, {profile("b"): text})
    bond, port = recipe.files[profile("bond0")] or "", recipe.files[profile("bond0-ens2")] or ""
    for line in ("zone=internal", "autoconnect-priority=3", "mtu=9000", "rack=7"):
        assert f"{line}\n" in bond
    assert "ring-rx=4096\n" in port
    assert "wake-on-lan=64\n" in port
    assert "ring-rx" not in bond


def test_routes_keep_the_metric_of_the_card() -> None:
    """NetworkManager gives a bond's routes 300, a card's 100 and up: another card's default route would win then."""
    state = "[device]\nmanaged=true\nconnection-uuid=u-live\nroute-metric-default-effective=103\n"
    assert "[ipv4]\naddress1=192.0.2.7/24\nmethod=manual\nroute-metric=103\n" in text_of(
        keyfile.make(WANTED, {profile("a"): LIVE, f"{nm.DEVICES}/3": state})
    )
    assert "method=manual\nroute-metric=100\n" in text_of(keyfile.make(WANTED, {profile("a"): LIVE}))
    own = f"{LIVE}route-metric=50\n"
    assert text_of(keyfile.make(WANTED, {profile("a"): own})).count("route-metric") == 1
    before, after = ({"ens2": nm.config_of(nm.Profile("", LIVE), "103")}, {"bond0": nm.config_of(nm.Profile("", LIVE))})
    with pytest.raises(Unsupported, match="rest"):
        compare(WANTED, before, after)


@pytest.mark.parametrize("tool", ["systemd-networkd", "netplan"])
def test_that_dhcp_of_networkd_may_give_another_address_is_told(tool: str) -> None:
    """Not seen in the lab: the IAID is made of the name that udev gave, else of the MAC (dhcp_identifier_set_iaid)."""
    if tool == "netplan":
        path, by_name = f"{layers.FOLDER}/a.yaml", "network: {ethernets: {ens2: {dhcp4: true}}}\n"
        by_mac, make = by_name.replace("true", "true, dhcp-identifier: mac"), netplan.make
    else:
        path, by_name = f"{nf.FOLDER}/a.network", "[Match]\nName=ens2\n[Network]\nDHCP=ipv4\n"
        by_mac, make = f"{by_name}[DHCPv4]\nClientIdentifier=mac\n", networkd.make
    assert any("another address by DHCP" in message for message in make(WANTED, {path: by_name}).told)
    assert not make(WANTED, {path: by_mac}).told
    by_manager = by_name.replace("network: {", "network: {renderer: NetworkManager, ")
    assert tool != "netplan" or not make(WANTED, {path: by_manager}).told


def test_the_free_ports_own_profile_is_told_and_one_with_a_static_ipv6_address_is_refused() -> None:
    free = "[connection]\nid=free\nuuid=u-f\ntype=ethernet\ninterface-name=ens1\n[ipv4]\nmethod=auto\n"
    recipe = keyfile.make(WANTED, {profile("b"): LIVE, profile("f"): free})
    assert any("free" in message for message in recipe.told)
    with pytest.raises(Unsupported, match="gives ens1 an address"):
        keyfile.make(
            WANTED, {profile("b"): LIVE, profile("f"): free + "[ipv6]\nmethod=manual\naddress1=2001:db8::9/64\n"}
        )


def test_what_refers_to_a_profile_by_its_uuid_is_refused() -> None:
    other = "[connection]\nid=vpn\nuuid=u-v\ntype=dummy\ninterface-name=d0\nsecondaries=u-live;\n"
    with pytest.raises(Unsupported, match="names u-live"):
        keyfile.make(WANTED, {profile("b"): LIVE, profile("v"): other})


# -- the proof ---------------------------------------------------------------------------------------------------------


def test_a_word_does_not_switch_the_proof_off() -> None:
    """dhcp4: true explains one address with a lifetime: a static one that stands in no file would be lost."""
    files = {AT: YAML.format("192.0.2.7/24")}
    lease = Address(ip="203.0.113.50", prefixlen=24, permanent=False)
    static = Address(ip="192.0.2.7", prefixlen=24, permanent=True)
    tools.choose(facts_with("netplan", files, carrier(static, lease)), WANTED)
    lost = Address(ip="198.51.100.9", prefixlen=24, permanent=True)
    assert "198.51.100.9" in refusal(facts_with("netplan", files, carrier(static, lease, lost)))
    again = Address(ip="203.0.113.51", prefixlen=24, permanent=False)
    assert "203.0.113.51" in refusal(facts_with("netplan", files, carrier(static, lease, again)))


def test_ipv6_routes_and_mtu_are_compared_too() -> None:
    files = {AT: YAML.format("192.0.2.7/24").replace("dhcp4: true", "accept-ra: false")}
    static = Address(ip="192.0.2.7", prefixlen=24)
    six = Address(ip="2001:db8::7", prefixlen=64, permanent=True)
    assert "2001:db8::7" in refusal(facts_with("netplan", files, carrier(static, six)))
    assert "MTU 9000" in refusal(facts_with("netplan", files, carrier(static, mtu=9000)))
    by_hand = Route(destination="198.51.100.0/24", link="ens2", gateway="192.0.2.2", protocol=3)
    assert "198.51.100.0/24" in refusal(facts_with("netplan", files, carrier(static), routes=(by_hand,)))
    by_bird = replace(by_hand, protocol=12)
    tools.choose(facts_with("netplan", files, carrier(static), routes=(by_bird,)), WANTED)


def test_a_vlan_that_no_file_makes_is_refused() -> None:
    files = {AT: YAML.format("192.0.2.7/24")}
    above = Link(name="ens2.100", index=9, kind="vlan", parent="ens2", vlan=100)
    assert "VLAN ens2.100" in refusal(facts_with("netplan", files, above), ON_VLAN)


def test_two_tools_for_one_port_are_refused() -> None:
    facts = facts_with("netplan", {AT: YAML.format("192.0.2.7/24"), stanzas.MAIN: "iface ens1 inet dhcp\n"})
    facts = replace(facts, network_managers=("netplan", "ifupdown"))
    assert "both configure ens1" in refusal(facts)


def test_what_one_tool_refuses_no_other_does() -> None:
    files = {
        profile("b"): LIVE + "[802-1x]\neap=tls;\n",
        f"{ifcfg.FOLDER}/ifcfg-ens2": "DEVICE=ens2\nIPADDR=192.0.2.7\n",
    }
    facts = replace(facts_with("NetworkManager", files), network_managers=("NetworkManager", "network-scripts"))
    assert "802-1x" in refusal(facts)


def test_a_file_that_could_not_be_read_is_refused() -> None:
    facts = facts_with("netplan", {AT: YAML.format("192.0.2.7/24")})
    facts = replace(facts, files=(*facts.files, TextFile(path=f"{layers.FOLDER}/70-b.yaml", state="unreadable")))
    assert "could not be read" in refusal(facts)


def test_the_comparison_names_what_differs() -> None:
    with pytest.raises(Unsupported, match="mtu: 9000 before, - after"):
        compare(WANTED, {"ens2": Config(mtu=9000)}, {"bond0": Config()})
    with pytest.raises(Unsupported, match="give eth9 the same"):
        compare(WANTED, {"eth9": Config(mtu=9000)}, {})
