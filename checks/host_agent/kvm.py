"""Whether KVM works, as the host-agent judges it: without KVM it looks for no device at all.

/dev/kvm is there, or modprobe of kvm-intel or kvm-amd succeeds. Source: Cloudpods pkg/util/sysutils/sysutils.go,
detectKVMModuleSupport.
"""

from __future__ import annotations

from sriov_tui.facts import HostFacts

MODULES = ("kvm_intel", "kvm_amd")


def works(facts: HostFacts) -> bool | None:
    """None where it cannot be seen."""
    if facts.cpu.kvm_device:
        return True
    modules = [facts.module(name) for name in MODULES]
    if any(module is not None and module.loaded for module in modules):
        return True  # modprobe of a loaded module succeeds
    if all(module is not None and module.loaded is False and module.available is False for module in modules):
        return facts.cpu.kvm_device
    if facts.cpu.virtualization is False or _locked(facts):
        return facts.cpu.kvm_device  # modprobe fails: "Operation not supported"
    loadable = any(module is not None and module.available for module in modules)
    return True if loadable and facts.cpu.virtualization else None


def _locked(facts: HostFacts) -> bool:
    return any("kvm" in line and "disabled by bios" in line.lower() for line in facts.kernel.log or ())
