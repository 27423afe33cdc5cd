"""The shape of the lab part of a scenario: a task, what may be edited, goals, traps, hints and a solution.

A goal is a promise like those below `expect:`, with words and points; a trap is a promise that a wrong cure keeps, and
that cure itself, so that it can be proved to fire.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from simulator.scenario.fields import Filled, Name, Text, Texts, custom, read
from simulator.scenario.values import number
from simulator.scenario.words import quoted, suggest

__all__ = ["EDITS", "ORDER", "EditShape", "GoalShape", "HintShape", "LabPart", "LabShape", "TrapShape", "shape_at"]

EDITS = ("set", "add-record", "remove-record", "do")
"""The keys that say what an edit does; each edit has exactly one."""

ORDER = {
    "type": "object",
    "properties": {"before": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}},
    "required": ["before"],
    "additionalProperties": False,
}
"""The JSON Schema of `{before: [QUERY, QUERY]}`."""

Ask = Annotated[Filled, WithJsonSchema({"anyOf": [{"type": "string"}, ORDER]})]
Points = Annotated[int, read(lambda text: number(text, least=1, most=100)), WithJsonSchema({"type": "integer"})]


class LabPart(BaseModel):
    """Every key is known, and written with hyphens."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"))


class JudgedShape(LabPart):
    """One of five ways to compare the answer of a query."""

    id: Name
    equals: Texts | None = None
    at_least: Text | None = None
    at_most: Text | None = None
    contains: Texts | None = None
    before: Filled | None = None


class GoalShape(JudgedShape):
    """What has to be reached."""

    that: Ask
    say: Filled
    points: Points = 1


def _edit(value: object) -> object:
    """Refuse an edit that does nothing or two things; a line of the timeline is an edit too."""
    if not isinstance(value, dict):
        raise custom("MF022", "an edit is a group of keys", "write {set: PATH, to: VALUE}")
    found = [key for key in EDITS if key in value]
    if len(found) != 1:
        near = next((key for key in value if suggest(str(key), EDITS).startswith("did")), None)
        wrong = f"{quoted(near)} is no edit" if near and not found else "an edit does one thing"
        hint = suggest(near, EDITS) if near and not found else "write one of set:, add-record:, remove-record: and do:"
        raise custom("MF061", wrong, hint)
    return {"do": value} if found[0] == "do" else value


class EditShape(LabPart):
    """One change of a world: `set` a value, add or remove a record of a zone, or `do` a new line of the timeline."""

    set: Filled | None = None
    to: Any = None
    add_record: Filled | None = None
    remove_record: Filled | None = None
    zone: Filled | None = None
    do: dict[str, Any] | None = None


_EDIT = {
    "type": "object",
    "properties": {
        "set": {"type": "string", "description": "a path such as hosts.pc-anna.sends-via; to: is its new value"},
        "to": {},
        "add-record": {"type": "string", "description": "a line of a zone"},
        "remove-record": {"type": "string", "description": "a line of a zone"},
        "zone": {"type": "string"},
        "do": {"type": "string", "description": "a new line of the timeline, with its other keys"},
    },
    "anyOf": [{"required": [key]} for key in EDITS],
}
Edits = list[Annotated[EditShape, BeforeValidator(_edit), WithJsonSchema(_EDIT)]]


class TrapShape(JudgedShape):
    """A wrong cure: how it is recognised, what is said about it, and the cure itself."""

    when: Ask
    say: Filled
    myth: Name | None = None
    cure: Edits = []


class HintShape(LabPart):
    """A hint; each says a little more than the one before."""

    id: Name
    text: Filled


class LabShape(LabPart):
    """A lab."""

    task: Filled
    you_may_edit: Annotated[list[Filled], Field(min_length=1)]
    goals: Annotated[list[GoalShape], Field(min_length=1)]
    traps: list[TrapShape] = []
    hints: list[HintShape] = []
    solution: Annotated[Edits, Field(min_length=1)]


_BELOW: dict[str, type[LabPart]] = {"goals": GoalShape, "traps": TrapShape, "hints": HintShape, "solution": EditShape}


def shape_at(path: tuple[str | int, ...]) -> type[LabPart]:
    """The shape of what lies at a path below `lab`."""
    if "cure" in path:
        return EditShape
    return _BELOW.get(str(path[1]), LabShape) if len(path) > 1 else LabShape
