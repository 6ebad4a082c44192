#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: confirm
short_description: Keep a step that is undone unless somebody confirms it
version_added: 0.1.0
description:
  - Runs C(sriov-tui confirm). It counts only in a connection that was made after the step began, so reset the
    connection before, and turn C(ControlPersist) off for this task.
  - Where nothing waits for a confirmation, the task fails, unless O(job) is given.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  job:
    description:
      - The C(results_file) of a task M(sriov_tui.host.setup) that works in the background (C(async)).
      - The task then never fails. Repeat it, each time over a new connection, until that one has ended.
    type: path
  machine:
    description: Use a simulated machine instead of the host, as C(--host) of the program; for tests.
    type: str
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing it.
    support: full
  diff_mode:
    description: Shows what would change.
    support: none
"""

EXAMPLES = r"""
- name: Open a new connection
  ansible.builtin.meta: reset_connection

- name: Keep the step, as this host can still be reached
  sriov_tui.host.confirm:
  vars:
    ansible_ssh_args: -o ControlMaster=no -o ControlPath=none
"""

RETURN = r"""
finished:
  description: Whether the task in the background has ended.
  returned: where O(job) is given
  type: bool
stdout:
  description: What the program printed.
  returned: success
  type: str
"""

import json

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import PROGRAM, Program


def finished(path):
    """Whether the task whose result is kept in this file has ended, as the module async_status takes it."""
    try:
        with open(path) as opened:
            result = json.load(opened)
        return bool(result.get("finished")) or "started" not in result
    except (IOError, OSError, ValueError):
        return False


def main():
    module = AnsibleModule(argument_spec=dict(PROGRAM, job=dict(type="path")), supports_check_mode=True)
    program, job = Program(module), module.params["job"]
    ended = dict(finished=finished(job)) if job else dict()
    if module.check_mode:
        module.exit_json(changed=program.ask("history", statuses=(0,))[1]["next"] == "wait", stdout="", **ended)
    if ended.get("finished"):
        module.exit_json(changed=False, stdout="", **ended)
    status, out, err = program.run("confirm")
    if status != 0 and not job:
        module.fail_json(msg=(err or out).strip(), rc=status)
    module.exit_json(changed=status == 0, stdout=out or err, **ended)


if __name__ == "__main__":
    main()
