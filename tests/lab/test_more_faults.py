"""Faults put in for real, found from the symptom alone, then from the line alone that a program printed, and fixed.

The lines are those that this machine's kernel, QEMU and modprobe print at that moment. Where no
program prints one, there is none to paste. How each is fixed is what `troubleshoot` says of it, or its own --apply.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF
from tests.lab.guest import Guest, prepare
from tests.lab.machine import KVM, NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.walk import BRIDGE, WIRE

PROGRAM = Path(__file__).with_name("faults_there.py")
FIRST, NET = PFS[0], NETDEVS[0]
AT = f"/sys/bus/pci/devices/{FIRST}"
NICS = (f"cp /root/host.conf {HOST_CONF}; printf 'sriov_nics:\\n- {NET}\\n' >>{HOST_CONF}; "
        f"sed -i '/^networks:/a\\- {NET}/{BRIDGE}/{WIRE}' {HOST_CONF}")  # fmt: skip
VFS = f"modprobe igbvf; echo {TOTALVFS} >{AT}/sriov_numvfs; udevadm settle; ip link set {NET} up"
VF = f"$(basename $(readlink {AT}/virtfn0))"
REBIND = f"echo {VF} >{AT}/virtfn0/driver/unbind; echo {VF} >/sys/bus/pci/drivers/igbvf/bind; udevadm settle"
OWN = f"$(ls {AT}/virtfn0/net)"
SAME, OTHER = "52:54:00:00:00:aa", "52:54:00:00:00:bb"
CLEAN = f"""
pkill -9 -x qemu-system-x86; ip link del brx 2>/dev/null; systemctl start openvswitch-switch
for pf in {" ".join(PFS)}; do echo 0 >/sys/bus/pci/devices/$pf/sriov_numvfs; done
modprobe -r vfio-pci; ip link set {NET} mtu 1500; ip link set {NET} up; dmesg -C; true
"""
GROUPED = f"qemu-system-x86_64 -accel kvm -m 64 -nodefaults -display none -device vfio-pci,host={VF} 2>&1"
# Without CAP_IPC_LOCK root is held to the limit, too.
LIMITED = f"timeout 60 prlimit --memlock=65536:65536 setpriv --bounding-set=-ipc_lock {GROUPED}"
# As the host-agent gives every VF to vfio-pci.
TAKE = (f"modprobe vfio-pci; for l in {AT}/virtfn*; do vf=$(basename $(readlink $l)); "
        "echo vfio-pci >/sys/bus/pci/devices/$vf/driver_override; echo $vf >/sys/bus/pci/devices/$vf/driver/unbind; "
        "echo $vf >/sys/bus/pci/drivers/vfio-pci/bind; done")  # fmt: skip
DENIED = ("echo blacklist vfio_pci >/etc/modprobe.d/denied.conf; echo vfio_pci >/etc/modules-load.d/denied.conf; "
          "systemctl restart systemd-modules-load")  # fmt: skip
BY_VF, BY_OVS = (("vm-network", "vf"),), (("vm-network", "ovs"),)
UP = f"for i in $(seq 60); do [ $(cat /sys/class/net/{NET}/carrier) = 1 ] && break; sleep 1; done"
# A bridge takes the MTU of its ports until somebody sets another one.
BRIDGED = (f"ip link set {NET} mtu 1400; ip link add brx type bridge; ip link set {NET} master brx; "
           "ip link set brx up; ip link set brx mtu 1500")  # fmt: skip
# Two ports of the board, the first without ACS: what is behind it is one group with its VFs.
PLACES = ("pcie-root-port,id=open,slot=2,chassis=2,disable-acs=on", "igb,mac=52:54:00:dd:00:01,bus=open",
          "pcie-root-port,id=plain,slot=3,chassis=3", "igb,mac=52:54:00:dd:00:02,bus=plain")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """How it is put in; what is asked, and the cause; the command whose output is pasted, and the cause of that line.

    `mend` is the fix as `troubleshoot` words it, or its own --apply. `proof` asks the kernel. A cause that a line of
    the log alone shows stays there until the next boot: `stays`.
    """

    name: str
    put: str
    asked: str
    cause: str
    mend: str
    proof: str
    line: str = ""
    told: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    stays: bool = False


FAULTS = (
    Fault("vfio-pci is missing", f"{VFS}; f=$(modinfo -n vfio-pci); echo $f >/root/was; mv $f /root/; depmod -a",
          "vf-bind", "vfio.missing", "f=$(cat /root/was); mv /root/${f##*/} $f; depmod -a", "modprobe vfio-pci",
          line="modprobe vfio-pci 2>&1"),
    Fault("two VFs with one MAC address",
          f"{VFS}; for n in 0 1; do ip link set {NET} vf $n mac {SAME}; ip link set {NET} vf $n spoofchk on; done",
          "vm-network", "vf.mac-twice", f"ip link set {NET} vf 1 mac {OTHER}",
          f"[ $(ip link show {NET} | grep -c {SAME}) = 1 ]", answers=BY_VF),
    Fault("a VF that asks for another MAC address than the host has set, spoofchk on",
          f"{VFS}; {UP}; ip link set {NET} vf 0 mac {SAME}; ip link set {NET} vf 0 spoofchk on; {REBIND}; "
          f"ip link set {OWN} up; ip link set {OWN} address {OTHER}", "vm-network", "vf.mac-set",
          f"ip link set {OWN} address {SAME}", f"[ $(cat {AT}/virtfn0/net/*/address) = {SAME} ]",
          line="dmesg | grep -m1 'administratively set MAC'", answers=BY_VF, stays=True),
    Fault("the port is down", f"{VFS}; ip link set {NET} down; echo {VF} >{AT}/virtfn0/driver/unbind; "
          f"echo {VF} >/sys/bus/pci/drivers/igbvf/bind", "vf-link", "net.port-down", f"ip link set {NET} up",
          f"for i in $(seq 60); do [ $(cat /sys/class/net/{NET}/carrier) = 1 ] && exit; sleep 1; done; exit 1",
          line="dmesg | grep -m1 'PF still'", told="vf.mailbox"),
    Fault("somebody else made 3 VFs", f"echo 3 >{AT}/sriov_numvfs; echo {TOTALVFS} >{AT}/sriov_numvfs", "fewer-vfs",
          "vf.partial", "sriov-tui troubleshoot vf.partial --apply --yes",
          f"[ $(cat {AT}/sriov_numvfs) = {TOTALVFS} ]", line="dmesg | grep -m1 'VFs already enabled'",
          told="vf.some-exist"),
    Fault("host.conf was not read since", VFS, "config-ignored", "conf.not-read", "true",
          f"[ $(cat {AT}/sriov_numvfs) = {TOTALVFS} ]", answers=(("pod-restarted", "no"),), stays=True),
    Fault("memory that may not be locked", f"{VFS}; {TAKE}; {LIMITED}", "vm-start", "vfio.memlock", "true",
          f"timeout 15 {GROUPED}; [ $? = 124 ]", line=LIMITED, answers=BY_VF, stays=True),
    Fault("an MTU below that of the bridge", f"{VFS}; {UP}; {BRIDGED}", "mtu", "net.mtu",
          f"ip link set dev {NET} mtu 1500", f"[ $(cat /sys/class/net/{NET}/mtu) = 1500 ]",
          line=f"ip link set dev {NET} mtu 20000 2>&1"),
    Fault("Open vSwitch is stopped", f"{VFS}; {UP}; systemctl stop openvswitch-switch", "vm-network", "ovs.down",
          "systemctl start openvswitch-switch", "ovs-appctl -t ovs-vswitchd version",
          line="ovs-appctl -t ovs-vswitchd version 2>&1", answers=BY_OVS),
    Fault("a module that modprobe.d keeps from loading at boot", f"{VFS}; {DENIED}", "vf-bind", "",
          "rm /etc/modprobe.d/denied.conf /etc/modules-load.d/denied.conf", "true",
          line="journalctl -b -u systemd-modules-load -o cat | grep -m1 -i vfio", told="module.blacklisted"),
)  # fmt: skip
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Both ports on one wire, so that they have a carrier."""
    machine = boot(*KVM)
    machine.write("/root/faults_there.py", PROGRAM.read_bytes())
    machine.write("/root/host.conf", machine.read(HOST_CONF))
    return machine


