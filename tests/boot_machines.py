"""Machines by family of distribution and firmware, for what concerns the boot: the files, and how the kernel was given
what it runs with. Each reacts to its boot loader's commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sriov_tui.hosts.machine import Machine, put_dir, put_file, put_link, remove
from sriov_tui.simulated.boot import power_on
from sriov_tui.simulated.commands import run
from sriov_tui.simulated.grub import default_entry
from tests import machines
from tests.builder import RELEASE, Builder

GRUB2_CFG = "/boot/grub2/grub.cfg"
ROOT = "/dev/mapper/vg-root"
YN, OLD = "5.4.130-1.yn20230805.el7.x86_64", "3.10.0-1160.el7.x86_64"
LVM = "crashkernel=auto rd.lvm.lv=vg/root rd.lvm.lv=vg/swap rhgb quiet"
MACHINE_ID = "8f6b0e0c9d1e4c43a6a3b8a1d5a0c001"


@dataclass(frozen=True, kw_only=True)
class Family:
    """A machine of the table: `os` is os-release's text, `how` puts its boot files there."""

    name: str
    os: str
    how: Callable[[Machine, Family], None]
    release: str = RELEASE
    efi: str = ""  # name of its folder below /boot/efi/EFI; "" = BIOS
    settings: str = ""
    vendor: str = "GenuineIntel"


def build(family: Family, on: Callable[[Builder], Machine] = machines.igb_on) -> Machine:
    """The machine, booted by its own menu; its kernel needs intel_iommu=on, and was not asked. `on` fills its slots."""
    builder = Builder(family.name, f"{family.name}: for the boot loader.", arguments="quiet")
    machine = on(builder)
    _rename(machine, RELEASE, family.release)
    config = machine.files[f"/boot/config-{family.release}"].replace(b"_DEFAULT_ON_INTGPU_OFF=y", b"_DEFAULT_OFF=y")
    put_file(machine, f"/boot/config-{family.release}", config)
    put_file(machine, "/etc/os-release", family.os)
    put_file(machine, "/proc/sys/kernel/osrelease", f"{family.release}\n")
    if family.vendor != "GenuineIntel":
        _rename_text(machine, "/proc/cpuinfo", "GenuineIntel", family.vendor)
        put_file(machine, "/sys/firmware/acpi/tables/IVRS", machine.files["/sys/firmware/acpi/tables/DMAR"])
        remove(machine, "/sys/firmware/acpi/tables/DMAR")
    if family.efi:
        put_dir(machine, "/sys/firmware/efi")
    family.how(machine, family)
    entry = default_entry(machine)
    if entry:
        put_file(machine, "/proc/cmdline", f"BOOT_IMAGE={entry.kernel} {entry.arguments}\n")
    power_on(machine)
    return machine


def _rename(machine: Machine, old: str, new: str) -> None:
    if old == new:
        return
    for path in [path for path in machine.files if old in path]:
        data, mode = machine.files[path], machine.modes.get(path)
        remove(machine, path)
        put_file(machine, path.replace(old, new), data, mode)


def _rename_text(machine: Machine, path: str, old: str, new: str) -> None:
    put_file(machine, path, machine.files[path].replace(old.encode(), new.encode()))


# -- how each family boots ---------------------------------------------------------------------------------------------


def debian(machine: Machine, family: Family) -> None:
    """update-grub; the menu is made by its settings."""
    put_file(machine, "/etc/default/grub", family.settings, 0o644)
    put_file(machine, "/usr/sbin/update-grub", b"", 0o755)
    lines: list[str] = []
    assert run(machine, ("update-grub",), lines.append) == 0, lines


def cloud(machine: Machine, family: Family) -> None:
    """Ubuntu's cloud image: a drop-in assigns GRUB_CMDLINE_LINUX_DEFAULT anew."""
    text = 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0 intel_iommu=off"\n'
    put_file(machine, "/etc/default/grub.d/50-cloudimg-settings.cfg", text, 0o644)
    debian(machine, family)


