"""Write screenshots/: each screen, every demo from step to step, and the fleet's page where there is Chromium.

All of them at 80x24 and, in a folder 120x40, in a larger window; in English, and below zh in Chinese.
Run as `python -m tests.make_screenshots`.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape, unescape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from sriov_tui import language
from sriov_tui.language import _
from sriov_tui.language.layout import width
from sriov_tui.message import Message, say
from sriov_tui.tui.terminal import environment

if TYPE_CHECKING:
    from sriov_tui.tui.terminal_app import TerminalApp
    from tests.screens.driving import Driven

FOLDER = Path(__file__).parents[1] / "screenshots"
CHOICE = ("space", "f8", "f8", "f8", "f8", "b", "r", "1", "tab", "w", "i", "r", "e", "1")
TO_REVIEW = (*CHOICE, "f8")
VERIFIED = "wait for Verified: all that this plan promised is so."
SHOTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("welcome", "two-igb", ()),
    ("hardware", "two-igb", ("f8", "space")),
    ("iommu", "iommu-off", ("f8", "space", "f8")),
    ("driver", "two-igb", ("f8", "space", "f8", "f8")),
    ("vfs", "two-igb", ("f8", "space", "f8", "f8", "f8")),
    ("offload", "two-igb", ("f8", *CHOICE)),
    ("review", "two-igb", ("f8", *TO_REVIEW)),
    ("confirm", "two-igb", ("f8", *TO_REVIEW, "f8")),
    ("run", "two-igb", ("f8", *TO_REVIEW, "f8", "tab", "enter", VERIFIED)),
    ("audit", "bond-ssh", ("f8", "space", "f9")),
    ("device", "connectx-6", ("f8", "space", "f3")),
    ("find", "bond-ssh", ("f8", "space", "f9", "/", "v", "f", "i", "o", "enter")),
    (
        "trouble",
        "connectx-driver",
        ("f4", "down", "down", "enter", "wait for firmware.no-vfs"),
    ),
    (
        "bond",
        "connectx-6",
        ("f8", "space", "f8", "f8", "f8", "f8", "tab", "tab", "enter", "down", "space", "down", "space"),
    ),
    ("file", "connectx-driver", ("f8", "space", "f8", "f8", "tab", "enter")),
    ("image", "connectx-driver", ("f8", "space", "f8", "f8", "tab", "enter", "enter", "wait for SHA-256")),
    ("help", "two-igb", ("f8", "f1")),
    ("keys", "two-igb", ("f8", "?")),
    ("summary", "two-igb", ("f8", *TO_REVIEW, "f8", "tab", "enter", VERIFIED, "m")),
    ("explain", "bond-ssh", ("f8", "space", "f9", "f2")),
)
TEXT = re.compile(r'x="([\d.]+)" (y="[\d.]+") textLength="([\d.]+)"([^>]*>)((?:&#160;)+)')
RUN = re.compile(r'(<text [^>]*?)x="([\d.]+)"([^>]*?)textLength="[\d.]+"([^>]*>)([^<]*)</text>')
UNIQUE = re.compile(r"terminal-[0-9]+")  # else each drawing would change every line of every picture
CELL = 12.2  # width of a cell in these pictures
SIZES = ((80, 24), (120, 40))
STEPS: tuple[tuple[str, ...], ...] = (("f8", "space"), *[("f8",)] * 3, ("f8",), ("f8",))
DEMO_KEYS: dict[tuple[str, int], tuple[str, ...]] = {  # what is entered on a step before it is drawn
    **{(demo, 5): ("b", "r", "1", "tab", "w", "i", "r", "e", "1") for demo in ("two-igb", "iommu-off", "connectx-6")},
    ("connectx-driver", 3): ("tab", "enter", "enter", "wait for SHA-256"),
}
# Letters first from a font made for them: those of a font of Chinese signs would be squeezed into their cells.
LATIN = "Fira Code, DejaVu Sans Mono, Menlo, Consolas, Liberation Mono"
FONTS = f"{LATIN}, Noto Sans Mono CJK SC, Sarasa Mono SC, Source Han Mono SC, Microsoft YaHei, PingFang SC, monospace"


def without_margin(match: re.Match[str]) -> str:
    """A text that starts where its first letter stands: some renderers drop the spaces before it."""
    x, y, length, rest, spaces = match.groups()
    shift = CELL * spaces.count("&")
    return f'x="{float(x) + shift:.1f}" {y} textLength="{float(length) - shift:.1f}"{rest}'


def in_cells(match: re.Match[str]) -> str:
    """A text with Chinese signs as a text for each run of them: no font has signs just twice as wide as its letters."""
    before, x, between, after, text = match.groups()
    runs = re.findall(r"[\u2e80-\uffef]+|[^\u2e80-\uffef]+", unescape(text))
    if len(runs) == 1 and width(runs[0]) == len(runs[0]):
        return match[0]
    told, at = "", float(x)
    for run in runs:
        wide = CELL * width(run)
        shown = escape(run).replace(" ", "&#160;")
        told += f'{before}x="{at:.1f}"{between}textLength="{wide:.1f}"{after}{shown}</text>'
        at += wide
    return told


def wizard(demo: str) -> TerminalApp:
    """The wizard on a simulated machine."""
    from sriov_tui.tui.app import SriovApp
    from sriov_tui.tui.session import open_demo

    return SriovApp(*open_demo(demo))


async def shoot(name: str, app: TerminalApp, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    """Drive one app by keys and save what it shows."""
    async with driven(app, size) as one:
        await press(one, keys)
        save(name, one)


async def shoot_demo(demo: str, size: tuple[int, int]) -> None:
    """A demo from Home from step to step, as far as it goes, and at the end its audit."""
    async with driven(wizard(demo), size) as one:
        save(f"demo-{demo}-0", one)
        for number, keys in enumerate(STEPS, 1):
            before = one.app.screen
            await press(one, keys)
            if one.app.screen is before:
                break
            await press(one, DEMO_KEYS.get((demo, number), ()))
            save(f"demo-{demo}-{number}", one)
        await press(one, ("f9",))
        save(f"demo-{demo}-audit", one)


@asynccontextmanager
async def driven(app: TerminalApp, size: tuple[int, int]) -> AsyncIterator[Driven]:
    """The app in a window of this size, its first screen shown."""
    from tests.screens.driving import Driven

    async with app.run_test(size=size) as pilot:
        one = Driven(app, pilot)  # type: ignore[arg-type]  # what it drives, any app of ours has
        await one.until(_(say("Quit")))
        yield one


async def press(one: Driven, keys: tuple[str, ...]) -> None:
    """Press keys; "wait for TEXT" is none."""
    for key in keys:
        if key.startswith("wait for "):
            awaited = key.removeprefix("wait for ")
            await one.until(_(Message(awaited, awaited)))
        else:
            await one.press(key)
    await one.settle()


def save(name: str, one: Driven) -> None:
    """Write what the app shows now."""
    width, height = one.app.size
    folder = FOLDER if language.spoken() == language.ENGLISH else FOLDER / "zh"
    if (width, height) != SIZES[0]:
        folder /= f"{width}x{height}"
    folder.mkdir(exist_ok=True, parents=True)
    svg = RUN.sub(in_cells, TEXT.sub(without_margin, one.app.export_screenshot(title="sriov-tui")))
    svg = UNIQUE.sub("terminal", svg).replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    file = folder / f"{name}.svg"
    file.write_text(svg, encoding="utf-8")
    print(file.relative_to(FOLDER.parent))


def shoot_fleet() -> None:
    """A fleet of 500 hosts: the screen, and the page in light and dark."""
    from sriov_tui.fleet.page import to_html
    from sriov_tui.fleet.reading import read_fleet
    from sriov_tui.tui.fleet_app import FleetApp
    from tests.browser import chromium
    from tests.fleets import write_fleet

    with tempfile.TemporaryDirectory() as folder:
        write_fleet(Path(folder) / "audits")
        fleet = read_fleet(Path(folder) / "audits")
        for name in language.NAMES:
            language.speak(name)
            for size in SIZES:
                asyncio.run(shoot("fleet", FleetApp(fleet), ("2",), size))
        language.speak(language.ENGLISH)
        if not chromium.program():
            print("screenshots/fleet-page.png is left as it is: Chromium is not installed here")
            return
        page = Path(folder) / "page.html"
        page.write_text("".join(to_html(fleet)))
        chromium.picture(page.as_uri(), FOLDER / "fleet-page.png")
        chromium.picture(f"{page.as_uri()}#h1", FOLDER / "fleet-host.png", dark=True)
        print("screenshots/fleet-page.png\nscreenshots/fleet-host.png")


def main() -> None:
    """All of them, one after the other."""
    os.environ.pop("COLORTERM", None)
    os.environ.pop("NO_COLOR", None)
    environment.prepare_environment()
    from sriov_tui.services.demos import DEMOS

    for spoken, size in product(language.NAMES, SIZES):
        language.speak(spoken)
        for name, demo, keys in SHOTS:
            asyncio.run(shoot(name, wizard(demo), keys, size))
        for demo, _sentence in DEMOS:
            asyncio.run(shoot_demo(demo, size))
    shoot_fleet()


if __name__ == "__main__":
    main()