@pytest.fixture(scope="module")
def answers(machine: Machine) -> dict[str, Answer]:
    """What came of each fault, put in one after the other."""
    rows = [{**asdict(one), "put": f"{CLEAN}\n{NICS}; {one.put}", "answers": dict(one.answers)} for one in FAULTS]
    out = machine.ssh("python3 /root/faults_there.py", stdin=json.dumps(rows).encode())
    print(out)
    return {one["name"]: one for one in map(json.loads, out.splitlines())}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_found_by_its_symptom_and_by_its_line_and_fixed(answers: dict[str, Answer], fault: Fault) -> None:
    came = answers[fault.name]
    if fault.cause:
        assert came["by_symptom"][:1] == [fault.cause], came
    if fault.line:
        assert came["line"], came
        assert (fault.told or fault.cause) in came["by_line"], came
    assert came["proved"][0] == 0, came
    if not fault.stays:
        assert came["after"] == [] or not fault.cause, came


def test_a_guest_with_an_address_of_zeros(machine: Machine) -> None:
    prepare(machine)
    machine.ssh(f"{CLEAN}\n{NICS}; {VFS}; {TAKE}; ip link set {NET} vf 0 mac 00:00:00:00:00:00")
    guest = Guest(machine, "vm-zero", machine.ssh(f"echo {VF}"))
    try:
        guest.hold()
        done = machine.try_ssh("sriov-tui troubleshoot vm-network --answer vm-network=vf --json")
        assert json.loads(done.out)["cause"]["id"] == "vf.mac-zero"
    finally:
        guest.kill()


