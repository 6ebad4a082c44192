"""The host-agent's options: which key is a list, a number or a truth value, and which the ConfigMap replaces.

From the option structs of cloudpods master, 4.0 and 3.11. A key that is missing here is read as
unknown, which costs no more than a line of information.
"""

from __future__ import annotations

import re
from typing import Literal

from sriov_tui.hostconf.scalars import Value, as_string
from sriov_tui.message import say

Kind = Literal["text", "list", "bool", "int", "uint", "float", "map"]

_BASE: dict[Kind, str] = {
    "text": """
        auth_url admin_user admin_domain admin_password admin_project admin_project_domain session_endpoint_type
        executor_socket_path deploy_server_socket_path region address log_level log_with_time_zone
        log_timestamp_format log_file_prefix temp_path application_id ssl_ca_certs ssl_certfile ssl_keyfile
        default_quota_value time_zone api_server global_http_proxy global_https_proxy platform_name
        default_qemu_version telegraf_kafka_output_topic telegraf_kafka_output_sasl_username
        telegraf_kafka_output_sasl_password telegraf_kafka_output_sasl_mechanism config pid_file""",
    "list": "cors_hosts notify_admin_users notify_admin_groups customized_private_prefixes",
    "bool": """
        debug_client enable_ssl rbac_debug is_slave_node enable_quota_check non_default_domain_projects
        domainized_namespace ignore_nonrunning_guests enable_app_profiling enable_remote_executor
        enable_isolated_device_whitelist manage_ntp_configuration disable_security_group host_cpu_passthrough
        no_hpet disable_local_vpc enable_dmesg_collect image_cache_cleanup_on_startup image_cache_cleanup_dry_run
        help version""",
    "int": """
        port log_verbose_level request_worker_count task_worker_count default_process_timeout_seconds
        rbac_policy_refresh_interval_seconds policy_worker_count config_sync_period_seconds cron_job_worker_count
        calculate_quota_usage_interval_seconds tenant_cache_expire_seconds executor_connect_timeout_seconds
        live_migrate_cpu_throttle_max live_migrate_cpu_throttle_initial live_migrate_cpu_throttle_increment
        cdrom_count floppy_count dhcp_lease_time dhcp_renewal_time dhcp6_router_advertisement_interval_secs
        dhcp6_router_advertisement_attempts dhcp6_router_lifetime_seconds ext4_largefile_size_gb
        ext4_hugefile_size_gb image_cache_expire_days image_cache_cleanup_percentage backup_task_worker_count""",
    "uint": "auth_token_cache_size",
    "map": "platform_names",
}
_HOST: dict[Kind, str] = {
    "text": """
        etcd_username etcd_password etcd_cacert etcd_cert etcd_key common_config_file local_config_file host_type
        listen_interface bridge_driver rack slots hostname servers_path image_cache_path memory_snapshots_path
        host_files_path agent_temp_path dns_server dns_server_legacy chntpw_path ovmf_path ovmf_vars_path
        secboot_ovmf_path secboot_ovmf_vars_path block_io_scheduler ssd_block_io_scheduler hugepages_option
        fetcherfs_path default_image_save_format boot_vga_pci_addr snapshot_dir_suffix sdn_pid_file
        sdn_socket_path tap_bridge_name host_local_bridge_name ovn_south_database ovn_integration_bridge
        ovn_encap_ip_detection_method ovn_encap_ip kubelet_run_directory local_backup_storage_path
        local_backup_temp_path binary_memclean_path binary_swtpm_path reset_disk_tmp_dir
        container_runtime_endpoint container_device_config_file lxcfs_path
        container_system_cpufreq_simulate_config_file cuda_mps_pipe_directory cuda_mps_log_directory""",
    "list": """
        etcd_endpoints networks local_image_path shared_storages lvm_volume_groups dhcp_relay dhcp6_relay
        log_systemd_units sriov_nics ovs_offload_nics ptnvme_configs amd_vgpu_pfs nvidia_vgpu_pfs
        ethtool_enable_gso_interfaces ethtool_disable_gso_interfaces skip_check_kernel_mods metadata_server_ip6s""",
    "bool": """
        etcd_use_tls etcd_skip_tls_verify recycle_diskfile always_recycle_diskfile zero_clean_disk_data
        enable_template_backing auto_merge_backing_template enable_fallocate_disk enable_monitor
        linux_default_root_user windows_default_admin_user enable_ksm check_system_services set_vnc_password
        use_boot_vga enable_strict_cpu_bind enable_host_agent_numa_allocate enable_cpu_binding
        enable_openflow_controller enable_telegraf disable_set_cgroup allow_switch_vms allow_router_vms
        sdn_enable_guest_man sdn_enable_eip_man sdn_enable_tc_man sdn_enable_tap_man sdn_allow_conntrack_invalid
        sdn_fetch_data_from_compute_service disable_probe_kubelet disable_kvm disable_gpu disable_custom_device
        disable_usb disable_passthrough_with_vendor_device_id ethtool_enable_gso enable_vm_uuid
        enable_virtio_rng_device restrict_qemu_img_convert_worker enable_qemu_debug_log
        enable_realtime_cpufreq_simulate enable_cuda_mps enable_container_ascend_npu enable_container_cni_portmap
        disable_reconcile_container""",
    "int": """
        agent_temp_limit recycle_diskfile_keep_days auto_merge_delay_seconds report_interval
        bw_download_bandwidth hugepage_size_mb tunnel_padding_bytes dhcp_server_port dhcp6_server_port
        fetcherfs_block_size default_read_bps_per_cpu default_read_iops_per_cpu default_write_bps_per_cpu
        default_write_iops_per_cpu ping_region_interval bandwidth_limit migrate_expect_rate
        min_migrate_timeout_seconds snapshot_recycle_day max_reserved_memory default_request_worker_count
        image_cache_worker_count container_start_worker_count container_stop_worker_count ovn_underlay_mtu
        host_health_timeout host_lease_timeout sync_storage_info_duration_second pcie_root_port_count
        guest_max_mem_size_mb max_hotplug_v_cpu_count realtime_cpufreq_simulate_interval cuda_mps_replicas
        enable_dirty_recovery_seconds""",
    "float": "default_live_migrate_downtime",
}
_ALIASES = {
    "auth-region": "region", "bind-port": "port", "bind-host": "address", "ca-file": "ssl-ca-certs",
    "cert-file": "ssl-certfile", "key-file": "ssl-keyfile", "auth-uri": "auth-url",
    "admin-passwd": "admin-password", "admin-tenant-name": "admin-project",
}  # fmt: skip


