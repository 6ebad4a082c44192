"""`python -m tests.fuzz_hostconf --examples 1000000`: the reader of host.conf never raises, whatever the bytes.

With --edit: an edit of such a file means what was asked, asked again changes nothing, or is refused with a reason.
With --kinds: files of `hostconf_kinds`, of which it is known what the host-agent reads in them.
The same seed makes the same files. A file that breaks the promise is printed in base64, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import base64
import functools
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sriov_tui.hostconf import edit, read
from sriov_tui.model import SriovError
from tests.hostconf_kinds import example as of_kinds

DATA = Path(__file__).parent / "data"
FILES = ("go-yaml-cases.jsonl", "host-conf-vectors.jsonl", "host-conf-vectors-2.jsonl")
LIMIT = 1200  # bytes of a file that is mutated: long files cost time, and faults are local
PIECES = [
    *("networks", "sriov_nics", ":", ": ", "\n", "- ", "-", " ", "  ", "\t", "[", "]", "{", "}", ",", "#", "&a ", "*a"),
    *("!!str ", "!!binary ", "!!float ", "!", "|", ">", "'", '"', "---\n", "...\n", "<<: ", "? ", "null", "~", "1e999"),
    *("0x", ".inf", "2001-01-01", "eth0/br0/1.1.1.1", "eth0", "=", "%YAML 1.1\n", "%TAG ! a\n", "\\", "\\x", "\\U"),
    *("\r\n", "\ufeff", "：", "\u00a0", "port", "disable_gpu", "yes", ";", "(", "\u2028", "9" * 30, "\x1b", "\0"),
]
NICS = ("eth0", "ens1f0np0", "bond0", "on", "1e3", "0123", "null", "~", "12:34", "eno1.100", "a@b", "-x")
Example = Callable[[random.Random, tuple[bytes, ...]], tuple[bytes, str]]
BYTES = [piece.encode() for piece in PIECES]


@functools.cache
def seeds() -> tuple[bytes, ...]:
    """The files that are mutated: those that the host-agent and go-yaml themselves have read."""
    lines = (line for name in FILES for line in (DATA / name).read_text().splitlines())
    found = [base64.b64decode(json.loads(line)["file_base64"])[:LIMIT] for line in lines]
    return tuple(data for data in found if data)


def noise(chance: random.Random) -> bytes:
    """Bytes without any sense."""
    return chance.randbytes(chance.randrange(200))


def pieces(chance: random.Random) -> bytes:
    """What YAML is made of, in any order."""
    return b"".join(chance.choices(BYTES, k=chance.randrange(40)))


def mutated(chance: random.Random, files: tuple[bytes, ...]) -> bytes:
    """A real file with a few bytes removed, doubled, turned over or put in."""
    data = bytearray(chance.choice(files))
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.randrange(9)
        kind = chance.randrange(5)
        if kind == 0:
            del data[at : at + length]
        elif kind == 1:
            data[at:at] = data[at : at + length * 4]
        elif kind == 2 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 3:
            data[at : at + length] = chance.choice(BYTES)
        else:
            data[at:at] = chance.choice(BYTES)
    return bytes(data)


def file(chance: random.Random, files: tuple[bytes, ...]) -> bytes:
    """One file of one of the three kinds, the mutated most often."""
    kind = chance.randrange(8)
    return noise(chance) if kind == 0 else pieces(chance) if kind < 3 else mutated(chance, files)


def complaint(chance: random.Random, files: tuple[bytes, ...]) -> tuple[bytes, str]:
    """A file, read, one time in eight with the ConfigMap and host_local.conf; and what is wrong with the reading."""
    data = file(chance, files)
    layers = [file(chance, files) if chance.randrange(8) == 0 else None for _ in range(2)]
    try:
        reading = read(data, *layers)
    except Exception as error:
        return data, f"raised {error!r}; layers {layers!r}"
    if reading.loads is bool(reading.message):
        return data, f"loads is {reading.loads} with the message {reading.message!r}"
    lines = max(part.count(b"\n") for part in (data, *layers) if part is not None) + 1
    beyond = [fault for fault in reading.faults if not 0 <= fault.line <= lines]
    return data, f"faults beyond the end: {beyond}" if beyond else ""


def edited(chance: random.Random, files: tuple[bytes, ...]) -> tuple[bytes, str]:
    """A file, edited; and what is wrong with the result."""
    data = file(chance, files)
    text = data.decode("utf-8", "surrogateescape")
    nics = tuple(chance.sample(NICS, chance.randrange(4)))
    try:
        after = edit(text, sriov_nics=nics)
        again = edit(after, sriov_nics=nics)
    except SriovError as error:
        return data, "" if error.hint else f"refused without a way out: {error.title}"
    except Exception as error:
        return data, f"edit to {nics} raised {error!r}"
    options = read(after.encode("utf-8", "surrogateescape")).options
    if after != text and (options.sriov_nics != nics or not options.networks):
        return data, f"asked for {nics}, read {options.sriov_nics} and networks {options.networks}"
    return data, "" if again == after else f"the same edit to {nics} again changed something"


def run(examples: int, seed: int, tell: Callable[[str], None] = print, one: Example = complaint) -> int:
    """The number of broken promises among this many files."""
    chance, files, broken, begin = random.Random(seed), seeds(), 0, time.monotonic()
    for number in range(1, examples + 1):
        data, wrong = one(chance, files)
        if wrong:
            broken += 1
            tell(f"example {number}: {wrong}\n  {base64.b64encode(data).decode()}")
        if number % 50_000 == 0 or number == examples:
            tell(f"{number:,} files, {broken} broken promises, {time.monotonic() - begin:.0f} s, seed {seed}")
    return broken


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="tests.fuzz_hostconf", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000, metavar="N", help="how many files (10,000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed makes other files (1)")
    parser.add_argument("--edit", action="store_true", help="edit the files, too")
    parser.add_argument(
        "--kinds", action="store_true", help="files of which it is known what they mean, read and edited"
    )
    args = parser.parse_args()
    one = of_kinds if args.kinds else edited if args.edit else complaint
    return int(run(args.examples, args.seed, lambda line: print(line, flush=True), one) > 0)


if __name__ == "__main__":
    sys.exit(main())
