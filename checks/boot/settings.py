"""/etc/default/grub and what is read after it: shell, of which only plain assignments are understood and changed.

Nothing is guessed: a line that could change a setting in another way is an `Opaque` line, and an edit that would
have to touch it is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from checks.boot import arguments
from checks.boot.arguments import Edit
from sriov_tui.facts import TextFile
from sriov_tui.late import regex
from sriov_tui.message import Message, say

_ASSIGNMENT = regex(r"^(?P<indent>\s*)(?:export\s+)?(?P<name>GRUB_CMDLINE_LINUX(?:_DEFAULT)?)(?P<more>\+?)=")
_MENTION = regex(r"GRUB_CMDLINE_LINUX(_DEFAULT)?(?![A-Z_])")
_BARE = regex(r"[\w.,:/@%+=-]*")
_END = regex(r"\s*(?:;\s*)?(?:\s#.*)?$")
_OPENS = regex(r"^\s*(if|for|while|until|case|function)\b|^\s*\w+\s*\(\)|\{\s*$")
_CLOSES = regex(r"^\s*(fi|done|esac)\b|^\s*\}\s*$")


class Refusal(Exception):
    """An edit that cannot be made safely; the words name the line and the way out."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Part:
    """What one assignment puts into a setting: plain text between two offsets of a file, or an opaque line.

    `resets` means that what was assigned before is lost; `quote` is the sign around the text, "" for none.
    """

    name: str
    path: str
    line: int
    resets: bool
    text: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    opaque: str = ""  # why it is not plain

    @property
    def place(self) -> str:
        """File and line, for people."""
        return f"{self.path}:{self.line}"


def parts(files: Iterable[TextFile]) -> tuple[Part, ...]:
    """Every assignment, and every opaque line, that concerns the kernel arguments, in the order of reading."""
    found: list[Part] = []
    for file in files:
        found += _parts(file.path, file.text or "")
    return tuple(found)


def effective(all_parts: Sequence[Part], name: str) -> tuple[Part, ...]:
    """Those parts of one setting that count in the end: from its last plain reset on."""
    mine = [part for part in all_parts if part.name in (name, "")]
    last = max((index for index, part in enumerate(mine) if part.resets and not part.opaque), default=0)
    return tuple(mine[last:])


def value(all_parts: Sequence[Part], name: str) -> str | None:
    """The text that a setting has in the end; None where an opaque line has a say in it."""
    counting = effective(all_parts, name)
    return None if any(part.opaque for part in counting) else " ".join(part.text for part in counting if part.text)


def edit(files: Sequence[TextFile], names: Sequence[str], changes: Iterable[Edit]) -> tuple[TextFile, ...]:
    """The files that change when these tokens do, where they stand; Refusal where one cannot be found or edited.

    Only changes of tokens that stand somewhere are made here; see `append` for new ones.
    """
    texts = {file.path: file for file in files}
    for change in changes:
        if not change.old:
            continue
        current = [texts[file.path] for file in files]
        places = [part for name in names for part in effective(parts(current), name)]
        part = next((part for part in places if not part.opaque and change.old in arguments.tokens(part.text)), None)
        if part is None:
            raise Refusal(_not_found(change.old, places))
        new = arguments.apply(part.text, [change])
        texts[part.path] = _put(texts[part.path], part, new)
    return tuple(texts[file.path] for file in files if texts[file.path] != file)


def append(file: TextFile, name: str, added: Sequence[str]) -> TextFile:
    """The file with these tokens at the end of a setting: in its one plain assignment, else in a new last line."""
    mine = [part for part in _parts(file.path, file.text or "") if part.name in (name, "")]
    words = " ".join(added)
    if len(mine) == 1 and not mine[0].opaque and mine[0].resets:
        return _put(file, mine[0], arguments.apply(mine[0].text, [Edit("", tuple(added))]))
    text = file.text or ""
    text += "" if not text or text.endswith("\n") else "\n"
    line = f'{name}="${{{name}}} {words}"\n' if mine else f'{name}="{words}"\n'
    return replace(file, text=text + line)


