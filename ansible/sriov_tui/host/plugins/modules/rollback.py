#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: rollback
short_description: Undo what a run of sriov-tui changed on a host
version_added: 0.1.0
description:
  - Runs C(sriov-tui rollback), which restores files, attributes and VF counts from the journal of a run.
  - A run that was rolled back already, and a host without runs, are left as they are.
  - VFs that a virtual machine holds are never removed; the task then fails, and nothing is changed.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  run:
    description: The id of the run, as M(sriov_tui.host.history) lists it; the newest without it.
    type: str
  force:
    description: Whether to restore also what somebody else changed since.
    type: bool
    default: false
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
- name: Undo the last run
  sriov_tui.host.rollback:
"""

RETURN = r"""
run:
  description: The run that was rolled back; an empty text where the host has none.
  returned: success
  type: str
outcome:
  description: How that run stands now.
  returned: success
  type: str
  sample: rolled-back
stdout:
  description: What the program printed.
  returned: when something was restored
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import PROGRAM, Program


def run_of(program, name):
    """The newest run, or that of this id; None where the host has none."""
    runs = program.ask("history", statuses=(0,))[1]["runs"]
    named = [one for one in runs if name in (None, one["run"])]
    if name and not named:
        program.module.fail_json(msg="This host has no run %s." % name, known=[one["run"] for one in runs])
    return named[-1] if named else None


def main():
    spec = dict(PROGRAM, run=dict(type="str"), force=dict(type="bool", default=False))
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    program = Program(module)
    before = run_of(program, module.params["run"])
    if before is None or before["outcome"] == "rolled-back":
        module.exit_json(changed=False, run=before["run"] if before else "", outcome="rolled-back" if before else "")
    if module.check_mode:
        module.exit_json(changed=True, run=before["run"], outcome=before["outcome"])
    options = ["--force"] if module.params["force"] else []
    status, out, err = program.run("rollback", before["run"], "--yes", *options)
    after = run_of(program, before["run"])
    result = dict(changed=after != before, run=after["run"], outcome=after["outcome"], stdout=out)
    if status != 0:
        module.fail_json(msg=err.strip() or after["error"] or "The rollback did not end well.", rc=status, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
