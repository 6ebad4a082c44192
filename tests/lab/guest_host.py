"""Starts virtual machines on the lab's host, and talks to them over their consoles. One file, run there as root:

guest_host.py prepare               the guests' initramfs: busybox, the VF's driver, the program below
guest_host.py start NAME HOW VF...  a guest that holds these VFs; HOW is one of the ways below
guest_host.py say NAME COMMAND      what a shell command prints in the guest, and its exit status
"""

from __future__ import annotations

import lzma
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOM = Path("/run/guest")
INITRD = ROOM / "initrd"
DRIVERS = ("igbvf",)
READY, END = b"guest: ready", b"guest: end "
PATIENCE = 600.0  # seconds: an emulated processor emulates another one's instructions
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo
for module in /*.ko; do insmod $module; done
look() {{ # interface, PCI ids, MAC, driver, carrier: a line for each port
    for port in /sys/class/net/*/device; do
        [ -e $port/vendor ] || continue
        net=${{port%/device}}
        ip link set ${{net##*/}} up
        for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(cat $net/carrier)" = 1 ] && break; usleep 300000; done
        echo ${{net##*/}} $(cat $port/vendor):$(cat $port/device) $(cat $net/address) \
            $(basename $(readlink $port/driver)) $(cat $net/carrier)
    done
}}
echo "{READY.decode()}"
while read -r command; do eval "$command"; echo "{END.decode()}$?"; done
"""

# Ways that a virtual machine comes to hold a VF; "$@" is QEMU's command line.
PLAIN, IOMMUFD = "plain", "iommufd"
WAYS = {
    PLAIN: 'exec "$@"',
    IOMMUFD: 'exec "$@"',
    # The host's tree below another folder: the files in /dev/vfio have other paths.
    "chroot": "mkdir -p /srv/jail && { mountpoint -q /srv/jail || mount --rbind / /srv/jail; } && "
    'exec chroot /srv/jail "$@"',
    # A privileged container: a mount namespace of its own, the host below /host.
    "container": "exec unshare --mount --propagation private sh -ec 'mount -t tmpfs none /mnt; mkdir /mnt/host; "
    'mount --rbind / /mnt/host; exec chroot /mnt/host "$@"\' - "$@"',
    # The same with device files of its own, which it removes once they are open.
    "removed": "exec unshare --mount --propagation private sh -ec 'dev=$(mktemp -d); mount -t tmpfs none $dev; "
    "cp -a /dev/kvm /dev/null /dev/zero /dev/urandom /dev/random /dev/vfio $dev; mount --bind $dev /dev; "
    '"$@"; rm -r $dev/vfio\' - "$@"',
}


def prepare() -> None:
    """Pack the guests' initramfs."""
    tree = ROOM / "tree"
    for folder in ("bin", "proc", "sys", "dev"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    busybox = tree / "bin" / "busybox"
    busybox.write_bytes(Path("/bin/busybox").read_bytes())
    init = tree / "init"
    init.write_text(INIT)
    for file in (busybox, init):
        file.chmod(0o755)
    for driver in DRIVERS:
        found = subprocess.run(["modinfo", "-n", driver], capture_output=True, text=True, check=True).stdout.strip()
        (tree / f"{driver}.ko").write_bytes(lzma.decompress(Path(found).read_bytes()))
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with INITRD.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), stdout=out, cwd=tree, check=True)


def start(name: str, how: str, vfs: list[str]) -> None:
    """Start it as a daemon: it holds its VFs from then on."""
    devices = [word for vf in vfs for word in ("-device", f"vfio-pci,host={vf}" + ",iommufd=fd0" * (how == IOMMUFD))]
    # The host's kernel serves the guest too: its module for the VF fits.
    argv = [
        "qemu-system-x86_64", "-name", f"guest={name}", "-accel", "kvm", "-cpu", "host",
        "-m", "192", "-nodefaults", "-display", "none", "-no-reboot", "-pidfile", f"{ROOM}/{name}.pid", "-daemonize",
        "-kernel", f"/boot/vmlinuz-{os.uname().release}", "-initrd", str(INITRD),
        "-append", "console=ttyS0 quiet panic=-1 no_timer_check tsc=reliable mitigations=off nmi_watchdog=0",
        "-chardev", f"socket,id=console,path={ROOM}/{name}.console,server=on,wait=off,logfile={ROOM}/{name}.log",
        "-serial", "chardev:console", *(["-object", "iommufd,id=fd0"] if how == IOMMUFD else []), *devices,
    ]  # fmt: skip
    (ROOM / f"{name}.log").unlink(missing_ok=True)
    done = subprocess.run(["sh", "-ec", WAYS[how], "-", *argv], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"QEMU did not start: {done.stdout}{done.stderr}")


def wait(name: str) -> None:
    """Wait until its program answers."""
    log = ROOM / f"{name}.log"
    deadline = time.monotonic() + PATIENCE
    with _console(name) as console:
        console.settimeout(1)
        while READY not in (seen := log.read_bytes()):  # it may have come before the connection
            try:
                more = console.recv(4096)
            except TimeoutError:
                more = b"-"
            if not more or time.monotonic() > deadline:
                sys.exit(f"the guest did not start; its console: {seen[-3000:].decode(errors='replace')}")


def say(name: str, command: str) -> int:
    """Run a command in the guest; prints what it printed."""
    with _console(name) as console:
        console.sendall(f"{command}\n".encode())
        text, status = _read(console)
    sys.stdout.buffer.write(text.replace(b"\r", b""))
    return int(status)


def _console(name: str) -> socket.socket:
    console = socket.socket(socket.AF_UNIX)
    console.settimeout(PATIENCE)
    console.connect(f"{ROOM}/{name}.console")
    return console


def _read(console: socket.socket) -> tuple[bytes, bytes]:
    """What the console prints up to the end of a command, and the command's exit status."""
    text = b""
    while not (match := re.search(END + rb"(\d+)\r?\n", text)):
        more = console.recv(4096)  # read on: QEMU waits where nobody does, and the guest with it
        if not more:
            sys.exit(f"the guest ended; its console: {text[-3000:].decode(errors='replace')}")
        text += more
    return text[: match.start()], match[1]


def main() -> int:
    """One verb."""
    verb, *rest = sys.argv[1:]
    if verb == "prepare":
        prepare()
    elif verb == "start":
        start(rest[0], rest[1], rest[2:])
    elif verb == "wait":
        wait(rest[0])
    else:
        return say(rest[0], rest[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
