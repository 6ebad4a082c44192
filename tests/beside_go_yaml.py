"""`python -m tests.beside_go_yaml --examples 10000`: our YAML reader beside go-yaml itself, over generated files.

Needs Debian's golang-go, golang-yaml.v2-dev (2.4.0) and golang-github-ghodss-yaml-dev. A file that the two read
differently is printed as a line for tests/data/go-yaml-cases.jsonl, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from sriov_tui.hostconf.nodes import YamlError, parse
from sriov_tui.hostconf.scalars import Value
from sriov_tui.hostconf.values import Decoder, check_json
from tests import fuzz_hostconf, hostconf_kinds

GO = """
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"

	"github.com/ghodss/yaml"
)

func main() {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadString('\\n')
		if err != nil {
			return
		}
		data, _ := base64.StdEncoding.DecodeString(line[:len(line)-1])
		text, err := yaml.YAMLToJSON(data)
		if err != nil {
			text = nil
		}
		fmt.Println(string(text))
	}
}
"""


def files(examples: int, seed: int) -> list[bytes]:
    """Mutated files and files of every kind, in turn."""
    chance, seeds = random.Random(seed), fuzz_hostconf.seeds()
    made = (
        hostconf_kinds.file(chance).data if number % 2 else fuzz_hostconf.mutated(chance, seeds)
        for number in range(examples)
    )
    return list(made)


def theirs(data: list[bytes], folder: Path) -> list[str]:
    """What go-yaml makes of each file: JSON, or "" where it refuses it."""
    source = folder / "main.go"
    source.write_text(GO)
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache")}
    subprocess.run(["go", "build", "-o", folder / "reader", source], check=True, env=environment)
    lines = b"".join(base64.b64encode(one) + b"\n" for one in data)
    done = subprocess.run([folder / "reader"], input=lines, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().splitlines()


def ours(data: bytes) -> str:
    """What we make of it, in the same form."""
    try:
        root = parse(data).root
        value = None if root is None else Decoder().value(root)
        check_json(value, 0)
    except (YamlError, RecursionError):
        return ""
    return json.dumps(_numbers(value), sort_keys=True)


def _numbers(value: Value) -> Value:
    """The same with every number as a float, and no minus zero: JSON does not tell 1e20 from its digits."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    return float(value) + 0.0 if isinstance(value, int | float) and not isinstance(value, bool) else value


def main() -> int:
    """Parse the arguments and compare."""
    parser = argparse.ArgumentParser(prog="tests.beside_go_yaml", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000, metavar="N", help="how many files (10,000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed makes other files (1)")
    args = parser.parse_args()
    data, wrong = files(args.examples, args.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        answers = theirs(data, Path(folder))
    for one, answer in zip(data, answers, strict=True):
        if ours(one) != (json.dumps(_numbers(json.loads(answer)), sort_keys=True) if answer else ""):
            wrong += 1
            print(json.dumps({"file_base64": base64.b64encode(one).decode(), "json": answer or None}))
    print(f"{len(data):,} files, {wrong} read differently, seed {args.seed}", file=sys.stderr)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
