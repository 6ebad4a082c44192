"""Starts virtual machines on the lab's host, and talks to them over their consoles. One file, run there as root:

guest_host.py prepare               the guests' initramfs: busybox, the VF's driver, the program below
guest_host.py start NAME HOW VF...  a guest that holds these VFs; HOW is one of the ways below
guest_host.py say NAME COMMAND      what a shell command prints in the guest, and its exit status
"""

from __future__ import annotations

import contextlib
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
READY, END = "guest: ready", re.compile(rb"guest: end (\d+)\r?\n")
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
echo "{READY}"
while read -r command; do eval "$command"; echo "guest: end $?"; done
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
    "removed": "exec unshare --mount --propagation private sh -ec 'dev=$(mktemp -d); cp -a /dev/kvm /dev/null "
    '/dev/zero /dev/urandom /dev/random /dev/vfio $dev; mount --bind $dev /dev; "$@"; rm -r $dev/vfio\' - "$@"',
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
        packed = subprocess.run(["xz", "-dc", found], capture_output=True, check=True).stdout
        (tree / f"{driver}.ko").write_bytes(packed)
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with INITRD.open("wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), stdout=out, cwd=tree, check=True)


def start(name: str, how: str, vfs: list[str]) -> None:
    """Start it as a daemon, and wait until its program answers."""
    devices = [word for vf in vfs for word in ("-device", f"vfio-pci,host={vf}" + ",iommufd=fd0" * (how == IOMMUFD))]
    # The host's kernel serves the guest too: its module for the VF fits.
    argv = [
        "qemu-system-x86_64", "-name", f"guest={name}", "-machine", "q35", "-accel", "kvm", "-cpu", "host",
        "-m", "192", "-nodefaults", "-display", "none", "-no-reboot", "-pidfile", f"{ROOM}/{name}.pid", "-daemonize",
        "-kernel", f"/boot/vmlinuz-{os.uname().release}", "-initrd", str(INITRD),
        "-append", "console=ttyS0 quiet panic=-1 no_timer_check tsc=reliable",
        "-chardev", f"socket,id=console,path={ROOM}/{name}.console,server=on,wait=off,logfile={ROOM}/{name}.log",
        "-serial", "chardev:console", *(["-object", "iommufd,id=fd0"] if how == IOMMUFD else []), *devices,
    ]  # fmt: skip
    (ROOM / f"{name}.log").unlink(missing_ok=True)
    done = subprocess.run(["sh", "-ec", WAYS[how], "-", *argv], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"QEMU did not start: {done.stdout}{done.stderr}")
    _wait(name, 0, re.compile(READY.encode()))


def say(name: str, command: str) -> int:
    """Run a command in the guest; prints what it printed."""
    offset = (ROOM / f"{name}.log").stat().st_size
    with socket.socket(socket.AF_UNIX) as console:
        console.connect(f"{ROOM}/{name}.console")
        console.sendall(f"{command}\n".encode())
        text, status = _wait(name, offset, END)
    sys.stdout.buffer.write(text.replace(b"\r", b""))
    return int(status)


def _wait(name: str, offset: int, mark: re.Pattern[bytes]) -> tuple[bytes, bytes]:
    """What the console printed from this offset up to the mark, and what the mark's first group holds."""
    log, deadline = ROOM / f"{name}.log", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = b""
        with contextlib.suppress(FileNotFoundError):
            found = log.read_bytes()[offset:]
        if match := mark.search(found):
            return found[: match.start()], match[1] if mark.groups else b""
        if not alive(name):
            break
        time.sleep(0.1)
    sys.exit(f"the guest {name} did not answer; its console: {found[-3000:].decode(errors='replace')}")


def alive(name: str) -> bool:
    """Whether its QEMU runs."""
    try:
        return Path(f"/proc/{int((ROOM / f'{name}.pid').read_text())}/fd").exists()
    except (OSError, ValueError):
        return False


def main() -> int:
    """One verb."""
    verb, *rest = sys.argv[1:]
    if verb == "prepare":
        prepare()
    elif verb == "start":
        start(rest[0], rest[1], rest[2:])
    else:
        return say(rest[0], rest[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
