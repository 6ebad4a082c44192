"""`python -m sriov_tui`."""

import sys

from sriov_tui.cli import main

sys.exit(main())
