# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""The order of a rollout."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.errors import AnsibleFilterError

FINISHED = ("done", "waiting")  # waiting: for a reboot that the operator wants to do later


def batches(hosts, hostvars, domain="failure_domain", limit=1):
    """Lists of at most `limit` hosts, each of one failure domain; a domain is finished before the next begins."""
    if int(limit) < 1:
        raise AnsibleFilterError("sriov_tui.host.batches: limit is %s, and must be 1 or more" % limit)
    domains = {}
    for host in hosts:
        # a host without a domain is one of its own
        domains.setdefault(str(hostvars[host].get(domain, "host %s" % host)), []).append(host)
    size = int(limit)
    ordered = [domains[name] for name in sorted(domains, key=natural)]
    return [members[at : at + size] for members in ordered for at in range(0, len(members), size)]


def natural(name):
    """What sorts "rack9" before "rack10": text and numbers in turn."""
    return [int(part) if part.isdigit() else part for part in re.split("([0-9]+)", name)]


def unfinished(order, hostvars, batch=()):
    """What a batch of a rollout has to wait for: each host before it that is not done, each that was not checked."""
    states = dict((host, str(hostvars[host].get("sriov_rollout_state") or "")) for host in order)
    before = order[: min(order.index(host) for host in batch)] if batch else order
    return [host for host in order if not states[host] or (host in before and states[host] not in FINISHED)]


class FilterModule(object):
    """The filters of this collection."""

    def filters(self):
        """By name."""
        return {"batches": batches, "unfinished": unfinished}
