"""A person at a terminal of 80x24: keys in, the screen out, through tmux and ssh."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from types import TracebackType

from tests.lab.machine import PATIENCE, LabError, Machine


class Screen:
    """A command in the machine, on a terminal of its own that tmux holds on this side."""

    def __init__(self, machine: Machine, command: str = "sriov-tui", columns: int = 80, rows: int = 24) -> None:
        self._socket = f"sriov-lab-{os.getpid()}-{id(self)}"
        # A server of our own, and no status line: the program has every row.
        self._tmux(
            "set",
            "-g",
            "status",
            "off",
            ";",
            "set",
            "-g",
            "remain-on-exit",
            "on",
            ";",
            "set",
            "-g",
            "remain-on-exit-format",
            "",
            ";",
            "set",
            "-g",
            "default-terminal",
            "screen-256color",
            ";",
            "new",
            "-d",
            "-x",
            str(columns),
            "-y",
            str(rows),
            machine.target(True, command),
            start=True,
        )

    def _tmux(self, *arguments: str, start: bool = False) -> str:
        argv = ["tmux", "-L", self._socket, "-f", "/dev/null", *(("start", ";") if start else ()), *arguments]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"{' '.join(argv)}: {done.stderr}")
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: F8, Enter, Tab, Space, Down, Escape, C-c, a."""
        self._tmux("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type text as it stands, and wait until it is there."""
        self._tmux("send-keys", "-l", text)
        self.wait_for(text)
        self.settle()

    def text(self) -> str:
        """The screen as it is now, a line a row."""
        return self._tmux("capture-pane", "-p")

    def act(self, key: str, timeout: float = PATIENCE) -> str:
        """Press a key and wait until something moved, as a person does before the next key; the screen then."""
        before = self._look()
        self.press(key)
        deadline = time.monotonic() + timeout
        while self._look() == before:
            if time.monotonic() > deadline:
                raise LabError(f"{key} changed nothing in {timeout:g} s:\n{self.text()}")
            time.sleep(0.1)
        return self.settle()

    def settle(self, quiet: float = 1.0) -> str:
        """Wait until nothing has moved for `quiet` seconds; the screen then."""
        last, since = self._look(), time.monotonic()
        while time.monotonic() - since < quiet:
            time.sleep(0.1)
            if (look := self._look()) != last:
                last, since = look, time.monotonic()
        return self.text()

    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's cursor, from 0."""
        column, row = self._tmux("display", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(row)

    def _look(self) -> str:
        return f"{self._tmux('capture-pane', '-p', '-e')}{self.cursor()}"

    def exit_status(self) -> int | None:
        """The command's exit status, or None while it runs."""
        told = self._tmux("display", "-p", "#{pane_dead}|#{pane_dead_status}|#{pid}")
        dead, status, server = told.strip().split("|")
        if dead == "1" and not status:
            # tmux 3.3a sometimes misses the end of its child, which then stays a zombie without a status.
            os.kill(int(server), signal.SIGCHLD)
        return int(status) if dead == "1" and status else None

    def wait_for(self, *texts: str, timeout: float = PATIENCE) -> str:
        """Wait until one of `texts` is on the screen; the whole screen then."""
        deadline = time.monotonic() + timeout
        while not any(text in (screen := self.text()) for text in texts):
            if time.monotonic() > deadline:
                raise LabError(f"none of {texts} on the screen after {timeout:g} s:\n{screen}")
            if (status := self.exit_status()) is not None and not any(text in self.text() for text in texts):
                raise LabError(f"ended with status {status} before any of {texts} came:\n{self.text()}")
            time.sleep(0.3)
        return screen

    def wait_for_end(self, timeout: float = PATIENCE) -> int:
        """Wait until the command ends; its exit status (255 = ssh lost the machine)."""
        deadline = time.monotonic() + timeout
        while (status := self.exit_status()) is None:
            if time.monotonic() > deadline:
                raise LabError(f"still running after {timeout:g} s:\n{self.text()}")
            time.sleep(0.3)
        return status

    def close(self) -> None:
        """End the terminal, as a lost window does."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
