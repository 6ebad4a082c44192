"""The tree of symptoms, in the operator's words: each leads to the entries that can be its cause."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from sriov_tui.message import say
from sriov_tui.model.advice import Question

VM_NETWORK = Question("vm-network", say("Does this VM use a VF (vf), or a port of Open vSwitch (ovs)?"), ("vf", "ovs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What an operator sees, in words and other words for it; `ask` chooses one of `branches` where there are some."""

    id: str
    words: str
    entries: tuple[str, ...]
    also: str = ""
    ask: Question | None = None
    branches: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def candidates(self, answer: str | None) -> tuple[str, ...]:
        """The entries to look at, with those of the branch that was answered."""
        return (*self.entries, *dict(self.branches).get(answer or "", ()))


IOMMU = ("T22", "T16", "T20", "T18", "T19", "T17")
MAKING = ("T03", "T04", "T49", "T47", "T07", "T01", "T02", "T08", "T12", "T13", "T11", "P08", "T14", "T09", "T61",
          "T62", "P10", "P09", "T10", "T05", "T31", "T06")  # fmt: skip
BINDING = ("T66", "T28", "H06", "T29", "T25", "H05", "H08")
START = ("H03", "H01", "H02", "T63")

SYMPTOMS = (
    Symptom(
        id="no-vfs",
        words=say("No VFs in climc isolated-device-list"),
        also="isolated device list empty vf missing not reported climc",
        entries=(*START, "T03", "T33", "T37", "T36", "T35", "T34", "T65", *IOMMU, *MAKING, "T32", *BINDING, "T68"),
    ),
    Symptom(
        id="fewer-vfs",
        words=say("Fewer VFs than asked for"),
        also="only some vfs 4 of 7 count number less partial",
        entries=("T32", "T47", "T49", "T10", "T61", "T05", "T12", "T11", "T06", "T31", "T01"),
    ),
    Symptom(
        id="vf-write",
        words=say("Writing sriov_numvfs is refused, or makes no VFs"),
        also="vf write refused echo numvfs error busy range allocate memory",
        entries=(*MAKING, "T32", "T15"),
    ),
    Symptom(
        id="write-hangs", words=say("Removing VFs hangs"), also="write numvfs 0 blocks stuck hang", entries=("T31",)
    ),
    Symptom(
        id="no-sriov",
        words=say("Does this card support SR-IOV? It shows none"),
        also="capability lspci supported card",
        entries=("T03", "T04", "T07", "T49", "T47", "T01", "T02"),
    ),
    Symptom(
        id="iommu",
        words=say("The IOMMU is not on"),
        also="vt-d amd-vi dmar iommu groups empty off bios",
        entries=(*IOMMU, "T67", "T23", "T63"),
    ),
    Symptom(
        id="arguments",
        words=say("Kernel arguments do not arrive"),
        also="grub mkconfig cmdline argument boot menu",
        entries=("T21", "T20", "T19", "T18", "T17"),
    ),
    Symptom(
        id="vf-bind",
        words=say("A VF does not bind to vfio-pci, or has another driver"),
        also="vf driver bind unbind vfio autoprobe new_id",
        entries=(*IOMMU, *BINDING, "T26", "T30"),
    ),
    Symptom(
        id="vm-start",
        words=say("A VM does not start"),
        also="virtual machine guest qemu start fails",
        ask=VM_NETWORK,
        entries=("T63", *START[:3], *IOMMU),
        branches=(
            ("vf", ("T67", "T24", "T23", "T27", "T26", "T25", "T66", "T28", "H06", "T29", "T32")),
            ("ovs", ("T65", "T37")),
        ),
    ),
    Symptom(
        id="vm-network",
        words=say("A VM has no network"),
        also="guest no connectivity ping traffic",
        ask=VM_NETWORK,
        entries=("P16",),
        branches=(("vf", ("T15", "T36", "T60")), ("ovs", ("T37", "T65", "T57"))),
    ),
    Symptom(
        id="host-offline",
        words=say("The host is offline in Cloudpods after a restart"),
        also="host-agent does not start offline restart pod crash",
        entries=(*START, "T33", "T37", "T36", "T65"),
    ),
    Symptom(
        id="network-lost",
        words=say("The host lost its network after a change or a reboot"),
        also="ssh lost network gone unreachable reboot disconnected",
        entries=("H02", "T64", "T37", "T38"),
    ),
    Symptom(
        id="config-ignored",
        words=say("An edit of host.conf has no effect"),
        also="host.conf change ignored restart",
        entries=(*START[:3], "T36", "T68"),
    ),
    Symptom(
        id="offload-flows",
        words=say("Does the offload work? It shows no flows"),
        also="hardware offload flows empty ovs dump-flows offloaded slow",
        entries=("T34", "T35", "T51", "P03", "T58", "T57", "T55", "T56", "T54", "T53", "H07", "T59"),
    ),
    Symptom(
        id="switchdev",
        words=say("switchdev mode is refused"),
        also="devlink eswitch mode set error switchdev",
        entries=("T50", "T52", "P03", "T51", "T34"),
    ),
    Symptom(
        id="bond",
        words=say("A bond is not offloaded"),
        also="vf-lag lag bond bonding mode offload",
        entries=("T55", "T56", "T54", "T53"),
    ),
    Symptom(
        id="driver-install",
        words=say("The vendor driver does not install or load"),
        also="mlnx_ofed ofed doca install failed openibd module driver",
        entries=("T39", "T40", "T41", "T42", "T43", "T44", "T45", "T46", "P19", "T38"),
    ),
    Symptom(
        id="firmware",
        words=say("A firmware setting has no effect"),
        also="mstconfig mlxconfig num_of_vfs sriov_en",
        entries=("T48", "T49", "T47", "T01"),
    ),
    Symptom(id="infiniband", words=say("ip prints Buffer too small"), also="ib dump terminated", entries=("T60",)),
)


def find(words: str) -> Symptom | None:
    """The symptom that these words mean: its id, or the one that shares most with them; None where none is near."""
    exact = next((symptom for symptom in SYMPTOMS if symptom.id == words.strip()), None)
    if exact is not None:
        return exact
    said = _words(words)
    scored = [(len(said & _words(f"{s.words} {s.also} {s.id}")) / len(said), s) for s in SYMPTOMS] if said else []
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is not None and best[0] >= 0.5:
        return best[1]
    close = difflib.get_close_matches(words.lower(), [symptom.words.lower() for symptom in SYMPTOMS], n=1)
    return next((symptom for symptom in SYMPTOMS if close and symptom.words.lower() == close[0]), None)


SMALL = frozenset(re.findall(r"\w+", "a an and are as at be by for from has in is it my no not of on or the to with"))


def _words(text: str) -> set[str]:
    found = {word.strip(".-_") for word in re.findall(r"[\w.-]+", text.lower())}
    return {word.removesuffix("s") for word in found if word and word not in SMALL} or found
