"""`python -m tools.documents FOLDER`: everything that Sphinx needs, in a folder laid out as the repository is."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from checks.explained import matching
from checks.troubleshooting import ENTRIES
from sriov_tui import language
from sriov_tui.commands.explain import sections
from sriov_tui.language import CHINESE, ENGLISH, _
from sriov_tui.message import say
from sriov_tui.services import answers_keys

ROOT = Path(__file__).parents[2]
LANGUAGES = {"en": ENGLISH, "zh-CN": CHINESE}
"""The folders below docs, and the language that each is in."""
ORDER = (
    "start", "wizard", "guide", "faq", "commandline", "answers", "troubleshooting", "findings", "causes", "faults",
    "recordings", "fleet", "forecast", "one-file", "measurements", "glossary",
)  # fmt: skip
BROUGHT = {
    "ARCHITECTURE.md": "architecture", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changes",
    "ansible/sriov_tui/host/README.md": "ansible",
}  # fmt: skip
"""Documents from elsewhere in the repository, in English alone, and the pages that they become."""
TITLES = {  # what the program itself never says
    "findings": {ENGLISH: "Every finding", CHINESE: "全部检查项"},
    "causes": {ENGLISH: "Every cause of trouble", CHINESE: "全部故障原因"},
    "answers": {ENGLISH: "The answers file", CHINESE: "应答文件"},
    "keys": {ENGLISH: "key | type | what it means", CHINESE: "键 | 类型 | 含义"},
}
LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<path>[^)#:\s]+\.md)(?P<place>#[^)]*)?\)")


def title(page: str) -> str:
    """The heading of a page."""
    return f"# {TITLES[page][language.spoken()]}"


def findings() -> list[str]:
    """Every id that a finding can have, with what it means, why it matters and how to fix it."""
    lines = [title("findings"), ""]
    for entry in matching([]):
        lines += [f"## {entry.id}", "", f"**{_safe(_(entry.title))}**", ""]
        for heading, text in sections(entry):
            lines += [f"*{_(heading)}.* {_safe(_(text))}", ""]
    return lines


def causes() -> list[str]:
    """Every cause that troubleshooting knows, with its fix and its source."""
    lines = [title("causes"), ""]
    for entry in ENTRIES:
        lines += [f"## {entry.id}", "", f"**{_safe(_(entry.cause))}**", "", f"{_safe(_(entry.fix.title))}", ""]
        manual = _(entry.fix.manual)
        lines += ["```text", *manual.splitlines(), "```", ""] if manual else []
        lines += [f"*{_(say('Source'))}.* {_safe(_(entry.source))}", ""]
    return lines


def answers() -> list[str]:
    """Every key of the answers file, and an example of one."""
    keys = ((f"`{key.name}`", _(answers_keys.described(key)), _(key.means)) for key in answers_keys.all_keys())
    return [
        title("answers"),
        "",
        f"| {TITLES['keys'][language.spoken()]} |",
        "| --- | --- | --- |",
        *(f"| {' | '.join(map(_safe, key))} |" for key in keys),
        "",
        "```toml",
        *answers_keys.example().splitlines(),
        "```",
    ]


MADE: dict[str, Callable[[], list[str]]] = {"findings": findings, "causes": causes, "answers": answers}


def _safe(text: str) -> str:
    """Our text, and the machine's in it, where Markdown would read something else."""
    for sign in "\\<|*_[$":
        text = text.replace(sign, f"\\{sign}") if "`" not in text else text
    return text.replace("<", "&lt;") if "`" in text else text


def _linked(text: str, of: Path, pages: Path) -> str:
    """The text with links that lead where the page is now; what is no page is named by its path. `of` was its place."""

    def link(found: re.Match[str]) -> str:
        path = (of.parent / found["path"]).resolve()
        name = str(path.relative_to(ROOT))
        if path.parent == pages:
            return found[0]
        return f"[{found['text']}]({BROUGHT[name]}.md)" if name in BROUGHT else f"{found['text']} (`{name}`)"

    return LINK.sub(link, text)


def write(folder: Path) -> None:
    """Write the pages of each language, with their table of contents, and the pictures."""
    shutil.copytree(ROOT / "screenshots", folder / "screenshots", dirs_exist_ok=True)
    for name, speaks in LANGUAGES.items():
        source, target = ROOT / "docs" / name, folder / "docs" / name
        target.mkdir(parents=True, exist_ok=True)
        written = {path: path.stem for path in sorted(source.glob("*.md"))} | {
            ROOT / path: BROUGHT[path] for path in BROUGHT
        }
        for path, page in written.items():
            (target / f"{page}.md").write_text(_linked(path.read_text("utf-8"), path, source), "utf-8")
        language.speak(speaks)
        try:
            for page, make in MADE.items():
                (target / f"{page}.md").write_text("\n".join(make()) + "\n", "utf-8")
        finally:
            language.speak(ENGLISH)
        with (target / "index.md").open("a", encoding="utf-8") as index:
            index.write("\n".join(("", "```{toctree}", ":hidden:", "", *ORDER, *BROUGHT.values(), "```", "")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.documents", description=__doc__)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
