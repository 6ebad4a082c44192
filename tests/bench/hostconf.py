"""Checking a host.conf of 5,000 lines against what ruamel.yaml alone needs to compose it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Result, compared
from tests.bench.timing import PROGRAM, TOP, CannotMeasure, alternate, environment, wall

LINES, GOAL, ROUNDS = 5000, 3.0, 7
WHAT = f"hostconf check of {LINES:,} lines"
# Every key once, as an installer writes them, and lists and comments in between: what files really grow by.
GROUP = """\
# group {n}: 这一组的说明
unknown_key_{n}: value {n}
unknown_list_{n}:
- /opt/cloud/workspace/disks/{n}
- eth{n}/br{n}/bcast{n} # 备注
"""
HEAD = """\
bridge_driver: openvswitch
listen_interface: br0
networks:
- mgmt0/br0/10.0.2.15
"""
TAIL = "sriov_nics:\n- enp1s0\n"
READ = """
import sys, time
data = open(sys.argv[1], "rb").read()
{load}
begin = time.perf_counter()
{work}
print(time.perf_counter() - begin)
"""
OURS = READ.format(load="from sriov_tui.hostconf import read", work="assert read(data).options.sriov_nics")
RUAMEL = READ.format(
    load="from ruamel.yaml import YAML\nyaml = YAML(typ='rt', pure=True)", work="assert yaml.compose(data).value"
)


def text() -> str:
    """The file: LINES lines that the host-agent loads."""
    groups = (LINES - len((HEAD + TAIL).splitlines())) // len(GROUP.splitlines())
    found = HEAD + "".join(GROUP.format(n=n) for n in range(groups)) + TAIL
    return found + "# the end\n" * (LINES - found.count("\n"))


def measure() -> Iterator[Result]:
    """The reading alone in both, then the whole command against a whole Python that composes."""
    with tempfile.TemporaryDirectory(prefix="sriov-bench-") as folder:
        file = Path(folder) / "host.conf"
        file.write_text(text())
        ours, other = alternate(lambda: inside(OURS, file), lambda: inside(RUAMEL, file), ROUNDS)
        yield compared(f"{WHAT}: reading it", ours, other, "ruamel.yaml's compose", GOAL)
        check = (PROGRAM, "hostconf", "check", str(file), "--json")
        ours, other = alternate(lambda: wall(check), lambda: wall(python(RUAMEL, file)), ROUNDS)
        yield compared(f"{WHAT}: the whole command", ours, other, "python that composes it", GOAL)


def inside(program: str, file: Path) -> float:
    """The seconds that a fresh process tells; nothing is left over from the round before."""
    done = subprocess.run(
        python(program, file), capture_output=True, text=True, check=False, cwd=TOP, env=environment()
    )
    if done.returncode:
        raise CannotMeasure(f"reading {LINES} lines: {done.stderr.strip()[-400:]}")
    return float(done.stdout)


def python(program: str, file: Path) -> tuple[str, ...]:
    """A Python of its own with this program."""
    return (str(Path(PROGRAM).with_name("python")), "-c", program, str(file))
