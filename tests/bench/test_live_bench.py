"""The bench of live mode runs, small, and is not judged by the clock."""

from __future__ import annotations

import pytest

from tests.bench import live


def test_both_receivers_take_every_letter_of_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_LETTERS", 40)
    monkeypatch.setattr(live, "_TIMES", 1)
    speed, cost = live.rows()
    assert speed.measured > 0 and cost.measured >= 0
    assert "aiosmtpd" in speed.note and "µs a letter" in cost.note
