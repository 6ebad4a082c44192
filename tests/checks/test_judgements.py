"""No judgement hangs on the wording of a sentence: with every word replaced by noise all of them are the same."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.judgements import judgements


@pytest.mark.subprocess
def test_the_same_is_judged_whatever_the_words() -> None:
    noisy = subprocess.run([sys.executable, "-m", "tests.judgements", "noise"], capture_output=True, text=True)
    assert noisy.returncode == 0, noisy.stderr
    plain = [json.dumps(one, sort_keys=True) for one in judgements()]
    assert len(plain) > 50
    assert noisy.stdout.splitlines() == plain
