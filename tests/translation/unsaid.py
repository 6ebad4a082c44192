"""Sentences of the source that are no messages: texts of two words and more that are no name, command or pattern."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("checks", "screens", "sriov_tui")
LEFT_OUT = (  # what a machine says: simulated kernel, drivers, cards, messages, YAML as the agent; words to search
    "sriov_tui/simulated/", "sriov_tui/cards/driver", "sriov_tui/cards/families", "sriov_tui/hostconf/go",
    "sriov_tui/hostconf/scalars", "sriov_tui/hostconf/values",
    "sriov_tui/hostconf/keyvalue", "checks/messages/", "checks/troubleshooting/words",
)  # fmt: skip
WORDY = ("screens/", "sriov_tui/fleet/", "sriov_tui/reports/run_markdown", "sriov_tui/commands/")  # lone words, too
MOST = 12  # messages for the choices of one sentence; with more of them a choice is a value like another
CALLS = frozenset({
    "Evidence", "Pattern", "Run", "Binding", "compile", "sub", "search", "match", "fullmatch", "findall", "finditer",
    "query", "query_one", "on", "set_class", "add_class", "startswith", "endswith", "removeprefix", "removesuffix",
    "split", "partition", "rpartition", "replace", "strip", "lstrip", "rstrip", "getattr", "cast", "Literal",
})  # fmt: skip
"""Calls whose arguments are read by a program."""
MADE = frozenset({"say", "plural", "verbatim", "filled"})
"""Functions that make messages."""
SHOWN = frozenset({"_", "content", "PushButton"})
"""Calls that show their arguments: whatever text stands there is a message."""
KEYWORDS = frozenset({
    "id", "classes", "argv", "path", "source", "patterns", "pattern", "versions", "encoding", "errors", "metavar",
    "prog", "action", "choices", "default", "dest", "version", "line", "disrupts", "name",
})  # fmt: skip
NAMES = frozenset({"AUTO_FOCUS", "__all__", "CSS_PATH", "QUERIES", "LOG_WORDS", "LEVEL_STYLE", "STATE_STYLE"})
"""Variables whose texts are read by a program."""
SPOKEN = re.compile(r"[^\W\d_]{2,}['’]?[,:;]? \(?[^\W\d_]|[^\W\d_]{2,}:? \{|\} \(?[^\W\d_]{2,}|\b1 [a-z]{3,}")
CAPITAL = re.compile(r"(?:F\d+ )?[A-Z][a-z]+(?:-[a-z]+)?[?:]?")
COMMAND = re.compile(
    r"(?:cat|ls|ip|dmesg|lspci|systemctl|kubectl|climc|ovs-\w+|mstconfig|mlxconfig|mlxfwreset|ethtool|grep"
    r"|devlink|modprobe|journalctl|rpm|dpkg|grubby|bold|echo|tc|sed|udevadm)(?: (?!prints|shows|tells|names)|$)"
)
PATTERN = re.compile(r"^\^|\(\[|\.\*|\(\?|\\[Sd.(]|\w\|\w")  # what a program looks for
Part = str | ast.expr
"""A text, or an expression whose value stands in the sentence."""


def unsaid() -> dict[str, list[str]]:
    """Every sentence that is no message, and the files that it stands in."""
    found: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            if file.startswith(LEFT_OUT) and not file.endswith("demos.py"):
                continue
            for message in of_source(path.read_text(encoding="utf-8"), words=file.startswith(WORDY)):
                places = found.setdefault(message, [])
                places += [file] if file not in places else []
    return found


def of_source(text: str, *, words: bool = False) -> list[str]:
    """The messages of one file, in order; with `words` also those of one word with a capital letter."""
    found = (
        (message, sure)
        for parts, sure in _spoken(ast.parse(text), shown=False)
        for message in [_message(parts)]
        if re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", message))
    )
    said = (m for m, sure in found if sure or (_is_sentence(m) or (words and CAPITAL.fullmatch(m))))
    return list(dict.fromkeys(said))


def _is_sentence(message: str) -> bool:
    if not SPOKEN.search(message) or message[0] in "#<$.\\!" or (COMMAND.match(message) and not message.endswith(".")):
        return False
    if PATTERN.search(message):
        return False
    names = re.findall(r"\S*_\S*", re.sub(r"\{\w+\}", "", message))
    return len(names) * 3 < len(message.split())


def _spoken(node: ast.AST, *, shown: bool) -> Iterator[tuple[Sequence[Part], bool]]:
    """The texts below a node that may be sentences; whether each is one for certain, since it is shown by `_`."""
    if _is_text(node):
        for parts in _choices(node):
            yield parts, shown
            for part in parts:
                if isinstance(part, ast.expr):
                    yield from _spoken(part, shown=False)
        return
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CALLS or (name in MADE and isinstance(node.func, ast.Name)):
            yield from _spoken(node.func, shown=False)  # what a method is called on may be a sentence
            return
        if name in SHOWN:
            for argument in node.args[:1]:
                yield from _spoken(argument, shown=True)
            return
    for child in _read_by_people(node):
        yield from _spoken(child, shown=False)


def _read_by_people(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node, without those that hold no sentence: documentation, names, keys, what is compared."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Compare() | ast.Assert() | ast.arg():
            return
        case ast.Subscript(value=value):
            yield value
        case ast.keyword(arg=str(name)) if name in KEYWORDS:
            return
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if name in NAMES:
            return
        case ast.Dict():
            yield from node.values
        case ast.AnnAssign(value=value):
            yield from [value] if value else []
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body)
        case ast.MatchValue() | ast.MatchClass() | ast.MatchOr():
            return
        case _:
            yield from ast.iter_child_nodes(node)


def _is_text(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_text(left) or _is_text(right)
        case ast.IfExp(body=body, orelse=other):
            return _is_text(body) or _is_text(other)
    return False


def _choices(node: ast.AST) -> list[list[Part]]:
    """The parts of a text, for each way that its choices can go."""
    match node:
        case ast.Constant(value=str(text)):
            return [[text]]
        case ast.JoinedStr(values=values):
            return _product(node, [_choices(value) for value in values])
        case ast.FormattedValue(value=value):
            return _choices(value) if node.format_spec is None else [[value]]
        case ast.BinOp(left=left, right=right) if _is_text(node):
            return _product(node, [_choices(left), _choices(right)])
        case ast.IfExp(body=body, orelse=other) if _is_text(node):
            return _choices(body) + _choices(other)
        case ast.expr():
            return [[node]]
    raise TypeError(node)


def _product(node: ast.AST, choices: list[list[list[Part]]]) -> list[list[Part]]:
    if len(list(itertools.product(*choices))) > MOST:
        children = node.values if isinstance(node, ast.JoinedStr) else [node.left, node.right]  # type: ignore[attr-defined]
        inner = [child.value if isinstance(child, ast.FormattedValue) else child for child in children]
        choices = [one if len(one) == 1 else [[child]] for one, child in zip(choices, inner, strict=True)]
    return [list(itertools.chain(*parts)) for parts in itertools.product(*choices)]


def _message(parts: Sequence[Part]) -> str:
    """The message of a text: its values as names in braces, the braces of the text doubled where there are values."""
    if len(parts) == 1 and isinstance(parts[0], str) and "{}" in parts[0]:  # for str.format, with one value
        return parts[0].replace("{}", "{value}").strip()
    holes = any(not isinstance(part, str) for part in parts)
    names: dict[str, str] = {}
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part.replace("{", "{{").replace("}", "}}") if holes else part
            continue
        source = ast.unparse(part)
        if source not in names:
            name = _name(part)
            taken = sum(re.fullmatch(rf"{name}\d*", other) is not None for other in names.values())
            names[source] = f"{name}{taken + 1}" if taken else name
        text += f"{{{names[source]}}}"
    return text.strip()


def _name(value: ast.expr) -> str:
    """What a value is called in a message: the last name in its expression that tells something."""
    found = "value"
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            found = name.strip("_").lower()
        case ast.Call(func=ast.Name(id="len"), args=[inner]):
            found = f"count_of_{_name(inner)}"
        case ast.Call(args=[inner, *_]) | ast.Call(func=ast.Attribute(value=inner)) | ast.Starred(value=inner):
            found = _name(inner)
        case ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.IfExp(body=inner) | ast.GeneratorExp(elt=inner):
            found = _name(inner)
        case ast.BoolOp(values=[inner, *_]) | ast.ListComp(elt=inner):
            found = _name(inner)
    return found
