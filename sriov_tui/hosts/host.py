"""The one boundary to a machine: what can be read of it, and what can be done to it.

`Reader` can only read; `Host` adds what changes something. The audit is handed a `Reader`, so
that it cannot write. A dry run, a recording and a simulated machine are other implementations
of the same two protocols, never a flag.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sriov_tui.facts import Source
from sriov_tui.late import regex
from sriov_tui.message import say

MAX_FILE = 4 << 20  # bytes; nothing that we read is larger, and a device file must not fill the memory
MAX_OUTPUT = 4 << 20  # bytes of a command's output that are kept, the newest
UNTOLD = "anon_inode:[vfio-device]"
MAX_LOG = 256 << 10  # the same of the kernel log, where only lines with one of LOG_WORDS are kept


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished command: its exit status (127 = not found, 124 = out of time) and what it printed."""

    status: int
    out: str
    err: str


class NotRecorded(OSError):
    """A recording does not hold what was asked for: the answer is unknown, not "no"."""


class Changed(OSError):
    """A file is not as it was expected: somebody else has saved it meanwhile, and nothing was written to it."""

    def __init__(self, path: object) -> None:
        super().__init__(errno.EBUSY, "somebody else has saved it meanwhile", str(path))


class QueryRefused(BaseException):
    """A command outside the read-only list: a bug in us, so no `except Exception` may hide it."""


class Reader(Protocol):
    """Read-only access to a machine. Paths are absolute on that machine; failures are `OSError`."""

    @property
    def source(self) -> Source:
        """What this is: this machine, a recording, a simulated one."""
        ...

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        """At most `limit` bytes of a file, from `offset` on."""
        ...

    def listdir(self, path: str) -> tuple[str, ...]:
        """The names in a directory, sorted."""
        ...

    def readlink(self, path: str) -> str:
        """The target of a symbolic link, as it stands there (often relative)."""
        ...

    def realpath(self, path: str) -> str:
        """The path with every symbolic link resolved; FileNotFoundError where it leads nowhere."""
        ...

    def mode(self, path: str) -> int:
        """The permission bits of a file."""
        ...

    def owner(self, path: str) -> tuple[int, int]:
        """User and group id of a file."""
        ...

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        """Run one of the read-only commands of `QUERIES`; anything else raises QueryRefused.

        Of a long output the newest MAX_OUTPUT bytes are told; of the kernel log only lines with one of LOG_WORDS.
        """
        ...

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        """Netlink dumps as plain values, under "links", "addresses" and "routes".

        Under "ways" the link by which the kernel answers the SSH session; a recording may be older than that.
        """
        ...

    def udev(self, path: str) -> Mapping[str, str]:
        """udev's properties of the device at this sysfs path (names from the hardware database among them).

        Of "pci:v00008086d000010CA" those of the hardware database alone: such a device need not be there.
        """
        ...

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        """The devices that processes have open, as (device, process id, command line); OSError unless all can be seen.

        A device is "/dev/vfio/GROUP", "/sys/bus/pci/devices/ADDRESS/..." for what hangs on one PCI function, or
        `UNTOLD`: a device of VFIO of which the kernel does not tell which one it is.
        """
        ...

    def environment(self) -> Mapping[str, str]:
        """The few process facts that matter: "euid", and "SSH_CONNECTION": see `sriov_tui.hosts.ssh_connection`."""
        ...

    def now(self) -> str:
        """The machine's time, ISO 8601 in UTC; of a recording, when it was made."""
        ...


class Watcher(Protocol):
    """Tells that something of a machine changed: beside `Reader`, for a real machine. A recording has none."""

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until something changed, for `timeout` seconds at most (None: for ever); False if nothing did.

        False for ever once it is closed.
        """
        ...

    def close(self) -> None:
        """End it, from any thread: a `wait` in another one returns."""
        ...


class Host(Reader, Protocol):
    """A machine that can be changed. Only the engine calls these."""

    def write(
        self,
        path: str,
        data: bytes,
        mode: int,
        owner: tuple[int, int] | None = None,
        expect: str | None = None,
        xattrs: Mapping[str, bytes] | None = None,
    ) -> None:
        """Replace a file whole: temporary file in the same directory, fsync, rename, fsync of the directory.

        Changed where it does not have the SHA-256 `expect` at that moment ("" = it must be absent, None = anything).
        The new file gets these extended attributes, an ACL and an SELinux label among them; None: those that are there.
        """
        ...

    def xattrs(self, path: str) -> Mapping[str, bytes]:
        """The extended attributes of a file that a copy of it should have, too."""
        ...

    def hard_links(self, path: str) -> int:
        """How many names (hard links) a file has."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file; no error where it is absent."""
        ...

    def write_attribute(self, path: str, value: str, timeout: float) -> None:
        """Write a sysfs attribute in place; OSError with the kernel's errno, ETIMEDOUT where it hangs."""
        ...

    def sync(self, path: str) -> None:
        """Have a file that a command wrote, and its directory, on the disk before anything else happens."""
        ...

    def run(self, argv: Sequence[str], timeout: float, output: Callable[[str], None]) -> int:
        """Run a command without a shell, each line of its output to `output`; its exit status."""
        ...


