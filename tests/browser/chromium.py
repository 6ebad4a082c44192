"""Headless Chromium on a page of this machine: its document after its scripts ran, or a picture of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"  # no name resolves: a page that needs the network would show it


def program() -> str:
    """Chromium's path, or "" where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def _run(*arguments: str) -> str:
    with tempfile.TemporaryDirectory(prefix="sriov-tui-browser-", ignore_cleanup_errors=True) as profile:
        argv = [program(), *OPTIONS, OFFLINE, f"--user-data-dir={profile}", *arguments]
        done = subprocess.run(argv, capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def dom(url: str) -> str:
    """The document as it stands after the page's scripts ran."""
    return _run("--virtual-time-budget=5000", "--dump-dom", url)


def picture(url: str, file: Path, dark: bool = False, width: int = 1280, height: int = 900) -> None:
    """A PNG of the page's upper part."""
    scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ()
    _run(*scheme, f"--window-size={width},{height}", f"--screenshot={file}", url)
