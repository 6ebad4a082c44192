"""What installing a vendor's driver prints when it fails, in 36 groups, and the cause that each line speaks of.

The lines are written as the programs print them, with other kernels, versions and addresses than the table of messages
has: so a pattern that fits its own two wordings alone is found out.
"""

from __future__ import annotations

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("apt: the extra modules of the kernel are in no repository", (
        ("packages.kernel-extra", "  mlnx-ofed-kernel-modules : Depends: linux-modules-extra-6.8.0-1031-aws but it is "
         "not installable"),
        ("packages.unconfigured", "E: Unable to correct problems, you have held broken packages."),
    )),
    ("dpkg -i: a dependency that only apt would fetch", (
        ("packages.unconfigured", "dpkg: dependency problems prevent configuration of mlnx-ofed-kernel-dkms:"),
        ("packages.kernel-extra", " mlnx-ofed-kernel-modules depends on linux-modules-extra-5.15.0-1065-azure; "
         "however:"),
    )),
    ("dpkg: packages left unconfigured", (
        ("packages.unconfigured", "dpkg: error processing package mlnx-tools (--configure):"),
        ("packages.unconfigured", " dependency problems - leaving unconfigured"),
    )),
    ("dpkg: two packages with the same file", (
        ("packages.conflict", " trying to overwrite '/usr/bin/ibstat', which is also in package infiniband-diags "
         "39.0-1"),
    )),
    ("apt: the repository's key was changed", (
        ("packages.key", "W: GPG error: https://linux.mellanox.com/public/repo/doca/latest ./ Release: The following "
         "signatures couldn't be verified because the public key is not available: NO_PUBKEY A024F6F0E0E6D6A281"),
    )),
    ("apt: a package that no list has", (
        ("packages.not-found", "E: Unable to locate package doca-all"),
        ("packages.not-found", "E: Unable to locate package mlnx-fw-updater"),
    )),
    ("apt: one repository in two lists", (
        ("packages.two-sources", "E: Conflicting values set for option Signed-By regarding source "
         "https://linux.mellanox.com/public/repo/doca/3.1.0/ubuntu24.04/x86_64/ /: /etc/apt/keyrings/a.gpg != "),
    )),
    ("dnf: a package that no repository has", (
        ("packages.not-found", "No match for argument: doca-kernel-support"),
        ("packages.not-found", "Error: Unable to find a match: mlnx-fw-updater"),
    )),
    ("dnf: dkms missing or too old", (
        ("packages.dkms-old", "  - nothing provides dkms >= 3.2 needed by "
         "mlnx-ofa_kernel-dkms-26.01-OFED.26.01.0.4.1.1.noarch from doca"),
    )),
    ("dnf: an update against the vendor's libraries", (
        ("packages.conflict", "  - cannot install both rdma-core-57.0-1.el9.x86_64 from baseos and "
         "rdma-core-2507mlnx58-1.x86_64 from @System"),
    )),
    ("rpm: single packages against those that are there", (
        ("packages.conflict", "\tfile /etc/rdma/mlx4.conf from install of rdma-core-2410mlnx54-1.x86_64 conflicts with "
         "file from package rdma-core-48.0-1.el8.x86_64"),
    )),
    ("dnf: a signature that could not be checked", (
        ("packages.key", "Error: GPG check FAILED"),
        ("packages.key", "Public key for mlnx-tools-25.07-0.2507097.x86_64.rpm is not installed"),
    )),
    ("rpm: a key that is not known, which is harmless", (
        ("packages.unknown-key", "warning: doca-host-2.9.2-012000_24.10_rhel94.x86_64.rpm: Header V3 RSA/SHA256 "
         "Signature, key ID e0e6d6a2: NOKEY"),
    )),
    ("a cluster's packages that would be removed", (
        ("packages.removal", "Removing dependent packages: ohpc-base-compute-3.0-320.x86_64"),
        ("packages.removal", "The following packages will be REMOVED:\n  libopenmpi3 libibverbs1 openmpi-bin"),
    )),
    ("doca-kernel-support: headers of another build", (
        ("ofed.headers", "doca-kernel-support: Error: Could not determine kernel version from source directory "
         "/lib/modules/5.14.0-503.40.1.el9_5.x86_64/build"),
    )),
    ("the built driver's repository has no index", (
        ("packages.repodata", "Error: Failed to download metadata for repo 'doca-kernel-5.14.0': Cannot download "
         "repomd.xml: All mirrors were tried"),
        ("packages.repodata", "Errors during downloading metadata for repository 'doca-kernel-repo':"),
    )),
    ("dkms: no headers of the running kernel", (
        ("ofed.headers", "Error! Your kernel headers for kernel 6.1.0-28-amd64 cannot be found at "
         "/lib/modules/6.1.0-28-amd64/build or /lib/modules/6.1.0-28-amd64/source."),
        ("ofed.headers", "echo: Your kernel headers for kernel 3.10.0-1160.el7.x86_64 cannot be found."),
    )),
    ("dkms: the build ended with an error", (
        ("ofed.build", "Error! Bad return status for module build on kernel: 6.8.0-52-generic (aarch64)"),
        ("ofed.build", "Consult /var/lib/dkms/mlnx-ofed-kernel/24.10.OFED.24.10.1.1.4.1/build/make.log for more "
         "information."),
    )),
    ("dkms: a module that should be there was not built", (
        ("ofed.build", "Error! Build of mlx5_core.ko failed for: 5.10.0-216.0.0.115.oe2203.x86_64 (x86_64)"),
        ("ofed.build", "Make sure the name and location of the generated module are correct, or consult make.log"),
    )),
    ("dkms: a module that another had to be built before", (
        ("ofed.build-first", "Error! Aborting build of module isert/24.10.OFED for kernel 6.8.0-52-generic (x86_64) "
         "due to missing BUILD_DEPENDS: mlnx-ofed-kernel."),
    )),
    ("dkms: a module that counts as older", (
        ("ofed.module-older", "Module version 4.9-7.1.0 for mlx5_core.ko\nis not newer than what is already found in "
         "kernel 3.10.0-1160.el7.x86_64 (5.8-7.0.6)."),
        ("ofed.module-older", "You may override by specifying --force."),
    )),
    ("dkms: depmod's objection, and the module taken out again", (
        ("ofed.depmod", "Error! Problems with depmod detected.  Automatically uninstalling this module."),
    )),
    ("a new kernel without the module, and without its initramfs", (
        ("ofed.autoinstall", "Error! One or more modules failed to install during autoinstall."),
        ("ofed.autoinstall", "warning: %posttrans(kernel-core-5.14.0-570) /usr/lib/kernel/install.d/40-dkms.install "
         "failed with exit status 11."),
    )),
    ("a kernel older than the driver supports", (
        ("ofed.kernel-range", "Kernel version 4.12.14-122.37-default is less then supported kernel 4.18. Exiting..."),
    )),
    ("a kernel newer than the driver's switchdev", (
        ("ofed.kernel-range", "Warning: CONFIG_MLX5_ESWITCH not support kernel version 6.17 or higher (current: "
         "6.17.0-8-generic)."),
    )),
    ("a tool of the build is missing", (
        ("ofed.tools", "/usr/sbin/dkms: line 1021: make: command not found"),
        ("ofed.tools", "make[1]: bison: No such file or directory"),
        ("ofed.tools", "/bin/sh: flex: command not found"),
    )),
    ("an argument of the kernel's TLS offload that changed its type", (
        ("ofed.kernel-new", "ktls_rx.c:318:44: error: passing argument 1 of "
         "'tls_offload_rx_resync_async_request_end' from incompatible pointer type"),
    )),
    ("a structure of the kernel's clocks that changed", (
        ("ofed.kernel-new", "dpll.c:190:29: warning: 'struct dpll_ffo_param' declared inside parameter list will not "
         "be visible outside of this definition or declaration"),
    )),
    ("symbols that the kernel has built in", (
        ("ofed.built-in", "ERROR: modpost: vmlinux: 'mlxfw_firmware_flash' exported twice. Previous export was in "
         "drivers/net/ethernet/mellanox/mlxfw/mlxfw.ko"),
        ("ofed.built-in", "WARNING: host/nvme-core: 'nvme_wq' exported twice. Previous export was in vmlinux"),
    )),
    ("a signature that the kernel does not accept", (
        ("module.unsigned", "modprobe: ERROR: could not insert 'mlx5_ib': Key was rejected by service"),
        ("module.unsigned", "modprobe: ERROR: could not insert 'mlx_compat': Required key not available"),
        ("module.unsigned", "modprobe: ERROR: could not insert 'mlx5_core': Operation not permitted"),
        ("module.unsigned", "kernel: PKCS#7 signature not signed with a trusted key"),
        ("module.unsigned", "kernel: Loading of unsigned module is rejected"),
    )),
    ("dkms: no tool or key to sign with", (
        ("module.sign-tools", "openssl not found, can't generate key and certificate."),
        ("module.sign-tools", "Binary /usr/src/kernels/5.14.0/scripts/sign-file not found, modules won't be signed"),
        ("module.sign-tools", "Key file /var/lib/shim-signed/mok/MOK.priv not found and can't be generated, modules "
         "won't be signed"),
        ("module.sign-tools", "Module signing is disabled by policy, modules won't be signed"),
        ("module.sign-tools", "Binary update-secureboot-policy not found, modules won't be signed"),
    )),
    ("a module of another kernel, or of another driver", (
        ("module.other-kernel", "modprobe: ERROR: could not insert 'mlx_compat': Exec format error"),
        ("module.other-kernel", "mlx5_core: disagrees about version of symbol module_layout"),
        ("module.other-kernel", "nv_peer_mem: Unknown symbol ib_register_peer_memory_client (err -22)"),
    )),
    ("openibd: the kernel's own module instead of the vendor's", (
        ("ofed.mixed", "Avoid loading inbox module: mlx5_ib"),
        ("ofed.mixed", "Module not found: mlx5_core"),
    )),
    ("openibd: what it cannot load, and what it cannot unload", (
        ("ofed.load-failed", "Failed loading kernel module mlx5_ib: "),
        ("ofed.load-failed", "No HCA kernel modules loaded: "),
        ("ofed.load-failed", "Loading HCA driver and Access Layer:                       [FAILED]"),
        ("ofed.in-use", "Unloading mlx5_ib                                          [FAILED]"),
        ("ofed.in-use", "rmmod: ERROR: Module mlx5_ib is in use by: rpcrdma"),
        ("ofed.in-use", "Error: Cannot unload the Infiniband driver stack due to the above issue(s)!"),
        ("ofed.vfs-active", "There are active virtual functions. Cannot continue..."),
        ("ofed.stop-off", "ERROR: Option 'stop' is disabled!"),
        ("ofed.stop-off", "Error: missing functions file /usr/share/mlnx_ofed/mod_load_funcs. Aborting"),
    )),
    ("a kernel that the module was not linked to, or that breaks it", (
        ("ofed.weak-modules", "weak-modules failed, falling back to inbox driver for kernel 5.14.21-150500.55-default"),
        ("card.probe-failed", "mlx5_core 0000:17:00.1: mlx5_init_one failed with error code -110"),
    )),
    ("firmware that the package does not bring", (
        ("firmware.not-in-driver", "The firmware for this device is not distributed inside Mellanox driver: 3b:00.0 "
         "(PSID: DEL0000000015)"),
    )),
)  # fmt: skip
