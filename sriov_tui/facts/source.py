"""What was read: this machine, a tree of files, a recording, a simulated machine, or another host's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

SourceKind = Literal["machine", "tree", "recording", "simulated", "report"]
KINDS: tuple[SourceKind, ...] = get_args(SourceKind)


@dataclass(frozen=True, slots=True)
class Source:
    """The kind of what was read, and its name; that of this machine is ""."""

    kind: SourceKind = "machine"
    name: str = ""

    @property
    def words(self) -> str:
        """As programs read it in JSON: "this machine", "recording of kvm07", "simulated two-igb", "tree /mnt"."""
        match self.kind:
            case "machine":
                return "this machine"
            case "recording":
                return f"recording of {self.name}"
            case "report":
                return self.name
        return f"{self.kind} {self.name}"


def source_of(words: str) -> Source:
    """The source by its words, as facts of versions up to 0.1 keep it."""
    kind, _, name = words.partition(" ")
    if words in ("", "this machine"):
        return Source()
    found = next((one for one in KINDS[1:-1] if one == kind), None)
    return (
        Source(found, name.removeprefix("of ") if found == "recording" else name) if found else Source("report", words)
    )