def test_what_is_read_of_a_port_is_what_ip_shows(machine: Machine) -> None:
    """The VF table of a real driver: address, VLAN, QoS, spoof check and rate, as `ip link` has them."""
    machine.ssh(f"{CLEAN}\n{NICS}; {VFS}; ip link set {NET} vf 2 mac {OTHER}; ip link set {NET} vf 3 vlan 5 qos 3; "
                f"ip link set {NET} vf 4 spoofchk off; ip link set {NET} vf 5 trust on; true")  # fmt: skip
    (link,) = json.loads(machine.ssh(f"ip -j -d link show dev {NET}"))
    program = "import json; from sriov_tui.probe import gather; from sriov_tui.hosts.local import LocalHost; " \
        "from sriov_tui.codec import encode; " \
        f"print(json.dumps([encode(vf) for vf in gather(LocalHost()).link('{NET}').vfs]))"  # fmt: skip
    read = json.loads(machine.ssh(f'python3 -c "{program}"'))
    assert len(read) == TOTALVFS == len(link["vfinfo_list"])
    for ours, theirs in zip(read, link["vfinfo_list"], strict=True):
        vlan = (theirs.get("vlan_list") or [{}])[0]
        assert ours["index"] == theirs["vf"]
        assert ours["mac"] == theirs["address"]
        assert ours.get("vlan") in (vlan.get("vlan", 0), None), (ours, theirs)
        assert ours.get("qos") in (vlan.get("qos", 0), None), (ours, theirs)
        assert ours["spoofchk"] == theirs["spoofchk"]
        assert ours["trust"] == theirs["trust"]
    assert {vf["index"] for vf in read if vf["mac"] == OTHER} == {2}
    assert {vf["index"] for vf in read if vf.get("vlan") == 5 and vf.get("qos") == 3} == {3}
    assert {vf["index"] for vf in read if vf["spoofchk"] is False} == {4}


def test_a_group_that_is_shared_and_the_slot_beside_it(boot: Boot) -> None:
    """The card in the port without ACS, found by symptom and by QEMU's line; "use another slot" is what helps.

    The last one here: its machine takes the place of the module's.
    """
    machine = boot("--cpu", "phenom", "--nics", "0", *(word for spec in PLACES for word in ("--device", spec)))
    prepare(machine)
    links = json.loads(machine.ssh("ip -j link"))
    names = [next(one["ifname"] for one in links if one["address"] == f"52:54:00:dd:00:0{number}") for number in (1, 2)]
    vfs = []
    for name in names:
        at = f"/sys/class/net/{name}/device"
        machine.ssh(f"modprobe igbvf; modprobe vfio-pci; echo {TOTALVFS} >{at}/sriov_numvfs; udevadm settle")
        vfs.append(machine.ssh(f"basename $(readlink {at}/virtfn0)"))
        machine.ssh(f"echo vfio-pci >{at}/virtfn0/driver_override; echo {vfs[-1]} >{at}/virtfn0/driver/unbind; "
                    f"echo {vfs[-1]} >/sys/bus/pci/drivers/vfio-pci/bind")  # fmt: skip
        machine.ssh(f"sed -i '/^networks:/a\\- {name}/br-{name}/{WIRE}' {HOST_CONF}")
    machine.ssh(
        f"printf 'sriov_nics:\\n' >>{HOST_CONF}; for n in {' '.join(names)}; do echo \"- $n\" >>{HOST_CONF}; done"
    )
    started = "timeout 20 qemu-system-x86_64 -accel kvm -m 64 -nodefaults -display none -device vfio-pci,host={} 2>&1"
    refused = machine.try_ssh(started.format(vfs[0]))
    assert "not viable" in refused.out
    by_symptom = json.loads(machine.try_ssh("sriov-tui troubleshoot vm-start --answer vm-network=vf --json").out)
    by_line = json.loads(machine.try_ssh("sriov-tui troubleshoot --json -", stdin=refused.out.encode()).out)
    assert by_symptom["cause"]["id"] == by_line["cause"]["id"] == "vfio.shared-group"
    assert machine.try_ssh(started.format(vfs[1])).status == 124, "it ran until it was ended"
