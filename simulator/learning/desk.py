"""What the home screen and `mailflow progress` show: where to go on, what comes back, lessons, skills, the last slip.

One object of plain data, worked out from the list of lessons and the learner's answers, so that the screen, plain mode
and JSON cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simulator.learning.finding import Entry as LessonEntry
from simulator.learning.progress import Entry, Progress
from simulator.learning.review import Card, LessonState, Slip, beliefs, cards, due, last_slip, lesson_state, skills

__all__ = ["Desk", "LessonLine", "desk"]


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One lesson of the list: what it is, and how far the learner is; `state` is "new", "begun" or "done"."""

    entry: LessonEntry
    progress: LessonState
    items: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The learner's desk.

    go_on    the lesson to go on with: the one begun last and not done, else the first that is new, else None
    review   items that are due now; `later` those that come back another day
    skills   skill -> (right, asked) of its last five answers
    beliefs  misconception -> how often it showed
    """

    go_on: LessonLine | None
    lessons: tuple[LessonLine, ...]
    review: tuple[Card, ...]
    later: tuple[Card, ...]
    slip: Slip | None
    skills: dict[str, tuple[int, int]]
    beliefs: dict[str, int]
    messages: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "go-on": self.go_on.entry.id if self.go_on else None,
            "lessons": [
                {"id": one.entry.id, "title": one.entry.title, "state": one.state, "items": one.items}
                | {key: value for key, value in asdict(one.progress).items() if key != "lesson"}
                for one in self.lessons
            ],
            "review": [asdict(card) for card in self.review],
            "later": [asdict(card) for card in self.later],
            "last-slip": asdict(self.slip) if self.slip else None,
            "skills": {skill: {"right": right, "asked": asked} for skill, (right, asked) in self.skills.items()},
            "misconceptions": self.beliefs,
            "messages": list(self.messages),
        }


def desk(lessons: Sequence[LessonEntry], progress: Progress) -> Desk:
    """The desk of a learner, for lessons as `finding.catalogue` lists them."""
    entries = progress.entries
    lines = tuple(_line(entry, entries) for entry in lessons)
    begun = [line for line in lines if line.state == "begun"]
    new = [line for line in lines if line.state == "new"]
    now = progress.now()
    waiting = due(entries, now)
    return Desk(
        go_on=max(begun, key=lambda line: line.progress.t) if begun else next(iter(new), None),
        lessons=lines,
        review=waiting,
        later=tuple(card for card in cards(entries) if card not in waiting),
        slip=last_slip(entries),
        skills=skills(entries),
        beliefs=beliefs(entries),
        messages=tuple(progress.messages),
    )


def _line(entry: LessonEntry, entries: Sequence[Entry]) -> LessonLine:
    state = lesson_state(entries, entry.id)
    if not state.t:
        word = "new"
    else:
        solved = set(entry.labs) <= set(state.labs)
        word = "done" if entry.items and state.done >= entry.items and solved else "begun"
    return LessonLine(entry, state, entry.items, word)
