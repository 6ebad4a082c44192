"""sriov-tui: set up NIC SR-IOV on a Cloudpods KVM host, and prove that it works."""

__version__ = "0.2.0"
