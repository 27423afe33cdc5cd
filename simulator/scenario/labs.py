"""Makes the lab part of a scenario from what was read, and says where it cannot be played.

The paths that may be edited have to lie in the file, since it is this file that a student edits.
"""

from __future__ import annotations

from typing import Any

from simulator.scenario.labmodel import Edit, Goal, Hint, Lab, Trap
from simulator.scenario.labshape import EDITS, EditShape, GoalShape, JudgedShape, TrapShape
from simulator.scenario.reading import Reading
from simulator.scenario.report import Report
from simulator.scenario.shape import OPS
from simulator.scenario.tree import Mapping, Node, Path, Scalar, Sequence, find, key_place
from simulator.scenario.words import quoted, suggest

__all__ = ["make_lab", "path_of"]


def make_lab(reading: Reading, texts: dict[str, str], report: Report) -> Lab | None:
    """The lab of a scenario, or None; `texts` are those of the language that is shown."""
    shape = reading.shape.lab
    if shape is None:
        return None
    maker = _Maker(reading, texts, report)
    for index, path in enumerate(shape.you_may_edit):
        maker.check_path(path, ("lab", "you-may-edit", index))
    maker.check_ids()
    goals = [maker.goal(index, goal) for index, goal in enumerate(shape.goals)]
    traps = [maker.trap(index, trap) for index, trap in enumerate(shape.traps)]
    return Lab(
        task=texts.get("lab.task", shape.task),
        you_may_edit=tuple(shape.you_may_edit),
        goals=tuple(goal for goal in goals if goal is not None),
        traps=tuple(trap for trap in traps if trap is not None),
        hints=tuple(Hint(id=one.id, text=texts.get(f"lab.hints.{one.id}.text", one.text)) for one in shape.hints),
        solution=maker.edits(shape.solution, ("lab", "solution")),
        origin=key_place(reading.tree, ("lab",)).origin,
    )


def path_of(tree: Node, text: str) -> tuple[Path, str]:
    """A written path such as `zones.beta.example` as steps, and the first part of it that leads nowhere ("" if none).

    Keys may hold dots, so the longest key that fits is taken; entries of lists are found by id or by number from 1.
    """
    steps: list[str | int] = []
    here: Node | None = tree
    rest = text
    while rest:
        step, used = _step(here, rest)
        if step is None:
            return tuple(steps), rest
        steps.append(step)
        here = find(tree, tuple(steps))
        rest = rest[used:].removeprefix(".")
    return tuple(steps), ""


def _step(node: Node | None, rest: str) -> tuple[str | int | None, int]:
    if isinstance(node, Mapping):
        fitting = [key for key in node.values if rest == key or rest.startswith(f"{key}.")]
        key = max(fitting, key=len, default=None)
        return key, len(key or "")
    if isinstance(node, Sequence):
        word = rest.partition(".")[0]
        for index, item in enumerate(node.items):
            name = item.values.get("id") if isinstance(item, Mapping) else None
            if word == str(index + 1) or (isinstance(name, Scalar) and name.text == word):
                return index, len(word)
    return None, 0


class _Maker:
    def __init__(self, reading: Reading, texts: dict[str, str], report: Report) -> None:
        self._reading = reading
        self._texts = texts
        self._report = report

    def check_path(self, path: str, where: Path) -> None:
        """Report a path that may be edited and does not exist."""
        tree = self._reading.tree
        node = find(tree, where)
        steps, missing = path_of(tree, path)
        if node is None or not missing:
            return
        above = find(tree, steps)
        known = list(above.values) if isinstance(above, Mapping) else []
        hint = suggest(missing, known, otherwise="write what lies in this file, such as zones.beta.example")
        self._report.at("MF060", node, f"{quoted(path)} leads to nothing in this file", hint)

    def check_ids(self) -> None:
        """Report an id that two goals, traps or hints share."""
        for noun in ("goals", "traps", "hints"):
            entries = find(self._reading.tree, ("lab", noun))
            seen: set[str] = set()
            for item in entries.items if isinstance(entries, Sequence) else ():
                name = item.values.get("id") if isinstance(item, Mapping) else None
                if isinstance(name, Scalar) and name.text in seen:
                    hint = "give each an id of its own"
                    self._report.at("MF037", name, f"{noun}: has two entries with id {name.text}", hint)
                seen.add(name.text if isinstance(name, Scalar) else "")

    def _judged(self, shape: JudgedShape, path: Path) -> tuple[str, Any] | None:
        """How a promise compares, or None when that is reported."""
        ops = [op for op in OPS if getattr(shape, op.replace("-", "_")) is not None]
        if len(ops) == 1:
            value = getattr(shape, ops[0].replace("-", "_"))
            return ops[0], tuple(value) if isinstance(value, list) else value
        node = find(self._reading.tree, path)
        if not ops:
            return "at-least", "1"
        if node is not None:
            message = f"{shape.id} has {' and '.join(ops)}"
            self._report.at("MF051", node, message, f"write one of {', '.join(OPS)}")
        return None

    def goal(self, index: int, shape: GoalShape) -> Goal | None:
        """One goal."""
        path: Path = ("lab", "goals", index)
        judged = self._judged(shape, path)
        if judged is None:
            return None
        return Goal(
            id=shape.id,
            say=self._texts.get(f"lab.goals.{shape.id}.say", shape.say),
            that=shape.that,
            op=judged[0],
            value=judged[1],
            points=shape.points,
            origin=key_place(self._reading.tree, path).origin,
        )

    def trap(self, index: int, shape: TrapShape) -> Trap | None:
        """One trap."""
        path: Path = ("lab", "traps", index)
        judged = self._judged(shape, path)
        if judged is None:
            return None
        return Trap(
            id=shape.id,
            say=self._texts.get(f"lab.traps.{shape.id}.say", shape.say),
            when=shape.when,
            op=judged[0],
            value=judged[1],
            myth=shape.myth,
            cure=self.edits(shape.cure, (*path, "cure")),
            origin=key_place(self._reading.tree, path).origin,
        )

    def edits(self, shapes: list[EditShape], path: Path) -> tuple[Edit, ...]:
        """The edits of a solution or a cure; what they change has to be editable."""
        found = [self._edit(shape, (*path, index)) for index, shape in enumerate(shapes)]
        return tuple(edit for edit in found if edit is not None)

    def _edit(self, shape: EditShape, path: Path) -> Edit | None:
        node = find(self._reading.tree, path)
        if node is None:
            return None
        origin = key_place(self._reading.tree, path).origin
        if shape.do is not None:
            return Edit(do="do", path="timeline", to=shape.do, origin=origin)
        if shape.set is not None:
            if isinstance(node, Mapping) and "to" not in node.values:
                self._report.at("MF061", node, "set: has no to:", "write to: and the new value")
            return Edit(do="set", path=shape.set, to=shape.to, origin=origin)
        if shape.zone is None:
            self._report.at("MF061", node, "the record has no zone:", "write zone: and the zone that it belongs to")
        verb = EDITS[1] if shape.add_record is not None else EDITS[2]
        text = shape.add_record or shape.remove_record or ""
        return Edit(do=verb, path=f"zones.{shape.zone}", text=text, zone=shape.zone or "", origin=origin)
