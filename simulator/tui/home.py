"""Home: where to go on, what comes back today, the lessons, the sandbox, the skills, and the last slip.

The first thing that a learner sees, so the next thing to do stands at the top, under the cursor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import MailflowError, ScenarioError, UsageError
from ..learning.quizzing import QuizSession
from ..learning.sessions import LessonSession
from ..scenario.finding import Entry as World
from ..scenario.finding import catalogue as worlds
from ..text import _, language
from .desk import Desk, Learner
from .dialogs import Item
from .lines import Line, clip, fit, line, wrap
from .panes import beside, box, scrolled
from .place import Place
from .standing import LessonRow, Standing, due_text, standing

__all__ = ["Home", "error_lines", "first_world", "open_session"]

_FIRST = "first-letter"
_WIDE = 100


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the list; a line without a command is a heading."""

    spans: Line
    command: str = ""


def error_lines(error: MailflowError) -> list[str]:
    """Return an error as lines; of many mistakes each its own."""
    return [text for whole in str(error).split("\n") for text in wrap(whole, 74)]


def open_session(learner: Learner, name: str | Path) -> LessonSession:
    """Open a lesson in the language that is spoken. Raises UsageError and ScenarioError."""
    return LessonSession.open(
        name, seed=learner.seed, lang=language(), mailflow_path=learner.mailflow_path, progress=learner.progress
    )


def first_world(found: list[World]) -> list[World]:
    """Return the scenarios, the one to begin with first."""
    return sorted(found, key=lambda entry: (entry.id != _FIRST, entry.id))


