"""The smallest Textual app with the widgets of the wizard's first screen: what Textual itself costs.

hello.py '[{"kind": "Static", "columns": 20, "rows": 1, "shown": true, "children": []}, ...]'
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

Node = dict[str, Any]


class Hello(App[None]):
    """Says hello in each place where the wizard's first screen has a widget."""

    CSS = """
    Horizontal { height: 1; }
    Horizontal > Static { width: 1fr; }
    VerticalScroll { height: 1fr; }
    OptionList { height: auto; border: none; }
    """
    BINDINGS: ClassVar = [("q", "quit", "Quit"), ("n", "next", "Next")]

    def __init__(self, nodes: Sequence[Node]) -> None:
        super().__init__()
        self.nodes = nodes

    def compose(self) -> ComposeResult:
        """The widgets as they were told."""
        yield from map(build, self.nodes)

    def action_next(self) -> None:
        """Another screen of the same."""
        self.push_screen(Another([*map(build, self.nodes), Static(f"screen {len(self.screen_stack) + 1}")]))


class Another(Screen[None]):
    """A screen of these widgets."""

    def __init__(self, widgets: Sequence[Widget]) -> None:
        super().__init__()
        self.widgets = widgets

    def compose(self) -> ComposeResult:
        """The widgets as they were told."""
        yield from self.widgets


def build(node: Node) -> Widget:
    """A widget of this kind with as much text, and what is in it."""
    text = "\n".join(["hello " * (node["columns"] // 6)] * node["rows"])
    widget: Widget
    match node["kind"]:
        case "Horizontal":
            widget = Horizontal(*map(build, node["children"]))
        case "VerticalScroll":
            widget = VerticalScroll(*map(build, node["children"]))
        case "OptionList":
            widget = OptionList(*text.splitlines())
        case "Button":
            widget = Button("hello", compact=True)
        case "Input":
            widget = Input(compact=True)
        case "Static":
            widget = Static(text)
        case kind:
            raise ValueError(f"hello.py does not know the widget {kind}")
    widget.display = node["shown"]
    return widget


if __name__ == "__main__":
    Hello(json.loads(sys.argv[1])).run(mouse=False)
