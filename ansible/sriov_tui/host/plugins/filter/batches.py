# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""The order of a rollout."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.errors import AnsibleFilterError


def batches(hosts, hostvars, domain="failure_domain", limit=1):
    """Lists of at most `limit` hosts, each of one failure domain; a domain is finished before the next begins."""
    if int(limit) < 1:
        raise AnsibleFilterError("sriov_tui.host.batches: limit is %s, and must be 1 or more" % limit)
    domains = {}
    for host in hosts:
        # a host without a domain is one of its own
        domains.setdefault(str(hostvars[host].get(domain, "host %s" % host)), []).append(host)
    size = int(limit)
    return [
        members[at : at + size] for _name, members in sorted(domains.items()) for at in range(0, len(members), size)
    ]


class FilterModule(object):
    """The filters of this collection."""

    def filters(self):
        """By name."""
        return {"batches": batches}
