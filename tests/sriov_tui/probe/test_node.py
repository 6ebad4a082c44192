"""The addresses by which Kubernetes knows this host, wherever its installer wrote them."""

from __future__ import annotations

import pytest

from sriov_tui.hosts.machine import put_dir, put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from tests import machines

KUBEADM = 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/x.sock --node-ip=10.9.8.7 --v=2"\n'
UNIT = "ExecStart=/usr/local/bin/k3s \\\n    agent \\\n\t'--node-ip' \\\n    '10.1.1.1' \\\n"


@pytest.mark.parametrize(
    ("path", "text", "ips"),
    [
        ("/var/lib/kubelet/kubeadm-flags.env", KUBEADM, ("10.9.8.7",)),
        ("/etc/rancher/k3s/config.yaml", "token: x\nnode-ip: 10.1.1.1,fd00::1\n", ("10.1.1.1", "fd00::1")),
        ("/etc/rancher/k3s/config.yaml", "#node-ip: 10.1.1.1\nnode-name: a\n", ("10.0.2.15",)),
        (
            "/etc/systemd/system/k3s.service",
            "ExecStart=/usr/local/bin/k3s server --node-ip 10.2.2.2 --x\n",
            ("10.2.2.2",),
        ),
        ("/etc/systemd/system/k3s-agent.service", UNIT, ("10.1.1.1",)),
        ("/var/lib/kubelet/config.yaml", "x: 1\n", ("10.0.2.15",)),
    ],
)
def test_given_or_that_of_the_default_route(path: str, text: str, ips: tuple[str, ...]) -> None:
    machine = machines.two_igb()
    put_dir(machine, "/var/lib/kubelet")
    put_file(machine, path, text)
    assert gather(RecordedHost(machine)).node_ips == ips


def test_a_host_without_kubelet_is_no_node() -> None:
    assert gather(RecordedHost(machines.two_igb())).node_ips == ()
