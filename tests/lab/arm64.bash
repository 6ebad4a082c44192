# The lab's other architecture, read by `lab`: QEMU's "virt" with UEFI and ACPI. It is handed the kernel, so that it has
# no GRUB, and nothing starts a guest in it.
arch=arm64 qemu=qemu-system-aarch64 console=ttyAMA0
# GICv3, since the older one has too few interrupts for VFs; a hypervisor's mode, so that /dev/kvm is there.
type=virt,gic-version=3,virtualization=on
firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
packages=linux-image-arm64,systemd-sysv,udev,dbus,initramfs-tools,openssh-server,\
python3,pciutils,iproute2,ethtool,kmod,ifupdown,procps,openvswitch-switch

run_arm64() { # this kernel starts arm64's programs, by qemu-user; what systemd-binfmt does at boot
    local to=/proc/sys/fs/binfmt_misc
    [ ! -e "$to/qemu-aarch64" ] || return 0
    mountpoint -q "$to" || mount -t binfmt_misc none "$to"
    cat /usr/lib/binfmt.d/qemu-aarch64.conf >"$to/register"
}
