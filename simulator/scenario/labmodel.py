"""The lab part of a scenario as frozen data.

Apart from the model of a world, because a world runs the same whether somebody has to repair it or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Data", "Edit", "Goal", "Hint", "Lab", "Trap"]

Data: TypeAlias = "str | Sequence[Data] | Mapping[str, Data] | None"
"""A value as YAML has it before anything is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of a world.

    do      "set" (`path`, `to`), "add-record" and "remove-record" (`text`, `zone`) or "do" (`to` is a line of the
            timeline)
    path    a path in the scenario such as `hosts.pc-anna.sends-via` or `zones.beta.example`
    """

    do: str
    path: str = ""
    to: Data = None
    text: str = ""
    zone: str = ""
    origin: str = field(default="", compare=False)

    def as_data(self) -> dict[str, Data]:
        """The edit as it is written in a file."""
        if self.do == "set":
            return {"set": self.path, "to": self.to}
        if self.do == "do" and isinstance(self.to, Mapping):
            return dict(self.to)
        return {self.do: self.text, "zone": self.zone}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What has to be reached; `that`, `op` and `value` as in an expectation."""

    id: str
    say: str
    that: str
    op: str
    value: str | tuple[str, ...]
    points: int = 1
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A wrong cure: it is recognised by `when`, `op` and `value`; `cure` is the cure itself."""

    id: str
    say: str
    when: str
    op: str
    value: str | tuple[str, ...]
    myth: str | None = None
    cure: tuple[Edit, ...] = ()
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A hint."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab; texts are in the language that is shown."""

    task: str
    you_may_edit: tuple[str, ...]
    goals: tuple[Goal, ...]
    traps: tuple[Trap, ...]
    hints: tuple[Hint, ...]
    solution: tuple[Edit, ...]
    origin: str = field(default="", compare=False)

    @property
    def points(self) -> int:
        """The most that can be had."""
        return sum(goal.points for goal in self.goals)
