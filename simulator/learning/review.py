"""What comes back, and what has been learnt: missed items after 1, 3, 7, 21 and 60 days; skills, beliefs, last slip.

All of it is a fold of the answers, so there is no second file that could disagree with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulator.learning.progress import Entry

__all__ = [
    "DAYS",
    "Card",
    "LessonState",
    "Slip",
    "beliefs",
    "cards",
    "due",
    "last_slip",
    "lesson_state",
    "next_review",
    "skills",
]

DAYS: Final = (1, 3, 7, 21, 60)
"""The days after which a missed item comes back, again and again, until it has been right five times."""

_DAY_S: Final = 86_400
_LATELY: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """An item that comes back: when (seconds since 1970), and how often it has been right since it was missed."""

    lesson: str
    item: str
    due_s: int
    box: int
    skill: str | None


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong answer."""

    lesson: str
    item: str
    t: int
    myth: str | None


@dataclass(frozen=True, slots=True)
class LessonState:
    """How far a lesson is: the page that was open, items done, their points, labs solved, and when it was last used."""

    lesson: str
    page: int
    done: int
    points: float
    labs: tuple[str, ...]
    t: int


def _answers(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.item != "page" and not entry.item.startswith("lab:")]


def cards(entries: Iterable[Entry]) -> tuple[Card, ...]:
    """Every item that was missed and is not yet learnt, by when it comes back.

    A wrong answer puts an item into the first box; a right one after its day moves it on; more on one day do not count.
    """
    found: dict[tuple[str, str], Card] = {}
    for entry in _answers(entries):
        key = (entry.lesson, entry.item)
        card = found.get(key)
        if not entry.right:
            found[key] = Card(*key, entry.t + DAYS[0] * _DAY_S, 0, entry.skill)
        elif card is not None and entry.t >= card.due_s:
            box = card.box + 1
            if box < len(DAYS):
                found[key] = Card(*key, entry.t + DAYS[box] * _DAY_S, box, entry.skill)
            else:
                del found[key]
    return tuple(sorted(found.values(), key=lambda card: (card.due_s, card.lesson, card.item)))


def due(entries: Iterable[Entry], now_s: float) -> tuple[Card, ...]:
    """The items to review now."""
    return tuple(card for card in cards(entries) if card.due_s <= now_s)


def next_review(entries: Iterable[Entry], lesson: str, item: str) -> int | None:
    """After how many days an item comes back, or None if it does not."""
    card = next((card for card in cards(entries) if (card.lesson, card.item) == (lesson, item)), None)
    return None if card is None else DAYS[card.box]


def skills(entries: Iterable[Entry]) -> dict[str, tuple[int, int]]:
    """For each skill, how many of its last five answers were right, and how many there were."""
    found: dict[str, list[bool]] = {}
    for entry in _answers(entries):
        if entry.skill:
            found.setdefault(entry.skill, []).append(entry.right)
    return {skill: (sum(lately[-_LATELY:]), len(lately[-_LATELY:])) for skill, lately in sorted(found.items())}


def beliefs(entries: Iterable[Entry]) -> dict[str, int]:
    """How often each misconception showed, the most frequent first."""
    counted: dict[str, int] = {}
    for entry in entries:
        if entry.myth and not entry.right:
            counted[entry.myth] = counted.get(entry.myth, 0) + 1
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def last_slip(entries: Iterable[Entry]) -> Slip | None:
    """The latest wrong answer that was not put right since, one with a known misconception before others."""
    open_slips: dict[tuple[str, str], Slip] = {}
    for entry in _answers(entries):
        key = (entry.lesson, entry.item)
        if entry.right:
            open_slips.pop(key, None)
        else:
            open_slips[key] = Slip(*key, entry.t, entry.myth)
    return max(open_slips.values(), key=lambda slip: (slip.myth is not None, slip.t), default=None)


def lesson_state(entries: Iterable[Entry], lesson: str) -> LessonState:
    """How far one lesson is, over all seeds: the best of each item counts."""
    page, last = 1, 0
    best: dict[str, float] = {}
    done: set[str] = set()
    labs: dict[str, None] = {}
    for entry in entries:
        if entry.lesson != lesson:
            continue
        last = max(last, entry.t)
        if entry.item == "page":
            page = int(entry.answer) if isinstance(entry.answer, str) and entry.answer.isdigit() else page
        elif entry.item.startswith("lab:"):
            labs.update({entry.item.removeprefix("lab:"): None} if entry.right else {})
        else:
            best[entry.item] = max(best.get(entry.item, 0.0), entry.points)
            done |= {entry.item} if entry.done else set()
    return LessonState(lesson, page, len(done), sum(best.values()), tuple(labs), last)
