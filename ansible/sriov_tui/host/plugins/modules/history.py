#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: history
short_description: List what sriov-tui did on a host
version_added: 0.1.0
description:
  - Returns what C(sriov-tui history --format json) prints. It only reads.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  machine:
    description: Use a simulated machine instead of the host, as C(--host) of the program; for tests.
    type: str
attributes:
  check_mode:
    description: Can run in check mode and return what it would without it.
    support: full
  diff_mode:
    description: Shows what would change.
    support: none
"""

EXAMPLES = r"""
- name: See what was done
  sriov_tui.host.history:
  register: seen

- name: Stop where a run is not finished
  ansible.builtin.assert:
    that: not seen.next
"""

RETURN = r"""
next:
  description: What the newest run waits for; V(wait) is the end of its engine, an empty text nothing.
  returned: success
  type: str
  sample: reboot
runs:
  description: Every run, the oldest first, with C(run), C(outcome), C(started_at), C(finished_at), C(steps), C(error).
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import PROGRAM, Program


def main():
    module = AnsibleModule(argument_spec=dict(PROGRAM), supports_check_mode=True)
    document = Program(module).ask("history", statuses=(0,))[1]
    module.exit_json(changed=False, next=document["next"], runs=document["runs"])


if __name__ == "__main__":
    main()
