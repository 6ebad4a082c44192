"""The prediction against what the facts say of the host-agent, arrangement by arrangement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import agent
from checks.cards.new_vfs import planned
from checks.host_agent import kvm
from sriov_tui.facts import Bond, Cpu, Holder, HostFacts, Iommu, Link, Module, Pf
from sriov_tui.model import Choices, Finding, Level, NicChoice
from tests.samples import CONF, FIRST, SECOND, igb_host, igb_pf, igb_vfs

ENTRY = "10.0.2.15\n"
CONF_ONE = CONF.replace(ENTRY, f"{ENTRY}- enp1s0/br1/bcast1\n") + "sriov_nics:\n- enp1s0\n"
CONF_TWO = CONF_ONE.replace("bcast1\n", "bcast1\n- enp2s0/br2/bcast2\n") + "- enp2s0\n"
ONE = Choices(nics=(NicChoice(address=FIRST, use="sriov"),))


def host(conf: str = CONF_ONE, numvfs: int = 7, second: Pf | None = None, **changes: object) -> HostFacts:
    """The sample host with this host.conf and this many VFs on its first port."""
    return igb_host(conf=conf, pfs=(igb_pf(numvfs=numvfs), second or igb_pf(SECOND, "enp2s0")), **changes)


def lspci(bus: str, name: str = "82576 Virtual Function") -> tuple[tuple[str, str], ...]:
    """The lines of the VFs on this bus, as HostFacts keeps them."""
    line = f'"Ethernet controller [0200]" "Intel Corporation [8086]" "{name} [10ca]" -r01 "" ""'
    return tuple((vf.address, line) for vf in igb_vfs(bus))


def found(facts: HostFacts, choices: Choices = ONE) -> dict[str, Finding]:
    """The findings by key; a key that comes twice is an error."""
    all_of = list(agent.findings(facts, choices))
    by_key = {finding.key: finding for finding in all_of}
    assert len(by_key) == len(all_of)
    return by_key


def test_all_vfs() -> None:
    forecast = agent.forecast(host(lspci=lspci("01")))
    assert len(forecast.devices) == 7
    first = forecast.devices[0]
    assert (first.addr, first.vendor_device_id, first.model) == ("01:10.0", "8086:10ca", "82576 Virtual Function")
    assert (first.pf, first.virtfn, first.wire, first.representor) == ("enp1s0", 0, "bcast1", "")
    assert forecast.sriov.changes == tuple(("bind", vf.address) for vf in igb_vfs("01"))


def test_all_is_ok_on_a_healthy_host() -> None:
    findings = found(host())
    assert {finding.level for finding in findings.values()} == {Level.OK}
    assert findings["agent.forecast host"].title == "The host-agent will report 7 devices."


def test_no_vfs_yet_are_made_by_the_agent() -> None:
    forecast = agent.forecast(host(numvfs=0))
    assert [device.addr for device in forecast.devices] == [vf.address[-7:] for vf in igb_vfs("01")]
    assert all(device.planned for device in forecast.devices)
    assert forecast.sriov.changes[0][1] == "write 7 into /sys/class/net/enp1s0/device/sriov_numvfs"


def test_a_vf_to_come_is_named_after_one_of_its_kind() -> None:
    facts = host(CONF_TWO, numvfs=0, second=igb_pf(SECOND, "enp2s0", numvfs=7), lspci=lspci("02"))
    assert {device.model for device in agent.forecast(facts).devices} == {"82576 Virtual Function"}


def test_planned_addresses_cross_the_bus() -> None:
    pf = igb_pf("0000:01:00.1")
    assert [vf.address for vf in planned(pf)][:2] == ["0000:01:10.1", "0000:01:10.3"]
    assert pf.sriov is not None
    far = replace(pf, sriov=replace(pf.sriov, offset=0x180, stride=1))
    assert planned(far)[0].address == "0000:02:10.1"


def test_four_of_seven_and_nothing_of_any_card() -> None:
    facts = host(CONF_TWO, numvfs=4, second=igb_pf(SECOND, "enp2s0", numvfs=7))
    forecast = agent.forecast(facts)
    assert forecast.devices == ()
    assert forecast.sriov.error == (
        "get sriov nic devices write /sys/class/net/enp1s0/device/sriov_numvfs: device or resource busy"
    )
    findings = found(facts)
    assert findings[f"agent.partial-vfs {FIRST}"].level is Level.FAIL
    assert findings[f"agent.partial-vfs {SECOND}"].level is Level.OK
    assert findings["agent.forecast host"].level is Level.FAIL


def test_iommu_off() -> None:
    facts = host(iommu=Iommu(tables=(), units=(), groups=0))
    assert agent.forecast(facts).sriov.error == (
        "get sriov nic devices bind driver 01:10.2 : write /sys/bus/pci/drivers/vfio-pci/bind: invalid argument"
    )
    assert found(facts)["agent.iommu host"].level is Level.FAIL


def test_iommu_unknown_is_said_as_unknown() -> None:
    assert found(host(iommu=Iommu()))["agent.iommu host"].level is Level.SKIP


def test_autoprobe_off() -> None:
    facts = igb_host(conf=CONF_ONE, pfs=(replace(igb_pf(numvfs=7), autoprobe=False),))
    assert agent.forecast(facts).sriov.error.endswith("/vfio-pci/bind: no such device")
    assert found(facts)[f"agent.autoprobe {FIRST}"].level is Level.FAIL


def test_vfs_that_vfio_has_already_need_no_binding() -> None:
    pf = replace(igb_pf(numvfs=7), autoprobe=False, vfs=igb_vfs("01", driver="vfio-pci"))
    forecast = agent.forecast(igb_host(conf=CONF_ONE, pfs=(pf,), iommu=Iommu(units=(), groups=0)))
    assert len(forecast.devices) == 7
    assert forecast.sriov.changes == ()


def test_vfs_with_a_driver_are_unbound_first() -> None:
    pf = replace(igb_pf(numvfs=7), vfs=igb_vfs("01", driver="igbvf"))
    changes = agent.forecast(igb_host(conf=CONF_ONE, pfs=(pf,))).sriov.changes
    assert changes[:2] == (("unbind", "0000:01:10.0"), ("bind", "0000:01:10.0"))


def test_no_vfio_module() -> None:
    facts = host(modules=(Module(name="vfio_pci", loaded=False, available=False),))
    assert "no such file or directory" in agent.forecast(facts).sriov.error
    assert found(facts)["agent.vfio host"].blocks


def test_a_card_without_an_entry_gets_the_first_wire() -> None:
    forecast = agent.forecast(host(CONF_ONE.replace("- enp1s0/br1/bcast1\n", "")))
    assert forecast.devices[0].wire == ""  # the first entry is in the IP form
    assert "wire of the first entry" in forecast.sriov.notes[0][1]
    other = CONF.replace("- mgmt0", "- enp2s0/br2/bcast2\n- mgmt0") + "sriov_nics: [enp1s0]\n"
    assert {device.wire for device in agent.forecast(host(other)).devices} == {"bcast2"}


def test_a_bond_of_both_ports() -> None:
    conf = CONF.replace(ENTRY, f"{ENTRY}- bond0/br1/bcast1\n") + "sriov_nics: [bond0]\n"
    bond = Link(name="bond0", index=9, kind="bond", bond=Bond(mode="802.3ad", ports=("enp1s0", "enp2s0")))
    facts = host(conf, second=igb_pf(SECOND, "enp2s0", numvfs=7))
    facts = replace(facts, links=(*(facts.links or ()), bond))
    devices = agent.forecast(facts).devices
    assert len(devices) == 14
    assert {(device.pf, device.wire) for device in devices} == {("enp1s0", "bcast1"), ("enp2s0", "bcast1")}
    assert found(facts)["agent.forecast host"].title == "The host-agent will report 14 devices."
    unlisted = replace(facts, files=host(conf.replace("- bond0/br1/bcast1\n", "")).files)
    forecast = agent.forecast(unlisted)
    assert forecast.devices == ()
    assert "bond without an entry" in forecast.sriov.skipped[0][1]


def test_a_card_outside_pci_domain_0() -> None:
    pf = replace(
        igb_pf("10000:01:00.0", numvfs=7), path="/sys/devices/pci0000:00/0000:00:0e.0/pci10000:00/10000:01:00.0"
    )
    other = replace(igb_pf("0101:01:00.0", numvfs=7), path="/sys/devices/pci0101:00/0101:01:00.0")
    assert len(agent.forecast(igb_host(conf=CONF_ONE, pfs=(pf,))).devices) == 7  # the path counts, not the address
    facts = igb_host(conf=CONF_ONE, pfs=(other,))
    assert agent.forecast(facts).devices == ()
    assert found(facts)["agent.pci-domain enp1s0"].blocks


@pytest.mark.parametrize(
    ("name", "says"), [("enp9", "not a network interface"), ("vlan5", "virtual interface"), ("", "An empty name")]
)
def test_a_name_that_is_no_card(name: str, says: str) -> None:
    facts = host(CONF_ONE.replace("sriov_nics:\n- enp1s0\n", f'sriov_nics: ["{name}"]\n'))
    facts = replace(facts, links=(*(facts.links or ()), Link(name="vlan5", index=9, kind="vlan")))
    finding = found(facts)[f"agent.nic-name {name or 'host'}"]
    assert finding.blocks
    assert says in finding.title
    assert agent.forecast(facts).devices == ()


def test_a_card_that_offers_no_vfs_spoils_all() -> None:
    bare = replace(igb_pf(SECOND, "enp2s0"), totalvfs=None, numvfs=None, sriov=None, counts_vfs=False)
    facts = host(CONF_TWO, second=bare)
    assert "enp2s0/device/sriov_numvfs: no such file" in agent.forecast(facts).sriov.error
    assert found(facts)[f"agent.sriov {SECOND}"].blocks


def test_containers_and_missing_kvm_are_not_probed() -> None:
    assert "container" in agent.forecast(host(CONF_ONE + "host_type: container\n")).idle
    no_kvm = Cpu(vendor="GenuineIntel", virtualization=False, kvm_device=False)
    assert found(host(cpu=no_kvm))["agent.kvm host"].level is Level.FAIL
    assert "KVM" in agent.forecast(host(cpu=no_kvm)).idle


LOADED, ON_DISK, ABSENT, UNKNOWN = (True, True), (False, True), (False, False), (None, None)


@pytest.mark.parametrize(
    ("device", "flag", "module", "works"),
    [
        (True, False, ABSENT, True),  # a flag is not asked for: KVM may be built in, or another hypervisor give it
        (False, True, LOADED, True),  # modprobe of a loaded module succeeds
        (False, True, ON_DISK, True),
        (False, False, ON_DISK, False),
        (False, True, ABSENT, False),
        (False, None, ABSENT, False),  # arm64 without /dev/kvm
        (False, True, UNKNOWN, None),
        (None, True, ABSENT, None),
    ],
)
def test_kvm_as_the_agent_judges_it(
    device: bool | None, flag: bool | None, module: tuple[bool | None, bool | None], works: bool | None
) -> None:
    modules = tuple(Module(name=name, loaded=module[0], available=module[1]) for name in kvm.MODULES)
    facts = host(cpu=Cpu(virtualization=flag, kvm_device=device), modules=(*(igb_host().modules), *modules))
    assert kvm.works(facts) is works
    findings = found(facts)
    level = {True: None, None: Level.SKIP, False: Level.FAIL}[works]
    assert (findings["agent.kvm host"].level if "agent.kvm host" in findings else None) is level
    if works is None:
        assert findings["agent.forecast host"].level is Level.SKIP


def test_kvm_that_the_firmware_has_locked() -> None:
    facts = host(cpu=Cpu(virtualization=True, kvm_device=False),
                 modules=(Module(name="kvm_intel", loaded=False, available=True),))  # fmt: skip
    locked = replace(facts, kernel=replace(facts.kernel, log=("[    3.1] kvm: disabled by bios",)))
    assert (kvm.works(facts), kvm.works(locked)) == (True, False)


def test_a_broken_host_conf_is_said_with_the_agents_words() -> None:
    forecast = agent.forecast(host("networks:\n-x\n"))
    assert not forecast.loads
    assert agent.lines(forecast) == (
        "The host-agent will not start: FATAL Parse configuration file: Misformated line: networks:",
    )
    assert list(agent.findings(host("networks:\n-x\n"), Choices())) == []  # hostconf.loads says it


def test_without_host_conf_nothing_is_foreseen() -> None:
    forecast = agent.forecast(replace(igb_host(), files=()))
    assert not forecast.loads
    assert agent.lines(forecast) == ("There is no host.conf that could be read, so there is nothing to foresee.",)


def test_offload_without_the_vendor_driver() -> None:
    forecast = agent.forecast(host(CONF_ONE.replace("sriov_nics", "ovs_offload_nics")))
    assert forecast.offload.error == (
        "getOvsOffloadNics: fileutils2.FileGetContents(devlinkPath): open /sys/class/net/enp1s0/compat/devlink/mode: "
        "no such file or directory"
    )


def test_offload_names_its_representors() -> None:
    pf = replace(igb_pf(numvfs=7), compat_devlink=True)
    rep = Link(name="eth5", index=9, pci=FIRST, phys_port_name="pf0vf1")
    facts = igb_host(conf=CONF_ONE.replace("sriov_nics", "ovs_offload_nics"), pfs=(pf,))
    facts = replace(facts, links=(*(facts.links or ()), rep))
    forecast = agent.forecast(facts)
    assert [device.representor for device in forecast.devices][:3] == ["", "eth5", ""]
    assert forecast.offload.changes[-1][1] == "set other_config:hw-offload=true in Open vSwitch"
    bad = replace(facts, links=(*(facts.links or ()), replace(rep, name="sf0", phys_port_name="pf0sf88")))
    assert agent.forecast(bad).offload.error == "getOvsOffloadNics: sf0 bad portname pf0sf88"


ROOT = "/sys/devices/pci0000:00"


@pytest.mark.parametrize(
    ("link", "error"),
    [
        (Link(name="rep0", index=90, pci=FIRST, path=f"{ROOT}/{FIRST}/net/rep0", phys_port_name="pf0vf0"), ""),
        (Link(name="vf0", index=90, pci="0000:01:10.0", path=f"{ROOT}/0000:01:10.0/net/vf0"), "vf0"),
        (Link(name="vf0", index=90, pci="0000:01:10.0"), "vf0"),
        (Link(name="usb0", index=90, path=f"{ROOT}/0000:00:14.0/usb1/1-1/1-1:1.0/net/usb0"), "usb0"),
        (Link(name="virt0", index=90, path=f"{ROOT}/0000:00:03.0/virtio0/net/virt0"), "virt0"),
        (Link(name="fp0", index=90, pci="0000:09:00.0", path=f"{ROOT}/0000:09:00.0/net/fp0"), "fp0"),
    ],
    ids=["representor", "VF", "VF, its path unknown", "USB", "virtio", "accelerator"],
)
def test_any_interface_below_the_root_counts(link: Link, error: str) -> None:
    facts = host(CONF_ONE + f"- {link.name}\n")
    part = agent.forecast(replace(facts, links=(*(facts.links or ()), link))).sriov
    if error:
        file = f"/sys/class/net/{error}/device/sriov_numvfs"
        assert part.error == f"get sriov nic devices open {file}: no such file or directory"
        assert part.culprit == error
        assert part.devices == ()
        return
    assert [device.pf for device in part.devices] == ["enp1s0"] * 7 + [link.name] * 7
    assert {device.wire for device in part.devices if device.pf == link.name} == {""}  # that of the first entry


def test_an_item_and_an_entry_twice() -> None:
    twice = agent.forecast(host(CONF_ONE + "- enp1s0\n")).sriov
    assert len(twice.devices) == 14
    assert "2 times" in twice.notes[0][1]


def test_an_accelerator_with_vfs_is_a_card_like_any_other() -> None:
    pf = replace(igb_pf(numvfs=7), class_code=0x120000)
    assert len(agent.forecast(igb_host(conf=CONF_ONE, pfs=(pf,))).devices) == 7


def test_the_model_of_vfs_to_come_is_that_of_pci_ids() -> None:
    pf = replace(igb_pf(), vf_names=("Intel Corporation", "82576 Virtual Function"))
    devices = agent.forecast(igb_host(conf=CONF_ONE, pfs=(pf,))).devices
    assert {device.model for device in devices} == {"82576 Virtual Function"}
    unknown = replace(pf, vf_names=("Intel Corporation", ""))
    assert agent.forecast(igb_host(conf=CONF_ONE, pfs=(unknown,))).devices[0].model == "Device"
    lost = replace(pf, vf_names=("Intel Corporation", "NetXtreme\u00ae VF"))
    assert agent.forecast(igb_host(conf=CONF_ONE, pfs=(lost,))).sriov.error == "get sriov nic devices exit status 1"


def test_offload_would_take_vfs_from_virtual_machines() -> None:
    vfs = (replace(igb_vfs("01", driver="vfio-pci")[0], holders=(Holder(pid=7, command="qemu", vm="web1"),)),)
    pf = replace(igb_pf(numvfs=7), compat_devlink=True, vfs=(*vfs, *igb_vfs("01", driver="vfio-pci")[1:]))
    facts = igb_host(conf=CONF_ONE.replace("sriov_nics", "ovs_offload_nics"), pfs=(pf,))
    finding = found(facts, Choices())[f"agent.held {FIRST}"]
    assert finding.blocks
    assert "web1" in finding.detail
    plain = igb_host(conf=CONF_ONE, pfs=(pf,))
    assert f"agent.held {FIRST}" not in found(plain, Choices())
    rep = Link(name="eth5", index=9, pci=FIRST, phys_port_name="pf0vf1")
    assert f"agent.held {FIRST}" not in found(replace(facts, links=(*(facts.links or ()), rep)), Choices())


@pytest.mark.parametrize(
    ("second", "mode", "says"),
    [
        (SECOND, "802.3ad", "different cards (0000:01:00, 0000:02:00)"),
        ("0000:01:00.1", "802.3ad", ""),
        ("0000:01:00.1", "balance-rr", "in mode balance-rr"),
        ("", "802.3ad", "ports that are on no such card (enp2s0)"),
    ],
)
def test_a_bond_to_offload(second: str, mode: str, says: str) -> None:
    conf = CONF.replace(ENTRY, f"{ENTRY}- bond0/br1/bcast1\n") + "ovs_offload_nics: [bond0]\n"
    bond = Link(name="bond0", index=9, kind="bond", bond=Bond(mode=mode, ports=("enp1s0", "enp2s0")))
    facts = host(conf, second=igb_pf(second or SECOND, "enp2s0" if second else "enp9s0", numvfs=7))
    links, unread = facts.links or (), replace(bond, bond=Bond(mode="", ports=("enp1s0", "enp2s0")))
    finding = found(replace(facts, links=(*links, bond)), Choices())["agent.bond bond0"]
    assert finding.blocks is bool(says)
    assert says in finding.title
    assert found(replace(facts, links=(*links, unread)), Choices())["agent.bond bond0"].level is Level.SKIP


def test_lines_say_what_comes_and_what_changes() -> None:
    lines = agent.lines(agent.forecast(host(numvfs=0)))
    assert lines[0] == "sriov_nics: the host-agent will report 7 devices."
    assert "    bind 7 VFs to vfio-pci" in lines
    assert any("security groups" in line for line in lines)
    assert agent.lines(agent.forecast(igb_host())) == ("host.conf asks for no VFs: the host-agent will report none.",)


def test_the_proposed_file_is_foreseen_before_it_is_written() -> None:
    choices = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"),))
    findings = {finding.key: finding for finding in agent.findings(igb_host(), choices)}
    assert findings["agent.forecast host"].title == "The host-agent will report 7 devices."
