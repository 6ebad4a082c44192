"""Which releases of the vendor's driver there are: for which cards and distributions, until when, and where to fetch.

Data with its source, for the operator: a release that is not listed here is not refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.cards import driver_windows as windows
from sriov_tui.cards import devices
from sriov_tui.facts import HostFacts, Os, Pf
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, lines, say, sentences

BASE = "https://content.mellanox.com/ofed"
PAGE = "https://network.nvidia.com/products/infiniband-drivers/linux/mlnx_ofed/"
DOCA = "https://developer.nvidia.com/doca-downloads"
CX3 = devices("ConnectX-3", "Connect-IB")
CX4_TO_6 = devices(
    "ConnectX-4", "ConnectX-4 Lx", "ConnectX-5", "ConnectX-5 Ex", "ConnectX-6", "ConnectX-6 Dx", "ConnectX-6 Lx"
)
CX4_TO_7 = CX4_TO_6 | devices("ConnectX-7", "BlueField", "BlueField-2")  # BlueField-3 needs DOCA-Host
FAMILIES = {
    "centos": "rhel", "rhel": "rhel", "rocky": "rhel", "almalinux": "rhel", "ol": "ol", "debian": "debian",
    "ubuntu": "ubuntu", "openEuler": "openeuler", "kylin": "kylin", "sles": "sles", "anolis": "anolis",
    "ctyunos": "ctyunos", "uos": "uos", "opencloudos": "opencloudos", "alinux": "alinux", "tencentos": "tencentos",
    "bclinux": "bclinux",
}  # fmt: skip
"""os-release's ID to the family in the vendor's words."""
_TOKEN = regex(r"(?P<family>[a-z]+)(?P<version>[\d.]*(?:sp\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A long-term release. `kernel` is the newest in its list of distributions; `until` when its support ends, YYYY-MM.

    Support is three years from the first release, as NVIDIA says of 24.10; of the others it is reckoned the same way.
    """

    version: str
    cards: frozenset[int]
    distributions: tuple[str, ...]
    kernel: tuple[int, int]
    until: str
    source: str


RELEASES = (
    Release(
        version="24.10-1.1.4.0",
        cards=CX4_TO_7,
        distributions=("debian12.5", "ubuntu20.04", "ubuntu22.04", "ubuntu24.04", "rhel8.10", "rhel9.4", "sles15sp6"),
        kernel=(6, 8),
        until="2027-10",
        source="MLNX_OFED 24.10 LTS, the last of its own: three years from October 2024; public download addresses",
    ),
    Release(
        version="23.10-6.1.6.1",
        cards=CX4_TO_7,
        distributions=("debian12.5", "ubuntu22.04", "rhel8.10", "rhel9.4", "sles15sp6", "anolis8.6"),
        kernel=(6, 4),
        until="2026-10",
        source="MLNX_OFED 23.10 LTS, general support and changes 23.10-3.2.1.1 and 23.10-6.1.6.1",
    ),
    Release(
        version="5.8-7.0.6.1",
        cards=CX4_TO_7,
        distributions=("rhel7.9", "rhel8.8", "debian9.13", "debian10.9", "debian11.3", "ubuntu18.04", "ubuntu20.04",
                       "ubuntu22.04", "kylin10", "kylin10sp2", "openeuler20.03sp3", "openeuler22.03", "ctyunos2.0"),
        kernel=(5, 15),
        until="2025-11",
        source="MLNX_OFED 5.8 LTS, general support 5.8-1.0.1.1; its seventh update of June 2025",
    ),
    Release(
        version="4.9-7.1.0.0",
        cards=CX3 | CX4_TO_6,
        distributions=("rhel7.9", "debian8.11", "debian9.11", "debian10.0"),
        kernel=(5, 4),
        until="2023-06",
        source="MLNX_OFED 4.9 LTS, general support 4.9-4.0.8.0: the last with ConnectX-3; three years from June 2020",
    ),
)  # fmt: skip
"""The newest first."""


def token(facts: HostFacts) -> str:
    """This host's distribution in the vendor's words, as exactly as it is known ("rhel7.9"); "" where it has none."""
    minor = facts.driver_ground.minor if facts.driver_ground else ""
    return _token(facts.os, minor, facts.kernel.release)


def _token(os: Os, minor: str, kernel: str) -> str:
    family = FAMILIES.get(os.id, "")
    if not family:
        return ""
    told = os.version.removeprefix("V").lower()
    exact = minor if minor.partition(".")[0] == told.partition(".")[0] and "." in minor else told
    if family == "sles":
        return "sles" + re.sub(r"\.(\d+)$", r"sp\1", told)
    if family == "kylin":
        return f"{family}{told}{_kylin_pack(os, kernel) if told == '10' else ''}"
    if family == "openeuler":
        pack = re.search(r"SP(\d+)", os.pretty_name)
        return f"{family}{told}{f'sp{pack[1]}' if pack else ''}"
    return family + ".".join(exact.split(".")[:2])


