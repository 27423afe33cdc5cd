"""The progress screen: lessons, skills and misconceptions so far, and where the file lies."""

from __future__ import annotations

from ..learning.myths import find_myth, myths
from ..text import _, language, ngettext
from .desk import Desk
from .lines import Line, fit, line, wrap
from .panes import box
from .place import Place
from .standing import Standing, due_text

__all__ = ["ProgressPlace", "progress_texts"]


def progress_texts(found: Standing, width: int) -> list[tuple[str, str]]:
    """Return how a learner stands as lines with a style name."""
    texts = [(_("Lessons"), "title")]
    for row in found.lessons:
        pages = _("page {n}").format(n=row.state.page) if row.begun else ""
        labs = _("lab {n}/{of}").format(n=row.labs_solved, of=len(row.listed.labs)) if row.listed.labs else ""
        texts.append((f"  {fit(row.name, 36)} {fit(row.word, 8)} {row.score:>6}  {fit(labs, 8)}  {pages}".rstrip(), ""))
    texts += [("", ""), (_("Skills: right of your last five answers"), "title")]
    for name, right, seen, surer in found.skills:
        note = _("surer than right: {n}").format(n=surer) if surer else ""
        texts.append((f"  {fit(name, 38)} {right}/{seen}   {note}".rstrip(), ""))
    texts += [] if found.skills else [("  " + _("nothing has been answered yet"), "dim")]
    texts += [("", ""), ("  " + due_text(len(found.due)), "")]
    if found.beliefs:
        texts += [("", ""), (_("What you have believed"), "title")]
        for name, count in found.beliefs:
            texts += _belief(name, count, width)
    return texts


def _belief(name: str, count: int, width: int) -> list[tuple[str, str]]:
    if name not in myths():
        return []
    myth, spoken = find_myth(name), language()
    times = ngettext("({n} time)", "({n} times)", count).format(n=count)
    told = wrap(f"  {myth.claim(spoken)} {times}", width, 2)
    truth = wrap(
        "    " + _("True is: {truth} ({source})").format(truth=myth.answer(spoken), source=myth.source), width, 4
    )
    return [*((text, "") for text in told), *((text, "dim") for text in truth)]


class ProgressPlace(Place):
    """All of it in one list that scrolls."""

    screen = "progress"

    def __init__(self, desk: Desk, found: Standing) -> None:
        super().__init__(desk)
        self.standing = found
        self.top = 0
        self.does |= {
            "up": lambda: self._scroll(-1), "down": lambda: self._scroll(1), "open": self.desk.pop,
            "page-up": lambda: self._scroll(-10), "page-down": lambda: self._scroll(10),
            "top": lambda: self._scroll(-10_000), "bottom": lambda: self._scroll(10_000),
        }  # fmt: skip

    def plain_command(self) -> str:
        """Return the command that prints the same."""
        return "mailflow progress"

    def _scroll(self, by: int) -> None:
        self.top = max(0, self.top + by)

    def body(self, width: int, height: int) -> list[Line]:
        """Return the list in its frame."""
        texts = progress_texts(self.standing, width - 4)
        self.top = max(0, min(self.top, len(texts) - (height - 3)))
        head = line((fit(" " + _("Progress"), width), "bar"))
        lines = [line(pair) for pair in texts]
        return [head, *box((_("So far"), ""), lines, (width, height - 1), active=True, top=self.top)]

    def message_line(self, width: int) -> Line:
        """Return where the file is."""
        learner = self.desk.learner
        return line((fit(f" {learner.progress.path}" if learner is not None else "", width), "dim"))
