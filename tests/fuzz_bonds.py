"""Generated network configurations: each is moved to a bond rightly, or refused by name.

`python -m tests.fuzz_bonds --examples 10000` prints how many were moved and refused of each tool.

What is meant is known from the `Spec`, not from our readers; a configuration with nothing bad in it must be moved.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from random import Random

from checks.bonding import BondChanges, BondSpec, Nic, Unsupported, tools
from checks.bonding.config import Config, Configs, gateways
from sriov_tui.facts import Address, HostFacts, Link, Route, TextFile
from tests.bond_specs import NICS, PORT, Spec, Written, spec
from tests.bond_written import RENDER

TOOLS = tuple(RENDER)


def wanted_for(random: Random, meant: Spec) -> BondSpec:
    """A bond of ens1 and ens2."""
    names = tuple((one.name, one.name.replace(f"{PORT}.", "bond0.")) for one in meant.vlans)
    nics = tuple(Nic(name, mac, number) for number, (name, mac) in enumerate(NICS.items(), 2))
    ports = random.choice([("ens1", PORT), (PORT, "ens1")])
    mode = random.choice(["active-backup", "balance-xor", "802.3ad"])
    return BondSpec(name="bond0", mode=mode, ports=ports, macs=(NICS[ports[0]], NICS[ports[1]]), mac=NICS[PORT],
                  carrier=PORT, vlans=names, nics=nics)  # fmt: skip


def facts_for(tool: str, meant: Spec, written: Written) -> HostFacts:
    """The host as the tool made it."""
    links = [Link(name=name, index=number, mac=mac, mtu=1500) for number, (name, mac) in enumerate(NICS.items(), 2)]
    links = [_with(link, meant) if link.name == PORT else link for link in links]
    for number, one in enumerate(meant.vlans, 20):
        above = Link(name=one.name, index=number, kind="vlan", parent=PORT, vlan=one.vlan, mtu=meant.mtu or 1500)
        links.append(_with(above, one))
    routes = [Route(destination=to, link=one.name, gateway=by, protocol=3)
              for one in (meant, *meant.vlans) for to, by in _routes(one)]  # fmt: skip
    files = tuple(TextFile(path=p, state="present", text=t, sha256="0", mode=0o600) for p, t in written.files.items())
    return HostFacts(network_managers=(tool,), links=tuple(links), routes=tuple(routes), files=files)


def _with(link: Link, meant: Spec) -> Link:
    static = [Address(ip=a.partition("/")[0], prefixlen=24, permanent=True) for a in (*meant.v4, *meant.v6)]
    lease = [Address(ip="10.200.0.9", prefixlen=24, permanent=False)] if meant.dhcp4 else []
    return replace(link, addresses=(*static, *lease), mtu=meant.mtu or link.mtu)


def _routes(meant: Spec) -> set[tuple[str, str]]:
    return {*meant.routes, *([("default", meant.gateway)] if meant.gateway else [])}


def problems(meant: Spec, got: Config, names: dict[str, str]) -> list[str]:
    """Where what an interface gets is not what is meant."""
    found = []
    if {str(a) for a in got.addresses} != {*meant.v4, *meant.v6}:
        found.append(f"addresses {sorted(got.addresses)}, not {[*meant.v4, *meant.v6]}")
    if ("dhcp4" in got.dynamic) != meant.dhcp4:
        found.append(f"dynamic {sorted(got.dynamic)}, not dhcp4 {meant.dhcp4}")
    if gateways(got) != _routes(meant):
        found.append(f"routes {sorted(gateways(got))}, not {sorted(_routes(meant))}")
    if sorted(got.dns) != sorted(meant.dns):
        found.append(f"dns {got.dns}, not {meant.dns}")
    if (got.mtu or 0) != meant.mtu:
        found.append(f"mtu {got.mtu}, not {meant.mtu}")
    if got.vlans != {(names.get(one.name, one.name), one.vlan) for one in meant.vlans}:
        found.append(f"vlans {sorted(got.vlans)}")
    return found


def judge(tool: str, seed: int) -> tuple[str, list[str]]:
    """(moved, or the kind of what was refused; what is wrong) for one configuration."""
    random = Random(f"{tool} {seed}")
    meant = spec(random, tool)
    written, wanted = RENDER[tool](random, meant), wanted_for(random, meant)
    facts = facts_for(tool, meant, written)
    try:
        recipe = tools.choose(facts, wanted)[1]
    except Unsupported as unclear:
        kind, word = meant.bad
        if not kind:
            return "refused", [f"refused for nothing: {unclear.why}"]
        said = f"{unclear.why} {unclear.way_out}"
        return f"refused {kind}", [] if word in said else [f"the refusal of {kind} does not name {word}: {said}"]
    if meant.bad[0]:
        return "moved", [f"moved in spite of {meant.bad}"]
    read = tools.ROOMS[tool][1]
    after = {path: text for path, text in {**written.files, **recipe.files}.items() if text is not None}
    return "moved", [*_moved(meant, wanted, read(wanted, written.files), {}),
                     *_moved(meant, wanted, read(wanted, after), wanted.names),
                     *_untouched(written, recipe)]  # fmt: skip


def _moved(meant: Spec, wanted: BondSpec, got: Configs, names: dict[str, str]) -> list[str]:
    found = []
    for one in (meant, *meant.vlans):
        name = names.get(one.name, one.name)
        found += [f"{name}: {problem}" for problem in problems(one, got.get(name, Config()), names)]
    if names:
        found += [f"{port} is not idle" for port in wanted.ports if not got.get(port, Config()).idle]
    other = got.get("ens3", Config())
    return found if other.addresses == {"198.51.100.3/24"} else [*found, f"ens3 has {sorted(other.addresses)}"]


def _untouched(written: Written, recipe: BondChanges) -> list[str]:
    return [f"{path} was changed" for path in written.others if path in recipe.files]


def main() -> int:
    """Print the counts, and every configuration that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--tool", choices=TOOLS)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    wrong = 0
    for tool in [args.tool] if args.tool else TOOLS:
        counts: Counter[str] = Counter()
        for seed in range(args.first, args.first + args.examples):
            word, found = judge(tool, seed)
            counts[word] += 1
            wrong += bool(found)
            if found and wrong <= 10:
                print(f"{tool} {seed}: {'; '.join(found)}")
        print(f"{tool}: {args.examples} examples, " + ", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    print(f"{wrong} went wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
