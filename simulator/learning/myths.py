"""The register of misconceptions: what people believe about e-mail, and what is true.

Every wrong answer that somebody would give for a reason names one, so that a learner sees the belief behind a slip and
a teacher the beliefs of a class. The register is data (`data/myths.yaml`); a test checks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from simulator.errors import MailflowError
from simulator.scenario.report import Report
from simulator.scenario.tree import plain
from simulator.scenario.words import suggest
from simulator.scenario.yamlload import load_tree, read_source

__all__ = ["Myth", "find_myth", "myths"]

_FILE: Final = Path(__file__).with_name("data") / "myths.yaml"


@dataclass(frozen=True, slots=True)
class Myth:
    """One misconception: what it `says` and what is the `truth`, by language; `source` is an RFC with its section."""

    id: str
    says: Mapping[str, str]
    truth: Mapping[str, str]
    source: str

    def claim(self, language: str) -> str:
        """What it says in a language, English where there is none."""
        return self.says.get(language, self.says["en"])

    def answer(self, language: str) -> str:
        """What is true, in a language."""
        return self.truth.get(language, self.truth["en"])


@cache
def myths() -> Mapping[str, Myth]:
    """All misconceptions by id, in the order of the file."""
    report = Report()
    source, text = read_source(_FILE, _FILE.name, report)
    found = plain(load_tree(source, text, report))
    report.stop_if_any()
    assert isinstance(found, dict)
    return {key: Myth(key, entry["says"], entry["truth"], entry["source"]) for key, entry in found.items()}


def find_myth(myth_id: str) -> Myth:
    """The misconception of that id; raises MailflowError with the nearest."""
    found = myths().get(myth_id)
    if found is None:
        raise MailflowError(f"no misconception is called {myth_id}; {suggest(myth_id, myths())}")
    return found
