"""Proves a lesson on many seeds: what `mailflow test` does, and what CI runs on everything that is shipped.

Every promise of a scenario holds; every key has one value, is among the options, and is no distractor; every known
wrong answer is refused with its own words; a lab starts unsolved, its solution scores full points, and each trap
catches its own cure and blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simulator.engine.query import parse
from simulator.errors import Diagnostic, MailflowError, ScenarioError, UsageError
from simulator.learning.finding import Found, find_lesson
from simulator.learning.items import TYPES, Item, Problem
from simulator.learning.lab import LabResult, LabSession
from simulator.learning.lesson import Lesson, read_lesson
from simulator.learning.lint import folder_of, is_lesson
from simulator.learning.placing import add_diagnostic, place_of
from simulator.learning.reading import read_file
from simulator.learning.worlds import Worlds, find_scenario
from simulator.scenario.expectations import evaluate
from simulator.scenario.labmodel import Trap
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Sequence, find

__all__ = ["Proof", "prove", "prove_found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was proved of one lesson or scenario: how much of each, and every mistake."""

    name: str
    seeds: int
    items: int
    expectations: int
    labs: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        return not self.diagnostics


def prove(path: str | Path, *, seeds: int = 1, mailflow_path: str = "") -> Proof:
    """Prove a lesson (folder, file of it, number or id) or a scenario on seeds 1 to `seeds`.

    Raises UsageError if there is none.
    """
    if str(path).endswith(".yaml") and not is_lesson(path):
        return _scenario(Path(path), seeds, mailflow_path)
    found = find_lesson(folder_of(path) if is_lesson(path) else path, mailflow_path=mailflow_path)
    return prove_found(found, seeds=seeds, mailflow_path=mailflow_path)


def prove_found(found: Found, *, seeds: int = 1, mailflow_path: str = "") -> Proof:
    """The same for a lesson that was found."""
    report = Report()
    lesson = read_lesson(found, report)
    prover = _Prover(report, found.folder, mailflow_path)
    if lesson is not None:
        prover.lesson(lesson, seeds)
    return prover.proof(found.id, seeds, lesson)


def _scenario(path: Path, seeds: int, mailflow_path: str) -> Proof:
    prover = _Prover(Report(), path.parent, mailflow_path)
    for seed in range(1, seeds + 1):
        prover.scenario(path.stem, Worlds(path.parent, seed=seed, mailflow_path=mailflow_path))
    prover.lab(path.stem, seeds)
    return prover.proof(path.stem, seeds, None)