KYLIN = {"Tercel": "sp1", "Sword": "sp2", "Lance": "sp3"}
KYLIN_KERNELS = {"4.19.90-24.": "sp2", "4.19.90-52.": "sp3"}
"""Kylin V10 names its service packs by birds, and never by "SP": read in os-release files of Sword (kernel
4.19.90-24.4.v2101) and Lance (4.19.90-52.22.v2207). Tercel is told so everywhere, and was not read."""


def _kylin_pack(os: Os, kernel: str) -> str:
    """By the code name; where os-release has none, by the kernel; "" where neither tells."""
    named = next((pack for name, pack in KYLIN.items() if f"({name})" in os.pretty_name), "")
    return named or next((pack for start, pack in KYLIN_KERNELS.items() if kernel.startswith(start)), "")


TWINS = {("openeuler", "22.03"): ("ctyunos", "23")}
"""Whose package NVIDIA's own repository script takes where there is none of this distribution: as of DOCA 3.3."""


def fits_here(here: str, word: str) -> bool:
    """Whether an image or a package for this distribution is for the one that is here."""
    return major(here) == major(word) or TWINS.get(major(here)) == major(word)


def split(word: str) -> tuple[str, str]:
    """Family and version of a distribution in the vendor's words."""
    found = _TOKEN.fullmatch(word)
    return (found["family"], found["version"]) if found else (word, "")


def major(word: str) -> tuple[str, str]:
    """Family and the part of the version that has to be the same: "22.04" of Ubuntu and openEuler, else the first."""
    family, version = split(word)
    version = version.partition("sp")[0]
    return family, version if family in ("ubuntu", "openeuler") else version.partition(".")[0]


def cards(facts: HostFacts) -> tuple[Pf, ...]:
    """The NVIDIA PFs of this host: all of them get the one driver."""
    return tuple(pf for pf in facts.pfs or () if pf.mellanox)


def fitting(facts: HostFacts) -> tuple[Release, str] | None:
    """The newest release for these cards, this distribution and kernel, and the distribution in its list.

    None for none: neither a release that cannot be built on this kernel nor one that has no switch there is offered.
    """
    here, devices = token(facts), {pf.device or 0 for pf in cards(facts)}
    for release in RELEASES:
        if not _works(release.version, facts.kernel.release):
            continue
        listed = [word for word in release.distributions if here and major(word) == major(here)]
        if listed and devices <= release.cards:
            return release, here if here in listed else _nearest(listed, here)
    return None


def _works(version: str, kernel: str) -> bool:
    return windows.builds(version, kernel) is not False and windows.switch(version, kernel) is not False


def _nearest(listed: Iterable[str], here: str) -> str:
    """The listed one before this version, or the first: an installer for an older minor version serves a newer one."""
    rows = sorted(listed, key=_key)
    below = [word for word in rows if _key(word) <= _key(here)]
    return (below or rows[:1])[-1]


def _key(word: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", word))


def url(release: Release, distribution: str, machine: str) -> str:
    """Where the vendor has it."""
    name = f"MLNX_OFED_LINUX-{release.version}-{distribution}-{machine}.iso"
    return f"{BASE}/MLNX_OFED-{release.version}/{name}"


def advice(facts: HostFacts) -> Message:
    """What to fetch for this host, from where, and how long it is kept up; for where there is none, what else."""
    found, machine = fitting(facts), (facts.driver_ground.machine if facts.driver_ground else None) or "x86_64"
    if found is None:
        none = say(
            "No release of MLNX_OFED is known here for {facts} with these cards. NVIDIA's own list: "
            "{page}. Its successor DOCA-OFED: {doca}.",
            facts=token(facts) or facts.os.pretty_name or say("this distribution"),
            page=PAGE,
            doca=DOCA,
        )
        return lines(none, line) if (line := _doca(facts)) else none
    release, distribution = found
    newer = (windows.kernel(facts.kernel.release) or (0, 0)) > release.kernel
    known = ".".join(map(str, release.kernel))
    hint = (
        say(
            " Its list ends at Linux {known}, and this is {release}: the build may fail.",
            known=known,
            release=facts.kernel.release,
        )
        if newer
        else NOTHING
    )
    return say(
        "Fetch elsewhere and copy here: {release}\n{ends}{hint} Newer ones: {page}",
        release=url(release, distribution, machine),
        ends=_ends(facts, release.until),
        hint=hint,
        page=PAGE,
    )


def _doca(facts: HostFacts) -> Message:
    """Which DOCA-Host has the switch on this kernel; NOTHING where none that was read is known to."""
    row = windows.doca(facts.kernel.release, cards(facts))
    if row is None or row.doca is None:
        return NOTHING
    keeps = say(
        "On Linux {release} DOCA-Host {doca} keeps offload, by its source (driver {driver}).",
        release=facts.kernel.release,
        doca=".".join(map(str, row.doca)),
        driver=f"{row.release[0]}.{row.release[1]:02}",
    )
    return sentences(keeps, _ends(facts, row.until)) if row.until else keeps


def _ends(facts: HostFacts, until: str) -> Message:
    if until < facts.gathered_at[:7]:  # both as YYYY-MM
        return say("Its support ended in {until}.", until=until)
    return say("It is kept up until {until}.", until=until)
