#!/usr/bin/python
# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: setup
short_description: Set up NIC SR-IOV on a host as an answers file asks for
version_added: 0.1.0
description:
  - Makes the plan that the answers file asks for on this host and carries it out, as C(sriov-tui apply) does.
  - Where a run waits for a reboot that has happened since, it is resumed first.
  - The network cards of the answers are found by model and slot. A host whose card differs is refused, with the
    difference, before anything is changed.
  - A second run changes nothing.
notes:
  - Nothing reboots by itself. Reboot where RV(reboot_required) is true, then run the same task again.
  - A step that drops the link of the SSH session is undone unless somebody confirms it, so it is refused here;
    leave C(when) of that card at C(boot).
author:
  - The sriov-tui authors (@sriov-tui)
options:
  program:
    description: The executable on the host; a name is looked for in E(PATH), C(/usr/local/sbin) and C(/usr/local/bin).
    type: str
    default: sriov-tui
  answers:
    description: An answers file on the host, as the wizard saves it. One of O(answers) and O(content) is needed.
    type: path
  content:
    description: The text of an answers file. One of O(answers) and O(content) is needed.
    type: str
  confirm:
    description:
      - Whether to carry out a step that is undone unless M(sriov_tui.host.confirm) keeps it over a new connection.
      - The task ends only when the run does, so start it with C(async), and confirm while it runs.
    type: bool
    default: false
  machine:
    description: Work on a simulated machine instead of the host, as C(--host) of the program; for tests.
    type: str
attributes:
  check_mode:
    description: Can run in check mode and return what would change, without changing it.
    support: full
  diff_mode:
    description: Shows the plan word for word and the diff of C(host.conf).
    support: full
"""

EXAMPLES = r"""
- name: Set up SR-IOV
  sriov_tui.host.setup:
    content: "{{ lookup('ansible.builtin.file', 'answers.toml') }}"
  register: done

- name: Reboot where the plan asks for it
  ansible.builtin.reboot:
  when: done.reboot_required

- name: Go on after the reboot
  sriov_tui.host.setup:
    content: "{{ lookup('ansible.builtin.file', 'answers.toml') }}"
  when: done.reboot_required
"""

RETURN = r"""
reboot_required:
  description: Whether the run waits for a reboot; in check mode, whether it would.
  returned: success
  type: bool
plan:
  description: What is to be done, as C(sriov-tui plan --format json) prints it.
  returned: where a plan was made
  type: dict
runs:
  description: What was carried out, as C(sriov-tui apply --format json) prints it, the resumed run first.
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sriov_tui.host.plugins.module_utils.program import SPEC, Program
from ansible_collections.sriov_tui.host.plugins.module_utils.runs import Runs


class Setup(Runs):
    """One task: what it found, and what it did."""

    def work(self):
        """Resume what is open, then plan, then apply; in check mode only describe it."""
        if self.resume():
            return
        options = self.program.answers()
        plan = self.planned(options)
        if not plan["steps"]:
            return
        if self.module.check_mode:
            self.result.update(changed=True, reboot_required=plan["reboot"])
        else:
            self.carried_out("apply", "--yes", *options)

    def planned(self, options):
        """The plan; the task fails where something blocks it, or somebody would have to confirm a step."""
        status, plan = self.program.ask("plan", *options, statuses=(0, 2))
        self.result["plan"] = plan
        if plan["steps"]:
            self.result["diff"] = [
                dict(prepared="\n".join(plan["text"]) + "\n"),
                dict(prepared=plan["diff"]),
            ]
        if status == 2:
            titles = ["%s: %s" % (one["id"], one["title"]) for one in plan["blocking"]]
            self.fail("This host cannot be set up so. %s" % " ".join(titles))
        asked = [step["title"] for step in plan["steps"] if step["confirm"]]
        if asked and not self.module.params["confirm"]:
            self.fail(
                "Somebody would have to confirm over a new connection: %s. Set when to boot in the answers."
                % ", ".join(asked)
            )
        return plan


def main():
    module = AnsibleModule(
        argument_spec=dict(SPEC, confirm=dict(type="bool", default=False)),
        mutually_exclusive=[("answers", "content")],
        required_one_of=[("answers", "content")],
        supports_check_mode=True,
    )
    setup = Setup(module, Program(module))
    setup.work()
    module.exit_json(**setup.result)


if __name__ == "__main__":
    main()