class _Prover:
    def __init__(self, report: Report, folder: Path, mailflow_path: str) -> None:
        self._report = report
        self._folder = folder
        self._path = mailflow_path
        self._told: set[tuple[str, str, str]] = set()
        self._expectations = 0
        self._labs = 0

    def proof(self, name: str, seeds: int, lesson: Lesson | None) -> Proof:
        """What was found."""
        items = len(lesson.quiz.items) if lesson is not None and lesson.quiz is not None else 0
        return Proof(
            name=name, seeds=seeds, items=items, expectations=self._expectations, labs=self._labs,
            diagnostics=self._report.diagnostics(),
        )  # fmt: skip

    def lesson(self, lesson: Lesson, seeds: int) -> None:
        """Prove a lesson."""
        for seed in range(1, seeds + 1):
            worlds = Worlds(self._folder, seed=seed, mailflow_path=self._path)
            for name in dict.fromkeys((*lesson.head.scenarios, *lesson.head.labs)):
                self.scenario(name, worlds)
            for item in lesson.quiz.items if lesson.quiz is not None else ():
                self._item(item, worlds, seed)
        for name in lesson.head.labs:
            self.lab(name, seeds)

    # scenarios

    def scenario(self, name: str, worlds: Worlds) -> None:
        """Every promise of a scenario holds."""
        try:
            done = worlds.run(name)
        except (ScenarioError, UsageError) as error:
            self._add_error(error)
            return
        outcomes = evaluate(done.scenario.expect, lambda query: parse(query).ask(done.records).value)
        self._expectations = max(self._expectations, len(outcomes))
        for outcome in outcomes:
            if not outcome.holds:
                message = f"{outcome.id}: the world gives {outcome.got}, and {outcome.wanted} was promised"
                self._tell(name, "MF117", ("expect",), message, "change the world or the promise", outcome.id)

    def _add_error(self, error: MailflowError) -> None:
        if isinstance(error, ScenarioError):
            for one in error.diagnostics:
                add_diagnostic(one, self._report)

    def _tell(self, name: str, rule: str, path: tuple[str, ...], message: str, hint: str, entry: str = "") -> None:
        """Report something about an entry of a scenario's file, once over all seeds."""
        key = (name, rule, entry)
        if key in self._told:
            return
        self._told.add(key)
        file, _called = find_scenario(name, self._folder, mailflow_path=self._path)
        tree = read_file(file, str(file), Report())
        self._report.at(rule, _entry(tree, path, entry), message, hint)

    # items

    def _item(self, item: Item, worlds: Worlds, seed: int) -> None:
        kind = TYPES[item.type]
        try:
            found = kind.found(item, worlds)
            problems: Iterable[Problem] = list(kind.problems(item, found, worlds))
            kind.question(item, worlds, seed)
        except (ScenarioError, UsageError) as error:
            self._add_error(error)
            return
        except MailflowError as error:
            problems = [Problem("MF115", str(error), "mailflow ask shows what a query gives", "answer-from")]
        for problem in problems:
            key = (item.id, problem.rule, problem.about)
            if key not in self._told:
                self._told.add(key)
                message = problem.message if seed == 1 else f"with seed {seed}, {problem.message}"
                self._report.at(problem.rule, place_of(item, problem), message, problem.hint)

    # labs

    def lab(self, name: str, seeds: int) -> None:
        """A lab starts unsolved, its solution scores full points, each trap catches its own cure."""
        for seed in range(1, seeds + 1):
            try:
                session = LabSession.open(name, folder=self._folder, seed=seed, mailflow_path=self._path)
            except (ScenarioError, UsageError) as error:
                self._add_error(error)
                return
            self._labs += seed == 1
            self._start(name, session)
            self._solution(name, session)
            for trap in session.lab.traps:
                self._trap(name, session, trap)
            if not session.scenario.params:
                return

    def _start(self, name: str, session: LabSession) -> None:
        start = session.try_cure(())
        if start.points == start.of:
            message = "the lab is solved before anybody has done anything"
            self._tell(name, "MF118", ("lab", "goals"), message, "let the world be broken, or ask for more")
        for trap in start.traps:
            message = f"the trap {trap.id} catches before anybody has done anything"
            self._tell(name, "MF120", ("lab", "traps"), message, "let it ask what only the wrong cure does", trap.id)

    def _solution(self, name: str, session: LabSession) -> None:
        try:
            result = session.try_cure(session.lab.solution)
        except MailflowError as error:
            self._tell(name, "MF119", ("lab", "solution"), f"the solution cannot be applied: {error}", "correct it")
            return
        if not result.solved:
            message = f"the solution has {result.points} of {result.of} points: {_failing(result)}"
            self._tell(name, "MF119", ("lab", "solution"), message, "correct the solution or the goals")

    def _trap(self, name: str, session: LabSession, trap: Trap) -> None:
        path = ("lab", "traps")
        if not trap.cure:
            message = f"the trap {trap.id} has no cure: that it catches"
            self._tell(name, "MF120", path, message, "write cure: with the edits of the wrong cure", trap.id)
            return
        try:
            caught = session.try_cure(trap.cure).traps
        except MailflowError as error:
            self._tell(name, "MF120", path, f"the cure of {trap.id} cannot be applied: {error}", "correct it", trap.id)
            return
        if trap not in caught:
            message = f"the trap {trap.id} does not catch its own cure"
            self._tell(name, "MF120", path, message, "correct when:, or the cure", trap.id)


def _failing(result: LabResult) -> str:
    failing = [f"{goal.goal.id} ({goal.no or goal.got})" for goal in result.goals if not goal.reached]
    return "; ".join([*failing, *(f"trap {trap.id}" for trap in result.traps)])


def _entry(tree: Mapping, path: tuple[str, ...], entry: str) -> Node:
    node = find(tree, path) or tree
    for item in node.items if isinstance(node, Sequence) else ():
        name = item.values.get("id") if isinstance(item, Mapping) else None
        if name is not None and getattr(name, "text", "") == entry:
            return item
    return node
