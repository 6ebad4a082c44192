"""Kernel arguments as key and value: found, added, replaced and removed one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.boot import arguments
from checks.boot.arguments import Edit

WANTED = ("intel_iommu=on", "iommu=pt")
REAL_LIFE = """
BOOT_IMAGE=/vmlinuz-3.10.0-1160.el7.x86_64 root=/dev/mapper/centos-root ro crashkernel=auto rd.lvm.lv=centos/root\
 rd.lvm.lv=centos/swap rhgb quiet LANG=en_US.UTF-8
BOOT_IMAGE=(hd0,gpt2)/vmlinuz-5.14.0-427.el9.x86_64 root=UUID=1d2c ro crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M\
 resume=UUID=77aa rd.md.uuid=aa:bb:cc console=tty0 console=ttyS0,115200n8
root=UUID=4e53 ro console=tty1 console=ttyS0 nvme_core.io_timeout=4294967295 net.ifnames=0 biosdevname=0
root=/dev/sda2 ro pci=noaer pci=assign-busses,nocrs pci=resource_alignment=20@0000:03:00.0 quiet
root=/dev/sda1 ro dyndbg="file drivers/pci/iov.c +p; module igb +p" loglevel=7
root=LABEL=root rw default_hugepagesz=1G hugepagesz=1G hugepages=64 hugepagesz=2M hugepages=1024 isolcpus=2-23,50-71\
 nohz_full=2-23,50-71 rcu_nocbs=2-23,50-71
root=/dev/vda1 ro vfio_iommu_type1.allow_unsafe_interrupts=1 rdblacklist=nouveau nouveau.modeset=0\
 mgag200.modeset=0 crashkernel=auto
