# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""The summary of a rollout, also of one that stopped: after a failure Ansible runs no play that could print it.

It is beside the playbook, so Ansible loads it with that and nobody has to enable it.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = """
name: sriov_rollout
type: aggregate
short_description: Print how far a rollout came
version_added: 0.1.0
description:
  - After the playbook C(sriov_tui.host.rollout), names the hosts that are done, where it stopped and why, the hosts
    that were not begun, and how to continue.
  - It prints nothing after other playbooks.
"""

from ansible.plugins.callback import CallbackBase

STATE = "sriov_rollout_state"
ORDER = "sriov_rollout_order"
LENGTH = 400  # of a reason


class CallbackModule(CallbackBase):
    """Follows the facts in which the rollout keeps its order and the state of each host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "sriov_rollout"

    def __init__(self, *arguments, **options):
        super(CallbackModule, self).__init__(*arguments, **options)
        self.order = []
        self.states = {}
        self.reasons = {}

    def v2_runner_on_ok(self, result):
        """A host reports its state."""
        facts = result._result.get("ansible_facts") or {}
        if isinstance(facts, dict):
            self.order = list(facts.get(ORDER) or self.order)
            if STATE in facts:
                self.states[result._host.get_name()] = str(facts[STATE])

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """A host failed."""
        if not ignore_errors:
            self._note(result, "failed")

    def v2_runner_on_unreachable(self, result):
        """A host does not answer."""
        self._note(result, "does not answer")

    def _note(self, result, what):
        words = " ".join(str(_message(result._result)).split())
        self.reasons[result._host.get_name()] = "%s: %s: %s" % (what, result._task.get_name(), words[:LENGTH])

    def v2_playbook_on_stats(self, stats):
        """The end of the playbook, good or bad."""
        if not self.order:
            return
        self._display.banner("SR-IOV ROLLOUT")
        for line in summary(self.order, self.states, self.reasons):
            self._display.display(line)


def summary(order, states, reasons):
    """The lines of the summary. A host that was only checked, or never, was not begun."""
    finished = [host for host in order if states.get(host) == "done"]
    waiting = [host for host in order if states.get(host) == "waiting"]
    stopped = [host for host in order if states.get(host) == "begun"]
    # at the check before the first host: those that did not pass it
    stopped = stopped or [host for host in order if host not in states and host in reasons]
    rest = [host for host in order if host not in finished + waiting + stopped]
    yield _line("done", finished)
    if waiting:
        yield _line("waiting for a reboot", waiting)
    for host in stopped:
        yield "stopped at: %s, %s" % (host, reasons.get(host, "no reason was reported"))
    if rest:
        yield _line("not begun", rest)
    if stopped or rest:
        yield "To continue: fix the cause, then run the same command again. Hosts that are done are not changed again."
        if any(states.get(host) == "begun" for host in stopped):
            yield "On a host where it stopped, `sriov-tui history` shows the run and `sriov-tui rollback` undoes it."


def _line(what, hosts):
    return "%s: %d%s" % (what, len(hosts), " (%s)" % ", ".join(hosts) if hosts else "")


def _message(result):
    """The words of a result, those of its items included."""
    failed = [one for one in result.get("results") or () if one.get("failed") or one.get("unreachable")]
    return " ".join(str(one.get("msg", "")) for one in failed) or result.get("msg", "")
