"""A systemd unit of ours that does one thing for a card at every boot: whether it is there, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sriov_tui.facts import HostFacts, TextFile
from sriov_tui.message import Message, join, say
from sriov_tui.model import UNITS, WANTED_UNITS, Operation, Run, WriteFile

_ENABLED = {"present": say("enabled"), "absent": say("not enabled")}


@dataclass(frozen=True, slots=True)
class BootUnit:
    """A unit by its name, and its text as it has to be: plain commands, so that it works without this program.

    `told` makes the text once it is asked for: mostly the name is enough.
    """

    name: str
    told: Callable[[], str]

    @property
    def text(self) -> str:
        """What the file has to say."""
        return self.told()

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{UNITS}/{self.name}"

    def there(self, facts: HostFacts) -> bool:
        """Whether it is on the disk, whatever it says."""
        file = facts.file(self.path)
        return file is not None and file.text is not None

    def enabled(self, facts: HostFacts) -> bool:
        """Whether systemd starts it at boot, as far as could be read."""
        link = self._link(facts)
        return link is not None and link.state == "present"

    def complete(self, facts: HostFacts) -> bool:
        """Whether it is there as it has to be, and enabled."""
        file = facts.file(self.path)
        return file is not None and file.text is not None and file.text == self.text and self.enabled(facts)

    def state(self, facts: HostFacts) -> Message:
        """Its file and whether it is enabled, in words."""
        file, link = facts.file(self.path), self._link(facts)
        enabled = _ENABLED.get(link.state if link else "", say("whether it is enabled was not read"))
        return join(", ", (file.state if file else say("not read"), enabled))

    def write(self, facts: HostFacts) -> Iterator[Operation]:
        """Write and enable it; one that was enabled stays so when this is undone.

        `systemctl enable` and `disable` read the units anew by themselves.
        """
        file = facts.file(self.path)
        yield WriteFile(path=self.path, text=self.text, expect=(file.sha256 or "") if file else None)
        undo = ("systemctl", "daemon-reload") if self.enabled(facts) else ("systemctl", "disable", self.name)
        yield Run(argv=("systemctl", "enable", self.name), undo=undo)

    def remove(self, facts: HostFacts) -> Iterator[Operation]:
        """Disable it and take its file away."""
        file = facts.file(self.path)
        yield Run(argv=("systemctl", "disable", self.name), undo=("systemctl", "enable", self.name))
        yield WriteFile(path=self.path, text=None, expect=file.sha256 if file else None)

    def _link(self, facts: HostFacts) -> TextFile | None:
        return facts.file(f"{WANTED_UNITS}/{self.name}")