def grub2(machine: Machine, family: Family) -> None:
    """grub2-mkconfig, on the EFI partition where it is there; the links in /etc lead to the menu."""
    remove(machine, "/boot/grub")
    config = f"/boot/efi/EFI/{family.efi}/grub.cfg" if family.efi else GRUB2_CFG
    put_file(machine, "/etc/default/grub", family.settings, 0o644)
    put_file(machine, "/usr/sbin/grub2-mkconfig", b"", 0o755)
    link = "/etc/grub2-efi.cfg" if family.efi else "/etc/grub2.cfg"
    if "suse" not in family.os:
        put_link(machine, link, config)
    put_file(machine, config, b"")
    if family.efi:
        put_file(machine, f"/boot/efi/EFI/{family.efi}/grubenv", _grubenv())
        put_link(machine, "/boot/grub2/grubenv", f"/boot/efi/EFI/{family.efi}/grubenv")
    else:
        put_file(machine, "/boot/grub2/grubenv", _grubenv())
    machine.simulation.update({"grub_cfg": config, "root": ROOT, "grub_linux": "linuxefi" if family.efi else "linux16"})
    lines: list[str] = []
    assert run(machine, ("grub2-mkconfig", "-o", config), lines.append) == 0, lines


def el7(machine: Machine, family: Family) -> None:
    """Cloudpods' own kernel is the default by its title, and an older one is there."""
    put_file(machine, f"/boot/vmlinuz-{OLD}", b"", 0o755)
    grub2(machine, family)
    path = f"/boot/efi/EFI/{family.efi}/grubenv" if family.efi else "/boot/grub2/grubenv"
    put_file(machine, path, _grubenv(saved_entry=f"CentOS Linux ({YN})"))


def bls(machine: Machine, family: Family) -> None:
    """Entry files; on EL8 they take their arguments from grubenv, later ones have them in the file."""
    remove(machine, "/boot/grub")
    shared = ".el8" in family.release
    arguments = f"root={ROOT} ro {LVM.replace('rhgb quiet', 'pci=noaer')}"
    options = "$kernelopts $tuned_params" if shared else arguments
    for release in (family.release, f"1.{family.release}", f"0-rescue-{MACHINE_ID}"):
        text = (
            f"title Linux ({release})\nversion {release}\nlinux /vmlinuz-{release}\n"
            f"initrd /initramfs-{release}.img\noptions {options}\ngrub_users $grub_users\n"
        )
        put_file(machine, f"/boot/loader/entries/{MACHINE_ID}-{release}.conf", text, 0o644)
    config = f"/boot/efi/EFI/{family.efi}/grub.cfg" if family.efi and shared else GRUB2_CFG
    menu = 'set default="${saved_entry}"\nset tuned_params=""\ninsmod blscfg\nblscfg\n' + "# filled up\n" * 100
    put_file(machine, config, menu, 0o600)
    put_link(machine, "/etc/grub2-efi.cfg" if family.efi else "/etc/grub2.cfg", config)
    if family.efi and not shared:
        wrapper = f"/boot/efi/EFI/{family.efi}/grub.cfg"
        put_file(machine, wrapper, "search --no-floppy --fs-uuid --set=dev 0\nconfigfile $prefix/grub.cfg\n")
        machine.simulation["wrapper"] = wrapper
    values = {"saved_entry": f"{MACHINE_ID}-{family.release}"}
    put_file(machine, "/boot/grub2/grubenv", _grubenv(**values, **({"kernelopts": arguments} if shared else {})))
    put_file(machine, "/etc/default/grub", family.settings, 0o644)
    put_file(machine, "/usr/sbin/grubby", b"", 0o755)
    if not shared:
        put_file(machine, "/etc/kernel/cmdline", f"{arguments}\n", 0o644)
    machine.simulation.update({"grub_cfg": config, "root": ROOT})


def without_grubby(machine: Machine, family: Family) -> None:
    """Entry files, and no grubby to change them."""
    bls(machine, family)
    remove(machine, "/usr/sbin/grubby")


def marked(path: str) -> Callable[[Machine, Family], None]:
    """A machine whose boot loader shows by this file, and whose GRUB is not there."""

    def how(machine: Machine, family: Family) -> None:
        remove(machine, "/boot/grub")
        put_file(machine, path, b"")

    return how


