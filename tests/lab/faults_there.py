"""Runs in the lab's machine: puts faults in one after the other, asks what `troubleshoot` asks, fixes them, asks again.

One process for all of them: to start Python anew for each question takes a minute on the emulated processor. Reads the
faults as JSON from standard input, prints what came of each as a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from sriov_tui.hosts.local import LocalHost
from sriov_tui.probe import gather
from sriov_tui.services import troubleshooting


def shell(command: str) -> tuple[int, str]:
    """Status and output of a shell command."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def causes(words: str, answers: dict[str, str]) -> list[str]:
    """The causes that are found for these words, the first first; the host is read for it."""
    host = LocalHost()
    facts = gather(host)
    found = troubleshooting.advise(facts, words, troubleshooting.logs(host, facts), answers)
    return [one.id for one in (found.cause, *found.also) if one]


def look(fault: dict[str, Any]) -> dict[str, Any]:
    """What came of one fault."""
    began = time.monotonic()
    put = shell(fault["put"])
    line = shell(fault["line"])[1] if fault["line"] else ""
    by_symptom = causes(fault["asked"], fault["answers"])
    by_line = causes(line, {}) if line else []
    mended = shell(fault["mend"])
    proved = shell(fault["proof"])
    after = causes(fault["cause"], fault["answers"])
    return {"name": fault["name"], "put": put, "line": line, "by_symptom": by_symptom, "by_line": by_line,
            "mended": mended, "proved": proved, "after": after, "seconds": time.monotonic() - began}  # fmt: skip


def main() -> None:
    """All of them; one that stumbles does not end the others."""
    for fault in json.load(sys.stdin):
        print(json.dumps(look(fault)), flush=True)


if __name__ == "__main__":
    main()
