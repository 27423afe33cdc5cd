"""One rule of lessons and quizzes: a rule as scenarios have it, and the file that its examples are from.

One form for all rules, so that `mailflow explain` shows any of them in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario.rule import Rule

__all__ = ["ContentRule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRule(Rule):
    """A rule about a lesson. The examples are parts of `file`; `found_by` is the command that finds the mistake.

    For quiz.yaml they are items, for lesson.yaml keys, for lesson.en.md a page, for a lab its lab part.
    """

    file: str = "quiz.yaml"
    found_by: str = "validate"
