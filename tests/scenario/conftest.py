"""What the tests of scenarios share: a small world, and loading text as if it were a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import Diagnostic, ScenarioError
from simulator.scenario.loading import load
from simulator.scenario.model import Scenario

SMALL = """\
id: small
title: A small world
people:
  anna@alpha.example: {name: Anna}
  boris@beta.example: {name: Boris}
timeline:
  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], subject: Hello, text: Hi}
  - {at: 1m, who: boris@beta.example, do: fetch}
"""

Loader = Callable[..., Scenario]
Refusal = Callable[..., tuple[Diagnostic, ...]]


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    """Load a text as `small.yaml`; further keywords are files beside it, with _ for the dot."""

    def load_text(text: str = SMALL, *, seed: int | None = None, lang: str | None = None, **beside: str) -> Scenario:
        for name, content in beside.items():
            (tmp_path / name.replace("__", ".")).write_text(content, encoding="utf-8")
        (tmp_path / "small.yaml").write_text(text, encoding="utf-8", newline="")
        return load(tmp_path / "small.yaml", seed=seed, lang=lang)

    return load_text


@pytest.fixture
def refused(loaded: Loader) -> Refusal:
    """Load a text that is wrong; the answer is its diagnostics."""

    def refuse(text: str, **beside: str) -> tuple[Diagnostic, ...]:
        with pytest.raises(ScenarioError) as caught:
            loaded(text, **beside)
        return caught.value.diagnostics

    return refuse


def caret_word(diagnostic: Diagnostic) -> str:
    """The characters that the caret of a diagnostic covers."""
    return diagnostic.source[diagnostic.column - 1 : diagnostic.column - 1 + diagnostic.width]
