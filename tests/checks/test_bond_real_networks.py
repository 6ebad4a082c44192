"""Bonds on the network that hosts really have: several profiles, layers, globs, references, what is not understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from checks.bonding import (
    BondChanges,
    BondSpec,
    Nic,
    Unsupported,
    ifcfg,
    ifupdown,
    keyfile,
    layers,
    netplan,
    networkd,
    scripts,
    stanzas,
    tools,
)
from checks.bonding import network_files as nf
from checks.bonding import profiles as nm
from checks.bonding.config import Config, compare
from sriov_tui.facts import Address, HostFacts, Link, Route, TextFile

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
NICS = (Nic("ens1", MACS[0], 2), Nic("ens2", MACS[1], 3), Nic("ens3", "02:00:00:00:00:03", 4))
WANTED = BondSpec(name="bond0", mode="active-backup", ports=("ens1", "ens2"), macs=MACS, mac=MACS[1], carrier="ens2",
                nics=NICS)  # fmt: skip
ON_VLAN = replace(WANTED, vlans=(("ens2.100", "bond0.100"),))
_PROFILE = "[connection]\nid={}\nuuid={}\ntype=ethernet\ninterface-name=ens2\n[ipv4]\naddress1={}\nmethod=manual\n"
LIVE = _PROFILE.format("live", "u-live", "192.0.2.7/24")
DEAD = _PROFILE.format("a dead one", "u-dead", "198.51.100.9/24")


def profile(name: str) -> str:
    return f"{nm.FOLDER}/{name}.nmconnection"


def facts_with(tool: str, files: Mapping[str, str], *links: Link, routes: tuple[Route, ...] = ()) -> HostFacts:
    read = tuple(
        TextFile(path=path, state="present", text=text, sha256="0", mode=0o600) for path, text in files.items()
    )
    every = {nic.name: Link(name=nic.name, index=nic.index, mac=nic.mac) for nic in NICS} | {
        link.name: link for link in links
    }
    return HostFacts(network_managers=(tool,), files=read, links=tuple(every.values()), routes=routes)


def carrier(*addresses: Address, mtu: int = 1500) -> Link:
    return Link(name="ens2", index=3, mac=MACS[1], mtu=mtu, addresses=addresses)


def text_of(recipe: BondChanges) -> str:
    return "".join(text or "" for text in recipe.files.values())


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


def refusal(facts: HostFacts, wanted: BondSpec = WANTED) -> str:
    with pytest.raises(Unsupported) as refused:
        tools.choose(facts, wanted)
    return refused.value.why


YAML = "network:\n  version: 2\n  ethernets:\n    ens2:\n      dhcp4: true\n      addresses: [{}]\n"
AT = f"{layers.FOLDER}/60-a.yaml"


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


# -- netplan: layers, cloud-init, globs --------------------------------------------------------------------------------


def test_netplan_layers_are_merged_by_key() -> None:
    files = {
        f"{layers.FOLDER}/50-cloud-init.yaml": "network:\n  ethernets:\n    ens2: {dhcp4: true}\n",
        f"{layers.FOLDER}/60-static.yaml": "network:\n  ethernets:\n"
        "    ens2: {dhcp4: false, addresses: [192.0.2.7/24]}\n",
    }
    recipe = netplan.make(WANTED, files)
    after = layers.read(WANTED, {**files, **{path: text for path, text in recipe.files.items() if text}})
    assert after["bond0"].addresses == {"192.0.2.7/24"}
    assert after["bond0"].dynamic == frozenset()
    assert after["ens2"].idle


def test_a_file_of_run_shadows_that_of_etc_and_cannot_be_changed() -> None:
    files = {f"{layers.FOLDER}/a.yaml": "network:\n  ethernets:\n    ens2: {dhcp4: true}\n",
             "/run/netplan/a.yaml": "network:\n  ethernets:\n    ens2: {addresses: [192.0.2.7/24]}\n"}  # fmt: skip
    assert layers.read(WANTED, files)["ens2"].addresses == {"192.0.2.7/24"}
    with pytest.raises(Unsupported, match=r"/run/netplan/a\.yaml"):
        netplan.make(WANTED, files)


def test_cloud_init_is_kept_from_writing_its_file_again() -> None:
    its = "# This file is generated from information provided by the datasource.\n" + YAML.format("192.0.2.7/24")
    facts = facts_with("netplan", {f"{layers.FOLDER}/50-cloud-init.yaml": its})
    recipe = tools.choose(facts, WANTED)[1]
    assert "network: {config: disabled}" in (recipe.files[tools.CLOUD_OFF] or "")
    assert any("cloud-init" in message for message in recipe.told)
    off = TextFile(path="/etc/cloud/cloud.cfg.d/99-off.cfg", state="present", text="network: {config: disabled}\n")
    assert tools.CLOUD_OFF not in tools.choose(replace(facts, files=(*facts.files, off)), WANTED)[1].files


def test_a_glob_that_fits_one_port_is_its_entry_and_one_that_fits_others_is_refused() -> None:
    text = "network:\n  ethernets:\n    up:\n      match: {{name: {}}}\n      dhcp4: true\n"
    recipe = netplan.make(replace(WANTED, nics=NICS[1:2]), {AT: text.format("ens2*")})
    assert "match: {name: ens2*}" in (recipe.files[AT] or "")
    with pytest.raises(Unsupported, match="fits ens1 and ens2, ens3"):
        netplan.make(WANTED, {AT: text.format('"ens*"')})
    with pytest.raises(Unsupported, match="Two entries"):
        netplan.make(WANTED, {AT: text.format('"ens2*"') + "    ens2: {mtu: 9000}\n"})


# -- references --------------------------------------------------------------------------------------------------------


def test_what_stands_on_a_renamed_vlan_is_followed_or_refused() -> None:
    interfaces = ("auto ens2 ens2.100 br0\niface ens2 inet dhcp\niface ens2.100 inet manual\n"
                  "iface br0 inet dhcp\n    bridge_ports ens2.100\n")  # fmt: skip
    with pytest.raises(Unsupported, match=r"bridge_ports ens2\.100"):
        ifupdown.make(ON_VLAN, {stanzas.MAIN: interfaces})
    yaml = ("network:\n  ethernets:\n    ens2: {dhcp4: true}\n  vlans:\n    ens2.100: {id: 100, link: ens2}\n"
            "  bridges:\n    br0:\n      interfaces: [ens2.100]\n      dhcp4: true\n")  # fmt: skip
    assert "interfaces: [bond0.100]" in text_of(netplan.make(ON_VLAN, {AT: yaml}))
    with pytest.raises(Unsupported, match="bridges: br0: interfaces: ens2"):
        netplan.make(
            WANTED,
            {
                AT: yaml.replace("[ens2.100]", "[ens2]").replace(
                    "ens2.100: {id: 100, link: ens2}", "v: {id: 1, link: ens3}"
                )
            },
        )
    bridge = {f"{ifcfg.FOLDER}/ifcfg-ens2": "DEVICE=ens2\nIPADDR=192.0.2.7\n",
              f"{ifcfg.FOLDER}/ifcfg-ens2.100": "DEVICE=ens2.100\nVLAN=yes\nBRIDGE=br0\n"}  # fmt: skip
    with pytest.raises(Unsupported, match="BRIDGE"):
        scripts.make(ON_VLAN, bridge)


def test_netplan_judges_the_files_before_a_vlan_is_taken_down() -> None:
    yaml = "network:\n  ethernets:\n    ens2: {dhcp4: true}\n  vlans:\n    ens2.100: {id: 100, link: ens2}\n"
    recipe = netplan.make(ON_VLAN, {AT: yaml})
    words = [" ".join(run.argv) for run in recipe.after]
    assert words[0] == "netplan generate"
    assert "ens2.100" in words[1]


# -- aliases, includes, what is not understood -------------------------------------------------------------------------


def test_aliases_move_with_their_port() -> None:
    files = {f"{ifcfg.FOLDER}/ifcfg-ens2": "DEVICE=ens2\nIPADDR=192.0.2.7\nPREFIX=24\n",
             f"{ifcfg.FOLDER}/ifcfg-ens2:1": "DEVICE=ens2:1\nIPADDR=192.0.2.8\nPREFIX=24\n"}  # fmt: skip
    recipe = scripts.make(WANTED, files)
    assert recipe.files[f"{ifcfg.FOLDER}/ifcfg-ens2:1"] is None
    assert "DEVICE=bond0:1\n" in (recipe.files[f"{ifcfg.FOLDER}/ifcfg-bond0:1"] or "")
    interfaces = "auto ens2 ens2:1\niface ens2 inet dhcp\niface ens2:1 inet static\n    address 192.0.2.8/24\n"
    moved = ifupdown.make(WANTED, {stanzas.MAIN: interfaces})
    assert "iface bond0:1 inet static" in text_of(moved)
    assert [run.argv for run in moved.after] == [("ifup", "bond0"), ("ifup", "bond0:1")]


@pytest.mark.parametrize(
    "option", ["wpa-driver wired", "post-up ethtool -K ens2 tso off", "up /opt/x.sh", "bond-mode 1"]
)
def test_an_option_of_ifupdown_that_is_not_understood_is_refused_by_name(option: str) -> None:
    with pytest.raises(Unsupported) as refused:
        ifupdown.make(WANTED, {stanzas.MAIN: f"iface ens2 inet dhcp\n    {option}\n"})
    assert option.split()[0] in refused.value.why


HOOKS = ("ip link set ens2 up", "ip -6 rule add from 2001:db8::/32 table 7 || true",
         "sysctl -w net.ipv4.conf.ens2.rp_filter=2", "/sbin/ip route add 10.0.0.0/8 dev ens2")  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
def test_a_command_on_addresses_and_routes_moves(hook: str) -> None:
    recipe = ifupdown.make(WANTED, {stanzas.MAIN: f"iface ens2 inet dhcp\n    up {hook}\n"})
    assert f"up {hook.replace('ens2', 'bond0')}\n" in text_of(recipe)


def test_an_option_after_a_tab_is_read_as_a_whole() -> None:
    files = {stanzas.MAIN: "iface ens2 inet static\n\taddress\t192.0.2.7/24\n\tdns-nameservers\t192.0.2.1 192.0.2.2\n"}
    assert ifupdown.read(WANTED, files)["ens2"] == Config(
        addresses=frozenset(["192.0.2.7/24"]), dns=("192.0.2.1", "192.0.2.2")
    )
    ifupdown.make(WANTED, files)


def test_only_what_the_main_file_includes_is_in_force() -> None:
    at = "/etc/network/interfaces.d/ens2"
    stanza = "iface ens2 inet static\n    address 192.0.2.7/24\n"
    with pytest.raises(Unsupported, match="No stanza"):
        ifupdown.make(WANTED, {stanzas.MAIN: "auto lo\n", at: stanza})
    recipe = ifupdown.make(WANTED, {stanzas.MAIN: "source interfaces.d/*\n", at: stanza})
    assert list(recipe.files) == [at]
    with pytest.raises(Unsupported, match="not read"):
        ifupdown.make(WANTED, {stanzas.MAIN: f"source /opt/net/*\n{stanza}"})


@pytest.mark.parametrize("line", ["TEAM_MASTER=team0", "DEVICETYPE=ovs", "KEY_MGMT=IEEE8021X", "IPADDR=$(hostname -i)"])
def test_a_setting_of_ifcfg_that_is_not_understood_is_refused_by_name(line: str) -> None:
    with pytest.raises(Unsupported) as refused:
        scripts.make(WANTED, {f"{ifcfg.FOLDER}/ifcfg-ens2": f"DEVICE=ens2\n{line}\n"})
    assert line.split("=")[0] in refused.value.why


def test_networkd_reads_what_counts() -> None:
    early = "/run/systemd/network/10-a.network"
    files = {f"{nf.FOLDER}/10-a.network": "[Match]\nName=ens2\n[Network]\nAddress=192.0.2.7/24\n",
             early: "[Match]\nName=ens2\n[Network]\nAddress=198.51.100.9/24\n",
             f"{nf.FOLDER}/10-a.network.d/mtu.conf": "[Link]\nMTUBytes=9000\n"}  # fmt: skip
    assert nf.read(WANTED, files)["ens2"] == Config(addresses=frozenset(["192.0.2.7/24"]), mtu=9000)
    recipe = networkd.make(WANTED, files)
    assert "MTUBytes=9000" in text_of(recipe)
    with pytest.raises(Unsupported, match="Driver"):
        networkd.make(WANTED, {f"{nf.FOLDER}/10-a.network": "[Match]\nDriver=igb\n[Network]\nDHCP=yes\n"})
    with pytest.raises(Unsupported, match=r"Link\.Unmanaged"):
        networkd.make(WANTED, {f"{nf.FOLDER}/10-a.network": "[Match]\nName=ens2\n[Link]\nUnmanaged=yes\n"})
    turned = "[Match]\nName=!ens2 ens3\n[Network]\nDHCP=yes\n"
    assert set(nf.read(WANTED, {f"{nf.FOLDER}/10-a.network": turned})) == {"ens1"}


def test_the_files_that_systemd_brings_along_fit_no_card_and_no_vlan() -> None:
    lib = "/usr/lib/systemd/network"
    brought = {
        f"{lib}/80-wifi-adhoc.network": "[Match]\nType=wlan\nWLANInterfaceType=ad-hoc\n",
        f"{lib}/80-container-host0.network": "[Match]\nKind=veth\nName=host0\nVirtualization=container\n",
        f"{nf.FOLDER}/20-other.netdev": "[NetDev]\nName=other0\nKind=dummy\n",
        f"{nf.FOLDER}/89-ethernet.network": "[Match]\nType=ether\nKind=!*\n[Network]\nDHCP=yes\n",
    }
    assert set(nf.read(WANTED, brought)) == {"ens1", "ens2", "ens3"}


def test_wicked_is_by_hand_with_exact_words() -> None:
    files = {"/etc/sysconfig/network/ifcfg-ens2": "STARTMODE='auto'\nBOOTPROTO='static'\nIPADDR='192.0.2.7/24'\n"}
    with pytest.raises(Unsupported) as refused:
        tools.choose(facts_with("wicked", files), WANTED)
    for word in ("BONDING_SLAVE_0='ens1'", "IPADDR='192.0.2.7/24'", "wicked ifreload all", "ifcfg-bond0"):
        assert word in refused.value.manual


@pytest.mark.parametrize("tool", ["netplan", "NetworkManager", "network-scripts", "systemd-networkd", "ifupdown"])
def test_a_bond_that_files_already_configure_is_refused(tool: str) -> None:
    taken = {
        "netplan": {AT: "network:\n  ethernets:\n    ens2: {dhcp4: true}\n  bonds:\n    bond0: {interfaces: [ens3]}\n"},
        "NetworkManager": {profile("b"): LIVE, profile("x"): "[connection]\nid=x\ntype=bond\ninterface-name=bond0\n"},
        "network-scripts": {f"{ifcfg.FOLDER}/ifcfg-ens2": "BOOTPROTO=dhcp\n",
                            f"{ifcfg.FOLDER}/ifcfg-bond0": "TYPE=Bond\n"},
        "systemd-networkd": {f"{nf.FOLDER}/1.network": "[Match]\nName=ens2\n[Network]\nDHCP=yes\n",
                             f"{nf.FOLDER}/2.netdev": "[NetDev]\nName=bond0\nKind=bond\n"},
        "ifupdown": {stanzas.MAIN: "iface ens2 inet dhcp\niface bond0 inet manual\n"},
    }[tool]  # fmt: skip
    assert "already configures bond0" in refusal(facts_with(tool, taken))
