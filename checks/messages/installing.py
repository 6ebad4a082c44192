"""Installers, packages and modules: MLNX_OFED, DOCA, dkms, dracut, apt, dnf, rpm, openibd, module signatures.

The comments number the groups of NVIDIA's and the distributions' failure texts that these rows hold.
"""

from __future__ import annotations

from checks.messages.pattern import KERNEL, MODPROBE, Pattern

APT, DNF, RPM, DKMS, OPENIBD = "apt", "dnf", "rpm", "dkms", "openibd"
INSTALLER, OFED, DOCA = "mlnxofedinstall", "MLNX_OFED 4.9 to 24.10", "DOCA 2.5 to 3.3"
DKMS_S = "dkms 2.8 to 3.2, dkms.in"

MESSAGES = (
    # 1 to 3
    Pattern("packages.kernel-extra",
            r"Depends: linux-modules-extra-\S+ but it is not (?:installable|going to be installed)|"
            r"depends on linux-modules-extra-\S+; however", APT, DOCA,
            "network-operator #1450, #1453; doca-driver-build #69",
            (" mlnx-ofed-kernel-modules : Depends: linux-modules-extra-5.15.0-130-generic but it is not installable",
             " mlnx-ofed-kernel-modules depends on linux-modules-extra-6.8.0-1023-oracle; however:")),
    Pattern("packages.unconfigured",
            r"dpkg: (?:dependency problems prevent configuration of|error processing package) mlnx-|"
            r"you have held broken packages|dependency problems - leaving unconfigured", "dpkg", DOCA,
            "doca-driver-build #65, #66, #68",
            ("dpkg: dependency problems prevent configuration of mlnx-ofed-kernel-modules:",
             "dpkg: error processing package mlnx-ofed-kernel-modules (--install): dependency problems - leaving "
             "unconfigured",
             "E: Unable to correct problems, you have held broken packages.")),
    # 4, 10, 11, 14
    Pattern("packages.conflict",
            r"trying to overwrite '[^']+'|conflicts with file from package|cannot install both \S+ from|"
            r"which is also in package", "dpkg, rpm, dnf", DOCA, "azhpc-images; spdk #207",
            ("dpkg: error processing archive openmpi.deb (--unpack): trying to overwrite "
             "'/etc/pmix-mca-params.conf', which is also in package libpmix2",
             "file /usr/lib64/libibverbs.so.1 from install of libibverbs-2510 conflicts with file from package "
             "libibverbs-61.0",
             "cannot install both libibverbs-61.0-2.el9 from baseos and libibverbs-2510.0.11-1.el9 from @System")),
    Pattern("packages.removal",
            r"(?:Removing|The following packages will be REMOVED|Removing dependent packages).*(?:ohpc|librdmacm|"
            r"libibverbs|openmpi)|needs librdmacm", "apt, dnf", DOCA, "openhpc #1856",
            ("The following packages will be REMOVED: ohpc-base-compute librdmacm1",
             "Removing dependent packages: ohpc-base-compute, librdmacm")),
    Pattern("packages.removal",
            r"^  \S.*(?:ohpc-|librdmacm\d|libibverbs\d|openmpi)|^  (?:ohpc-|librdmacm\d|libibverbs\d)", APT,
            "apt 1.0 and newer: the list begins on the line below", "apt, cmdline/private-output.cc, ShowDel",
            ("  ibverbs-utils libibverbs1 openmpi-bin\nThe following packages will be REMOVED:",
             "  librdmacm1 ohpc-base-compute\nThe following packages will be REMOVED:"),
            r"packages will be REMOVED"),
    # 5, 12, 13
    Pattern("packages.key", r"NO_PUBKEY [0-9A-F]{8,}|GPG check FAILED|Public key for \S+ is not installed|"
            r"signatures couldn't be verified", "apt, dnf", DOCA, "NVIDIA DOCA installation guide",
            ("GPG error: file:/usr/share/doca-host ./ Release: The following signatures couldn't be verified "
             "because the public key is not available: NO_PUBKEY A024F6F0E0E6D6A281",
             "Error: GPG check FAILED",
             "Public key for doca-ofed-3.1.0.rpm is not installed")),
    Pattern("packages.unknown-key", r"Header V\d \S+ Signature, key ID \S+: NOKEY", RPM, "rpm 4", "spdk #207",
            ("warning: doca-host-3.1.0.rpm: Header V3 RSA/SHA256 Signature, key ID 6e87a4ab: NOKEY",
             "warning: mlnx-ofa_kernel-25.10.rpm: Header V4 RSA/SHA512 Signature, key ID e6d6a281: NOKEY")),
    # 6, 8
    Pattern("packages.not-found", r"Unable to locate package (?:doca|mlnx|mft)\S*|(?:Unable to find a match|"
            r"No match for argument): (?:doca|mlnx|mft)\S*|No package (?:doca|mlnx)\S* available", "apt, dnf", DOCA,
            "NVIDIA DOCA installation guide",
            ("E: Unable to locate package doca-ofed",
             "Error: Unable to find a match: doca-ofed",
             "No match for argument: doca-ofed",
             "No package mlnx-ofa_kernel available.")),
    # 7
    Pattern("packages.two-sources", r"Conflicting values set for option Signed-By", APT, "apt 1.1 and newer",
            "apt, sourcelist.cc",
            ("E: Conflicting values set for option Signed-By regarding source "
             "https://linux.mellanox.com/public/repo/doca/ ./: /usr/share/keyrings/doca.gpg != ",
             "E: Conflicting values set for option Signed-By regarding source file:/usr/share/doca-host/repo ./: a "
             "!= b")),
    # 9
    Pattern("packages.dkms-old",
            r"nothing provides dkms(?: >= [\d.]+)?|dkms .*(?:is too old|not found)|dkms: command not found", DNF, DOCA,
            "mlnx-ofa_kernel.spec",
            ("nothing provides dkms >= 3.2 needed by mlnx-ofa_kernel-dkms-25.10-OFED.25.10.1.7.1.1.noarch",
             "/usr/sbin/doca-kernel-support: line 88: dkms: command not found")),
    # 15, 17
    Pattern("ofed.headers",
            r"Could not determine kernel version from source directory|kernel headers for kernel \S+ cannot be found|"
            r"kernel-(?:devel|headers) .*(?:not found|is not installed)|"
            r"/lib/modules/\S+/build: No such file or directory", DKMS, f"{DOCA}; dkms", DKMS_S,
            ("doca-kernel-support: Error: Could not determine kernel version from source directory "
             "/lib/modules/5.14.0-570.17.1.el9_6.x86_64/build",
             "Your kernel headers for kernel 5.15.0-130-generic cannot be found at "
             "/lib/modules/5.15.0-130-generic/build or /lib/modules/5.15.0-130-generic/source.",
             "make: *** /lib/modules/5.4.130/build: No such file or directory.  Stop.")),
    # 16
    Pattern("packages.repodata",
            r"repodata/repomd\.xml.*(?:Cannot|Errors?|not found|404|Couldn't open)|createrepo.*(?:error|corrupt|"
            r"failed)|Failed to download metadata for repo 'doca|"
            r"Errors during downloading metadata for repository 'doca", DNF, DOCA,
            "NVIDIA DOCA 2.9.2 known issues, 4095728",
            ("Error: Failed to download metadata for repo 'doca-kernel': Cannot download repomd.xml",
             "Errors during downloading metadata for repository 'doca-kernel-repo':",
             "file:///usr/share/doca-kernel/repodata/repomd.xml: [Errno 14] curl#37 - Couldn't open file")),
    # 18, 19, 26 to 29
    Pattern("ofed.build", r"Failed to build MLNX_OFED_LINUX for|Failed to build \S+ (?:RPM|DEB|rpm)", INSTALLER, OFED,
            "uclasystem/hermit #8",
            ("Failed to build MLNX_OFED_LINUX for 5.4.130-1.yn20230805.el7.x86_64",
             "Failed to build mlnx-ofa_kernel RPM")),
    Pattern("ofed.build", r"Bad return status for module build on kernel|Build of \S+\.ko failed for|"
            r"Consult /var/lib/dkms/\S+/make\.log|name and location of the generated module are correct", DKMS,
            "dkms 2.8 to 3.2: status 10 and 7", DKMS_S,
            ("Error! Bad return status for module build on kernel: 5.15.0-130-generic (x86_64)",
             "Build of drivers/net/ethernet/mellanox/mlx5/core/mlx5_core.ko failed for: 6.12.1 (x86_64)",
             "Make sure the name and location of the generated module are correct,",
             "Consult /var/lib/dkms/mlnx-ofed-kernel/25.10/build/make.log for more information.")),
    Pattern("ofed.tools",
            r"make: (?:not found|command not found)|(?:flex|bison|gcc|cc1|make): (?:not found|command not found|"
            r"No such file or directory)|"
            r"unrecognized command[- ]line option|compiler differs from the one used to build the kernel", "make",
            "any", "lenovo installation guide; Linux Makefile",
            ("/bin/sh: 1: make: not found",
             "/bin/sh: 1: flex: not found",
             "make[2]: bison: No such file or directory",
             "bash: gcc: command not found",
             "warning: the compiler differs from the one used to build the kernel")),
    Pattern("ofed.kernel-new",
            r"tls_offload_rx_resync_async_request_end|struct dpll_ffo_param|error: implicit declaration of function",
            "make", "OFED 25.10 on kernels 6.12.68, 6.17.0-1018, EL 9.8", "azhpc-images #567",
            ("error: passing argument 1 of 'tls_offload_rx_resync_async_request_end' from incompatible pointer type "
             "[-Werror=incompatible-pointer-types]",
             "error: 'struct dpll_ffo_param' declared inside parameter list",
             "error: implicit declaration of function 'netif_napi_add_weight' "
             "[-Werror=implicit-function-declaration]")),
    Pattern("ofed.built-in", r"modpost: .*exported twice|exported twice\. Previous export was in vmlinux", "make",
            "any", "Linux scripts/mod/modpost.c",
            ("ERROR: modpost: drivers/net/ethernet/mellanox/mlxfw/mlxfw: 'mlxfw_firmware_flash' exported twice. "
             "Previous export was in vmlinux",
             "nvme-core: 'nvme_wq' exported twice. Previous export was in vmlinux")),
    # 20
    Pattern("ofed.build-first", r"Aborting build of module \S+ .*missing BUILD_DEPENDS|missing BUILD_DEPENDS", DKMS,
            "dkms 3, status 13", DKMS_S,
            ("Aborting build of module iser/25.10 for kernel 5.15.0-130-generic due to missing BUILD_DEPENDS: "
             "mlnx-ofed-kernel",
             "Error! Aborting build of module srp/25.10 for kernel 6.12.1 due to missing BUILD_DEPENDS: "
             "mlnx-ofa_kernel.")),
    # 21, 22, 23
    Pattern("ofed.module-older",
            r"is not newer than what is already found in kernel|You may override by specifying --force", DKMS,
            "dkms 2.8 to 3.2", DKMS_S,
            ("Module version 24.10-1.1.4 for mlx5_core.ko is not newer than what is already found in kernel 6.8.0-1 "
             "(25.01).",
             "Module version 5.8 for mlx5_ib.ko is not newer than what is already found in kernel 5.4.130 (5.8).",
             "You may override by specifying --force.")),
    Pattern("ofed.depmod",
            r"Problems with depmod detected|depmod: (?:ERROR|WARNING): .*(?:needs unknown symbol|could not)", DKMS,
            "dkms 2.8 to 3.2: status 6; kmod", DKMS_S,
            ("Problems with depmod detected. Automatically uninstalling this module.",
             "depmod: WARNING: /lib/modules/6.8.0/updates/dkms/mlx5_ib.ko needs unknown symbol "
             "mlx5_core_roce_gid_set")),
    Pattern("ofed.autoinstall",
            r"modules failed to install during autoinstall|40-dkms\.install failed with exit status", DKMS,
            "dkms 3, status 11", "dkms #472",
            ("Error! One or more modules failed to install during autoinstall.",
             "/usr/lib/kernel/install.d/40-dkms.install failed with exit status 11.")),
    # 24, 25
    Pattern("ofed.kernel-range",
            r"Kernel version \S+ is less then supported kernel|not support kernel version \S+ or higher", INSTALLER,
            "OFED 23.10 and newer", "mlnx-ofa_kernel ofed_scripts/configure",
            ("Kernel version 3.10.0-1160.el7.x86_64 is less then supported kernel 4.18. Exiting...",
             "Warning: CONFIG_MLX5_ESWITCH not support kernel version 6.13 or higher (current: 6.14.0-37).")),
    # 30, 31
    Pattern("module.unsigned", r"Required key not available|Key was rejected by service", MODPROBE, "kmod",
            "NVIDIA MLNX_OFED documentation, UEFI Secure Boot",
            ("modprobe: ERROR: could not insert 'mlx5_core': Required key not available",
             "modprobe: ERROR: could not insert 'mlx5_core': Key was rejected by service")),
    Pattern("module.unsigned",
            r"Loading of unsigned module is rejected|PKCS#7 signature not signed with a trusted key|"
            r"Loading of module with (?:unavailable key|unsupported crypto) is rejected|"
            r"Lockdown: \S+ unsigned module loading is restricted|"
            r"module verification failed: signature and/or required key missing", KERNEL,
            "Linux 3.7 to 6.12 with module signatures", "Linux kernel/module/signing.c; security/lockdown/lockdown.c",
            ("Loading of unsigned module is rejected", "Loading of module with unavailable key is rejected",
             "PKCS#7 signature not signed with a trusted key",
             "Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7")),
    Pattern("module.unsigned",
            r"could not insert '(?:mlx|ib_|ice|i40e|iavf|vfio|rdma|openvswitch)\S*: Operation not permitted", MODPROBE,
            "kmod, lockdown", "Linux kernel/module/main.c",
            ("modprobe: ERROR: could not insert 'mlx5_core': Operation not permitted",
             "modprobe: ERROR: could not insert 'vfio_pci': Operation not permitted")),
    Pattern("module.sign-tools", r"openssl not found, can't generate key|sign-file not found, modules won't be signed|"
            r"can't be generated, modules won't be signed|Module signing is disabled by policy|"
            r"update-secureboot-policy not found", DKMS, "dkms 3", DKMS_S,
            ("openssl not found, can't generate key and certificate.",
             "Binary /lib/modules/6.8.0/build/scripts/sign-file not found, modules won't be signed",
             "Key file /var/lib/dkms/mok.key not found and can't be generated, modules won't be signed",
             "Module signing is disabled by policy, modules won't be signed",
             "Binary update-secureboot-policy not found, modules won't be signed")),
    Pattern("module.blacklisted", r"Module \S+ is (?:blacklisted|deny-listed)|modprobe: (?:ERROR|FATAL): .*blacklist",
            MODPROBE, "kmod 26 and newer; systemd, deny-listed since 247",
            "kmod libkmod/libkmod-module.c; systemd src/shared/module-util.c",
            ("modprobe: ERROR: Module igbvf is blacklisted",
             "systemd-modules-load[412]: Module 'vfio_pci' is deny-listed (by kmod)",
             "systemd-modules-load[412]: Module vfio_pci is blacklisted")),
    Pattern("module.blacklisted", r"Error running install command '?/(?:usr/)?s?bin/(?:false|true)\b", MODPROBE,
            "kmod", "kmod libkmod/libkmod-module.c, command_do",
            ("modprobe: ERROR: ../libkmod/libkmod-module.c:1047 command_do() Error running install command "
             "'/bin/false' for module vfio_pci: retcode 1",
             "modprobe: ERROR: ../libkmod/libkmod-module.c:979 command_do() Error running install command "
             "'/usr/bin/true' for module mlx5_core: retcode 1")),
    # 32
    Pattern("module.other-kernel", r"could not insert '\S+: Exec format error|disagrees about version of symbol|"
            r"version magic '[^']*' should be|\bUnknown symbol \S+ \(err -?\d+\)", MODPROBE,
            "kmod; Linux 3.10 to 6.12", "dkms #505, #554; nv_peer_memory #8",
            ("modprobe: ERROR: could not insert 'mlx5_core': Exec format error",
             "mlx5_ib: disagrees about version of symbol module_layout",
             "irdma: Unknown symbol ice_add_rdma_qset (err -22)",
             "mlx5_core: version magic '5.4.130-1 SMP mod_unload' should be '5.4.250 SMP mod_unload'")),
    # 33
    Pattern("ofed.mixed", r"Module \S+ belong to kernel which is not a part of MLNX", OPENIBD,
            "MLNX_OFED 5.8 and older", "MLNX_OFED 5.8 documentation",
            ("Module rdma_cm belong to kernel which is not a part of MLNX[FAILED]kipping...",
             "Module mlx5_core belong to kernel which is not a part of MLNX[FAILED], skipping...")),
    Pattern("ofed.mixed", r"Avoid loading inbox module: \S+|^Module not found: (?:mlx|ib_|rdma)\S*", OPENIBD,
            "openibd 23.10 and newer", "mlnx-ofa_kernel ofed_scripts/openibd",
            ("Avoid loading inbox module: mlx5_core",
             "Module not found: mlx5_core")),
    # 34
    Pattern("ofed.load-failed", r"Failed loading kernel module mlx|No HCA kernel modules loaded|"
            r"Loading HCA driver and Access Layer:\s*\[FAILED\]", OPENIBD, "MLNX_OFED and DOCA",
            "mlnx-ofa_kernel ofed_scripts/openibd",
            ("Failed loading kernel module mlx5_core: ",
             "No HCA kernel modules loaded: ",
             "Loading HCA driver and Access Layer:                       [FAILED]")),
    Pattern("ofed.in-use",
            r"rmmod: ERROR: Module (?:mlx|rdma|ib_|iw_)\S+ is in use|Module mlx_compat is in use|Unloading (?:mlx|"
            r"ib_)\S+\s*\[FAILED\]|Cannot unload the Infiniband driver stack", OPENIBD, OFED,
            "openibd; doca-driver-build #52, #424",
            ("rmmod: ERROR: Module mlx5_core is in use by: mlx5_ib",
             "Unloading mlx5_ib                  [FAILED]",
             "Error: Cannot unload the Infiniband driver stack due to the above issue(s)!")),
    Pattern("ofed.vfs-active", r"There are active virtual functions\. Cannot continue", OPENIBD,
            "openibd 5.8 and newer", "mlnx-ofa_kernel ofed_scripts/openibd, is_active_vf",
            ("There are active virtual functions. Cannot continue...",
             "openibd[811]: There are active virtual functions. Cannot continue...")),
    Pattern("ofed.stop-off", r"Option 'stop' is disabled|missing functions file \S+mod_load_funcs", OPENIBD,
            "openibd 23.10 and newer", "mlnx-ofa_kernel ofed_scripts/openibd",
            ("ERROR: Option 'stop' is disabled!",
             "Error: missing functions file /usr/share/mlnx_ofed/mod_load_funcs. Aborting")),
    # 35, 36
    Pattern("ofed.weak-modules", r"weak-modules.*(?:failed|fails|error)|weak-updates/\S*mlx.*(?:fail|not compatible)",
            RPM, "SLES 15 SP5; RHEL 9.4 with kernel 5.14.0-427.20.1",
            "NVIDIA DOCA 2.9.3 known issues, 4410028, 4040187",
            ("weak-modules2: failed to link mlx5_core.ko for 5.14.21-150500.55-default",
             "/usr/lib/module-init-tools/weak-modules2 --add-kmp failed")),
    Pattern("firmware.not-in-driver", r"firmware for this device is not distributed inside Mellanox driver",
            "mlnx_fw_updater", "MLNX_OFED and DOCA", "mlnx-fw-updater",
            ("The firmware for this device is not distributed inside Mellanox driver: 3b:00.0 (PSID: DEL0000000015)",
             "The firmware for this device is not distributed inside Mellanox driver: 0000:03:00.0 (PSID: "
             "LNV3110110034).")),
    # The installer, and what stands around it.
    Pattern("ofed.packages", r"One or more required packages .*are missing|prerequisites not met", INSTALLER, OFED,
            "MLNX_OFED release notes, exit code 172",
            ("Error: One or more required packages for installing MLNX_OFED_LINUX are missing.",
             "Error: prerequisites not met for mlnx-ofa_kernel")),
    Pattern("packages.centos7",
            r"Could not resolve host: mirrorlist\.centos\.org|mirrorlist\.centos\.org.*(?:Unknown|Temporary failure)",
            "yum", "CentOS 7, since 2024-07-01", "apache/arrow #43122",
            ('14: curl#6 - "Could not resolve host: mirrorlist.centos.org; Unknown error"',
             "http://mirrorlist.centos.org/?release=7&arch=x86_64&repo=os error was 14: Temporary failure in name "
             "resolution")),
    Pattern("ofed.disk-full",
            r"(?:tar|cp|rpm|dpkg|mlnxofedinstall|installing package|dracut|xz|gzip|cpio)\b.*No space left on device|"
            r"not enough free space|At least \d+\w+ more space needed|needs \d+\w+ (?:more space )?on the /",
            INSTALLER, OFED, "MLNX_OFED release notes, exit code 28",
            ("tar: Cannot write: No space left on device",
             "installing package mlnx-ofa_kernel-5.8 needs 212MB on the / filesystem",
             "dracut: cp: error writing '/var/tmp/dracut.x/initramfs': No space left on device")),
    Pattern("ofed.distribution",
            r"The current MLNX_OFED_LINUX is intended for|(?:distribution|kernel|OS) (?:is|does) not (?:supported|"
            r"support) by MLNX_OFED|Current operation system is not supported", INSTALLER, OFED,
            "MLNX_OFED documentation",
            ("The current MLNX_OFED_LINUX is intended for rhel7.9",
             "Error: Current operation system is not supported!")),
    Pattern("ofed.no-kernel-binaries",
            r"does not provide (?:binary|binaries|RPMs)|not support(?:ed)? (?:this|your|the current) kernel|"
            r"use (?:the )?'?--add-kernel-support", INSTALLER, OFED, "MLNX_OFED documentation",
            ("Note: To build MLNX_OFED_LINUX for the current kernel, use --add-kernel-support",
             "The 5.4.130-1.yn kernel is installed, MLNX_OFED_LINUX does not have drivers available for this "
             "kernel. You can run mlnx_add_kernel_support.sh; it does not provide binaries")),
    Pattern("ofed.initramfs",
            r"update your initramfs before next boot|You may need to (?:update|rebuild) (?:your )?initramfs|"
            r"update-initramfs: failed|dracut-install: ERROR", "dracut", "any", "MLNX_OFED installer; dracut",
            ("You may need to update your initramfs before next boot. To do that, run: dracut -f",
             "dracut-install: ERROR: installing '/lib/firmware/mellanox'",
             "update-initramfs: failed for /boot/initrd.img-6.1.0")),
    Pattern("grub.wrapper", r"will overwrite the GRUB wrapper", "grub2-mkconfig", "EL 9 with UEFI",
            "grub2-mkconfig of RHEL 9",
            ("Running `grub2-mkconfig -o /boot/efi/EFI/rocky/grub.cfg' will overwrite the GRUB wrapper.",
             "Running `grub2-mkconfig -o /boot/efi/EFI/redhat/grub.cfg' will overwrite the GRUB wrapper.")),
    Pattern("kernel.lockdown",
            r"Lockdown: .*direct PCI access is restricted|Lockdown: .*raw (?:io port|MSR|/dev/mem\S*) access|"
            r"/dev/mem,kmem,port is restricted", KERNEL, "Linux 5.4 to 6.12",
            "Linux security/lockdown/lockdown.c; sriov-network-operator",
            ("Lockdown: mstconfig: direct PCI access is restricted; see man kernel_lockdown.7",
             "Lockdown: mstflint: /dev/mem,kmem,port is restricted; see man kernel_lockdown.7")),
    Pattern("firmware.pending", r"-I- Please (?:reboot|power cycle) machine to load new configurations", "mstconfig",
            "mstflint 4.6 to 4.34", "Mellanox mstflint mlxconfig",
            ("-I- Please reboot machine to load new configurations.",
             "-I- Please power cycle machine to load new configurations.")),
    Pattern("firmware.tool",
            r"-E- (?:Failed to (?:open|query|set)|Cannot open|Unsupported|The Device type|Unknown Parameter|"
            r"Failed to identify)", "mstconfig", "mstflint 4.6 to 4.34", "Mellanox mstflint mlxconfig",
            ("-E- Failed to open the device",
             "-E- Unknown Parameter: NUM_OF_VFSS",
             "-E- Failed to query device: /dev/mst/mt4119_pciconf0")),
)  # fmt: skip
