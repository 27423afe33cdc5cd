"""The rules that lessons, quizzes and labs can break, beside those of scenarios: one registry for `mailflow explain`.

Numbers from MF101 on; a mistake that a scenario can have too keeps its number there. A test proves of each rule that
its bad example breaks it and its good one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.errors import UsageError
from simulator.learning import rules_lesson, rules_proof, rules_quiz
from simulator.learning.rule import ContentRule
from simulator.scenario import rules as scenario_rules
from simulator.scenario.rule import Rule
from simulator.scenario.words import suggest

__all__ = ["ALL", "RULES", "ContentRule", "find_rule"]

RULES: Final[Mapping[str, ContentRule]] = {
    rule.code: rule
    for rule in sorted((*rules_lesson.RULES, *rules_quiz.RULES, *rules_proof.RULES), key=lambda rule: rule.code)
}
"""Every rule about lessons by its code, in order."""

ALL: Final[Mapping[str, Rule]] = {**scenario_rules.RULES, **RULES}
"""Every rule of this program by its code, those of scenarios first."""


def find_rule(code: str) -> Rule:
    """The rule of that code, in any case; raises `UsageError` with the nearest code."""
    rule = ALL.get(code.upper())
    if rule is None:
        raise UsageError(f"there is no rule {code}; {suggest(code.upper(), ALL, otherwise='rules are MF001 and on')}")
    return rule