def _by_token(tables: dict[Kind, str]) -> dict[str, Kind]:
    return {name.replace("_", "-"): kind for kind, names in tables.items() for name in names.split()}


BASE = frozenset(_by_token(_BASE))
"""Tokens that the ConfigMap replaces as a whole: in host.conf they count only off Kubernetes."""
KINDS = _by_token(_BASE) | _by_token(_HOST)
"""Every option's token to the kind of its value."""
CHOICES = {
    "host-type": ("hypervisor", "container"),
    "log-level": ("debug", "info", "warn", "error"),
    "default-quota-value": ("unlimit", "zero", "default"),
}
DEFAULTS = {
    "bridge-driver": "openvswitch", "host-type": "hypervisor", "disable-security-group": "false",
    "hugepages-option": "transparent", "hugepage-size-mb": "1024", "report-interval": "60",
}  # fmt: skip

_TRUTHS = {"1": True, "t": True, "T": True, "TRUE": True, "true": True, "True": True} | {
    word: False for word in ("0", "f", "F", "FALSE", "false", "False")
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")


class BadValue(ValueError):
    """A value that the option cannot take: the host-agent dies of it."""


def token(key: str) -> str:
    """A key as the host-agent compares it: trimmed, `_` as `-`, an alias by its proper name."""
    plain = key.strip(" ").replace("_", "-")
    return _ALIASES.get(plain, plain)


def truth(text: str) -> bool | None:
    """What strconv.ParseBool makes of a text; None where it is an error."""
    return _TRUTHS.get(text)


def strings(name: str, value: Value) -> tuple[str, ...]:
    """The strings that the option `name` gets from a value; raises BadValue where the host-agent dies."""
    kind = KINDS[name]
    if kind in ("list", "map"):
        if value is None:
            raise BadValue(say("null is not a list"))
        if isinstance(value, dict):
            raise BadValue(say("a map is not a list"))
        return tuple(as_string(item) for item in (value if isinstance(value, list) else [value]))
    text = as_string(value)
    check(name, text)
    return (text,)


def check(name: str, text: str) -> None:
    """Raise BadValue where `text` is no value for the single option `name`."""
    kind = KINDS[name]
    if name in CHOICES and text not in CHOICES[name]:
        raise BadValue(say("'{text}' is not one of {choices}", text=text, choices=", ".join(CHOICES[name])))
    if kind == "bool" and truth(text) is None:
        raise BadValue(say("'{text}' is neither true nor false", text=text))
    if kind == "int" and not (_INTEGER.fullmatch(text) and -(1 << 63) <= int(text) < 1 << 63):
        raise BadValue(say("'{text}' is not a whole number", text=text))
    if kind == "uint" and not (_INTEGER.fullmatch(text) and text.isdigit() and int(text) < 1 << 32):
        raise BadValue(say("'{text}' is not a whole number from 0 on", text=text))
    if kind == "float":
        try:
            float(text)
        except ValueError as error:
            raise BadValue(say("'{text}' is not a number", text=text)) from error
