"""A stand-in pod of the host-agent in the lab's machine: a container of containerd's, a loop in the kubelet's place.

`python3 agent_pod.py kubelet` keeps the container running and writes its output where the kubelet has it, a file for
each start; `python3 agent_pod.py agent` is what runs in the container: the stand-in of the host-agent beside this file,
in the host-agent's own words.
"""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
POD, UID, CONTAINER = "default-host-q8w2z", "0c1d2e3f", "host"
LOGS = Path(f"/var/log/pods/onecloud_{POD}_{UID}/{CONTAINER}")
ROOT = "/srv/agent"  # the host's tree as the container sees it: the host-agent's pod is privileged
CTR = ("ctr", "-n", "k8s.io")
LABELS = {
    "io.cri-containerd.kind": "container",
    "io.kubernetes.container.name": CONTAINER,
    "io.kubernetes.pod.name": POD,
    "io.kubernetes.pod.namespace": "onecloud",
    "io.kubernetes.pod.uid": UID,
}
HOST_CONF = "/etc/yunion/host.conf"


def kubelet() -> None:
    """Start the container, and again whenever it ends."""
    Path(ROOT).mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", "/", ROOT], check=True)  # without what is mounted below: runc mounts its own
    subprocess.run(["mount", "--make-rslave", ROOT], check=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    for attempt in itertools.count():
        argv = [*CTR, "run", "--rm", "--privileged", "--net-host", "--env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        argv += [word for name, value in LABELS.items() for word in ("--label", f"{name}={value}")]
        argv += ["--rootfs", ROOT, f"host-{attempt}", sys.executable, str(HERE / "agent_pod.py"), "agent"]
        with (
            (LOGS / f"{attempt}.log").open("w") as log,
            subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child,
        ):
            for line in child.stdout or ():
                log.write(f"{datetime.now(UTC).isoformat()} stdout F {line}")
                log.flush()
        time.sleep(1)


def agent() -> None:
    """Report what it finds, then run until it is told to end; what keeps it from running, it says at level fatal."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # as process 1 it gets no signal otherwise
    argv = [sys.executable, str(HERE / "stand_in_agent.py"), HOST_CONF]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        print(f"[fatal stand-in] {done.stdout}{done.stderr}", flush=True)
        sys.exit(1)
    if found["message"]:
        print(f"[fatal stand-in] {found['message']}", flush=True)
        sys.exit(1)
    if found["error"]:
        print(f"[error stand-in] getSRIOVNics: {found['error']}", flush=True)
    for number, _ in enumerate(found["devices"]):
        print(f"[info stand-in] Add sriov nic: {number} => &isolated_device.sSRIOVNicDevice{{}}", flush=True)
    signal.pause()


if __name__ == "__main__":
    {"kubelet": kubelet, "agent": agent}[sys.argv[1]]()