root=/dev/vda1 ro mlx4_core.num_vfs=4,4,0 mlx4_core.port_type_array=2,2 ixgbe.max_vfs=8,8 module_blacklist=ice,irdma
root=/dev/sdb3  ro   splash=silent mitigations=auto quiet security=apparmor cgroup_enable=memory swapaccount=1
root=ZFS=rpool/ROOT/pve-1 boot=zfs quiet video=efifb:off,vesafb:off -- single init=/bin/sh
""".strip().splitlines()


@pytest.mark.parametrize(
    ("cmdline", "missing"),
    [
        ("quiet", WANTED),
        ("intel_iommu=on iommu=pt", ()),
        ("intel_iommu=on,sm_on iommu=pt", ("intel_iommu=on",)),  # on, but the host-agent looks for the token itself
        ("intel_iommu=off intel_iommu=on iommu=pt", ()),
        ("intel_iommu=on intel_iommu=off iommu=pt", ("intel_iommu=on",)),
        ("xintel_iommu=on iommu=pt,strict", ("intel_iommu=on",)),
        ('dyndbg="file x +p; intel_iommu=on" iommu=pt', ("intel_iommu=on",)),
        ("intel_iommu=on iommu=pt iommu=nopt", ("iommu=pt",)),
    ],
)
def test_missing(cmdline: str, missing: tuple[str, ...]) -> None:
    assert arguments.missing(cmdline, WANTED) == missing


def test_on_with_another_word_is_on() -> None:
    assert arguments.switch("intel_iommu=on,sm_on", "intel_iommu") is True
    assert arguments.switch("intel_iommu=on intel_iommu=off", "intel_iommu") is False
    assert arguments.switch("iommu=pt", "intel_iommu") is None


def test_quotes_hold_spaces_together() -> None:
    assert arguments.tokens('a="b c" d') == ('a="b c"', "d")


@pytest.mark.parametrize(
    ("before", "wanted", "unwanted", "after"),
    [
        ("quiet", WANTED, (), "quiet intel_iommu=on iommu=pt"),
        ("", ("iommu=pt",), (), "iommu=pt"),
        ("a intel_iommu=off  b", WANTED, (), "a intel_iommu=on  b iommu=pt"),
        ("intel_iommu=on,sm_on iommu=pt", WANTED, (), "intel_iommu=on intel_iommu=sm_on iommu=pt"),
        ("a intel_iommu=on intel_iommu=off b", ("intel_iommu=on",), (), "a intel_iommu=on b"),
        ("intel_iommu=off intel_iommu=off,sm_on", ("intel_iommu=on",), (), "intel_iommu=on intel_iommu=sm_on"),
        ("iommu=off x", WANTED, ("iommu=off",), "iommu=pt x intel_iommu=on"),
        ("noiommu x amd_iommu=off", ("iommu=pt",), ("noiommu", "amd_iommu=off"), "x iommu=pt"),
        ("pci=noaer pci=nocrs x", ("pci=realloc",), (), "pci=noaer pci=nocrs x pci=realloc"),
        ("pci=noaer,realloc=off x", ("pci=realloc",), (), "pci=realloc pci=noaer x"),
        ("pci=noaer,realloc x", ("pci=realloc",), (), "pci=noaer,realloc x"),
        ("igb.max-vfs=4 y", ("igb.max_vfs=7",), (), "igb.max_vfs=7 y"),
        ("ixgbe.max_vfs=8,8", ("ixgbe.max_vfs=63,63",), (), "ixgbe.max_vfs=63,63"),
        ("x y z", (), ("y",), "x z"),
        ("x y", (), ("x", "y"), ""),
    ],
)
def test_single_tokens_are_added_replaced_and_removed(
    before: str, wanted: tuple[str, ...], unwanted: tuple[str, ...], after: str
) -> None:
    changes = arguments.edits(before, wanted, unwanted)
    assert arguments.apply(before, changes) == after
    assert arguments.edits(after, wanted, unwanted) == ()


@pytest.mark.parametrize("line", REAL_LIFE)
def test_real_command_lines_come_through(line: str) -> None:
    assert len(REAL_LIFE) == 10
    wanted = (*WANTED, "pci=realloc", "igb.max_vfs=7")
    after = arguments.apply(line, arguments.edits(line, wanted))
    kernel, dashes, init = line.partition(" -- ")
    assert after == f"{kernel} {' '.join(wanted)}{dashes}{init}"
    assert arguments.missing(after, wanted) == ()
    assert arguments.apply(after, [Edit(token) for token in wanted]) == line


def test_what_is_for_init_is_not_for_the_kernel() -> None:
    assert arguments.missing("quiet -- intel_iommu=on iommu=pt", WANTED) == WANTED
    assert arguments.edits("quiet iommu=pt -- iommu=off", ("iommu=pt",), ("iommu=off",)) == ()


NAMES = st.sampled_from(["quiet", "ro", "root=/dev/sda1", "pci=noaer", "pci=realloc=off", "intel_iommu=on", "iommu=pt",
                         "intel_iommu=off", "intel_iommu=on,sm_on", "iommu=nopt", "iommu=off", "igb.max_vfs=4",
                         "rd.lvm.lv=a/b", "rd.lvm.lv=a/c", 'x="a b"', "igb.max-vfs=7"])  # fmt: skip
OURS = ("intel_iommu", "iommu", "pci", "igb.max_vfs")


@given(st.lists(NAMES, max_size=8), st.sampled_from([" ", "  ", "\t"]))
def test_whatever_stands_there_the_wanted_counts_and_the_rest_stays(words: list[str], space: str) -> None:
    line, wanted = space.join(words), (*WANTED, "pci=realloc", "igb.max_vfs=7")
    after = arguments.apply(line, arguments.edits(line, wanted, ("iommu=off",)))
    assert arguments.missing(after, wanted) == ()
    others = [token for token in words if arguments.key_of(token) not in OURS]
    assert [token for token in arguments.tokens(after) if arguments.key_of(token) not in OURS] == others
    assert "iommu=off" not in arguments.tokens(after)
    assert arguments.tokens(after).count("intel_iommu=on") == max(1, words.count("intel_iommu=on"))
    assert ("noaer" in arguments.values(after, "pci")) == ("pci=noaer" in words)
