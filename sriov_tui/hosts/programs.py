"""Which program a command is, and in which environment it starts: nothing of that is the caller's to choose."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"LC_ALL": "C", "PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"}
"""All that a command of the host is given."""

KEPT = ("HOME", "KUBECONFIG", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TERM", "TMPDIR", "TZ")
"""What a process of our own, the engine or the guard, keeps of the environment."""

LOADED = ("PYTHON", "LD_", "GCONV_PATH", "LOCPATH", "NLSPATH", "TEXTUAL_DRIVER", "TEXTUAL_DEVTOOLS", "TEXTUAL_LOG")
"""How the variables begin by which an interpreter, a C library or Textual is told to load something, or to write it."""


HARMLESS = frozenset(
    {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONHASHSEED"}
)
"""Of these, what loads nothing: an interpreter that was started with it need not start again."""


def locate(name: str) -> str | None:
    """The absolute path of a program, looked for in our folders alone; a path stays what it is. None without one."""
    if "/" in name:
        return name
    for folder in ENVIRONMENT["PATH"].split(":"):
        path = f"{folder}/{name}"
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def of_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """What a process of our own is started with."""
    return {"PATH": PATH} | {name: environ[name] for name in KEPT if name in environ}


def disarm(environ: MutableMapping[str, str]) -> set[str]:
    """Take out of an environment what would load something, and tell what that was; the path is ours."""
    found = {name for name in environ if name.startswith(LOADED)}
    for name in found:
        del environ[name]
    environ["PATH"] = PATH
    return found
