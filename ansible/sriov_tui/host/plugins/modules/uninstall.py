#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: uninstall
short_description: Take back what sriov-tui set up on a host, or forget how to
version_added: 0.1.0
description:
  - Runs C(sriov-tui uninstall). Without an option it only lists what of C(sriov-tui) is on the host.
  - What was set up works without the program. C(sriov-tui-vfs-*.service) and udev rules create the VFs at each boot.
  - The program itself is removed by the role C(host), tasks C(uninstall).
  - Fails where a run is not finished, unless O(take_back) is set.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  take_back:
    description: Whether to roll back every run, the newest first.
    type: bool
    default: false
  forget:
    description: Whether to remove the records and the backups; then nothing can be taken back any more.
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
- name: See what is there
  sriov_tui.host.uninstall:
  register: seen

- name: Take it all back
  sriov_tui.host.uninstall:
    take_back: true
    forget: true
"""

RETURN = r"""
settings:
  description: The files that are left and act at boot, also without the program.
  returned: success
  type: list
  elements: str
backups:
  description: The backups that are left.
  returned: success
  type: list
  elements: str
records:
  description: The files with records of runs that are left.
  returned: success
  type: raw
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import PROGRAM, Program

LEFT = ("settings", "backups", "records")


def main():
    spec = dict(PROGRAM, take_back=dict(type="bool", default=False), forget=dict(type="bool", default=False))
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    program = Program(module)
    before = program.ask("uninstall", statuses=(0,))[1]
    if before["unreadable"]:
        module.fail_json(msg="%s could not be read. It needs root." % ", ".join(before["unreadable"]))
    if before["next"] and not module.params["take_back"]:
        module.fail_json(
            msg="A run of this host is not finished. First run `sriov-tui resume` or `sriov-tui rollback` there."
        )
    options = ["--%s" % name.replace("_", "-") for name in ("take_back", "forget") if module.params[name]]
    standing = module.params["take_back"] and any(one["changes"] for one in before["runs"])
    kept = module.params["forget"] and bool(before["backups"] or before["records"])
    if not (standing or kept) or module.check_mode:
        module.exit_json(changed=bool(standing or kept), **dict((name, before[name]) for name in LEFT))
    status, after = program.ask("uninstall", "--yes", *options, statuses=(0, 4, 6))
    result = dict((name, after[name]) for name in LEFT)
    if status != 0:
        module.fail_json(msg="Not all could be taken back. `sriov-tui history` shows it.", changed=True, **result)
    module.exit_json(changed=True, **result)


if __name__ == "__main__":
    main()
