"""The shapes of lesson.yaml and quiz.yaml; the JSON Schemas for editors come from the same classes.

What all items have in common stands here, and what one type adds stands beside its rules in `items`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from simulator.scenario.fields import Filled, Name, Text, Texts, custom, not_text, read, word
from simulator.scenario.labshape import ORDER
from simulator.scenario.values import ValueSyntaxError, number
from simulator.scenario.words import quoted

__all__ = [
    "SECTIONS", "AnswerFrom", "HintShape", "ItemShape", "LessonShape", "OptionShape", "QuizShape", "RowShape",
    "RubricShape", "WrongShape",
]  # fmt: skip

SECTIONS: Final = ("S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "homework")
"""The sections of the lecture."""


def _alias(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _version(value: object) -> str:
    if not isinstance(value, str):
        raise not_text(value)
    if value != "1":
        raise custom("MF029", f"this is version {value} of the format", "this program reads version 1")
    return value


def _skill(text: str) -> str:
    parts = text.split(".")
    if not all(part and part.replace("-", "").isalnum() and part == part.lower() for part in parts):
        hint = "use small letters, digits, hyphens and dots, such as dns.mx"
        raise ValueSyntaxError("MF030", f"{quoted(text)} cannot be the name of a skill", hint)
    return text


def _ask(value: object) -> str | tuple[str, str]:
    """A query, or `{before: [A, B]}` as a pair."""
    if isinstance(value, dict) and list(value) == ["before"]:
        pair = value["before"]
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair):
            return pair[0], pair[1]
        raise custom("MF022", "before: wants two queries", "write {before: [QUERY, QUERY]}")
    if not isinstance(value, str):
        raise not_text(value)
    if not value.strip():
        raise custom("MF022", "the query is empty", "write KIND field=value | first field")
    return value


def _language() -> Any:
    return word(("en", "ru", "kk", "de", "fr"), what="language")


Version = Annotated[str, BeforeValidator(_version), WithJsonSchema({"const": 1})]
Skill = Annotated[str, read(_skill), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9.-]+$"})]
AnswerFrom = Annotated[
    str | tuple[str, str], BeforeValidator(_ask), WithJsonSchema({"anyOf": [{"type": "string"}, ORDER]})
]
Minutes = Annotated[int, read(lambda text: number(text, least=1, most=240)), WithJsonSchema({"type": "integer"})]
Number = Annotated[int, read(lambda text: number(text, least=0, most=10**9)), WithJsonSchema({"type": "integer"})]


class LessonShape(BaseModel):
    """A lesson: what it is called, what it needs and what it teaches; its pages are Markdown files beside it."""

    model_config = ConfigDict(title="mailflow lesson", extra="forbid", frozen=True, alias_generator=_alias)

    mailflow_lesson: Version
    id: Name
    language: Annotated[str, *_language()] = "en"
    title: Filled
    summary: Text = ""
    minutes: Minutes
    needs: list[Name] = []
    lecture: Annotated[list[Annotated[str, *word(SECTIONS, what="section of the lecture")]], Field(min_length=1)]
    scenarios: Annotated[list[Name], Field(min_length=1)]
    labs: list[Name] = []
    skills: Annotated[dict[Skill, Filled], Field(min_length=1)]


class HintShape(BaseModel):
    """A hint; hints cost nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    id: Name
    text: Filled


class OptionShape(BaseModel):
    """One answer to choose from; a wrong one says `why`, and names the belief behind it as `myth`."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    is_: Filled
    text: Text = ""
    why: Text = ""
    myth: Name | None = None


class RowShape(BaseModel):
    """One thing to put in order or to match; without `text` it is shown as it `is`."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    is_: Filled
    text: Text = ""
    answer_from: AnswerFrom | None = None


class WrongShape(BaseModel):
    """A wrong answer that is known: the value itself, or what another query finds (`from`, or `on` for an event)."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    equals: Texts | None = None
    from_: Filled | None = None
    on: Filled | None = None
    why: Filled
    myth: Name | None = None


class RubricShape(BaseModel):
    """One thing that a good explanation says."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    id: Name
    text: Filled


class ItemShape(BaseModel):
    """What every item has."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_alias)

    id: Name
    type: str
    ask: Filled
    scenario: Name | None = None
    skill: Skill
    show: Filled | None = None
    because: Text = ""
    hints: list[HintShape] = []


class QuizShape(BaseModel):
    """A quiz; each item is read by the shape of its type."""

    model_config = ConfigDict(title="mailflow quiz", extra="forbid", frozen=True, alias_generator=_alias)

    mailflow_quiz: Version
    language: Annotated[str, *_language()] = "en"
    lesson: Name
    scenario: Name
    pass_: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,3}%$"})] = "70%"
    items: Annotated[list[dict[str, Any]], Field(min_length=1)]
