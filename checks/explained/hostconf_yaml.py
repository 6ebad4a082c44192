"""What the faults of host.conf as a file are about: characters and YAML. Each is `hostconf.` and the fault's own id."""

from __future__ import annotations

from sriov_tui.model import Explanation

FATAL = (
    "The host-agent and sdnagent both end at their start, and their message names the first line of the file "
    "(Misformated line), not this one."
)
YAML = "go-yaml 2.4 (YAML 1.1), which Cloudpods' structarg.go, ParseFile, calls."


def _fatal(id: str, title: str, means: str, mend: str) -> Explanation:
    return Explanation(id=f"hostconf.{id}", title=title, means=means, matters=FATAL, mend=mend, source=YAML)


EXPLAINED = (
    _fatal("yaml-syntax", "The file is not YAML",
           "The YAML reader stopped at this place.", "Mend the line, then run `sriov-tui hostconf check`."),
    _fatal("yaml-indent", "A line does not fit the lines above",
           "The line is indented otherwise than its neighbours, so that it belongs to nothing.",
           "Indent it like its neighbours."),
    _fatal("yaml-tab", "A tab before the text",
           "A tab stands at the beginning of a line or after a dash. YAML takes spaces only.", "Use spaces."),
    _fatal("yaml-dash", "No space after a dash", "A list item is written -eth1 instead of - eth1.",
           "Put a space after the dash."),
    _fatal("yaml-colon", "No space after a colon", "A key is written key:value instead of key: value.",
           "Put a space after the colon."),
    _fatal("yaml-wide-colon", "A full-width colon",
           "A colon of the Chinese input method stands behind a key.", "Type the ASCII colon, then a space."),
    _fatal("yaml-nbsp", "An invisible space before the text",
           "A no-break or zero-width space, mostly copied from a web page, stands at the beginning of a line.",
           "Type the line anew with ordinary spaces."),
    _fatal("yaml-equals", "A key=value line in a YAML file", "One line is written key=value between YAML lines.",
           "Write key: value."),
    _fatal("yaml-dots", "A line of dots", "A line of dots was copied from the documentation.", "Remove the line."),
    _fatal("yaml-conflict", "A mark of a merge conflict", "Marks such as <<<<<<< stand in the file.",
           "Keep one side of the conflict and remove the marks."),
    _fatal("yaml-control", "A control character", "A control character such as NUL or ESC stands in the file.",
           "Remove the character; retype the line if it cannot be seen."),
    _fatal("yaml-version", "A %YAML line", "The file claims another version than YAML 1.1.", "Remove the %YAML line."),
    _fatal("yaml-not-a-map", "Not keys and values", "The file is a list or a lone text.", "Write key: value lines."),
    _fatal("yaml-anchor", "A reference to nothing", "A *name stands without its &name, or too many refer to one.",
           "Write the value out."),
    _fatal("yaml-deep", "Nested too deep", "Lists or maps are nested deeper than the reader follows.",
           "Remove the nested brackets."),
    _fatal("encoding-not-utf-8", "Not UTF-8",
           "A byte of the file is not UTF-8, as in text saved as GBK. Comments count, too.", "Save it as UTF-8."),
    Explanation(
        id="hostconf.encoding-utf-16",
        title="The file is UTF-16",
        means="The file begins with the mark of UTF-16.",
        matters="The host-agent reads it; other tools, such as those that append a line, spoil it.",
        mend="Save it as UTF-8.",
        source=YAML,
    ),
    Explanation(
        id="hostconf.encoding-two-marks",
        title="Two byte order marks",
        means="The file begins with the byte order mark twice, as when a tool adds one to a file that has it already.",
        matters="After the first mark, the host-agent's YAML reader drops the first character of each line: sriov_nics "
        "becomes riov_nics, which it ignores.",
        mend="Save the file as UTF-8 without a byte order mark.",
        source="go-yaml 2.4: is_bom in yamlprivateh.go.",
    ),
    Explanation(
        id="hostconf.yaml-documents",
        title="More than one YAML document",
        means="A line --- or ... ends the first document, and more follows.",
        matters="Only the first document counts: what follows is ignored without a word.",
        mend="Remove the line, or what follows it.",
        source=YAML,
    ),
    Explanation(
        id="hostconf.newline-missing",
        title="No line end at the end",
        means="The last line of the file has no line end.",
        matters="A tool that appends a line glues it to the last one: a name of a card becomes part of a setting.",
        mend="End the file with a line break. sriov-tui does so when it writes the file.",
        source="Cloudpods' ocboot: roles that append to host.conf with echo.",
    ),
    Explanation(
        id="hostconf.format-key-value",
        title="Read as key = value",
        means="The file is not YAML; each line is read as key = value, with lists divided by commas.",
        matters="It works, but a line in YAML that somebody adds later is misread.",
        mend="Write it as YAML, so that lists and comments are safe.",
        source="Cloudpods' structarg.go, ParseFile.",
    ),
)  # fmt: skip
