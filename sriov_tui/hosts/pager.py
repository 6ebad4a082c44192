"""The pager: less, in its secure mode, so that who may only read by sudo gets no shell out of it."""

from __future__ import annotations

import os
import subprocess

from sriov_tui.hosts import programs


def page(text: str) -> bool:
    """Show a text page by page; False where there is no pager, and nothing was shown.

    -R passes colours on, -X leaves the text on the screen, -K ends it at Ctrl-C; see less(1), SECURITY.
    """
    program = programs.locate("less")
    if program is None:
        return False
    environment = programs.of_ours(os.environ) | {"LESSSECURE": "1", "LESSCHARSET": "utf-8", "LESSHISTFILE": "-"}
    try:
        child = subprocess.Popen((program, "-R", "-X", "-K"), stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    try:
        child.communicate(text.encode("utf-8", "backslashreplace"))
    except KeyboardInterrupt:
        child.wait()
    return True
