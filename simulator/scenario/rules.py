"""The rules that a scenario can break: number, title, explanation, a bad and a good example.

`mailflow explain MF041` shows one; a test proves of each that its bad example breaks it and its good one does not.
The texts lie in `rules_yaml`, `rules_shape` and `rules_world`, by the stage that finds the mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from simulator.errors import UsageError
from simulator.scenario import rules_lab, rules_shape, rules_world, rules_yaml
from simulator.scenario.rule import Rule, whole
from simulator.scenario.words import suggest


def _collect(groups: Iterable[tuple[Rule, ...]]) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in (rule for group in groups for rule in group):
        if rule.code in found:
            raise ValueError(f"rule {rule.code} is written twice")
        found[rule.code] = rule
    return dict(sorted(found.items()))


RULES: Final = _collect((rules_yaml.RULES, rules_shape.RULES, rules_world.RULES, rules_lab.RULES))
"""Every rule by its code, in order."""


def find_rule(code: str) -> Rule:
    """The rule of that code, in any case; raises `UsageError` with the nearest code."""
    rule = RULES.get(code.upper())
    if rule is None:
        raise UsageError(f"there is no rule {code}; {suggest(code.upper(), RULES, otherwise='rules are MF001 and on')}")
    return rule


__all__ = ["RULES", "Rule", "find_rule", "whole"]
