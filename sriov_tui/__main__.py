"""`python -m sriov_tui`."""

import sys

from sriov_tui.cli import program

sys.exit(program())
