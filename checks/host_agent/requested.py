"""What host.conf asks for already, as choices: the starting point of the wizard, and what the audit audits."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import HostFacts, Link
from sriov_tui.hostconf import reading_of
from sriov_tui.model import Choices, NicChoice, Use


def asked_for(facts: HostFacts) -> Choices:
    """One choice for each PF that `sriov_nics` or `ovs_offload_nics` names, itself or through its bond."""
    reading = reading_of(facts)
    if reading is None:
        return Choices()
    options = reading.options
    choices = Choices()
    uses: tuple[tuple[Use, tuple[str, ...]], ...] = (
        ("sriov", options.sriov_nics or ()),
        ("offload", options.ovs_offload_nics or ()),
    )
    for use, names in uses:
        for name in names:
            link = facts.link(name)
            for netdev in _ports(link) if link else (name,):
                pf = facts.pf_of_netdev(netdev)
                if pf is not None:
                    choices = choices.with_nic(NicChoice(address=pf.address, use=use))
    return choices


def profiled(facts: HostFacts, choices: Choices, use: Use) -> Choices:
    """The same cards, each for this use; where none is chosen, every card that offers VFs and does not carry SSH."""
    addresses = [nic.address for nic in choices.chosen] or [
        pf.address for pf in facts.pfs or () if pf.totalvfs and not (facts.ssh and pf.address in facts.ssh.pfs)
    ]
    for address in addresses:
        choices = choices.with_nic(replace(choices.nic(address), use=use))
    return choices


def _ports(link: Link) -> tuple[str, ...]:
    return link.bond.ports if link.bond else (link.name,)