MODULE = r"[\w.+-]+"
INTERFACE = r"(?a:[^\s/]{1,15})"
"""What Linux takes for the name of an interface (dev_valid_name in net/core/dev.c), `a;b` and `eth#1` too."""
SOCKET = r"/run/(?:k3s/)?containerd/containerd\.sock"
LABELS = r'labels\."io\.kubernetes\.pod\.namespace"==onecloud,labels\."io\.kubernetes\.container\.name"==host'

QUERIES: tuple[re.Pattern[str], ...] = tuple(
    regex(pattern)
    for pattern in (
        r"lspci -nnmm",
        r"lspci -nnmm -D",
        rf"ethtool -i {INTERFACE}",
        r"dmesg",
        r"journalctl -k -b 0 --no-pager -o cat",
        r"systemd-detect-virt --container",
        r"pgrep -a qemu",
        rf"modinfo -F (?:filename|parm|version|srcversion|depends) {MODULE}",
        r"dpkg-query -W -f=\$\{Version\} doca-host",
        r"rpm -q --qf %\{VERSION\}-%\{RELEASE\} doca-host",
        r"dpkg-query -W -f=\$\{db:Status-Abbrev\}\$\{Package\}\\n(?: [\w*-]+)+",
        r"rpm -qa --qf %\{NAME\}\\n(?: [\w*-]+)+",
        r"dkms --version",
        r"mokutil --test-key (?:/var/lib/shim-signed/mok/MOK\.der|/var/lib/dkms/mok\.pub)",
        r"df -Pk /[a-z]{0,10}",
        r"(?:/opt/rh/(?:devtoolset|gcc-toolset)-\d{1,2}/root/usr/bin/)?gcc -dumpfullversion -dumpversion",
        r"devlink -j dev eswitch show (?:pci/[0-9a-f:.]+|netdevsim/netdevsim\d+)",
        r"(?:mstconfig|mlxconfig) -d [0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] -e q",
        r"ofed_info -s",
        r"ovs-vsctl -t 5 -f json(?: -- --columns=[a-z_,]+ list (?:Open_vSwitch|Bridge|Port|Interface))+",
        r"ovs-appctl -T 5 dpctl/dump-flows(?: type=offloaded)?",
        r"grep -aiF -e ovs-vswitchd \(Open vSwitch\) -e flow api -e flow hw offload -e ingress qdisc -e probe tc:"
        r" /var/log/openvswitch/ovs-vswitchd\.log",
        r"grep -aiF -e could not open network device -e failed to offload flow /var/log/openvswitch/ovs-vswitchd\.log",
        r"kubectl --request-timeout=5s -n onecloud get pods --field-selector spec\.nodeName=[a-z0-9.-]{1,253} -o name",
        r"kubectl --request-timeout=5s -n onecloud logs default-host-[a-z0-9]{5} -c host --tail=[0-9]{1,5}",
        rf"crictl --runtime-endpoint unix://{SOCKET} ps --label io\.kubernetes\.container\.name=host --state Running"
        r" -o json",
        rf"ctr -a {SOCKET} -n k8s\.io (?:containers list -q {LABELS}|containers info [\w.-]{{1,128}}|tasks list)",
    )
)
"""Every command that a `Reader` may start, each without any effect on the machine."""

LOG_WORDS = (
    "igb", "ixgbe", "i40e", "i40evf", "iavf", "ice 0", "bnxt", "hns3", "hinic", "txgbe", "ngbe", "ionic", "irdma",
    "mlx4", "sfc", "qed", "enic", "nvme", "WATCHDOG", "AER: ", "PCIe Bus Error", "pciehp", "smmu", "apparmor=", "avc:",
    "MEMLOCK", "blocked for more than", "bond", "PKCS#7", "bridge window", "busn_res", "kvm: ",
    "DMAR", "IOMMU", "iommu", "AMD-Vi", "emapping", "IOV", "VF", "vfio", "MMIO", "BAR ", "mlx5", "witch", "ockdown",
    "key", "rejected", "released by user", "Relaying device", "header type", "Safe Mode", "DDP package", "SRIOV",
    "assigned to VMs", "disabled by", "SVM",
)  # fmt: skip
"""What a line of the kernel log has to hold to be read at all: the log may have 100 MB. Checks look more closely."""


def is_kernel_log(argv: Sequence[str]) -> bool:
    """Whether a command prints the kernel log."""
    return argv[0] == "dmesg" or tuple(argv[:2]) == ("journalctl", "-k")


def check_query(argv: Sequence[str]) -> None:
    """Raise QueryRefused unless `argv` is one of QUERIES, compared as a whole."""
    line = " ".join(argv)
    if not any(pattern.fullmatch(line) for pattern in QUERIES):
        raise QueryRefused(say("not a read-only command: {line}", line=line))
