"""The usual words: what a native reader would stumble over does not come back."""

from __future__ import annotations

import re
from pathlib import Path

from tools.translation.__main__ import messages

ROOT = Path(__file__).parents[2]
UNUSUAL = re.compile(r"\b(mend(s|ed)?|wish(ed|es)?|anew|shall|stands? in the way|looked after)\b", re.IGNORECASE)
FIELD = re.compile(r"\{\w+\}")  # a value has the name that the code gives it
PAPERS = re.compile(r"domain facts|DESIGN section|\bRule \d")  # no reader of the code can open these


def test_a_sentence_uses_the_usual_words() -> None:
    texts = [each for id in messages() for each in ([id] if isinstance(id, str) else id)]
    assert texts
    assert [text for text in texts if UNUSUAL.search(FIELD.sub("", text))] == []


def test_sources_can_be_opened() -> None:
    files = [path for folder in ("checks", "screens", "sriov_tui") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in files if PAPERS.search(path.read_text("utf-8"))] == []
