"""Stands in for the get-pip.py that ansible-test would download: pip out of Python's own ensurepip, then what is asked.

Where the network has package indexes and nothing else, the download fails and with it every sanity test.
"""

from __future__ import annotations

import ensurepip
import os
import runpy
import sys

if __name__ == "__main__":
    settings = dict(os.environ)
    ensurepip.bootstrap()
    os.environ.clear()  # ensurepip turns pip's own settings off, and with them where packages come from
    os.environ.update(settings)
    wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    sys.argv = ["pip", "install", *wanted]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
