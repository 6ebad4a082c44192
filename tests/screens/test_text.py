"""A text that is replaced: the screen is laid out again only where it takes other room."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal

from screens import words
from screens.text import Text


class Page(App[None]):
    """A text across the screen, one as wide as itself, and one below."""

    CSS = "#auto { width: auto; } Horizontal { height: auto; } #below { height: 1; }"

    def compose(self) -> ComposeResult:
        yield Text(words.content("one line"), id="across")
        with Horizontal():
            yield Text(words.content("short"), id="auto")
        yield Text(words.content("below"), id="below")


LONG = "a line that does not fit into forty columns of a terminal"


@pytest.mark.parametrize(
    ("which", "text", "again"),
    [
        ("across", "one line", False),
        ("across", "another", False),
        ("across", "两个字", False),
        ("across", LONG, True),
        ("across", "two\nlines", True),
        ("across", "中文" * 15, True),
        ("auto", "longer than it was", True),
    ],
)
async def test_a_layout_only_where_the_room_changes(
    which: str, text: str, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Page()
    async with app.run_test(size=(40, 10)) as pilot:
        layouts = []
        original = Text.refresh

        def refresh(self: Text, *regions: object, **options: object) -> Text:
            layouts.append(bool(options.get("layout")))
            return original(self, *regions, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(Text, "refresh", refresh)
        shown = app.query_one(f"#{which}", Text)
        shown.update(words.content(text))
        assert any(layouts) is again
        await pilot.pause()
        rows = 1 if not again or which == "auto" else 2
        assert shown.size.height == rows
        assert app.query_one("#below").region.y == 2 + (rows - 1)
        assert "".join(strip.text for strip in shown.render_lines(shown.size.region)).split() != []
