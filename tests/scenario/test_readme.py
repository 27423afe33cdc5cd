"""What the instructors' README shows can be typed: its examples load, its questions can be asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.errors import UsageError
from simulator.scenario.queries import check_query
from simulator.scenario.rules import find_rule, whole
from simulator.scenario.shape import ACTIONS, FAULTS, KINDS, OPS, SERVICES, ScenarioShape
from tests.scenario.conftest import Loader

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
QUESTIONS = re.findall(
    r"^\| `((?:[a-z]+\.)*[a-z]+(?: [^`]*)?)` \| [a-z]", README.partition("## Asking")[2], re.MULTILINE
)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_readme_loads(loaded: Loader, example: str) -> None:
    assert loaded(whole(example)).timeline


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_the_readme_can_be_asked(question: str) -> None:
    check_query(question.replace(r"\|", "|"))


def test_the_readme_has_examples_and_questions() -> None:
    assert len(EXAMPLES) >= 8
    assert len(QUESTIONS) >= 6


@pytest.mark.parametrize("word", [*ACTIONS, *FAULTS, *KINDS, *OPS, *SERVICES])
def test_the_readme_names_every_word_of_the_format(word: str) -> None:
    assert f"`{word}" in README


def test_the_readme_names_every_key_of_a_file() -> None:
    for name, field in ScenarioShape.model_fields.items():
        assert f"`{field.alias or name}" in README


def test_every_rule_that_the_readme_names_exists() -> None:
    for code in re.findall(r"MF\d{3}", README):
        try:
            find_rule(code)
        except UsageError:
            pytest.fail(f"the README names {code}")


def test_links_inside_the_readme_lead_to_its_headings() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", README)) <= headings
