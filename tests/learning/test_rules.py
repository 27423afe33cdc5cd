"""Every rule of lessons is broken by its bad example and kept by its good one, and every rule that is used is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import simulator.learning
from simulator.errors import Diagnostic, UsageError
from simulator.learning.checks import prove
from simulator.learning.lint import validate
from simulator.learning.rules import ALL, RULES, ContentRule, find_rule
from simulator.scenario.rules import RULES as SCENARIO_RULES
from tests.learning.example import FILES, HEAD, LESSON, SCENARIO, WORLD, lesson_folder


def diagnostics(rule: ContentRule, text: str, folder: Path) -> tuple[Diagnostic, ...]:
    made = lesson_folder(folder, changes(rule, text))
    found = validate(made)
    return (*found, *prove(made, seeds=1).diagnostics) if rule.found_by == "test" else found


def changes(rule: ContentRule, text: str) -> dict[str, str | None]:
    """The example as the file that it is part of; the other language has the same pages and no texts to translate."""
    if rule.code == "MF101" and text.startswith("("):
        return {"lesson.en.md": None, "lesson.ru.md": None}
    if rule.file == "quiz.yaml":
        pages = FILES["lesson.en.md"].replace("```predict\nwho-asks\n```\n\n", "")
        return {"quiz.yaml": HEAD + text, "quiz.ru.yaml": russian(text), "lesson.en.md": pages, "lesson.ru.md": pages}
    if rule.file == "lesson.en.md":
        return {"lesson.en.md": text, "lesson.ru.md": text}
    if rule.file == "lesson.yaml":
        return {"lesson.yaml": LESSON.replace("labs: [broken]\n", text)}
    if rule.file == "small.yaml":
        return {"small.yaml": SCENARIO + text}
    if rule.file == "broken.yaml":
        return {"broken.yaml": WORLD + text, "broken.ru.yaml": "title: Ничего не приходит\n"}
    return {rule.file: text} if text else {}


def russian(text: str) -> str:
    """An overlay that says everything again."""
    lines = ["items:"]
    for one in re.split(r"(?m)^  - (?=id: )", text)[1:]:
        lines += [f"  {re.match('id: (.*)', one)[1]}:", "    ask: Вопрос по-русски"]  # type: ignore[index]
        lines += ["    options:"] if "options:" in one else []
        for option in re.findall(r"- (?:\{)?is: ([\w-]+)", one):
            why = ", why: Потому что так" if re.search(rf"is: {option}\b(?:(?!- ).)*why:", one, re.DOTALL) else ""
            lines.append(f"      {option}: {{text: Слово и дело{why}}}")
        wrong = dict.fromkeys(re.findall(r"equals: (\w+)", one))
        lines += ["    wrong:", *(f"      {value}: {{why: Потому что так}}" for value in wrong)] if wrong else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_bad_example_breaks_the_rule_and_no_other(rule: ContentRule, tmp_path: Path) -> None:
    found = diagnostics(rule, rule.bad, tmp_path)
    assert {diagnostic.rule for diagnostic in found} == {rule.code}, "\n".join(map(str, found))
    assert all(diagnostic.line >= 1 and diagnostic.hint for diagnostic in found)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_breaks_no_rule(rule: ContentRule, tmp_path: Path) -> None:
    assert diagnostics(rule, rule.good, tmp_path) == ()


def test_every_rule_that_the_code_names_is_explained() -> None:
    folder = Path(simulator.learning.__file__).parent
    named = {code for path in folder.rglob("*.py") for code in re.findall(r'"(MF\d{3})"', path.read_text("utf-8"))}
    assert named <= set(ALL)
    assert {code for code in named if code > "MF100"} == set(RULES)


def test_every_rule_has_a_title_and_an_explanation_and_a_number_of_its_own() -> None:
    assert not set(RULES) & set(SCENARIO_RULES)
    for rule in RULES.values():
        assert not rule.title.endswith(".")
        assert rule.text.endswith(".")
        assert rule.bad != rule.good


def test_one_registry_finds_the_rules_of_scenarios_and_of_lessons() -> None:
    assert find_rule("mf041").code == "MF041"
    assert find_rule("mf105") is RULES["MF105"]
    with pytest.raises(UsageError, match="MF105"):
        find_rule("MF1055")
