"""An Ansible callback for the tests: what each task returned, as JSON."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Record results for tests
version_added: "0.1.0"
description: Writes every result to the file that E(ANSIBLE_RECORD) names.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Keeps results and counts until the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.results: list[dict[str, Any]] = []

    def _keep(self, result: Any, **_: Any) -> None:
        self.results.append(
            {"host": result._host.get_name(), "task": result._task.get_name(), "result": dict(result._result)}
        )

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = v2_runner_on_unreachable = _keep

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write it all."""
        counts = {host: stats.summarize(host) for host in stats.processed}
        with open(os.environ["ANSIBLE_RECORD"], "w") as file:
            json.dump({"results": self.results, "stats": counts}, file, default=str)
