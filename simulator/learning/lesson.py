"""Reads a lesson folder: head, pages and quiz in one language, every mistake with its file, line and column.

lesson.yaml  lesson.ru.yaml       what it is called and what it teaches; texts in another language
lesson.en.md  lesson.ru.md        its pages, cut at lines ---
quiz.yaml  quiz.ru.yaml           its questions
*.yaml                            its own scenarios and labs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulator.errors import ScenarioError, UsageError
from simulator.learning.finding import Found, find_lesson
from simulator.learning.overlay import LESSON_TEXTS, overlaid
from simulator.learning.pages import Page, read_pages
from simulator.learning.placing import add_diagnostic
from simulator.learning.quiz import Quiz, load_quiz
from simulator.learning.reading import read_file, read_part
from simulator.learning.shapes import LessonShape
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping as Tree
from simulator.scenario.tree import Place, Scalar, Source
from simulator.scenario.yamlload import read_source

__all__ = ["Head", "Lesson", "Text", "load_lesson", "read_head", "read_lesson"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What lesson.yaml says; title, summary and skills in the language that was asked for."""

    id: str
    language: str
    title: str
    summary: str
    minutes: int
    needs: tuple[str, ...]
    lecture: tuple[str, ...]
    scenarios: tuple[str, ...]
    labs: tuple[str, ...]
    skills: Mapping[str, str]
    tree: Tree = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """The pages of one language, and the file they are from."""

    language: str
    pages: tuple[Page, ...]
    source: Source = field(compare=False, repr=False)

    def place(self, line: int, column: int = 1) -> Place:
        """A place in the file, for messages."""
        return Place(self.source, line, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson in one language; `quiz` is None where there is none."""

    found: Found
    head: Head
    text: Text
    quiz: Quiz | None

    @property
    def id(self) -> str:
        """Its id."""
        return self.head.id

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.found.folder

    @property
    def pages(self) -> tuple[Page, ...]:
        """Its pages."""
        return self.text.pages

    @property
    def scenario(self) -> str:
        """The scenario that is stepped through: the first."""
        return self.head.scenarios[0]


def load_lesson(name: str | Path, *, lang: str | None = None, mailflow_path: str = "") -> Lesson:
    """The lesson of a path, number or id. Raises ScenarioError with every mistake, UsageError if there is none."""
    report = Report()
    lesson = read_lesson(find_lesson(name, mailflow_path=mailflow_path), report, lang=lang)
    report.stop_if_any()
    if lesson is None:
        raise UsageError(f"the lesson {name} cannot be read; mailflow validate says why")
    return lesson


def read_lesson(found: Found, report: Report, *, lang: str | None = None) -> Lesson | None:
    """The lesson of a folder, as far as it can be read; every mistake goes into the report and nothing is raised."""
    shown = str(found.folder)
    try:
        head = read_head(found.folder, shown, report, lang=lang)
        text = None if head is None else read_text(found.folder, shown, report, lang=lang or head.language)
        quiz = _quiz(found.folder, shown, report, lang)
    except ScenarioError as error:
        for one in error.diagnostics:
            add_diagnostic(one, report)
        return None
    return None if head is None or text is None else Lesson(found=found, head=head, text=text, quiz=quiz)


def _quiz(folder: Path, shown: str, report: Report, lang: str | None) -> Quiz | None:
    path = folder / "quiz.yaml"
    return load_quiz(path, f"{shown}/quiz.yaml", report, lang=lang) if path.is_file() else None


def read_head(folder: Path, shown: str, report: Report, *, lang: str | None = None) -> Head | None:
    """What lesson.yaml says, or None when that is reported. Raises ScenarioError for a file that is no YAML."""
    tree = read_file(folder / "lesson.yaml", f"{shown}/lesson.yaml", report)
    own = tree.values.get("language")
    language = own.text if isinstance(own, Scalar) else "en"
    beside = folder / f"lesson.{lang}.yaml"
    if lang is not None and lang != language and beside.is_file():
        tree = overlaid(tree, read_file(beside, f"{shown}/{beside.name}", report), LESSON_TEXTS, report)
    shape = read_part(LessonShape, tree, report, shape_at=lambda path: LessonShape)
    if shape is None:
        return None
    return Head(
        id=shape.id, language=language, title=shape.title.strip(), summary=shape.summary.strip(),
        minutes=shape.minutes, needs=tuple(shape.needs), lecture=tuple(shape.lecture),
        scenarios=tuple(shape.scenarios), labs=tuple(shape.labs), skills=dict(shape.skills), tree=tree,
    )  # fmt: skip


def read_text(folder: Path, shown: str, report: Report, *, lang: str) -> Text | None:
    """The pages in a language, in English where there are none; None when there is no file at all."""
    for language in dict.fromkeys((lang, "en", "ru")):
        path = folder / f"lesson.{language}.md"
        if path.is_file():
            source, text = read_source(path, f"{shown}/{path.name}", report)
            return Text(language, read_pages(text), source)
    where = Place(Source(f"{shown}/lesson.{lang}.md", f"lesson.{lang}.md", ()), 1, 1)
    report.add("MF101", where, "the lesson has no pages", f"write lesson.{lang}.md, with lines --- between its pages")
    return None