def check(files: Iterable[TextFile], dash: bool) -> None:
    """Refusal where a shell would not read a file as it looks: CR at line ends, `+=` where sh is dash."""
    for file in files:
        for number, line in enumerate((file.text or "").split("\n"), 1):
            if not _MENTION.search(line) or line.lstrip().startswith("#"):
                continue
            if line.endswith("\r"):
                raise Refusal(
                    say(
                        "{path}:{number} ends with a carriage return, which sh takes as part of the value. "
                        "Remove them first: sed -i 's/\\r$//' {path}",
                        path=file.path,
                        number=number,
                    )
                )
            found = _ASSIGNMENT.match(line)
            if dash and found and found["more"]:
                raise Refusal(
                    say(
                        "{path}:{number} uses +=, which /bin/sh of this distribution does not know, so that "
                        'update-grub fails. Write {found}="${found} ..." there first.',
                        path=file.path,
                        number=number,
                        found=found["name"],
                    )
                )


def _parts(path: str, text: str) -> list[Part]:
    found: list[Part] = []
    depth, offset = 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        plain = "" if line.lstrip().startswith("#") else line
        if _MENTION.search(plain):
            found.append(_part(path, number, line, offset, depth))
        elif re.match(r"\s*(?:\.|source|eval)\s", plain):
            found.append(Part("", path, number, False, opaque=say("it runs other shell code")))
        depth += bool(_OPENS.search(plain)) - bool(_CLOSES.search(plain))
        offset += len(line) + 1
    return found


def _part(path: str, number: int, line: str, offset: int, depth: int) -> Part:
    found = _ASSIGNMENT.match(line)
    if not found:
        return Part(_mentioned(line), path, number, False, opaque=say("it is not a plain assignment"))
    name = found["name"]
    part = Part(name, path, number, not found["more"])
    if depth:
        return replace(part, resets=False, opaque="it depends on a condition")
    rest, at = line[found.end() :], offset + found.end()
    quote = rest[:1] if rest[:1] in ("'", '"') else ""
    body = rest[1:].partition(quote)[0] if quote else (_BARE.match(rest) or rest)[0]
    closed = not quote or rest[1 + len(body) :].startswith(quote)
    behind = rest[len(body) + 2 * len(quote) :]
    if not closed or not _END.match(behind):
        return replace(part, resets=False, opaque="its value is more than one plain word or quoted text")
    start = at + len(quote)
    own = re.match(rf"\$(?:{name}|\{{{name}\}})(?=\s|$)\s*", body) if quote == '"' else None
    if own:
        part, start, body = replace(part, resets=False), start + own.end(), body[own.end() :]
    if quote != "'" and re.search(r"[$`\\]", body):
        return replace(part, opaque="it is made by the shell ($, ` or \\)")
    return replace(part, text=body, start=start, end=start + len(body), quote=quote)


def _mentioned(line: str) -> str:
    found = _MENTION.search(line)
    return found[0] if found else ""


def _put(file: TextFile, part: Part, new: str) -> TextFile:
    """The file with another text in this place, quoted where it had no quotes and needs them."""
    text = file.text or ""
    if re.search(r"[\"$`\\]" if part.quote != "'" else "'", new):
        raise Refusal(
            say(
                "{place}: {new} cannot be written there without other quotes. Edit that line by hand.",
                place=part.place,
                new=new,
            )
        )
    if not part.quote and not _BARE.fullmatch(new):
        new = f'"{new}"'
    return replace(file, text=text[: part.start] + new + text[part.end :])


def _not_found(token: str, places: Sequence[Part]) -> Message:
    opaque = [part for part in places if part.opaque]
    if opaque:
        lines = "; ".join(f"{part.place}: {part.opaque}" for part in opaque)
        return say(
            "{token} is in no line that sriov-tui can edit. It may come from {lines}. Remove it there by hand.",
            token=token,
            lines=lines,
        )
    return say(
        "{token} is in the boot menu but in none of GRUB's settings files. Look for it below /etc/grub.d.", token=token
    )
