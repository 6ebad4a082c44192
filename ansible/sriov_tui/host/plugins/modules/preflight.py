#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: preflight
short_description: Check that sriov-tui can run on a host
version_added: 0.1.0
description:
  - Looks at the architecture, the kernel, the user, free space and, unless it is copied later, the program itself.
  - Every reason against the host is reported at once. It only reads.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  copied:
    description: Whether the program is copied or installed later, so that it need not be there yet.
    type: bool
    default: false
  room:
    description: Megabytes that must be free where the program unpacks itself; it unpacks into one of several folders.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode and return what it would without it.
    support: full
  diff_mode:
    description: Shows what would change.
    support: none
"""

EXAMPLES = r"""
- name: Check the host before anything is changed
  sriov_tui.host.preflight:
"""

RETURN = r"""
version:
  description: The version of the program on the host; an empty text where it has none that starts.
  returned: always
  type: str
reasons:
  description: What keeps the program from running here.
  returned: always
  type: list
  elements: str
"""

import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import (
    VERSION,
    Refused,
    found,
    other_version,
    version_of,
)

ARCHITECTURE = "x86_64"
KERNEL = (3, 10)
FOLDERS = ("/tmp", "/var/tmp", "/run", "/dev/shm")
NOEXEC = 8  # ST_NOEXEC, statvfs(3)
STATE = 20  # MB for the journals and the program itself


def reasons_of_kernel():
    """Another architecture, an old kernel."""
    _system, _node, release, _version, architecture = os.uname()
    if architecture != ARCHITECTURE:
        yield "The program is for %s, and this host is %s." % (ARCHITECTURE, architecture)
    number = re.match(r"(\d+)\.(\d+)", release)
    if number and tuple(map(int, number.groups())) < KERNEL:
        yield "The program needs Linux %d.%d or newer, and this host runs %s." % (KERNEL[0], KERNEL[1], release)


def reasons_of_room(room):
    """No folder to unpack into, no space for the journals."""
    if not any(free(folder) >= room for folder in FOLDERS if not noexec(folder)):
        yield "None of %s has %d MB free and allows programs to run." % (", ".join(FOLDERS), room)
    for folder in ("/usr/local", "/var/lib"):
        if free(folder) < STATE:
            yield "%s has %d MB free, and %d are needed." % (folder, free(folder), STATE)


def noexec(folder):
    """Whether nothing may be started from there."""
    try:
        return bool(os.statvfs(folder).f_flag & NOEXEC)
    except OSError:
        return True


def free(folder):
    """Megabytes that are free there; 0 where the folder is not."""
    try:
        there = os.statvfs(folder)
    except OSError:
        return 0
    return there.f_bavail * there.f_frsize // 1000000


def main():
    spec = dict(
        program=dict(type="str", default="sriov-tui"),
        copied=dict(type="bool", default=False),
        room=dict(type="int", default=60),
    )
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    reasons = list(reasons_of_kernel()) + list(reasons_of_room(module.params["room"]))
    if os.geteuid() != 0:
        reasons.append("It needs root: log in as root, or use become.")
    version = ""
    try:
        version = version_of(module, found(module))
        wrong = other_version(module.params["program"], version) if version != VERSION else ""
    except Refused as error:
        wrong = str(error)
    if wrong and not module.params["copied"]:
        reasons.append(wrong)
    result = dict(changed=False, version=version, reasons=reasons)
    if reasons:
        module.fail_json(msg="This host is not ready for sriov-tui. %s" % " ".join(reasons), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
