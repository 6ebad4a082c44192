"""Hostile input of each kind that the program takes: `python -m tests.fuzz_input [--examples N] [KIND ...]`.

Each example is made from a good one, or of units that keep parsers busy, and handed to the command line in a child that
is measured: at most 300 MB and 5 s of the processor, no traceback, and no control character raw in what is printed.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import random
import resource
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sriov_tui import cli
from sriov_tui.hosts.local import LocalHost
from sriov_tui.hosts.machine_file import dumps
from sriov_tui.probe.image import look
from tests import machines

MEMORY, SECONDS = 300 << 10, 5.0  # KiB; of the processor
OWN = 80 << 10  # KiB of the program with all its modules; a child has those of a test runner besides
HOSTS = Path(__file__).parent / "hosts"
UNITS = (
    "[", "{", "]", "}", "[]", "{}", "[],", "{},", "\"\":[],", "a", "1", "9", " ", "\t", "\n", "'", "\"", "\\",
    "/", "a/", "../", ".", "a.", "=", "a=", ":", "a: ", "- ", "- a\n", "key=", "password: ", "password:\n", "#",
    "&a ", "*a ", "!!a ", "? ", "|\n", "{a: ", "\x00", "\x1b[31m", "\x1b]0;x\x07", "\u202e", "\u2066", "\ud800",
    "é", "中", "[[nics]]\n", "a = ", "e", "-", "nan", "DMAR: ", "vfio ", "0000:01:00.0 ", "0x", "VF BAR ",
    "mlx5_core ", "failed to ", "submenu 'a' {\n", "menuentry 'a' {\n", "${a}", "$(", "`", "<b>",
)  # fmt: skip
SIZES = (1, 3, 30, 300, 3000, 100_000)
ANSWERS = """\
version = 1
kernel_args = "auto"
[[nics]]
address = "0000:01:00.0"
use = "sriov"
bridge = "br1"
wire = "w"
[[bonds]]
name = "bond0"
ports = ["0000:01:00.0", "0000:01:00.1"]
mode = "802.3ad"
[driver]
image = "/opt/x.iso"
"""
SUPPRESSIONS = '[[suppress]]\nid = "iommu.active"\nreason = "x"\nexpires = 2027-01-31\n'
HOST_CONF = "networks:\n- eth0/br0/10.0.0.1\nsriov_nics:\n- eth1\nadmin_password: x\n"
PASTED = "qemu-kvm: -device vfio-pci,host=0000:01:00.0: vfio 0000:01:00.0: failed to setup container: no IOMMU\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of input: a good one, and what is done with a bad one."""

    good: Callable[[], str]
    act: Callable[[Path], int]
    wrap: Callable[[str, random.Random], bytes] = lambda text, chance: text.encode("utf-8", "surrogatepass")


