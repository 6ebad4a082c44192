"""What the faults of host.conf as a file are about: characters and YAML. Each is `hostconf.` and the fault's own id."""

from __future__ import annotations

from sriov_tui.message import Message, say
from sriov_tui.model import Explanation

FATAL = say(
    "The host-agent and sdnagent both end at their start, and their message names the first "
    "line of the file (Misformated line), not this one."
)
YAML = "go-yaml 2.4 (YAML 1.1), which Cloudpods' structarg.go, ParseFile, calls."


def _fatal(id: str, title: Message, means: Message, fix: Message) -> Explanation:
    return Explanation(id=f"hostconf.{id}", title=title, means=means, matters=FATAL, fix=fix, source=YAML)


EXPLAINED = (
    _fatal(
        "yaml-syntax",
        say("The file is not YAML"),
        say("The YAML reader stopped at this place."),
        say("Fix the line, then run `sriov-tui hostconf check`."),
    ),
    _fatal(
        "yaml-indent",
        say("A line does not fit the lines above"),
        say("The line is indented otherwise than its neighbours, so that it belongs to nothing."),
        say("Indent it like its neighbours."),
    ),
    _fatal(
        "yaml-tab",
        say("A tab before the text"),
        say("A tab is at the beginning of a line or after a dash. YAML takes spaces only."),
        say("Use spaces."),
    ),
    _fatal(
        "yaml-dash",
        say("No space after a dash"),
        say("A list item is written -eth1 instead of - eth1."),
        say("Put a space after the dash."),
    ),
    _fatal(
        "yaml-colon",
        say("No space after a colon"),
        say("A key is written key:value instead of key: value."),
        say("Put a space after the colon."),
    ),
    _fatal(
        "yaml-wide-colon",
        say("A full-width colon"),
        say("A key is followed by a full-width colon of the Chinese input method."),
        say("Type the ASCII colon, then a space."),
    ),
    _fatal(
        "yaml-nbsp",
        say("An invisible space before the text"),
        say("A no-break or zero-width space, mostly copied from a web page, is at the beginning of a line."),
        say("Type the line again with ordinary spaces."),
    ),
    _fatal(
        "yaml-equals",
        say("A key=value line in a YAML file"),
        say("One line is written key=value between YAML lines."),
        say("Write key: value."),
    ),
    _fatal(
        "yaml-dots",
        say("A line of dots"),
        say("A line of dots was copied from the documentation."),
        say("Remove the line."),
    ),
    _fatal(
        "yaml-conflict",
        say("A mark of a merge conflict"),
        say("The file contains marks such as <<<<<<<."),
        say("Keep one side of the conflict and remove the marks."),
    ),
    _fatal(
        "yaml-control",
        say("A control character"),
        say("The file contains a control character such as NUL or ESC."),
        say("Remove the character; retype the line if it cannot be seen."),
    ),
    _fatal(
        "yaml-version",
        say("A %YAML line"),
        say("The file claims another version than YAML 1.1."),
        say("Remove the %YAML line."),
    ),
    _fatal(
        "yaml-not-a-map",
        say("Not keys and values"),
        say("The file is a list or a lone text."),
        say("Write key: value lines."),
    ),
    _fatal(
        "yaml-anchor",
        say("A reference to nothing"),
        say("A *name has no &name, or too many refer to one."),
        say("Write the value out."),
    ),
    _fatal(
        "yaml-deep",
        say("Nested too deep"),
        say("Lists or maps are nested deeper than the reader follows."),
        say("Remove the nested brackets."),
    ),
    _fatal(
        "encoding-not-utf-8",
        say("Not UTF-8"),
        say("A byte of the file is not UTF-8, as in text saved as GBK. Comments count, too."),
        say("Save it as UTF-8."),
    ),
    Explanation(
        id="hostconf.encoding-utf-16",
        title=say("The file is UTF-16"),
        means=say("The file begins with the mark of UTF-16."),
        matters=say("The host-agent reads it; other tools, such as those that append a line, spoil it."),
        fix=say("Save it as UTF-8."),
        source=YAML,
    ),
    Explanation(
        id="hostconf.encoding-two-marks",
        title=say("Two byte order marks"),
        means=say(
            "The file begins with the byte order mark twice, as when a tool adds one to a file that has it already."
        ),
        matters=say(
            "After the first mark, the host-agent's YAML reader drops the first character of each line: sriov_nics "
            "becomes riov_nics, which it ignores."
        ),
        fix=say("Save the file as UTF-8 without a byte order mark."),
        source="go-yaml 2.4: is_bom in yamlprivateh.go.",
    ),
    Explanation(
        id="hostconf.yaml-documents",
        title=say("More than one YAML document"),
        means=say("A line --- or ... ends the first document, and more follows."),
        matters=say("Only the first document counts: what follows is ignored without a word."),
        fix=say("Remove the line, or what follows it."),
        source=YAML,
    ),
    Explanation(
        id="hostconf.newline-missing",
        title=say("No line end at the end"),
        means=say("The last line of the file has no line end."),
        matters=say("A tool that appends a line glues it to the last one: a name of a card becomes part of a setting."),
        fix=say("End the file with a line break. sriov-tui does so when it writes the file."),
        source="Cloudpods' ocboot: roles that append to host.conf with echo.",
    ),
    Explanation(
        id="hostconf.format-key-value",
        title=say("Read as key = value"),
        means=say("The file is not YAML; each line is read as key = value, with lists divided by commas."),
        matters=say("It works, but a line in YAML that somebody adds later is misread."),
        fix=say("Write it as YAML, so that lists and comments are safe."),
        source="Cloudpods' structarg.go, ParseFile.",
    ),
)
