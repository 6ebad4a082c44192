# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""What the modules that carry something out share: how a run ended, as a task's result."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

ENDED = (0, 3, 4, 5, 6, 7)  # exit statuses of apply and resume that come with a document
REBOOT = 3
UNCONFIRMED = (
    "A step of the last run was undone, because nobody confirmed it over a new connection. Find out why the host did "
    "not answer. Then set host_confirm to try it again, or undo the rest of the run: `sriov-tui rollback` on the host."
)


class Runs(object):
    """The result of one task, and the runs that it carried out."""

    def __init__(self, module, program):
        self.module = module
        self.program = program
        self.result = dict(changed=False, reboot_required=False, runs=[])

    def newest(self):
        """What the newest run on the host waits for ("", "wait", "reboot" or "resume"), and how it ended."""
        history = self.program.ask("history", statuses=(0,))[1]
        return history["next"], history["runs"][-1]["outcome"] if history["runs"] else ""

    def carried_out(self, command, *options):
        """Apply or resume; the task fails where it did not end well. True where a reboot is next."""
        status, run = self.program.ask(command, *options, statuses=ENDED)
        self.result["runs"].append(run)
        self.result["changed"] = self.result["changed"] or run["changed"]
        self.result["reboot_required"] = status == REBOOT
        if status not in (0, REBOOT):
            left = " ".join(one["title"] for one in run.get("open", ()))
            words = run["error"] or " ".join(run["unresolved"]) or left or "See sriov-tui history on the host."
            self.fail("The run ended as %s. %s" % (run["outcome"], words))
        return status == REBOOT

    def resume(self):
        """Go on with what is open. True where the host has to be rebooted before anything else."""
        waits, outcome = self.newest()
        if waits == "reboot":
            self.result["reboot_required"] = True
            return True
        if not waits:
            return False
        if outcome == "unconfirmed" and not self.module.params.get("confirm"):
            self.fail(UNCONFIRMED)
        if self.module.check_mode:
            self.result["changed"] = True
            return False
        return self.carried_out("resume")

    def fail(self, words):
        """End the task with what is known."""
        self.module.fail_json(msg=words, **self.result)
