"""A world to repair: edit what may be edited, run it again, and see which goals are reached and who said no.

Behaviour is judged and not configuration: any cure that works is right, but for the wrong ones that a trap recognises.
Each edit gives a new text, so undo, reset and the difference to the start are exact.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from simulator.engine.query import parse
from simulator.engine.trace import KIND, N
from simulator.errors import MailflowError, UsageError
from simulator.learning import edits
from simulator.learning.edits import EditError, apply, tree_of
from simulator.learning.feedback import Observed
from simulator.learning.progress import Entry, Progress
from simulator.learning.refusals import who_said_no
from simulator.learning.worlds import find_scenario, ordinal
from simulator.records.describe import describe
from simulator.scenario.expectations import Outcome, evaluate
from simulator.scenario.labmodel import Data, Edit, Goal, Hint, Lab, Trap
from simulator.scenario.labs import path_of
from simulator.scenario.loading import load_file
from simulator.scenario.model import Expect, Scenario
from simulator.scenario.params import fill_text
from simulator.scenario.tree import plain
from simulator.scenario.world import Run, run
from simulator.text import _

__all__ = ["GoalState", "LabResult", "LabSession", "Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that may be edited: its path, its text now, and whether it differs from the start."""

    path: str
    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class GoalState:
    """One goal after a run; `no` is the event at which somebody refused, for a goal that is not reached."""

    goal: Goal
    reached: bool
    points: int
    wanted: str
    got: str
    no: Observed | None


@dataclass(frozen=True, slots=True)
class LabResult:
    """One run: goals, traps that caught, points of those possible, and whether the lab is solved."""

    goals: tuple[GoalState, ...]
    traps: tuple[Trap, ...]
    points: int
    of: int
    run: Run

    @property
    def solved(self) -> bool:
        """All goals, and no trap."""
        return self.points == self.of and not self.traps


@dataclass(slots=True)
class _Step:
    text: str
    made: tuple[Edit, ...]


