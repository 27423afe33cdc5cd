"""How a learner stands, as plain rows: lessons with state and score, skills, what comes back, the last slip.

Home, the progress screen, plain mode and `mailflow progress` show the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import MailflowError
from ..learning.finding import Entry as Listed
from ..learning.finding import catalogue
from ..learning.myths import find_myth
from ..learning.progress import Entry, Progress
from ..learning.review import LessonState, beliefs, due, last_slip, lesson_state, skills
from ..text import _, language, ngettext

__all__ = ["LessonRow", "Standing", "due_text", "lab_name", "slip_text", "standing"]


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One lesson: what the list knows, how far the learner is, and how many questions it has."""

    listed: Listed
    state: LessonState
    questions: int

    @property
    def begun(self) -> bool:
        """Whether it was ever opened."""
        return self.state.t > 0

    @property
    def finished(self) -> bool:
        """Whether every question is done and every lab solved."""
        return self.begun and self.state.done >= self.questions and self.labs_solved == len(self.listed.labs)

    @property
    def labs_solved(self) -> int:
        """How many of its labs are solved."""
        return sum(lab_name(lab) in self.state.labs for lab in self.listed.labs)

    @property
    def word(self) -> str:
        """`new`, `begun` or `done`."""
        return _("done") if self.finished else _("begun") if self.begun else _("new")

    @property
    def score(self) -> str:
        """Points of questions, or `-` before the first answer."""
        return f"{self.state.points:g}/{self.questions}" if self.state.done or self.state.points else "-"

    @property
    def name(self) -> str:
        """Number and title: `01 The path of one letter`."""
        return f"{self.listed.number:02d} {self.listed.title}" if self.listed.number else self.listed.title


def lab_name(lab: str) -> str:
    """Return the id under which a lab is kept in progress; it may be named by a path."""
    return lab.rpartition("/")[2].removesuffix(".yaml")


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it. `on` is the lesson to go on with, or None where there are no lessons."""

    lessons: tuple[LessonRow, ...]
    on: LessonRow | None
    due: tuple[tuple[str, str], ...]
    slip: str
    slip_lesson: str
    skills: tuple[tuple[str, int, int, int], ...]
    beliefs: tuple[tuple[str, int], ...]

    def lesson(self, lesson_id: str) -> LessonRow | None:
        """Return the row of a lesson."""
        return next((row for row in self.lessons if row.listed.id == lesson_id), None)


def standing(progress: Progress, now_s: float, *, mailflow_path: str = "") -> Standing:
    """Work out how a learner stands at a time (seconds since 1970), in the language that is spoken."""
    entries = progress.entries
    lessons = tuple(
        LessonRow(listed, lesson_state(entries, listed.id), listed.items)
        for listed in catalogue(mailflow_path=mailflow_path, lang=language())
    )
    known = {row.listed.id for row in lessons}
    slip = last_slip(entries)
    return Standing(
        lessons,
        _go_on(lessons),
        tuple((card.lesson, card.item) for card in due(entries, now_s) if card.lesson in known),
        slip_text(slip.myth, _title(lessons, slip.lesson)) if slip is not None else "",
        slip.lesson if slip is not None else "",
        _skills(entries),
        tuple(beliefs(entries).items()),
    )


def _go_on(lessons: tuple[LessonRow, ...]) -> LessonRow | None:
    """The open lesson that was used last, else the first that is not finished, else the first of all."""
    opened = [row for row in lessons if row.begun and not row.finished]
    if opened:
        return max(opened, key=lambda row: row.state.t)
    return next((row for row in lessons if not row.finished), lessons[0] if lessons else None)


def _title(lessons: tuple[LessonRow, ...], lesson: str) -> str:
    return next((row.name for row in lessons if row.listed.id == lesson), lesson)


def slip_text(myth: str | None, lesson: str) -> str:
    """Say what the slip was: the misconception in the learner's language, or which question it was."""
    if myth:
        try:
            return find_myth(myth).claim(language())
        except MailflowError:
            return myth
    return _("a question of {lesson}").format(lesson=lesson)


def _skills(entries: list[Entry]) -> tuple[tuple[str, int, int, int], ...]:
    """Skill, right and seen of the last five, and how many of the wrong ones were certain."""
    surer: dict[str, int] = {}
    for entry in entries:
        if entry.skill and not entry.right and entry.sure == "certain":
            surer[entry.skill] = surer.get(entry.skill, 0) + 1
    return tuple((name, right, seen, surer.get(name, 0)) for name, (right, seen) in skills(entries).items())


def due_text(count: int) -> str:
    """Say how many questions come back today."""
    if not count:
        return _("nothing comes back today")
    return ngettext("{n} question comes back today", "{n} questions come back today", count).format(n=count)