class Home(Place):
    """The home screen."""

    screen = "home"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        assert desk.learner is not None
        self.learner: Learner = desk.learner
        self.selected = 0
        self.standing: Standing
        self.worlds: list[World] = []
        self.rows: list[_Row] = []
        self._top = 0
        self.does |= {
            "open": self._open, "up": lambda: self._move(-1), "down": lambda: self._move(1),
            "page-up": lambda: self._move(-8), "page-down": lambda: self._move(8),
            "top": lambda: self._move(-len(self.rows)), "bottom": lambda: self._move(len(self.rows)),
            "review": self._review, "find": self._find, "sandbox": self._sandbox, "progress": self._progress,
            "questions": lambda: self._of_lesson("quiz"), "lab": lambda: self._of_lesson("lab"), "out": self._ask_out,
        }  # fmt: skip
        self.choices |= {
            "leave": lambda rest: self.desk.pop(), "go": self.go, "word": self._word,
        }  # fmt: skip

    # What there is

    def entered(self) -> None:
        """Read anew how the learner stands: other screens have added to it."""
        learner = self.learner
        self.standing = standing(learner.progress, learner.now(), mailflow_path=learner.mailflow_path)
        self.worlds = first_world(worlds(mailflow_path=learner.mailflow_path, lang=language()))
        self.rows = self._made()
        self._move(0)
        self.message = self.message or _("Nothing is locked: any lesson may be opened.")
        self.desk.hear()

    def _made(self) -> list[_Row]:
        rows = [*self._first_rows(), _Row(line(""))]
        done = sum(row.finished for row in self.standing.lessons)
        heading = _("Lessons, {done} of {n} done").format(done=done, n=len(self.standing.lessons))
        rows.append(_Row(line((heading, "title"))))
        rows += [_Row(self._lesson_line(row), f"lesson:{row.listed.id}") for row in self.standing.lessons]
        rows += [_Row(line("")), _Row(line((_("Sandbox: worlds to play with"), "title")))]
        rows += [_Row(line(f"  {world.id:<24} ", (world.title, "dim")), f"world:{world.id}") for world in self.worlds]
        return [*rows, *self._skill_rows()]

    def _first_rows(self) -> list[_Row]:
        rows = [_Row(line((_("Go on"), "title")))]
        on = self.standing.on
        if on is not None:
            word = _("begin here") if not on.begun else self._where(on)
            rows.append(_Row(line(("  " + on.name, "strong"), ("   " + word, "dim")), f"lesson:{on.listed.id}"))
        if self.standing.due:
            rows.append(_Row(line("  " + due_text(len(self.standing.due))), "review:"))
        if self.standing.slip:
            slip = _("Last slip: {slip}").format(slip=self.standing.slip)
            rows.append(_Row(line("  " + slip), f"quiz:{self.standing.slip_lesson}"))
        return rows

    @staticmethod
    def _where(row: LessonRow) -> str:
        parts = [_("page {n}").format(n=row.state.page)]
        if row.questions:
            parts.append(_("questions {done} of {n}").format(done=row.state.done, n=row.questions))
        if row.listed.labs:
            parts.append(_("lab solved") if row.labs_solved == len(row.listed.labs) else _("lab open"))
        return "   ".join(parts)

    @staticmethod
    def _lesson_line(row: LessonRow) -> Line:
        width = 8
        share = row.state.done / row.questions if row.questions else 0.0
        filled = round(share * width)
        bar = f"[{'#' * filled}{'-' * (width - filled)}]"
        return line(f"  {fit(row.name, 38)} ", (f"{fit(row.word, 8)}", "dim"), f"{bar} {row.score}")

    def _skill_rows(self) -> list[_Row]:
        if not self.standing.skills:
            return []
        rows = [_Row(line("")), _Row(line((_("Skills, by your last answers"), "title")))]
        for name, right, seen, surer in self.standing.skills:
            bar = f"[{'#' * right}{'-' * (seen - right)}]"
            note = "   " + _("surer than right: {n}").format(n=surer) if surer else ""
            rows.append(_Row(line(f"  {fit(name, 26)} {bar:<8} ", f"{right}/{seen}", (note, "refusal")), "progress:"))
        return rows

    # Drawing

    def body(self, width: int, height: int) -> list[Line]:
        """Return the title, the list, and beside it what the cursor is on."""
        head = line((fit(" " + _("mailflow   E-mail from A to Z"), width), "bar"))
        right = 46 if width >= _WIDE else 0
        left = width - right
        rows = height - 1 - (0 if right else 7)
        self._top = scrolled(self._top, self.selected, len(self.rows), rows - 2)
        if self.selected <= 2:
            self._top = 0
        shown = [row.spans for row in self.rows]
        made = box((_("Home"), ""), shown, (left, rows), active=True, selected=self.selected, top=self._top)
        for at in range(self._top, min(len(self.rows), self._top + rows - 2)):
            if self.rows[at].command:
                self.hits.append((0, left, 2 + at - self._top, str(at)))
        if right:
            return [head, *beside(made, self._details(right, rows))]
        return [head, *made, *self._details(width, 7)]

    def _details(self, width: int, height: int) -> list[Line]:
        title, texts = self._about(width - 4)
        return box((title, ""), [line(text) for text in texts], (width, height))

    def _about(self, width: int) -> tuple[str, list[str]]:
        what, _sep, name = self.rows[self.selected].command.partition(":")
        if what == "world":
            world = next(world for world in self.worlds if world.id == name)
            return world.id, [*wrap(world.title, width), *wrap(" ".join(world.summary.split()), width)]
        row = self.standing.lesson(name) if name else None
        if row is None:
            return _("Questions that come back"), wrap(
                _("A question that was missed comes back after 1, 3, 7, 21 and 60 days, until it is known."), width
            )
        return row.name, _lesson_details(row, width)

    # Moving

    def _move(self, by: int) -> None:
        choices = [at for at, row in enumerate(self.rows) if row.command]
        if not choices:
            return
        here = min(range(len(choices)), key=lambda at: abs(choices[at] - self.selected))
        self.selected = choices[max(0, min(here + by, len(choices) - 1))]

    def clicked(self, command: str) -> None:
        """Choose a line; one that is chosen already is opened."""
        if int(command) == self.selected:
            self._open()
        self.selected = int(command)

    def _sandbox(self) -> None:
        self.selected = next((at for at, row in enumerate(self.rows) if row.command.startswith("world:")), 0)

    # Opening

    def _open(self) -> None:
        self.go(self.rows[self.selected].command)

    def go(self, command: str) -> None:
        """Open what a line names: `lesson:ID`, `quiz:ID`, `lab:ID`, `world:ID`, `review:` or `progress:`."""
        what, _sep, name = command.partition(":")
        opens: dict[str, Callable[[str], None]] = {
            "lesson": self._lesson, "quiz": self._quiz, "lab": self._lab, "world": self._world,
            "review": lambda rest: self._review(), "progress": lambda rest: self._progress(),
        }  # fmt: skip
        try:
            opens[what](name)
        except (ScenarioError, UsageError, MailflowError) as error:
            self.tell(_("This cannot be opened"), error_lines(error))

    def _session(self, name: str) -> LessonSession:
        row = self.standing.lesson(name)
        return open_session(self.learner, row.listed.found.folder if row is not None else name)

    def _lesson(self, name: str) -> None:
        from .lesson_place import LessonPlace

        self.desk.push(LessonPlace(self.desk, self._session(name)))

    def _quiz(self, name: str) -> None:
        from .quiz_place import open_quiz

        self.message = open_quiz(self.desk, self._session(name))

    def _lab(self, name: str) -> None:
        from .lab_place import LabPlace

        self.desk.push(LabPlace(self.desk, self._session(name)))

    def _of_lesson(self, what: str) -> None:
        name = self.rows[self.selected].command.partition(":")[2]
        row = self.standing.lesson(name) or self.standing.on
        if row is not None:
            self.go(f"{what}:{row.listed.id}")

    def _world(self, name: str) -> None:
        from ..scenario.loading import load
        from ..scenario.world import run
        from .world_place import WorldPlace

        seed = self.learner.seed
        scenario = load(name, seed=seed, lang=language(), mailflow_path=self.learner.mailflow_path)
        link = name if seed is None else f"{name}?seed={seed}"
        self.desk.push(WorldPlace.of(self.desk, run(scenario), link))

    def _review(self) -> None:
        if not self.standing.due:
            self.message = _("nothing comes back today")
            return
        from .quiz_place import QuizPlace

        quizzes: dict[str, LessonSession] = {}
        items: list[tuple[QuizSession, str]] = []
        for lesson, item in self.standing.due:
            if lesson not in quizzes:
                quizzes[lesson] = self._session(lesson)
            quiz = quizzes[lesson].quiz()
            if quiz is not None and item in quiz.states:
                items.append((quiz, item))
        if items:
            self.desk.push(QuizPlace(self.desk, items, _("Review"), again=True))

    def _progress(self) -> None:
        from .progress_place import ProgressPlace

        self.desk.push(ProgressPlace(self.desk, self.standing))

    def _find(self) -> None:
        self.open_palette()

    def palette_items(self) -> list[Item]:
        """Return every lesson, scenario and word."""
        from ..text.glossary import in_order

        items = [
            Item(row.name, clip(row.listed.summary, 60), f"go:lesson:{row.listed.id}") for row in self.standing.lessons
        ]
        items += [Item(world.id, world.title, f"go:world:{world.id}") for world in self.worlds]
        return items + [Item(term.name(language()), term.source, f"word:{term.key}") for term in in_order(language())]

    def _word(self, key: str) -> None:
        from ..text.glossary import find
        from .glossary import Glossary

        self.desk.push(Glossary(self.desk, (find(key),)))

    def _ask_out(self) -> None:
        if len(self.desk.places) > 1:
            self.desk.pop()
            return
        self.ask(_("Leave mailflow?"), _("leave"), "leave:", _("stay"))


def _lesson_details(row: LessonRow, width: int) -> list[str]:
    listed = row.listed
    time = _("about {n} minutes").format(n=listed.minutes) if listed.minutes else ""
    scenario = _("scenario {name}").format(name=listed.scenarios[0]) if listed.scenarios else ""
    needs = _("needs {names}").format(names=", ".join(listed.needs)) if listed.needs else ""
    texts = [*wrap(listed.summary, width), "   ".join(part for part in (time, scenario, needs) if part)]
    if listed.skills:
        texts += ["", _("You will be able to")]
        texts += [text for skill in listed.skills for text in wrap(f"* {skill}", width, 2)]
    return [*texts, "", _("Enter opens it   t its questions   l its lab")]