@dataclass(slots=True)
class LabSession:
    """One lab with one learner; made by `LabSession.open`. `progress` may be None (nothing is kept)."""

    scenario: Scenario
    lab: Lab
    path: Path
    lesson: str
    start: str
    progress: Progress | None = None
    hints_shown: int = 0
    tries: int = 0
    result: LabResult | None = None
    _steps: list[_Step] = field(default_factory=list)

    @classmethod
    def open(
        cls, name: str, *, folder: Path | None = None, lesson: str = "", seed: int | None = None,
        lang: str | None = None, mailflow_path: str = "", progress: Progress | None = None,
    ) -> LabSession:  # fmt: skip
        """Open the lab of a scenario (in a lesson's folder first). Raises UsageError and ScenarioError."""
        path, _called = find_scenario(name, folder, mailflow_path=mailflow_path)
        scenario = load_file(path, shown=str(path), seed=seed, lang=lang)
        if scenario.lab is None:
            raise UsageError(_("{name} has no lab part").format(name=name))
        return cls(scenario, scenario.lab, path, lesson, _start_text(path, scenario), progress)

    # what there is

    @property
    def text(self) -> str:
        """The scenario as it is now, without its lab part."""
        return self._steps[-1].text if self._steps else self.start

    @property
    def actions(self) -> tuple[Edit, ...]:
        """All that was changed since the start, as edits that can be replayed."""
        return self._steps[-1].made if self._steps else ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What may be edited."""
        found = []
        for path in self.lab.you_may_edit:
            now = edits.part(self.text, path)
            found.append(Part(path, now, now != edits.part(self.start, path)))
        return tuple(found)

    def diff(self) -> str:
        """What was changed, as a unified diff; "" for nothing."""
        return _diff(self.start, self.text, self.path.name)

    # editing

    def edit_part(self, path: str, text: str) -> None:
        """Put another text in the place of a part, as an editor gives it. Raises EditError and ScenarioError."""
        self._allowed(path)
        new = edits.with_part(self.text, path, text)
        value: Data = text if isinstance(_at(new, path), str) else _at(new, path)
        self._take(new, Edit(do="set", path=path, to=value))

    def edit(self, edit: Edit) -> None:
        """Make one edit: `set`, `add-record`, `remove-record`, or a new line of the timeline. Raises as above."""
        self._allowed(edit.path)
        self._take(apply(self.text, edit), edit)

    def set(self, path: str, value: Data) -> None:
        """Set the value at a path."""
        self.edit(Edit(do="set", path=path, to=value))

    def add_record(self, zone: str, record: str) -> None:
        """Add a line to a zone."""
        self.edit(Edit(do="add-record", path=f"zones.{zone}", text=record, zone=zone))

    def remove_record(self, zone: str, record: str) -> None:
        """Remove a line from a zone; spaces need not be the same."""
        self.edit(Edit(do="remove-record", path=f"zones.{zone}", text=record, zone=zone))

    def undo(self) -> bool:
        """Take the last edit back; false when there is none."""
        return bool(self._steps) and self._steps.pop() is not None

    def reset(self) -> None:
        """Begin anew."""
        self._steps.clear()

    def restore(self) -> bool:
        """Make the edits of the last kept run again, so that a learner finds his world as he left it; false for none.

        What no longer fits the scenario (a newer version of it) is left out.
        """
        last = self._last_kept()
        for written in last.answer if last is not None and isinstance(last.answer, tuple) else ():
            try:
                self.edit(_edit(json.loads(written)))
            except (MailflowError, ValueError):
                continue
        return bool(self._steps)

    def _last_kept(self) -> Entry | None:
        wanted = (self.lesson, f"lab:{self.scenario.id}", self.scenario.seed)
        entries = self.progress.entries if self.progress is not None else []
        return next((one for one in reversed(entries) if (one.lesson, one.item, one.seed) == wanted), None)

    def _take(self, new: str, edit: Edit) -> None:
        """Keep a new text if it is a scenario and changes nothing that is not free."""
        load_file(self.path, shown=self.path.name, seed=self.scenario.seed, text=new)
        wrong = [path for path in _changed(self.start, new) if not self._free(path)]
        if wrong:
            raise self._not_yours(".".join(map(str, wrong[0])))
        if new != self.text:
            self._steps.append(_Step(new, (*self.actions, edit)))

    def _allowed(self, path: str) -> None:
        if not any(path == free or path.startswith(f"{free}.") for free in self.lab.you_may_edit):
            raise self._not_yours(path)

    def _not_yours(self, path: str) -> EditError:
        free = ", ".join(self.lab.you_may_edit)
        return EditError(_("{path} is not yours to change; you may edit {free}").format(path=path, free=free))

    def _free(self, path: tuple[str | int, ...]) -> bool:
        tree = tree_of(self.start)
        return any(path[: len(steps)] == steps for steps in (path_of(tree, free)[0] for free in self.lab.you_may_edit))

    # judging

    def run(self) -> LabResult:
        """Run the world as it is now and judge it. Raises nothing that `edit` has not raised before."""
        scenario = load_file(self.path, shown=self.path.name, seed=self.scenario.seed, text=self.text)
        self.result = judge(self.lab, run(scenario), str(self.path))
        self.tries += 1
        if self.progress is not None:
            self.progress.add(self._entry(self.result))
        return self.result

    def _entry(self, result: LabResult) -> Entry:
        made = tuple(json.dumps(edit.as_data(), ensure_ascii=False) for edit in self.actions)
        myth = next((trap.myth for trap in result.traps if trap.myth), None)
        return Entry(
            lesson=self.lesson, item=f"lab:{self.scenario.id}", seed=self.scenario.seed, answer=made,
            points=float(result.points), right=result.solved, tries=self.tries, done=result.solved, myth=myth,
        )  # fmt: skip

    def hint(self) -> Hint | None:
        """The next hint, or None when there is none left; hints cost nothing."""
        if self.hints_shown >= len(self.lab.hints):
            return None
        self.hints_shown += 1
        return self.lab.hints[self.hints_shown - 1]

    def solution(self) -> str:
        """The solution as a unified diff: the last hint. Nothing is changed by looking at it."""
        return _diff(self.start, self.solved_text(self.lab.solution), self.path.name)

    def solved_text(self, cure: Iterable[Edit]) -> str:
        """The text after a list of edits, from the start. Raises EditError and ScenarioError."""
        text = self.start
        for edit in cure:
            self._allowed(edit.path)
            text = apply(text, edit)
        return text

    def try_cure(self, cure: Iterable[Edit]) -> LabResult:
        """What a list of edits would give, from the start; nothing is kept. Raises EditError and ScenarioError."""
        text = self.solved_text(cure)
        scenario = load_file(self.path, shown=self.path.name, seed=self.scenario.seed, text=text)
        return judge(self.lab, run(scenario), str(self.path))


def judge(lab: Lab, done: Run, called: str) -> LabResult:
    """Ask a run every goal and trap; `called` is the scenario's name in links."""
    records = done.records

    def ask(query: str) -> object:
        return parse(query).ask(records).value

    reached = evaluate((_expect(goal.id, goal.that, goal.op, goal.value) for goal in lab.goals), ask)
    caught = evaluate((_expect(trap.id, trap.when, trap.op, trap.value) for trap in lab.traps), ask)
    goals = tuple(_state(goal, outcome, done, called) for goal, outcome in zip(lab.goals, reached, strict=True))
    traps = tuple(trap for trap, outcome in zip(lab.traps, caught, strict=True) if outcome.holds)
    return LabResult(goals, traps, sum(goal.points for goal in goals), lab.points, done)


