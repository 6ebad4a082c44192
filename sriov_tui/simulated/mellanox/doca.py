"""Simulated package managers with a local repository of DOCA-Host, and the DKMS that builds out of it.

simulation["media"][PATH] = {"release", "doca", "end"}; `end` is one of ENDS. simulation["doca"] is the path of the
package that is installed, simulation["dkms"] the kernels that its driver is built for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, remove, text
from sriov_tui.simulated.mellanox import driver

ENDS = ("success", "failed build", "removes qemu", "takes the kernel", "changes the switch", "no dkms", "no repository")
INITD, UNINSTALL = "/etc/init.d/openibd", "/usr/sbin/ofed_uninstall.sh"
RPM_QUERY = "rpm -q --qf %{VERSION}-%{RELEASE} doca-host"
DPKG_QUERY = "dpkg-query -W -f=${Version} doca-host"
Output = Callable[[str], None]


def _medium(machine: Machine) -> dict[str, Any]:
    return dict(machine.simulation.get("media", {}).get(machine.simulation.get("doca", ""), {}))


def _kernel(machine: Machine) -> str:
    return text(machine, "/proc/sys/kernel/osrelease")


def rpm(machine: Machine, arguments: list[str], output: Output) -> int:
    """`rpm -Uvh --replacepkgs FILE`."""
    return _add(machine, arguments[-1], RPM_QUERY, output)


def dpkg(machine: Machine, arguments: list[str], output: Output) -> int:
    """`dpkg -i FILE`, `dpkg --purge doca-host`."""
    if arguments[0] == "-i":
        return _add(machine, arguments[-1], DPKG_QUERY, output)
    _remove(machine, arguments[1:])
    return 0


def _add(machine: Machine, path: str, query: str, output: Output) -> int:
    medium = machine.simulation.get("media", {}).get(path)
    if medium is None or "doca" not in medium:
        output(f"error: open of {path} failed: No such file or directory")
        return 1
    machine.simulation["doca"] = path
    machine.queries[query] = Completed(0, medium["doca"], "")
    output(f"Setting up doca-host ({medium['doca']}) ...")
    return 0


def _remove(machine: Machine, names: Sequence[str]) -> None:
    if "doca-ofed" in names:
        machine.simulation.pop("dkms", None)
        if machine.simulation.pop("doca_driver", None):
            driver.uninstall(machine)
            driver.follow(machine)
            remove(machine, INITD)
            remove(machine, UNINSTALL)
    if "doca-host" in names:
        machine.simulation.pop("doca", None)
        for query in (RPM_QUERY, DPKG_QUERY):
            machine.queries.pop(query, None)


def dnf(machine: Machine, arguments: list[str], output: Output) -> int:
    """`makecache`, `--assumeno ... install doca-ofed`, `-y ... install doca-ofed`, `-y remove NAME...`."""
    words = [word for word in arguments if not word.startswith("--setopt=")]
    if "makecache" in words:
        output("Metadata cache created.")
        return 0
    if "remove" in words:
        _remove(machine, words[words.index("remove") + 1 :])
        output("Complete!")
        return 0
    if "*openvswitch*" not in "".join(words) or words[-2:] != ["install", "doca-ofed"]:
        output("dnf: not simulated")
        return 2
    return _resolve(machine, output, _table) if "--assumeno" in words else _install(machine, output, _dnf_lines)


def apt_get(machine: Machine, arguments: list[str], output: Output) -> int:
    """`update`, `-s install doca-ofed`, `-y install doca-ofed`, `-y remove NAME...`."""
    words = [word for word in arguments if not word.startswith(("-o", "Dpkg::"))]
    output("Reading package lists...")
    if words == ["update"]:
        return 0
    if "remove" in words:
        _remove(machine, words[words.index("remove") + 1 :])
        return 0
    if words[-2:] != ["install", "doca-ofed"]:
        output(f"E: Invalid operation {words[0]}")
        return 100
    return _resolve(machine, output, _inst) if "-s" in words else _install(machine, output, _apt_lines)


def _resolve(machine: Machine, output: Output, lines: Callable[[dict[str, Any], str], Iterator[str]]) -> int:
    medium = _medium(machine)
    if not medium or medium.get("end") == "no repository":
        output("Error: Unable to find a match: doca-ofed")
        return 1
    if medium.get("end") == "no dkms":
        output("Error: ")
        output(" Problem: conflicting requests")
        output("  - nothing provides dkms >= 3.2 needed by mlnx-ofa_kernel-dkms-25.10-OFED.25.10.1.7.1.1.noarch")
        return 1
    for line in lines(medium, _kernel(machine)):
        output(line)
    return 1 if lines is _table else 0


def _table(medium: dict[str, Any], kernel: str) -> Iterator[str]:
    """As dnf prints it at 80 columns: a long name has a line of its own."""
    yield "Dependencies resolved."
    yield "=" * 80
    yield " Package                 Arch    Version                          Repo    Size"
    yield "=" * 80
    yield "Installing:"
    yield " doca-ofed               x86_64  3.2.1-044000                     doca    7.0 k"
    yield "Upgrading:"
    yield " rdma-core               x86_64  2510.0.11-1                      doca     54 k"
    yield "     replacing  infiniband-diags.x86_64 41.0-1"
    yield "Installing dependencies:"
    yield " mlnx-ofa_kernel-dkms    noarch  25.10-OFED.25.10.1.7.1.1         doca    9.1 M"
    if medium.get("end") == "takes the kernel":
        yield " kernel-core             x86_64  5.10.0-999                       update   40 M"
    if medium.get("end") == "removes qemu":
        yield "Removing dependent packages:"
        yield " qemu-block-rdma-a-very-long-name"
        yield "                         x86_64  8.2.0-1                          @base    1 M"
    if medium.get("end") == "changes the switch":
        yield " doca-openvswitch        x86_64  3.2.1-044000                     doca     10 M"
    yield ""
    yield "Transaction Summary"
    yield "=" * 80
    yield "Install  2 Packages"
    yield "Operation aborted."


def _inst(medium: dict[str, Any], kernel: str) -> Iterator[str]:
    if medium.get("end") == "removes qemu":
        yield "The following packages will be REMOVED:"
        yield "  qemu-system-x86"
        yield "Remv qemu-system-x86 [1:8.2.2+ds-0ubuntu1]"
    yield "Inst librdmacm1 [50.0-2build2] (2510.0.11-1 DOCA-HOST [amd64])"
    yield f"Inst linux-modules-extra-{kernel} (6.8.0 Ubuntu:24.04/noble [amd64])"
    if medium.get("end") == "takes the kernel":
        yield "Inst linux-image-6.11.0-9-generic (6.11.0 Ubuntu:24.04/noble [amd64])"
    if medium.get("end") == "changes the switch":
        yield "Inst openvswitch-switch [3.3.0-1] (3.2.1 DOCA-HOST [amd64])"
    yield "Inst mlnx-ofed-kernel-dkms (25.10.OFED.25.10.1.7.1-1 DOCA-HOST [all])"
    yield "Inst doca-ofed (3.2.1-044000 DOCA-HOST [amd64])"
    yield "Conf doca-ofed (3.2.1-044000 DOCA-HOST [amd64])"


def _install(machine: Machine, output: Output, lines: Callable[[str], Iterator[str]]) -> int:
    """It ends well also where DKMS could not build."""
    medium, kernel = _medium(machine), _kernel(machine)
    if not medium:
        output("Error: Unable to find a match: doca-ofed")
        return 1
    for line in lines(kernel):
        output(line)
    if medium.get("end") == "failed build":
        name = "mlnx-ofa_kernel" if lines is _dnf_lines else "mlnx-ofed-kernel"
        log = "error: 'struct dpll_ffo_param' declared inside parameter list will not be visible outside\n"
        put_file(machine, f"/var/lib/dkms/{name}/25.10.OFED.25.10.1.7.1.1/build/make.log", log)
        return 0
    machine.simulation.update(dkms=[kernel], doca_driver=True)
    put_file(machine, INITD, b"", 0o755)
    put_file(machine, UNINSTALL, b"", 0o755)
    driver.install(machine, str(medium["release"]), ofed="OFED-internal", version=str(medium["release"]))
    return 0


def _dnf_lines(kernel: str) -> Iterator[str]:
    yield "Dependencies resolved."
    yield "Downloading Packages:"
    yield "Running transaction"
    yield "  Installing       : mlnx-ofa_kernel-dkms-25.10-OFED.25.10.1.7.1.1.noarch          1/2"
    yield "  Running scriptlet: mlnx-ofa_kernel-dkms-25.10-OFED.25.10.1.7.1.1.noarch          1/2"
    yield "  Verifying        : doca-ofed-3.2.1-044000.x86_64                                 2/2"
    yield "Complete!"


def _apt_lines(kernel: str) -> Iterator[str]:
    yield "Building dependency tree..."
    yield "Get:1 file:/usr/share/doca-host/repo ./ mlnx-ofed-kernel-dkms 25.10 [9 MB]"
    yield "Unpacking mlnx-ofed-kernel-dkms (25.10) ..."
    yield "Setting up mlnx-ofed-kernel-dkms (25.10) ..."
    yield f"Building initial module for {kernel}"
    yield "Processing triggers for initramfs-tools (0.142ubuntu25) ..."


def dkms(machine: Machine, arguments: list[str], output: Output) -> int:
    """`dkms status -m MODULE -k KERNEL`: it ends well whatever it finds."""
    if arguments[0] == "status" and arguments[-1] in machine.simulation.get("dkms", []):
        output(f"{arguments[2]}/25.10.OFED.25.10.1.7.1.1, {arguments[-1]}, x86_64: installed")
    return 0


def modinfo(machine: Machine, arguments: list[str], output: Output) -> int:
    """`modinfo -k KERNEL -F FIELD MODULE`, of the running kernel."""
    driver.follow(machine)
    done = machine.queries.get(" ".join(("modinfo", *arguments[2:])))
    if done is None or arguments[:2] != ["-k", _kernel(machine)]:
        output(f"modinfo: ERROR: Module {arguments[-1]} not found.")
        return 1
    output(done.out.strip())
    return done.status


COMMANDS: dict[str, Callable[[Machine, list[str], Output], int]] = {
    "rpm": rpm,
    "dpkg": dpkg,
    "dnf": dnf,
    "apt-get": apt_get,
    "dkms": dkms,
    "modinfo": modinfo,
}
