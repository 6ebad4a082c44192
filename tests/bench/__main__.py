"""`make bench`: ratios measured side by side in one run. It tells figures and judges no code: it fails only where
something that should run did not.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import sys
from collections.abc import Callable, Iterator

from tests.bench import (
    audit,
    evaluate,
    fleet,
    flood,
    gathering,
    growth,
    hostconf,
    keys,
    lab,
    one_file,
    screens,
    table,
    walk,
    watching,
)
from tests.bench.table import Missing, Result
from tests.bench.timing import TOP, CannotMeasure

MEASUREMENTS: dict[str, Callable[[], Iterator[Result]]] = {
    "audit": audit.measure,
    "screens": screens.measure,
    "walk": walk.measure,
    "keys": keys.measure,
    "evaluate": evaluate.measure,
    "growth": growth.measure,
    "gathering": gathering.measure,
    "flood": flood.measure,
    "watching": watching.measure,
    "hostconf": hostconf.measure,
    "fleet": fleet.measure,
    "file": one_file.measure,
    "lab": lab.measure,
}


def main() -> int:
    """Measure what was asked for (all of it by default) and print the table; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="tests.bench", description="Ratios measured side by side in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(MEASUREMENTS)} (all)")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    args = parser.parse_args()
    if unknown := set(args.names) - set(MEASUREMENTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    for package in ("sriov_tui", "checks", "screens"):  # as `make run` and pip do
        compileall.compile_dir(TOP / package, quiet=1)
    results = [result for name in args.names or MEASUREMENTS for result in run(name)]
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}:")
    print("medians of measurements taken in turn.", end="\n\n")
    print("\n".join((table.markdown if args.markdown else table.plain)(results)))
    return int(any(isinstance(result, Missing) and result.broken for result in results))


def run(name: str) -> Iterator[Result]:
    """The results of one measurement; what breaks it becomes a result, so that the others are still printed."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        yield from MEASUREMENTS[name]()
    except CannotMeasure as error:
        yield Missing(name, str(error), broken=True)


if __name__ == "__main__":
    sys.exit(main())