def mutated(text: str, chance: random.Random) -> str:
    """A text with some of it repeated, replaced, cut, moved, or with a run of something in it."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.choice((0, 1, 5, 50, 500)))
        size = chance.choices(SIZES, (8, 8, 8, 4, 2, 1))[0]
        unit = chance.choice(UNITS) if chance.random() < 0.7 else text[at:to]
        text = text[:at] + (unit * size)[: 4 << 20] + text[to if chance.random() < 0.5 else at :]
    return text


def shaken(document: object, chance: random.Random, left: list[int]) -> object:
    """A JSON value with some parts replaced by others of any type."""
    left[0] -= 1
    if left[0] == 0:
        odd: tuple[object, ...] = (
            None,
            True,
            -1,
            10**30,
            1.5,
            "",
            "\x1b]0;x\x07",
            [],
            {},
            [[]],
            "a/" * 3000,
            ["x"] * 3000,
            {"a": {}},
        )
        return chance.choice(odd)
    if isinstance(document, dict):
        return {key: shaken(value, chance, left) for key, value in document.items()}
    if isinstance(document, list):
        return [shaken(value, chance, left) for value in document]
    return document


def recording() -> str:
    """A machine as small as one can be audited."""
    return dumps(machines.two_igb())


def packed(text: str, chance: random.Random) -> bytes:
    """As a recording is mailed, or as plain JSON."""
    data = text.encode("utf-8", "surrogatepass")
    return gzip.compress(data, 1) if chance.random() < 0.5 else data


def audit() -> str:
    """An audit as `fleet` reads it."""
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        cli.main(["audit", "--format", "json", "--host", str(HOSTS / "lab-idle")])
        return sys.stdout.getvalue()
    finally:
        sys.stdout = kept


def as_image(text: str, chance: random.Random) -> bytes:
    """A tar file with this text in its names, headers and content, damaged here and there; or an ISO's beginning."""
    if chance.random() < 0.2:
        return b"\0" * 32768 + b"\1CD001" + text.encode("utf-8", "surrogatepass")[: 1 << 20]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=chance.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))) as archive:
        for name in (
            "d/mlnx",
            "d/distro",
            "d/RPMS/x",
            text[: chance.choice((10, 100, 3000, 200_000))].replace("\0", "0"),
        ):
            member = tarfile.TarInfo(name.encode("utf-8", "replace").decode())
            data = text[:5000].encode("utf-8", "surrogatepass")
            member.size = len(data)
            if chance.random() < 0.3:
                member.pax_headers = {"comment": text[:100_000].encode("utf-8", "replace").decode()}
            archive.addfile(member, io.BytesIO(data))
    damaged = bytearray(out.getvalue())
    for _ in range(chance.choice((0, 1, 5))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return gzip.compress(bytes(damaged), 1)


def see_image(path: Path) -> int:
    """Look at an image, as the wizard does."""
    look(LocalHost(str(path.parent)), f"/{path.name}")
    return 0


def see_fleet(path: Path) -> int:
    """Its folder as a fleet, as text and as a page."""
    status = cli.main(["fleet", str(path.parent), "--format", "text"])
    return status or cli.main(["--lang", "zh", "fleet", str(path.parent), "--format", "csv", "--table", "findings"])


def paste(path: Path) -> int:
    """As a message on standard input."""
    os.dup2(os.open(path, os.O_RDONLY), 0)
    return cli.main(["troubleshoot", "-", "--host", str(HOSTS / "lab-idle")])


KINDS = {
    "recording": Kind(recording, lambda path: cli.main(["audit", "--format", "json", "--host", str(path)]), packed),
    "fleet": Kind(audit, see_fleet),
    "answers": Kind(
        lambda: ANSWERS, lambda path: cli.main(["plan", "--host", str(HOSTS / "lab-idle"), "--answers", str(path)])
    ),
    "suppressions": Kind(
        lambda: SUPPRESSIONS,
        lambda path: cli.main(["audit", "--host", str(HOSTS / "lab-idle"), "--suppress", str(path)]),
    ),
    "hostconf": Kind(lambda: HOST_CONF, lambda path: cli.main(["hostconf", "check", str(path)])),
    "image": Kind(lambda: "mlnx" * 20, see_image, as_image),
    "pasted": Kind(lambda: PASTED, paste),
}
NAMES = {"fleet": "h.json", "image": "x.tgz"}


def example(kind: Kind, good: str, seed: int) -> bytes:
    """The input of this number."""
    chance = random.Random(seed)
    if good.startswith("{") and chance.random() < 0.5:
        document = json.loads(good)
        return kind.wrap(json.dumps(shaken(document, chance, [chance.randrange(1, 3000)])), chance)
    return kind.wrap(mutated(good if chance.random() < 0.8 else "", chance), chance)


def resident() -> int:
    """The memory of this process in KiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def judged(act: Callable[[Path], int], path: Path, output: Path, timed: bool = True) -> list[str]:
    """What is wrong with how a child ends that does this; `timed` = also with how long it takes."""
    inherited, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(told, str(resident()).encode())
        resource.setrlimit(resource.RLIMIT_CPU, (7, 9) if timed else (60, 70))  # so that what hangs ends
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        fd = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        status = 70
        try:
            status = act(path)
            sys.stdout.flush()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 2
        except BaseException:
            import traceback

            os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        os._exit(status)
    os.close(told)
    with open(inherited) as pipe:
        before = int(pipe.read() or 0)
    _, status, used = os.wait4(pid, 0)
    text = output.read_bytes()
    wrong = []
    if b"Traceback" in text or os.waitstatus_to_exitcode(status) in (70, *range(-64, 0)):
        wrong.append(f"ended {os.waitstatus_to_exitcode(status)}: {text[-300:].decode('utf-8', 'replace')}")
    if timed and (seconds := used.ru_utime + used.ru_stime) > SECONDS:
        wrong.append(f"{seconds:.1f} s")
    if (taken := used.ru_maxrss - before + OWN) > MEMORY:
        wrong.append(f"{taken >> 10} MB")
    if any(sign in text for sign in (b"\x1b", b"\x07", "\u202e".encode(), "\u2066".encode())):
        wrong.append("a control character raw")
    return wrong


def warm(kind: Kind, path: Path) -> None:
    """Do it once here, so that no child has to import modules and compile patterns again."""
    kept, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        kind.act(path)
    except SystemExit:
        pass
    finally:
        sys.stdout = kept


def run(name: str, first: int, count: int, keep: Path | None = None) -> tuple[int, list[str]]:
    """So many examples of a kind; a line for each that is above the bounds."""
    kind, bad = KINDS[name], []
    good = kind.good()
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "in" / NAMES.get(name, "input"), Path(folder) / "out"
        path.parent.mkdir()
        path.write_bytes(kind.wrap(good, random.Random(0)))
        warm(kind, path)
        for seed in range(first, first + count):
            path.write_bytes(example(kind, good, seed))
            if wrong := judged(kind.act, path, output):
                bad.append(f"{name} {seed} ({path.stat().st_size} bytes): {'; '.join(wrong)}")
                print(bad[-1][:300], flush=True)
                if keep:
                    (keep / f"{name}-{seed}").write_bytes(path.read_bytes())
    return count, bad


def main() -> int:
    """Run the examples, print the counts; 1 where one was above the bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_input")
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[*KINDS])
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder for what was above the bounds")
    args = parser.parse_args()
    failed = 0
    for name in args.kinds:
        count, bad = run(name, args.first, args.examples, args.keep)
        failed += len(bad)
        print(f"{name}: {count} inputs, {len(bad)} above the bounds", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