def _edit(data: dict[str, Data]) -> Edit:
    """An edit as it was kept."""
    if "set" in data:
        return Edit(do="set", path=str(data["set"]), to=data.get("to"))
    for verb in ("add-record", "remove-record"):
        if verb in data:
            zone = str(data.get("zone", ""))
            return Edit(do=verb, path=f"zones.{zone}", text=str(data[verb]), zone=zone)
    return Edit(do="do", path="timeline", to=data)


def _expect(name: str, that: str, op: str, value: str | tuple[str, ...]) -> Expect:
    return Expect(id=name, that=that, op=op, value=value)


def _state(goal: Goal, outcome: Outcome, done: Run, called: str) -> GoalState:
    no = None
    if not outcome.holds:
        record = who_said_no(done.records, goal.that)
        if record is not None:
            link = f"{called}#{record[KIND].name}/{ordinal(done.records, record)}"
            no = Observed(record[N], record[1], record[KIND].name, describe(record), link)
    return GoalState(goal, outcome.holds, goal.points if outcome.holds else 0, outcome.wanted, outcome.got, no)


def _start_text(path: Path, scenario: Scenario) -> str:
    """The author's text with this learner's parameters written out and without the lab part, which has the solution."""
    text = edits.without_key(path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"), "lab")
    filled = fill_text(text, dict(scenario.params))
    try:
        same = load_file(path, shown=path.name, seed=scenario.seed, text=filled) == scenario
    except Exception as error:  # noqa: BLE001  (a value that changes the YAML around it: show the text as written)
        same = not error
    return filled if same else text


def _diff(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "\n".join(lines)


def _at(text: str, path: str) -> Data:
    tree = tree_of(text)
    from simulator.scenario.tree import find

    node = find(tree, path_of(tree, path)[0])
    return plain(node) if node is not None else None  # type: ignore[return-value]


def _changed(before: str, after: str) -> list[tuple[str | int, ...]]:
    """The paths at which two texts differ."""
    found: list[tuple[str | int, ...]] = []
    _compare(plain(tree_of(before)), plain(tree_of(after)), (), found)
    return found


def _compare(old: object, new: object, path: tuple[str | int, ...], found: list[tuple[str | int, ...]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key in old and key in new:
                _compare(old[key], new[key], (*path, key), found)
            else:
                found.append((*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            _compare(one, other, (*path, place), found)
    elif old != new:
        found.append(path)
