"""A plain lab: change parts by `set`, `add` and `remove` or in $EDITOR, run, and read who said no."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ..errors import UsageError
from ..learning.lab import LabSession, Part
from ..learning.sessions import LessonSession
from ..learning.shell import dig
from ..text import N_, _, language
from .home import open_session
from .lab_text import changed_lines, goal_texts, score_text, solved_text, trap_texts
from .lines import wrap
from .plain_desk import Level, PlainDesk
from .plain_world import WorldLevel

__all__ = ["LabLevel"]

_WIDTH = 76


class LabLevel(Level):
    """One lab."""

    def __init__(self, desk: PlainDesk, session: LessonSession, name: str | None = None) -> None:
        super().__init__(desk)
        self.lesson = session
        self.name = name
        self.lab: LabSession = session.lab(name)
        self.restored = self.lab.restore()
        self.commands = {
            "task": self._task, "parts": self._parts, "show": self._show, "set": self._set, "add": self._add,
            "remove": self._remove, "edit": self._edit, "e": self._edit, "run": self._run, "diff": self._diff,
            "d": self._diff, "undo": self._undo, "u": self._undo, "hint": self._hint, "h": self._hint,
            "world": self._world, "w": self._world, "reset": self._reset, "solution": self._solution, "dig": self._dig,
        }  # fmt: skip
        self.help = [
            ("task", N_("what is asked for")), ("parts", N_("what may be edited")), ("show PART", N_("one part")),
            ("set PATH VALUE", N_("give a part, or what lies in it, another value; lines with \\n between them")),
            ("add ZONE RECORD", N_("add a line to a zone")), ("remove ZONE RECORD", N_("remove a line from a zone")),
            ("edit PART", N_("Edit the part in the editor that EDITOR names")),
            ("run", N_("Run the world as it is now, and judge it")), ("diff", N_("What you have changed")),
            ("undo", N_("Take the last change back")), ("hint", N_("Show a hint; hints cost nothing")),
            ("world [N]", N_("the world as it ran, where somebody said no or at event N")),
            ("dig NAME TYPE", N_("Ask the DNS of this world")),
            ("solution", N_("Show the solution, as what it changes")),
            ("reset yes", N_("begin anew")),
        ]  # fmt: skip

    def opening(self) -> Iterator[str]:
        """Say the task, the parts and the goals."""
        yield _("Lab: {title}").format(title=self.lab.scenario.title)
        if self.restored:
            yield _("your changes of last time are here again")
        yield from self._task("")
        yield from self._parts("")
        yield _("Goals:")
        yield from (f"  {goal.say} ({goal.points})" for goal in self.lab.lab.goals)
        yield _("Commands: show, set, add, remove, edit, run, diff, undo, hint, world, dig, solution, reset, help, q")

    def back(self) -> Iterator[str]:
        """Say how far it is."""
        yield _("Lab: {title}").format(title=self.lab.scenario.title) + f"  {score_text(self.lab)}"

    def respoken(self) -> None:
        """Speak the other language; the changes stay."""
        before = self.lab
        self.lesson = open_session(self.desk.learner, self.lesson.lesson.folder)
        self.lab = self.lesson.lab(self.name)
        self.lab.hints_shown, self.lab.tries = before.hints_shown, before.tries
        for edit in before.actions:
            self.lab.edit(edit)

    # What there is

    def _task(self, rest: str) -> Iterator[str]:
        for part in self.lab.lab.task.split("\n"):
            yield from wrap(part, _WIDTH)

    def _parts(self, rest: str) -> Iterator[str]:
        yield _("You may edit:")
        for part in self.lab.parts:
            value = part.text.strip()
            short = (
                value
                if "\n" not in value
                else _("{n} lines; show {path}").format(n=len(value.split("\n")), path=part.path)
            )
            yield f"  {part.path}: {short}" + (f"  ({_('changed')})" if part.changed else "")

    def _part(self, name: str) -> Part:
        """The part of that path, or of the end of it; of nothing, the only one. Raises UsageError."""
        parts = self.lab.parts
        found = [part for part in parts if not name or part.path == name or part.path.endswith(f".{name}")]
        if len(found) != 1:
            raise UsageError(_("name one of {parts}").format(parts=", ".join(part.path for part in parts)))
        return found[0]

    def _show(self, rest: str) -> Iterator[str]:
        part = self._part(rest)
        yield from (f"{mark} {text}" for mark, text in changed_lines(self.lab, part.path, part.text))

    # Editing

    def _changed(self) -> Iterator[str]:
        yield _("kept; run runs it")

    def _set(self, rest: str) -> Iterator[str]:
        path, _blank, value = rest.partition(" ")
        if not value.strip():
            raise UsageError(_("write: set PATH VALUE"))
        self.lab.set(path, value.strip().replace("\\n", "\n"))
        return self._changed()

    def _add(self, rest: str) -> Iterator[str]:
        zone, _blank, record = rest.partition(" ")
        self.lab.add_record(zone.removeprefix("zones."), record)
        return self._changed()

    def _remove(self, rest: str) -> Iterator[str]:
        zone, _blank, record = rest.partition(" ")
        self.lab.remove_record(zone.removeprefix("zones."), record)
        return self._changed()

    def _edit(self, rest: str) -> Iterator[str]:
        edit = self.desk.learner.edit
        if edit is None:
            raise UsageError(_("no editor: set the variable EDITOR to one, such as nano; or write set PATH VALUE"))
        part = self._part(rest)
        self.lab.edit_part(part.path, edit(part.text, f"{part.path}.txt"))
        return self._changed()

    def _undo(self, rest: str) -> Iterator[str]:
        yield _("taken back") if self.lab.undo() else _("there is nothing to take back")

    def _reset(self, rest: str) -> Iterator[str]:
        if rest not in ("yes", "да"):
            yield _("This throws all your changes away; write: reset yes")
            return
        self.lab.reset()
        yield _("as at the start")

    # Judging

    def _run(self, rest: str) -> Iterator[str]:
        result = self.lab.run()
        for state in result.goals:
            yield f"[{'x' if state.reached else ' '}] {state.goal.say}  {state.points}/{state.goal.points}"
            for text, _where in () if state.reached else goal_texts(state):
                yield f"    {text}"
        for trap in result.traps:
            yield from (f"! {text}" for text in trap_texts(trap))
        yield score_text(self.lab)
        yield solved_text(result) if result.solved or result.traps else _("world opens the world as it ran")

    def _diff(self, rest: str) -> Iterator[str]:
        yield from (self.lab.diff() or _("nothing is changed yet")).split("\n")

    def _hint(self, rest: str) -> Iterator[str]:
        found = self.lab.hint()
        yield (
            " ".join(found.text.split())
            if found is not None
            else _("there is no further hint; solution shows the solution")
        )

    def _solution(self, rest: str) -> Iterator[str]:
        yield from self.lab.solution().split("\n")

    def _world(self, rest: str) -> Iterator[str]:
        result = self.lab.result if self.lab.result is not None else self.lab.run()
        text = rest.removeprefix("e").removeprefix("е")
        said = next((state.no.n for state in result.goals if state.no is not None and not state.reached), None)
        n = int(text) if text.isdigit() else said
        yield from self.desk.push(WorldLevel(self.desk, result.run, self.lab.scenario.id, n))

    def _dig(self, rest: str) -> Iterator[str]:
        from ..scenario.loading import load_file

        lab = self.lab
        world = load_file(lab.path, shown=lab.path.name, seed=lab.scenario.seed, text=lab.text, lang=language())
        try:
            words = " ".join(shlex.split(rest))
        except ValueError as error:
            raise UsageError(str(error)) from None
        yield from dig(world, words).lines
