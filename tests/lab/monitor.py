"""One order to a machine's QEMU over its QMP socket: `monitor.py SOCKET stop | cont | quit | migrate URI | restored`.

`migrate` ends when the memory is written, with status 1 where a device cannot be saved; `restored` waits until an
incoming machine is whole, and lets it run.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Any, TextIO


def ask(connection: socket.socket, answers: TextIO, execute: str, **arguments: str) -> Any:
    """What it returns; ends this program with its error."""
    connection.sendall(json.dumps({"execute": execute, "arguments": arguments}).encode())
    for answer in map(json.loads, answers):
        if "error" in answer:
            sys.exit(answer["error"]["desc"])
        if "return" in answer:
            return answer["return"]
    sys.exit(0 if execute == "quit" else f"{execute}: no answer")


def main() -> None:
    """Carry the order out."""
    path, order, *rest = sys.argv[1:]
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    answers = connection.makefile()
    answers.readline()
    ask(connection, answers, "qmp_capabilities")
    if order == "migrate":
        ask(connection, answers, order, uri=rest[0])
    if order in ("migrate", "restored"):
        while (now := ask(connection, answers, "query-migrate")).get("status") != "completed":
            if now.get("status") == "failed":
                sys.exit(now.get("error-desc", "it failed"))
            time.sleep(0.1)
    if order != "migrate":
        ask(connection, answers, "cont" if order == "restored" else order)


if __name__ == "__main__":
    main()
