"""Packages, builds and modules: what installers and package managers say proves the cause."""

from __future__ import annotations

from checks.troubleshooting.cause import Entry, by_text
from sriov_tui.message import say, verbatim

ENTRIES: tuple[Entry, ...] = (
    by_text(
        "packages.kernel-extra",
        say("No repository has the linux-modules-extra package of this kernel."),
        say("Boot a kernel of which the package exists, or add the repository that has it."),
        verbatim("apt-cache policy linux-modules-extra-$(uname -r)"),
    ),
    by_text(
        "packages.unconfigured",
        say("dpkg left packages unconfigured, because what they depend on is missing."),
        say("Install with `apt-get install ./FILE.deb`, which brings what is missing; then `apt-get -f install`."),
        verbatim("dpkg --audit"),
    ),
    by_text(
        "packages.conflict",
        say("A package of the vendor and one of the distribution have the same files."),
        say(
            "Remove the distribution's package, or install the vendor's smaller profile; exclude rdma "
            "packages from updates."
        ),
        verbatim("rpm -Va --nofiles"),
    ),
    by_text(
        "packages.removal",
        say("The package manager wants to remove packages that need the distribution's RDMA libraries."),
        say("Answer no; see which of these packages the host needs before you install the vendor's."),
        verbatim("apt-get -s install doca-ofed"),
    ),
    by_text(
        "packages.key",
        say("The repository is signed with a key that this host does not know."),
        say("Import the vendor's present key, then update the lists."),
        verbatim("rpm -qa gpg-pubkey*"),
    ),
    by_text(
        "packages.unknown-key",
        say("rpm does not know the key of the file: a warning only, the package was installed."),
        say("Nothing has to be done; rpm --import KEY takes the warning away."),
        verbatim("rpm -q doca-host"),
        logged=False,
    ),
    by_text(
        "packages.not-found",
        say("The package manager does not know the package: its lists are old, or the name is another one."),
        say(
            "Update the lists (apt-get update, dnf clean all); doca-tools and doca-applications are gone "
            "since DOCA 3.3."
        ),
        verbatim("apt-cache policy doca-ofed"),
    ),
    by_text(
        "packages.two-sources",
        say("Two files name the same repository with different keys."),
        say("Remove one of the two files below /etc/apt/sources.list.d."),
        verbatim("apt-get update"),
    ),
    by_text(
        "packages.dkms-old",
        say("dkms is missing or older than the driver needs."),
        say("Install dkms from EPEL (EL) or from the distribution; DOCA 3.2 and newer need 3.2."),
        verbatim("dkms --version"),
    ),
    by_text(
        "packages.repodata",
        say("The local repository of the built driver has no valid index."),
        say("Install createrepo_c again, then build the repository again."),
        verbatim("dnf repolist -v"),
    ),
    by_text(
        "ofed.headers",
        say("The headers of the running kernel are missing, or are of another build."),
        say(
            "Install kernel-devel (Debian: linux-headers) of exactly the running kernel; for the Cloudpods "
            "kernel from its own repository."
        ),
        verbatim("ls /lib/modules/$(uname -r)/build"),
    ),
    by_text(
        "ofed.tools",
        say("A tool of the build is missing or too old: make, gcc, flex or bison."),
        say("Install it; on CentOS 7 use devtoolset-9 from the vault."),
        verbatim("gcc --version"),
    ),
    by_text(
        "ofed.kernel-new",
        say("The kernel is newer than this release of the driver: its code does not fit."),
        say("Take the next release of the driver, or an older kernel of the distribution."),
        verbatim("uname -r"),
    ),
    by_text(
        "ofed.kernel-range",
        say("The kernel is outside of what this release of the driver supports."),
        say("Take the release that fits: MLNX_OFED 23.10 is the last for 3.10, each later one has an upper limit."),
        verbatim("sriov-tui audit --only driver"),
    ),
    by_text(
        "ofed.built-in",
        say("The kernel has parts built in that the driver brings as modules."),
        say("Use a kernel of the distribution that has them as modules, or the kernel's own driver."),
        verbatim("grep MLXFW /boot/config-$(uname -r)"),
    ),
    by_text(
        "ofed.build-first",
        say("A module was not built because an earlier one failed."),
        say("Look at the make.log of mlnx-ofa_kernel (Debian: mlnx-ofed-kernel): the cause is there."),
        verbatim("dkms status"),
    ),
    by_text(
        "ofed.module-older",
        say("dkms kept the module that is there, since it counts as newer."),
        say("Remove the older driver first, or dkms install --force."),
        verbatim("modinfo mlx5_core"),
    ),
    by_text(
        "ofed.depmod",
        say("depmod found symbols missing, and dkms took the module out again."),
        say("Remove modules of another driver release (weak-updates, updates), then install again."),
        verbatim("depmod -n"),
    ),
    by_text(
        "ofed.autoinstall",
        say("dkms did not build for the new kernel; its initramfs may be missing, too."),
        say("Build now (dkms autoinstall), make the initramfs, and only then boot that kernel."),
        verbatim("ls /boot"),
    ),
    by_text(
        "ofed.load-failed",
        say("openibd could not load the driver."),
        say("Read the kernel log: a signature, another kernel's module or mixed modules are the usual reasons."),
        verbatim("dmesg"),
    ),
    by_text(
        "ofed.vfs-active",
        say(
            "openibd does not stop while VFs are in use; it asks virsh alone, and does not see Cloudpods' "
            "virtual machines."
        ),
        say("Stop the virtual machines that hold VFs, or reboot in a maintenance window instead."),
        verbatim("sriov-tui audit --only vfs"),
    ),
    by_text(
        "ofed.stop-off",
        say("openibd is configured not to stop, or its installation is damaged."),
        say("Install the driver again; ALLOW_STOP=yes in /etc/infiniband/openib.conf lets it stop."),
        verbatim("systemctl status openibd"),
    ),
    by_text(
        "ofed.weak-modules",
        say("The vendor's module was not linked to this kernel, so the kernel's own is loaded."),
        say("Install the driver for exactly this kernel (--add-kernel-support, doca-kernel-support)."),
        verbatim("modinfo -n mlx5_core"),
    ),
    by_text(
        "ofed.no-kernel-binaries",
        say("The installer has no modules for this kernel and must build them."),
        say("Start it with --add-kernel-support; kernel-devel and a compiler are needed."),
        verbatim("uname -r"),
        logged=False,
    ),
    by_text(
        "ofed.initramfs",
        say("The initramfs still has the old driver, or could not be made."),
        say("dracut -f (Debian: update-initramfs -u), see that it ended well, then reboot."),
        verbatim("lsinitrd"),
    ),
    by_text(
        "module.sign-tools",
        say("dkms could not sign the modules."),
        say(
            "Install openssl and the kernel's sign-file (kernel-devel), then build again; without Secure Boot"
            " it does not matter."
        ),
        verbatim("mokutil --sb-state"),
        logged=False,
    ),
    by_text(
        "module.blacklisted",
        say("The module is blacklisted on this host."),
        say(
            "Take it out of /etc/modprobe.d and of the kernel arguments (modprobe.blacklist), then make the "
            "initramfs again."
        ),
        verbatim("modprobe -c"),
    ),
    by_text(
        "module.other-kernel",
        say("The module was built for another kernel, or its symbols do not fit the loaded modules."),
        say("Build the driver for the running kernel, make the initramfs again, then reboot."),
        verbatim("modinfo -F vermagic mlx5_core"),
    ),
)
