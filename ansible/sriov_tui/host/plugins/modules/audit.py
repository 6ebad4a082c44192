#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: audit
short_description: Say what is right and wrong with NIC SR-IOV on a host
version_added: 0.1.0
description:
  - Runs C(sriov-tui audit) on the host and returns what it found. It only reads.
  - What is expected of the host is what its C(/etc/yunion/host.conf) asks for, or an answers file.
  - Keep O(ignore:audit) of each host in a file and C(sriov-tui fleet) shows them side by side.
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  answers:
    description: An answers file on the host, as the wizard saves it. Mutually exclusive with O(content).
    type: path
  content:
    description: The text of an answers file. Mutually exclusive with O(answers).
    type: str
  fail_on:
    description: Fail the task where a finding is as bad as this.
    type: str
    choices: [never, fail, warn]
    default: never
  machine:
    description: Look at a recording or a simulated machine instead of the host, as C(--host) of the program; for tests.
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
- name: Look at the host
  sriov_tui.host.audit:
  register: seen

- name: Keep it for sriov-tui fleet
  ansible.builtin.copy:
    content: "{{ seen.audit | to_json }}"
    dest: "audits/{{ inventory_hostname }}.json"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
audit:
  description: The JSON document of C(sriov-tui audit), with C(host), C(findings), C(problems) and C(facts).
  returned: success
  type: dict
ready:
  description: Whether no finding is WARN or worse.
  returned: success
  type: bool
worst:
  description: The worst level among the findings.
  returned: success
  type: str
  sample: WARN
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import SPEC, Program

GOOD = ("OK", "INFO")


def main():
    spec = dict(SPEC, fail_on=dict(type="str", choices=["never", "fail", "warn"], default="never"))
    module = AnsibleModule(argument_spec=spec, mutually_exclusive=[("answers", "content")], supports_check_mode=True)
    program = Program(module)
    level = "warn" if module.params["fail_on"] == "warn" else "fail"
    status, audit = program.ask("audit", "--fail-on", level, *program.answers(), statuses=(0, 2))
    result = dict(changed=False, audit=audit, ready=audit["ready"], worst=audit["worst"])
    if status == 2 and module.params["fail_on"] != "never":
        titles = ["%s: %s" % (one["id"], one["title"]) for one in audit["findings"] if one["level"] not in GOOD]
        module.fail_json(msg="%s %s" % (audit["verdict"], " ".join(titles)), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
