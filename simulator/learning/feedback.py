"""What is said after an answer, as data: your answer; what the world did; why yours differs; the query.

The order is that of learning from a surprise: first what you thought, then what happened, then the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.learning.myths import Myth
from simulator.text import _, language

__all__ = ["Feedback", "Observed"]


@dataclass(frozen=True, slots=True)
class Observed:
    """One event that shows what the world did: number, time in µs, kind, words, and its deep link."""

    n: int
    t: int
    kind: str
    text: str
    link: str

    def __str__(self) -> str:
        return f"e{self.n}  {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """After one answer.

    answer      your answer in words
    right       whether it is
    points      what this answer earned: 1, 0.5 or 0
    done        nothing more can be won here: it was right, or the solution has been shown
    value       what the world says, in words; "" while another try is open
    observed    the events that show it; empty while another try is open
    why         why yours differs, or what to take along from a right answer
    myth        the misconception behind it, or None
    query       the question to the world that gives the key; "" for a plain fact
    review      in how many days the question comes back, or None
    """

    item: str
    answer: str
    right: bool
    points: float
    tries: int
    done: bool
    value: str = ""
    observed: tuple[Observed, ...] = ()
    why: str = ""
    myth: Myth | None = None
    query: str = ""
    review: int | None = None

    def lines(self) -> Iterator[str]:
        """The same as lines of text, each part with its heading."""
        yield _("Your answer: {answer}").format(answer=self.answer)
        yield self._verdict()
        if self.value and not self.right:
            yield _("The world: {value}").format(value=self.value)
        for event in self.observed:
            yield f"  {event}  ({event.link})"
        yield from (self.why.strip(),) if self.why.strip() else ()
        if self.myth is not None:
            spoken = language()
            yield _("Often believed: {claim}").format(claim=self.myth.claim(spoken))
            yield _("True is: {truth} ({source})").format(truth=self.myth.answer(spoken), source=self.myth.source)
        if self.query:
            yield _("The question to the world: {query}").format(query=self.query)

    def _verdict(self) -> str:
        if self.right:
            return _("Right. Points: {points}").format(points=f"{self.points:g}")
        return _("Not right.") if self.done else _("Not right; try once more.")
