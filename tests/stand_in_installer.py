"""A stand-in for the vendor's installer: a shell script that prints the real one's lines and ends as it does.

Its first argument but for options is nothing: how it ends stands in the file `end` beside it in the image.
"""

from __future__ import annotations

from tests.driver_machines import content

UNINSTALL = "/usr/sbin/ofed_uninstall.sh"
SCRIPT = r"""#!/bin/sh
here=$(dirname "$0"); end=$(cat "$here/end"); kernel=$(uname -r); root=$(cat "$here/root")
work=/tmp/MLNX_OFED_LINUX-5.8-7.0.6.1-$kernel
case " $* " in *" --force "*) ;; *) printf 'Do you want to continue?[y/N]:'; exit 1 ;; esac
if touch "$here/writable" 2>/dev/null; then echo "the image is writable"; fi
case $end in
prompt) echo "This program will install the MLNX_OFED_LINUX package on your machine."
    printf 'Do you want to continue?[y/N]:'; read -r answer || exit 1; echo "answered $answer"; exit 0 ;;
distribution) echo "Error: The current MLNX_OFED_LINUX is intended for rhel7.8"; exit 22 ;;
esac
echo "Note: This program will create MLNX_OFED_LINUX TGZ for rhel7.9 under $work directory."
echo "See log file $work/mlnx_iso.$$_logs/mlnx_ofed_iso.$$.log"
if [ "$end" = full ]; then
    printf '\033[1;31mERROR: Not enough disk space in the /tmp directory. Required 614400KB\033[0;39m\n'; exit 28
fi
echo "Checking if all needed packages are installed..."
if [ "$end" = missing ]; then
    echo "Error: One or more required packages for installing MLNX_OFED_LINUX are missing."
    echo "Please install the missing packages using your Linux distribution Package Management tool."
    echo "Run:"; echo "apt-get install tcl tk"; exit 172
fi
printf '\033[1;34mBuilding MLNX_OFED_LINUX RPMS . Please wait...\033[0;39m\n'
if [ "$end" = build ]; then
    echo 'ERROR: Failed executing "MLNX_OFED_SRC-5.8-7.0.6.1/install.pl"' >&2
    echo "ERROR: See $work/mlnx_ofed_iso.$$.log" >&2
    echo "Failed to build MLNX_OFED_LINUX for $kernel"; exit 1
fi
echo "Creating metadata-rpms for $kernel ..."
echo "General log file: /tmp/MLNX_OFED_LINUX.$$.logs/general.log"
echo "Checking SW Requirements..."; echo "Removing old packages..."; echo "Installing new packages"
for package in ofed-scripts mlnx-tools mlnx-ofa_kernel; do echo "Installing $package-5.8..."; done
printf '#!/bin/sh\nrm -f %s\n' "$root" >"$root"; chmod 755 "$root"
echo "Installation passed successfully"; echo "To load the new driver, run:"; echo "/etc/init.d/openibd restart"
"""
ENDS = {
    "missing": "Run `apt-get install tcl tk`, then run `sriov-tui resume`.",
    "build": "the driver could not be built for the kernel",
    "full": "It needs 600 MiB in /tmp.",
    "prompt": "Do you want to continue?[y/N]:",
    "distribution": "this image is for rhel7.8",
}
"""How it can fail, and what is said then."""


def image(end: str, root: str = UNINSTALL) -> dict[str, bytes]:
    """What stands in an image whose installer ends so; `root` is where it puts the program that takes it back."""
    return content() | {"mlnxofedinstall": SCRIPT.encode(), "end": end.encode(), "root": root.encode()}
