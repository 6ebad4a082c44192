"""Patterns that are compiled at their first use, and functions that run beside others."""

from __future__ import annotations

import re
import threading
from unittest.mock import patch

import pytest

from sriov_tui.beside import Beside
from sriov_tui.late import regex


def test_a_pattern_is_compiled_at_its_first_use_and_once() -> None:
    with patch("re.compile", wraps=re.compile) as compiled:
        words = regex(r"(\w+)=(\w*)", re.ASCII)
        assert words.pattern == r"(\w+)=(\w*)"
        assert not compiled.called
        assert words.findall("a=1 b=") == [("a", "1"), ("b", "")]
        assert words.sub("x", "a=1 \u00e9=1") == "x \u00e9=1"
        assert compiled.call_count == 1


def test_a_pattern_that_is_none_says_so_at_its_first_use() -> None:
    broken = regex("(")
    with pytest.raises(re.error):
        broken.search("")


def test_what_runs_beside_gives_its_answer_or_raises_what_it_raised() -> None:
    assert Beside(threading.get_ident).result() != threading.get_ident()

    def fail() -> None:
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        Beside(fail).result()