def _grubenv(**values: str) -> str:
    content = "# GRUB Environment Block\n" + "".join(f"{name}={value}\n" for name, value in values.items())
    return content + "#" * (1024 - len(content))


def _os(name: str, like: str, version: str, pretty: str) -> str:
    return f'NAME="{pretty}"\nID="{name}"\nID_LIKE="{like}"\nVERSION_ID="{version}"\nPRETTY_NAME="{pretty}"\n'


def _settings(arguments: str, default: str = "0", **more: str) -> str:
    extra = "".join(f"{name}={value}\n" for name, value in more.items())
    return f'GRUB_TIMEOUT=5\nGRUB_DEFAULT={default}\nGRUB_CMDLINE_LINUX="{arguments}"\n{extra}'


CENTOS7, EL = _os("centos", "rhel fedora", "7", "CentOS Linux 7 (Core)"), {"GRUB_ENABLE_BLSCFG": "true"}
BLS_SETTINGS: dict[str, Any] = {"arguments": LVM.replace("rhgb quiet", "pci=noaer"), "default": "saved", **EL}
DEBIAN = 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX="console=ttyS0"\n'
UBUNTU = _os("ubuntu", "debian", "22.04", "Ubuntu 22.04.4 LTS")

FAMILIES = (
    Family(name="debian-bios", os=_os("debian", "", "12", "Debian GNU/Linux 12"), how=debian, settings=DEBIAN),
    Family(name="debian-uefi", os=_os("debian", "", "13", "Debian GNU/Linux 13"), how=debian, settings=DEBIAN,
           efi="debian"),
    Family(name="debian-amd", os=_os("debian", "", "12", "Debian GNU/Linux 12"), how=debian, vendor="AuthenticAMD",
           settings=DEBIAN.replace("quiet splash", "quiet amd_iommu=off")),
    Family(name="ubuntu-cloud-uefi", os=UBUNTU, how=cloud, settings=DEBIAN, efi="ubuntu"),
    Family(name="uos-desktop-bios", os=_os("uos", "debian", "20", "UOS 20"), how=debian, settings=DEBIAN),
    Family(name="centos7-bios", os=CENTOS7, how=el7, release=YN, settings=_settings(LVM, "saved")),
    Family(name="centos7-uefi", os=CENTOS7, how=el7, release=YN, settings=_settings(LVM, "saved"), efi="centos"),
    Family(name="rocky8-bios", os=_os("rocky", "rhel centos fedora", "8.9", "Rocky Linux 8.9"), how=bls,
           release="4.18.0-513.el8.x86_64", settings=_settings(**BLS_SETTINGS)),
    Family(name="rocky8-uefi", os=_os("rocky", "rhel centos fedora", "8.9", "Rocky Linux 8.9"), how=bls,
           release="4.18.0-513.el8.x86_64", settings=_settings(**BLS_SETTINGS), efi="rocky"),
    Family(name="anolis8-bios", os=_os("anolis", "rhel fedora centos", "8.8", "Anolis OS 8.8"), how=bls,
           release="5.10.134-13.an8.el8.x86_64", settings=_settings(**BLS_SETTINGS)),
    Family(name="almalinux9-bios", os=_os("almalinux", "rhel centos fedora", "9.4", "AlmaLinux 9.4"), how=bls,
           release="5.14.0-427.el9.x86_64", settings=_settings(**BLS_SETTINGS)),
    Family(name="almalinux9-uefi", os=_os("almalinux", "rhel centos fedora", "9.4", "AlmaLinux 9.4"), how=bls,
           release="5.14.0-427.el9.x86_64", settings=_settings(**BLS_SETTINGS), efi="almalinux"),
    Family(name="rhel10-uefi", os=_os("rhel", "centos fedora", "10.0", "Red Hat Enterprise Linux 10.0"), how=bls,
           release="6.12.0-155.el10.x86_64", settings=_settings(**BLS_SETTINGS), efi="redhat"),
    Family(name="rocky10-uefi", os=_os("rocky", "rhel centos fedora", "10.0", "Rocky Linux 10.0"), how=bls,
           release="6.12.0-55.el10.x86_64", settings=_settings(**BLS_SETTINGS), efi="rocky"),
    Family(name="ubuntu24-uefi", os=_os("ubuntu", "debian", "24.04", "Ubuntu 24.04.3 LTS"), how=debian,
           release="6.8.0-88-generic", settings=DEBIAN, efi="ubuntu"),
    Family(name="opencloudos9-uefi", os=_os("opencloudos", "opencloudos", "9.2", "OpenCloudOS 9.2"), how=bls,
           release="6.6.34-19.oc9.x86_64", settings=_settings(**BLS_SETTINGS), efi="opencloudos"),
    Family(name="openeuler22-bios", os=_os("openEuler", "", "22.03", "openEuler 22.03 (LTS-SP3)"), how=grub2,
           release="5.10.0-182.oe2203.x86_64", settings=_settings(LVM.replace(" rhgb quiet", ""))),
    Family(name="openeuler22-uefi", os=_os("openEuler", "", "22.03", "openEuler 22.03 (LTS-SP3)"), how=grub2,
           release="5.10.0-182.oe2203.x86_64", settings=_settings(f"{LVM} intel_iommu=off"), efi="openEuler"),
    Family(name="openeuler20-bios", os=_os("openEuler", "", "20.03", "openEuler 20.03 (LTS-SP3)"), how=grub2,
           release="4.19.90-2112.8.0.0131.oe1.x86_64", settings=_settings(LVM)),
    Family(name="kylin10-uefi", os=_os("kylin", "", "V10", "Kylin Linux Advanced Server V10 (Sword)"), how=grub2,
           release="4.19.90-24.4.v2101.ky10.x86_64", settings=_settings(LVM), efi="kylin"),
    Family(name="kylin10sp3-uefi", os=_os("kylin", "", "V10", "Kylin Linux Advanced Server V10 (Lance)"), how=grub2,
           release="4.19.90-52.22.v2207.ky10.x86_64", settings=_settings(LVM), efi="kylin"),
    Family(name="uos-server-uefi", os=_os("uos", "", "20", "UnionTech OS Server 20"), how=grub2,
           release="4.19.90-2305.uel20.x86_64", settings=_settings(LVM), efi="uos"),
    Family(name="sles15-bios", os=_os("sles", "suse", "15.5", "SUSE Linux Enterprise Server 15 SP5"), how=grub2,
           release="5.14.21-150500.55-default",
           settings='GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="splash=silent mitigations=auto quiet"\n'
                    'GRUB_CMDLINE_LINUX=""\n'),
    Family(name="bls-without-grubby", os=_os("openEuler", "", "24.03", "openEuler 24.03"), how=without_grubby,
           release="6.6.0-28.oe2403.x86_64", settings=_settings(**BLS_SETTINGS)),
    Family(name="systemd-boot-uefi", os=_os("arch", "", "", "Arch Linux"), efi="systemd",
           how=marked("/boot/efi/loader/loader.conf")),
    Family(name="ostree-uefi", os=_os("fedora", "", "40", "Fedora CoreOS 40"), efi="fedora",
           how=marked("/run/ostree-booted")),
    Family(name="proxmox-uefi", os=_os("debian", "", "12", "Debian GNU/Linux 12"), efi="proxmox",
           how=marked("/etc/kernel/proxmox-boot-uuids")),
    Family(name="unknown-bios", os=_os("void", "", "", "Void Linux"), how=marked("/boot/extlinux/extlinux.conf")),
)  # fmt: skip
NAMES = tuple(family.name for family in FAMILIES)


def named(name: str) -> Machine:
    """The machine of this family, built."""
    return build(next(family for family in FAMILIES if family.name == name))


def with_settings(name: str, settings: str) -> Machine:
    """The machine of this family with another /etc/default/grub, which nobody has made a menu of yet."""
    machine = named(name)
    put_file(machine, "/etc/default/grub", settings.encode("utf-8", "surrogateescape"), 0o644)
    return replace(machine, name=f"{name}-changed")
