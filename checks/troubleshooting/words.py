"""Other words for symptoms and causes, in English and Chinese, as operators and the Cloudpods guide use them.

They are looked for, never shown. The headings of the guide stand here word for word: they are what people search.
"""

from __future__ import annotations

SAME: dict[str, str] = {  # stems that mean the same
    "nic": "card", "networkcard": "card", "interfac": "card", "adapter": "card",
    "vm": "guest", "vms": "guest", "virtualmachin": "guest",
    "ofed": "ofed", "mlnxofed": "ofed", "doca": "ofed", "mlnxofedinstall": "ofed",
    "compil": "build", "built": "build",
    "cmdlin": "cmdline", "bootload": "grub",
    "lag": "bond", "lacp": "bond",
    "unreachabl": "lost", "disconnect": "lost",
    "jumbo": "mtu",
    "aggregation": "bond",
    "reboot": "reboot", "restart": "restart",
    "sriov": "sr-iov",
}  # fmt: skip

ALSO: dict[str, tuple[str, ...]] = {
    "no-vfs": (
        "isolated device list empty vf missing not reported climc nothing shows sriov_nics added",
        "climc isolated-device-list", "host-agent 启用 SR-IOV", "网卡 SR-IOV 常见问题", "宿主机开启 SR-IOV",
        "未上报", "没有上报", "看不到 VF", "看不到VF网卡", "网卡未正常上报", "SR-IOV 网卡未正常上报", "网卡没有上报",
        "平台上没有 VF", "透传设备列表为空", 
    ),
    "fewer-vfs": (
        "only some vfs 4 of 7 count number less partial fewer",
        "VF 比要求的少", "VF 数量不够", "VF 少了", "只有一部分 VF",
    ),
    "vf-write": (
        "vf write refused echo sriov_numvfs error busy range allocate memory create more vfs max_vfs igb.max_vfs=7 "
        "pci=realloc mmio resources acs ari not enough MMIO resources for SR-IOV",
        "写 sriov_numvfs 失败", "提示设备忙", "创建不出 VF", "max_vfs", "igb.max_vfs", "pci=realloc",
        "PCIe ARI Support", "ACS", "BIOS 中找不到 ACS", "VF 驱动加载超时", "dmesg 报 not enough MMIO resources",
        "Cannot allocate memory", "ENABLE_HCA(0x104) timeout",
    ),
    "write-hangs": (
        "write numvfs 0 blocks stuck hang hangs forever remove removing delete vfs",
        "写 sriov_numvfs 卡住", "删除 VF 卡死", "卡住不动",
    ),
    "no-sriov": (
        "capability lspci supported support supports card capable find out no sriov_numvfs file",
        "如何验证一个PCI设备支持SR-IOV？", "是否支持 SR-IOV", "支不支持SR-IOV", "lspci",
        "lspci -v 看不到 SR-IOV",
    ),
    "iommu": (
        "vt-d vtd amd-vi dmar iommu groups empty off bios is on enabled check intel_iommu amd_iommu iommu=pt",
        "IOMMU 是否打开", "检查宿主机 IOMMU 是否打开", "VT-d 没开", "主板 BIOS 没开 VT-d", "dmar",
        "intel_iommu=on iommu=pt", "BIOS 中打开 SR-IOV", "iommu_groups 为空",
    ),
    "arguments": (
        "grub grub2 mkconfig grub2-mkconfig cmdline argument parameter boot menu /proc/cmdline grub.cfg uefi grubby",
        "内核参数没有生效", "内核参数没变", "cat /proc/cmdline",
        "grub2-mkconfig -o /boot/grub2/grub.cfg", "重新生成 grub 引导配置文件", "引导参数",
    ),
    "vf-bind": (
        "vf driver bind unbind vfio vfio-pci autoprobe new_id driver_override wrong driver",
        "VF 绑定不了 vfio-pci", "VF 驱动不对", "绑定 vfio 失败",
    ),
    "vm-start": (
        "virtual machine guest vm qemu start fails passthrough group viable",
        "虚拟机无法启动", "虚拟机启动失败", "虚机起不来", "创建虚机失败",
        "libvirt", "qemu 报错",
    ),
    "vm-network": (
        "guest vm no network connectivity ping traffic gateway dhcp address cannot reach talk",
        "虚拟机没有网络", "虚机 ping 不通网关", 
        "VF 网卡不通", "虚拟机拿不到 IP",
    ),
    "vf.mac-zero": ("mac address all zero 00:00:00:00:00:00", "MAC 全零", "MAC 地址全 0"),
    "vf.mac-twice": ("duplicate mac same mac conflict", "MAC 冲突", "MAC 地址重复"),
    "vf-link": (
        "vf link down no carrier NO-CARRIER state disable guest interface down",
        "VF 链路断开", "VF link down", "虚机里网卡是 down 的", "网卡没有载波",
    ),
    "mtu": (
        "mtu jumbo frames 9000 large packets big ping -s fragmentation",
        "MTU", "大包不通", "巨型帧", "小包通大包不通", "丢大包",
    ),
    "guest-driver": (
        "guest driver inside the vm install which driver iavf igbvf ixgbevf mlx5 windows image no card network card",
        "虚拟机配置", "虚拟机配置 OFED驱动", "虚机装驱动", "虚机里看不到网卡",
        "guest 驱动",
    ),
    "names": (
        "interface name renamed changed rename np0 udev rule disappeared 82-net-setup-link.rules vf-net-link-name.sh "
        "net.ifnames biosdevname pin predictable eth2 eth0 enp3s0f0np0",
        "网卡名称", "网卡改名", "网卡名变了", "udev", "82-net-setup-link.rules",
        "配置 VF 网卡名称 udev 规则", "网卡名称变化",
    ),
    "security-group": (
        "security group disable_security_group firewall rules no effect conntrack host_local.conf",
        "安全组", "关闭安全组", "Mellanox CX6 以下(CX5/CX4) 关闭安全组", 
        "disable_security_group", "disable_security_group: true",
    ),
    "host-offline": (
        "host-agent agent does not start offline restart restarting pod crash crashloop keeps default-host cloudpods",
        "host-agent 日志", "default-host", "宿主机 offline", "host 服务起不来",
        "host-agent 一直重启",
    ),
    "network-lost": (
        "ssh lost network gone unreachable reboot disconnected host cut off session management",
        "断网", "失联", "连不上", "宿主机断网", "宿主机失联", "管理网断了",
    ),
    "config-ignored": (
        "host.conf change changed edit edited ignored nothing happens restart effect kubectl rollout restart ds "
        "default-host wire bridge networks entry",
        "配置 host.conf", "host.conf 修改不生效", "kubectl rollout restart ds default-host",
        "wire 二层网络", "networks", "配置没有生效", "重启 host-agent", "rollout restart",
    ),
    "offload-flows": (
        "hardware offload flows empty ovs dump-flows offloaded slow hw-tc-offload hw-offload hw_offload tc "
        "connectx other_config flow table stays software",
        "OVS Offload", "如何验证OVS Offload是否生效", "硬件卸载", "流表为空", 
        "offload 是否生效", "hw-offload", "hw-offload=\"true\"", "ovs-appctl dpctl/dump-flows type=offloaded",
        "Connext-6",
        "ovs-vsctl get Open_vSwitch . other_config", "dump-flows", "配置 ovs_offload_nics", "ovs_offload_nics",
        "ConnectX", "卸载不工作",
    ),
    "switchdev": (
        "devlink eswitch mode set error switchdev legacy cannot switch e810 inline encap",
        "eswitch 模式切换失败", "devlink dev eswitch set",
    ),
    "bond": (
        "vf-lag lag bond bonding mode offload modes lacp 802.3ad active-backup which can be offloaded",
        "offload 网卡配置 bond", "bond 模式", "主备", "LACP", "mode 4", "双网口卸载", "链路聚合",
        
    ),
    "driver-install": (
        "mlnx_ofed ofed doca install installation failed openibd module driver gcc devtoolset scl compile initramfs "
        "dracut rebuild mlnxofedinstall add-kernel-support packages secure boot old driver still loaded "
        "yum install centos-release-scl wget iso kernel-devel",
        "安装 OFED驱动，配置 SRIOV VF", "安装 OFED驱动", "Mellanox 网卡配置", "ofed 安装", "devtoolset-9",
        "scl enable devtoolset-9 bash", "centos-release-scl", "initramfs", "dracut -f", "openibd restart", "等待编译",
        "注意要使用 gcc 高版本", "mlnxofedinstall --add-kernel-support", "缺少依赖包", "驱动还是旧的", "安全启动",
        "模块加载失败", "You may need to update your initramfs before next boot", "MLNX_OFED",
    ),
    "firmware": (
        "mstconfig mlxconfig num_of_vfs sriov_en mst start mst status set still old value firmware setting "
        "sriov_totalvfs",
        "mlxconfig", "NUM_OF_VFS", "SRIOV_EN", "mst start", "mst status -v", "固件设置没有作用", "固件配置不生效",
        "配置SRIOV VF数量, 重启生效", "固件",
    ),
    "infiniband": (
        "ib dump terminated ip link buffer too small infiniband",
        "IB 网卡", "mlnx infiniband 网卡开启 sriov 后的注意事项！！",
        "IB 网卡开启 sriov 后可能会导致 ip 命令如下报错", "Buffer too small for object",
    ),
}  # fmt: skip
