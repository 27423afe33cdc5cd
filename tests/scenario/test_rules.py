"""Every rule is broken by its bad example and kept by its good one, and every rule that is used is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulator.scenario
from simulator.errors import Diagnostic, ScenarioError, UsageError
from simulator.scenario.loading import load
from simulator.scenario.rules import RULES, Rule, find_rule, whole

_TRANSLATED = whole("expect:\n  - {id: delivered, that: deliver, equals: 1, why: Because.}\n")


def diagnostics(rule: Rule, text: str, folder: Path) -> tuple[Diagnostic, ...]:
    for name, content in rule.beside.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "example.yaml").write_text(_TRANSLATED if rule.overlay else text, encoding="utf-8")
    if rule.overlay:
        (folder / "example.ru.yaml").write_text(text, encoding="utf-8")
    try:
        load(folder / "example.yaml")
    except ScenarioError as error:
        return error.diagnostics
    return ()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_bad_example_breaks_the_rule_and_no_other(rule: Rule, tmp_path: Path) -> None:
    found = diagnostics(rule, rule.bad_file(), tmp_path)
    assert {diagnostic.rule for diagnostic in found} == {rule.code}
    for diagnostic in found:
        assert diagnostic.line >= 1
        assert diagnostic.hint or rule.code == "MF003"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_breaks_no_rule(rule: Rule, tmp_path: Path) -> None:
    assert diagnostics(rule, rule.good_file(), tmp_path) == ()


def test_every_rule_that_the_code_names_is_explained() -> None:
    folder = Path(simulator.scenario.__file__).parent
    named = {code for path in folder.glob("*.py") for code in re.findall(r'"(MF\d{3})"', path.read_text("utf-8"))}
    assert named == set(RULES)


def test_every_rule_has_a_title_and_an_explanation() -> None:
    for rule in RULES.values():
        assert rule.title
        assert not rule.title.endswith(".")
        assert rule.text.endswith(".")
        assert rule.bad != rule.good


def test_a_rule_is_found_in_any_case_and_an_unknown_one_is_refused_with_a_hint() -> None:
    assert find_rule("mf041") is RULES["MF041"]
    with pytest.raises(UsageError, match="MF041"):
        find_rule("MF0411")
