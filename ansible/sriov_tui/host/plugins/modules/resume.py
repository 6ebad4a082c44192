#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: resume
short_description: Continue the run that is open on a host
version_added: 0.1.0
description:
  - Continues the newest run after the reboot that it waited for, or after it was cut off.
  - Where no run is open, it changes nothing.
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
    description: Can run in check mode and return what would change, without changing it.
    support: full
  diff_mode:
    description: Shows what would change.
    support: none
"""

EXAMPLES = r"""
- name: Continue after the reboot
  sriov_tui.host.resume:
"""

RETURN = r"""
reboot_required:
  description: Whether the run waits for a reboot.
  returned: success
  type: bool
runs:
  description: What was carried out, as C(sriov-tui resume --format json) prints it.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import PROGRAM, Program
from ansible_collections.sriov_tui.host.plugins.module_utils.runs import Runs


def main():
    module = AnsibleModule(argument_spec=dict(PROGRAM), supports_check_mode=True)
    runs = Runs(module, Program(module))
    runs.resume()
    module.exit_json(**runs.result)


if __name__ == "__main__":
    main()
