"""A learner's way through a quiz: question, answer, feedback, hint, solution, score. No screen is known here.

First try 1 point, second half a point, then the solution is shown and the item is done without points. A prediction
has one try, since the world moves on. Hints cost nothing; an answer that cannot be read costs no try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from simulator.engine.trace import KIND, N, T
from simulator.errors import UsageError
from simulator.learning.feedback import Feedback, Observed
from simulator.learning.items import TYPES, Answer, AnswerError, Item, ItemType, Question, Verdict
from simulator.learning.myths import find_myth
from simulator.learning.progress import Entry, Progress
from simulator.learning.quiz import Quiz
from simulator.learning.review import next_review
from simulator.learning.worlds import Found, Worlds
from simulator.records.describe import describe
from simulator.scenario.labmodel import Hint
from simulator.text import N_, _

__all__ = ["SURE", "QuizSession", "Score", "State", "read_sure"]

SURE: Final = {"guess": N_("guess"), "think": N_("think so"), "certain": N_("certain")}
"""How sure one can be: what is stored, and what is shown."""

_POINTS: Final = (1.0, 0.5)


@dataclass(slots=True)
class State:
    """How far one item is: tries, points, whether it is done, hints that were shown."""

    tries: int = 0
    points: float = 0.0
    done: bool = False
    right: bool = False
    hints: int = 0
    last: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Points so far of those possible, items done of all, and whether the quiz is passed."""

    points: float
    of: int
    done: int
    passed: bool
    needed: float


def read_sure(text: str) -> str:
    """How sure: `guess`, `think` or `certain`, from a word or the number 1, 2 or 3. Raises AnswerError."""
    word = text.strip().casefold()
    for number, (stored, shown) in enumerate(SURE.items(), 1):
        if word and (word == str(number) or stored.startswith(word) or _(shown).casefold().startswith(word)):
            return stored
    known = ", ".join(f"{number} {_(shown)}" for number, shown in enumerate(SURE.values(), 1))
    raise AnswerError(_("How sure are you? Type one of {known}.").format(known=known))


@dataclass(slots=True)
class QuizSession:
    """One quiz with one learner; `seed` shuffles, `progress` may be None (nothing is kept)."""

    quiz: Quiz
    worlds: Worlds
    seed: int
    progress: Progress | None = None
    states: dict[str, State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.quiz.items:
            self.states[item.id] = _restored(self.progress, self.quiz.lesson, item.id, self.seed)

    # what there is

    @property
    def items(self) -> tuple[Item, ...]:
        """The items in their order."""
        return self.quiz.items

    def item(self, item_id: str) -> Item:
        """The item of that id. Raises UsageError."""
        try:
            return self.quiz.item(item_id)
        except KeyError:
            raise UsageError(_("this quiz has no question {name}").format(name=item_id)) from None

    def question(self, item_id: str) -> Question:
        """The question as it is shown. Raises QueryError and ScenarioError of a wrong lesson."""
        item = self.item(item_id)
        return _type(item).question(item, self.worlds, self.seed)

    def next_open(self) -> str | None:
        """The first item that is not done, or None."""
        return next((item.id for item in self.items if not self.states[item.id].done), None)

    def score(self) -> Score:
        """Points and how far it is to passing."""
        points = sum(state.points for state in self.states.values())
        done = sum(state.done for state in self.states.values())
        needed = len(self.items) * self.quiz.pass_percent / 100
        return Score(points, len(self.items), done, points >= needed, needed)

    # what a learner does

    def read(self, item_id: str, text: str) -> Answer:
        """What was typed, as an answer. Raises AnswerError, which costs no try."""
        item = self.item(item_id)
        return _type(item).read(item, text, self.seed, self.worlds)

    def answer(self, item_id: str, answer: str | Answer, sure: str = "think") -> Feedback:
        """Judge an answer (text as typed, or as `read` gave it) and keep it. Raises AnswerError."""
        item, state = self.item(item_id), self.states[item_id]
        given = self.read(item_id, answer) if isinstance(answer, str) else answer
        kind = _type(item)
        found = kind.found(item, self.worlds)
        right = kind.right(item, found, given, self.worlds)
        open_before = not state.done
        state.tries += open_before
        points = _POINTS[state.tries - 1] if right and open_before and state.tries <= len(_POINTS) else 0.0
        over = right or kind.one_try or state.tries >= len(_POINTS)
        state.done, state.right = state.done or over, state.right or (right and open_before)
        state.points += points
        verdict = Verdict(item.because) if right else kind.verdict(item, found, given, self.worlds)
        state.last = self._feedback(item, found, given, verdict, right=right, points=points)
        self._keep(item, given, state.last, sure)
        return state.last

    def hint(self, item_id: str) -> Hint | None:
        """The next hint, or None when there is none left; hints cost nothing."""
        item, state = self.item(item_id), self.states[item_id]
        if state.hints >= len(item.hints):
            return None
        state.hints += 1
        return item.hints[state.hints - 1]

    def solution(self, item_id: str) -> Feedback:
        """Show the solution: the item is done, without further points."""
        item, state = self.item(item_id), self.states[item_id]
        kind = _type(item)
        found = kind.found(item, self.worlds)
        state.done = True
        right = kind.solution(item, found)
        state.last = self._feedback(item, found, right, Verdict(item.because), right=True, points=0.0)
        return state.last

    # feedback

    def _feedback(
        self, item: Item, found: Found, given: Answer, verdict: Verdict, *, right: bool, points: float
    ) -> Feedback:
        kind, state = _type(item), self.states[item.id]
        shown = state.done
        return Feedback(
            item=item.id, answer=kind.words(item, given), right=right, points=points, tries=state.tries, done=shown,
            value=kind.words(item, kind.solution(item, found)) if shown else "",
            observed=self._observed(item, found) if shown else (),
            why=verdict.why, myth=find_myth(verdict.myth) if verdict.myth else None, query=found.query,
            review=next_review(self.progress.entries if self.progress else (), self.quiz.lesson, item.id),
        )  # fmt: skip

    def _observed(self, item: Item, found: Found) -> tuple[Observed, ...]:
        return tuple(
            Observed(record[N], record[T], record[KIND].name, describe(record), self.worlds.link(item.scenario, record))
            for record in found.records
        )

    def _keep(self, item: Item, given: Answer, feedback: Feedback, sure: str) -> None:
        if self.progress is None:
            return
        self.progress.add(
            Entry(
                lesson=self.quiz.lesson, item=item.id, seed=self.seed, points=feedback.points, sure=sure,
                answer=given[0] if len(given) == 1 else given, right=feedback.right, tries=feedback.tries,
                skill=item.skill, myth=feedback.myth.id if feedback.myth else None, done=feedback.done,
            )
        )  # fmt: skip


def _type(item: Item) -> ItemType:
    return TYPES[item.type]


def _restored(progress: Progress | None, lesson: str, item: str, seed: int) -> State:
    """How far an item was when the learner left; another seed is another variant and begins anew."""
    state = State()
    for entry in progress.entries if progress is not None else ():
        if (entry.lesson, entry.item, entry.seed) == (lesson, item, seed) and not state.done:
            state.tries, state.points = entry.tries, state.points + entry.points
            state.right, state.done = state.right or entry.right, entry.done
    return state
