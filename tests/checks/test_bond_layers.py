"""Bonds on the network that hosts really have: layers, globs, references, aliases, what is not understood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.bonding import (
    Unsupported,
    ifcfg,
    ifupdown,
    layers,
    netplan,
    networkd,
    scripts,
    stanzas,
    tools,
    wish,
)
from checks.bonding import network_files as nf
from checks.bonding.config import Config, compare
from sriov_tui.facts import TextFile
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from tests import bond_machines
from tests.bond_hosts import (
    AT,
    LIVE,
    NICS,
    ON_VLAN,
    WANTED,
    YAML,
    facts_with,
    profile,
    refusal,
    text_of,
)

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


@pytest.mark.parametrize("end", ["\n", "    hostname kvm07", "    metric 1003\n"])
def test_routes_by_dhcp_keep_the_metric_that_dhcpcd_made_of_the_index(end: str) -> None:
    """Seen in the lab: the bond's index is a later one, so the default route of another card won."""
    files = {stanzas.MAIN: f"iface ens2.100 inet dhcp\niface ens2 inet dhcp\n{end}"}
    counted = replace(ON_VLAN, metrics=(("ens2", 1003), ("ens2.100", 1007)))
    moved = text_of(ifupdown.make(counted, files))
    for name, metric in counted.metrics:
        of_it = moved.partition(f"iface {counted.names[name]} inet dhcp\n")[2].partition("iface")[0]
        assert of_it.count(f"    metric {metric}\n") == 1
    before, after = ifupdown.read(counted, files), ifupdown.read(counted, {stanzas.MAIN: moved})
    compare(counted, before, after)
    assert "metric" not in text_of(ifupdown.make(ON_VLAN, {stanzas.MAIN: "iface ens2 inet dhcp\n"}))


def test_the_metric_is_that_of_the_routes_that_dhcp_gave() -> None:
    machine = bond_machines.carrying("ifupdown")
    index = {row["name"]: row["index"] for row in machine.netlink["links"]}
    machine.netlink["routes"] = [
        {"destination": to, "link": index[name], "gateway": "", "protocol": by, "metric": metric}
        for to, name, by, metric in (("192.0.2.0/24", "enp2s0", 2, 0), ("192.0.2.0/24", "enp2s0", 3, 5),
                                     ("2001:db8::/64", "enp2s0", 16, 1024), ("192.0.2.0/24", "enp2s0", 16, 1003),
                                     ("203.0.113.0/24", "enp2s0.100", 16, None))
    ]  # fmt: skip
    made = wish.wanted(gather(RecordedHost(machine)), bond_machines.bond(ports=("0000:01:00.0", "0000:02:00.0")))
    assert made is not None
    assert made.metrics == (("enp2s0", 1003),)


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
