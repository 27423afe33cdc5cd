"""The lab: a world that does not work, what may be edited, and goals that a fresh run judges.

e edits in the screen, E in the learner's own editor, F5 runs; a goal that is not reached names who said no and where.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import MailflowError, ScenarioError, UsageError
from ..learning.lab import LabSession, Part
from ..learning.sessions import LessonSession
from ..learning.shell import dig
from ..text import _, language
from .desk import Desk
from .editor import Editor
from .home import error_lines, open_session
from .lab_text import changed_lines, goal_texts, score_text, solved_text, trap_texts
from .lines import Line, clip, fit, line, wrap
from .panes import beside, box, scrolled
from .place import Place
from .textbox import TextBox
from .world_place import WorldPlace

__all__ = ["LabPlace"]

_STYLES = {"-": "refusal", "+": "tls", " ": ""}


@dataclass(frozen=True, slots=True)
class _GoalLine:
    line: Line
    n: int | None = None


class LabPlace(Place):
    """One lab on the desk. `pane` is 0 for the parts, 1 for the goals."""

    screen = "lab"

    def __init__(self, desk: Desk, session: LessonSession, name: str | None = None) -> None:
        super().__init__(desk)
        self.lesson = session
        self.name = name
        self.lab: LabSession = session.lab(name)
        self.message = _("your changes of last time are here again") if self.lab.restore() else ""
        self.pane = 0
        self.part = 0
        self.goal = 0
        self.tops = [0, 0]
        self.box: TextBox | None = None
        self.problem = ""
        self.shell: Editor | None = None
        self._language = language()
        self._parts: tuple[str, tuple[Part, ...]] = ("", ())
        self._goals: list[_GoalLine] = []
        self._ran = ""
        self.does |= {
            "run": self._run, "edit": self._edit, "open": self._open, "diff": self._diff, "hint": self._hint,
            "world": lambda: self._world(None), "undo": self._undo, "reset": self._ask_reset,
            "solution": self._ask_solution, "editor": self._outside, "dig": self._dig, "focus": self._focus,
            "up": lambda: self._move(-1), "down": lambda: self._move(1),
            "page-up": lambda: self._move(-8), "page-down": lambda: self._move(8),
        }  # fmt: skip
        self.choices |= {"reset": lambda rest: self._reset(), "solution": lambda rest: self._solution()}

    def plain_command(self) -> str:
        """Return the command line that opens this in plain mode."""
        return f"mailflow lesson {self.lesson.lesson.id} --plain"

    def entered(self) -> None:
        """Speak another language when that is spoken now; the world stays as it was changed."""
        if self._language == language():
            return
        self._language = language()
        learner, before = self.desk.learner, self.lab
        assert learner is not None
        self.lesson = open_session(learner, self.lesson.lesson.folder)
        self.lab = self.lesson.lab(self.name)
        self.lab.hints_shown, self.lab.tries = before.hints_shown, before.tries
        for edit in before.actions:
            self.lab.edit(edit)
        if before.result is not None:
            self._run()

    # What there is

    @property
    def parts(self) -> tuple[Part, ...]:
        """What may be edited; worked out anew only when the text has changed."""
        if self._parts[0] != self.lab.text:
            self._parts = (self.lab.text, self.lab.parts)
        return self._parts[1]

    @property
    def chosen(self) -> Part:
        """The part under the cursor."""
        return self.parts[min(self.part, len(self.parts) - 1)]

    # Editing

    def typing(self, key: str, typed: str | None) -> bool:
        """Take a key for the editor or for the shell."""
        if self.shell is not None:
            self._shell_key(self.shell, key, typed)
            return True
        if self.box is None:
            return False
        if key == "escape":
            self._close_box(self.box)
        elif key == "f5":
            if self._keep(self.box):
                self._run()
        elif not self.box.key(key) and typed:
            self.box.insert(typed)
            self.problem = ""
        return True

    def _edit(self) -> None:
        self.box = TextBox(self.chosen.text)
        self.problem = ""
        self.message = ""

    def _close_box(self, box: TextBox) -> None:
        """Keep the text; where it cannot be kept, say why, and let a second Esc throw it away."""
        if self.problem:
            self.box, self.problem = None, ""
            self.message = _("the text was not kept; the part is as it was")
        else:
            self._keep(box)

    def _keep(self, box: TextBox) -> bool:
        try:
            self._take(box.text)
        except MailflowError as error:
            self.problem = _first_line(error)
            return False
        self.box, self.problem = None, ""
        self.message = _("kept; F5 runs it")
        return True

    def _take(self, text: str) -> None:
        if text.rstrip("\n") != self.chosen.text.rstrip("\n"):
            self.lab.edit_part(self.chosen.path, text)

    def _outside(self) -> None:
        learner = self.desk.learner
        if learner is None or learner.edit is None:
            self.message = _("no editor: set the variable EDITOR to one, such as nano")
            return
        self.desk.pending = self._edit_outside

    def _edit_outside(self) -> None:
        learner = self.desk.learner
        assert learner is not None and learner.edit is not None
        try:
            self._take(learner.edit(self.chosen.text, f"{self.chosen.path}.txt"))
        except MailflowError as error:
            self.message = f"! {_first_line(error)}"
        else:
            self.message = _("kept; F5 runs it")

    def _undo(self) -> None:
        self.message = _("taken back") if self.lab.undo() else _("there is nothing to take back")

    def _ask_reset(self) -> None:
        self.ask(_("Throw all your changes away?"), _("begin anew"), "reset:", _("keep them"))

    def _reset(self) -> None:
        self.lab.reset()
        self.lab.result = None
        self.message = _("as at the start")

    # Running and judging

    def _run(self) -> None:
        try:
            result = self.lab.run()
        except (ScenarioError, MailflowError) as error:
            self.tell(_("This world cannot run"), error_lines(error))
            return
        self.pane, self.goal, self._ran = 1, 0, self.lab.text
        self.message = solved_text(result)

    def _diff(self) -> None:
        text = self.lab.diff()
        if text:
            self.tell(_("What you have changed"), text.split("\n"))
        else:
            self.message = _("nothing is changed yet")

    def _hint(self) -> None:
        found = self.lab.hint()
        if found is None:
            self.message = _("there is no further hint; S shows the solution")
            return
        shown = self.lab.lab.hints[: self.lab.hints_shown]
        self.tell(_("Hints"), [text for hint in shown for text in wrap(f"* {' '.join(hint.text.split())}", 74, 2)])

    def _ask_solution(self) -> None:
        title = _("Look at the solution? It changes nothing.")
        self.ask(title, _("show it"), "solution:", _("think on"))

    def _solution(self) -> None:
        try:
            self.tell(_("The solution"), self.lab.solution().split("\n"))
        except MailflowError as error:
            self.tell(_("The solution"), error_lines(error))

    # Going elsewhere

    def _world(self, n: int | None) -> None:
        if self.lab.result is None or self.lab.text != self._ran:
            self._run()
        result = self.lab.result
        if result is not None:
            name = self.lab.scenario.id
            self.desk.push(WorldPlace.of(self.desk, result.run, name, n, asked=_("q comes back to the lab")))

    def _dig(self) -> None:
        self.shell = Editor("dig ")

    def _shell_key(self, editor: Editor, key: str, typed: str | None) -> None:
        if key == "escape":
            self.shell = None
        elif key == "enter":
            self.shell = None
            self._ask_dns(editor.text)
        elif not editor.key(key) and typed:
            editor.insert(typed)

    def _ask_dns(self, command: str) -> None:
        from ..scenario.loading import load_file

        lab = self.lab
        try:
            world = load_file(lab.path, shown=lab.path.name, seed=lab.scenario.seed, text=lab.text)
            asked = dig(world, command)
        except (UsageError, MailflowError) as error:
            self.message = f"! {_first_line(error)}"
            return
        self.tell(f"$ {command.strip()}", asked.lines)

    # The cursor

    def _focus(self) -> None:
        self.pane = 1 - self.pane

    def _move(self, by: int) -> None:
        if self.pane == 0:
            last = len(self.parts) - 1
            if abs(by) == 1:
                self.part = max(0, min(self.part + by, last))
            self.tops[0] = 0 if abs(by) == 1 else max(0, self.tops[0] + by)
        else:
            self.goal = max(0, min(self.goal + by, len(self._goals) - 1))

    def _open(self) -> None:
        if self.pane == 0:
            self._edit()
            return
        n = self._goals[self.goal].n if self.goal < len(self._goals) else None
        if n is not None:
            self._world(n)
        else:
            ran = self.lab.result is not None
            self.message = _("nobody said no to this one; w opens the world") if ran else _("F5 runs the world first")

    def clicked(self, command: str) -> None:
        """Choose what was clicked; what is chosen already is opened."""
        what, _sep, at = command.partition(":")
        pane, place = (0, self.part) if what == "part" else (1, self.goal)
        again = self.pane == pane and place == int(at)
        self.pane = pane
        if pane == 0:
            self.part = int(at)
        else:
            self.goal = int(at)
        if again:
            self._open()

    # Drawing

    def body(self, width: int, height: int) -> list[Line]:
        """Return title, task, and below it parts and goals, or the editor."""
        task = [text for part in self.lab.lab.task.split("\n") for text in wrap(part, width - 4) if text]
        high = min(len(task), 5) + 2
        low = height - 1 - high
        lesson = self.lesson.lesson
        mark = f"L{lesson.found.number:02d} " if lesson.found.number else ""
        head = f" {mark}" + _("Lab: {title}").format(title=self.lab.scenario.title)
        score = score_text(self.lab) + " "
        top = line((fit(clip(head, width - len(score)), width - len(score)) + score, "bar"))
        made = [top, *box((_("Task"), ""), [line(text) for text in task], (width, high))]
        if self.box is not None:
            shown = self.box.lines(width - 3, low - 2)
            note = f" ! {self.problem} " if self.problem else ""
            return [*made, *box((self.chosen.path, _("editing")), shown, (width, low), active=True, note=note)]
        left = width // 2
        return [*made, *beside(self._left(left, low, high), self._right(width - left, low, left, high))]

    def _left(self, width: int, height: int, above: int) -> list[Line]:
        parts = self.parts
        names = [self._part_line(one, width - 3) for one in parts]
        for at in range(len(parts)):
            self.hits.append((0, width, above + 2 + at, f"part:{at}"))
        upper = box((_("You may edit"), ""), names, (width, len(parts) + 2), active=self.pane == 0, selected=self.part)
        made = changed_lines(self.lab, self.chosen.path, self.chosen.text)
        shown = [line((f"{mark}{text}", _STYLES[mark])) for mark, text in made]
        rest = height - len(parts) - 2
        self.tops[0] = max(0, min(self.tops[0], len(shown) - rest + 2))
        return [*upper, *box((self.chosen.path, ""), shown, (width, rest), top=self.tops[0])]

    @staticmethod
    def _part_line(part: Part, width: int) -> Line:
        mark = f" {_('changed')}" if part.changed else ""
        return line(fit(part.path, width - len(mark)), (mark, "active"))

    def _right(self, width: int, height: int, x: int, above: int) -> list[Line]:
        self._goals = list(self._goal_lines(width - 4))
        active = self.pane == 1
        selected = self.goal if active else None
        self.tops[1] = scrolled(self.tops[1], selected, len(self._goals), height - 2)
        for at in range(self.tops[1], min(len(self._goals), self.tops[1] + height - 2)):
            self.hits.append((x, x + width, above + 2 + at - self.tops[1], f"goal:{at}"))
        shown = [one.line for one in self._goals]
        title = (_("Goals"), _("by a fresh run"))
        return box(title, shown, (width, height), active=active, selected=selected, top=self.tops[1])

    def _goal_lines(self, width: int) -> list[_GoalLine]:
        result = self.lab.result
        made: list[_GoalLine] = []
        if result is None:
            for goal in self.lab.lab.goals:
                made += [_GoalLine(line(text)) for text in wrap(f"[ ] {goal.say}", width, 4)]
            return [*made, _GoalLine(line("")), _GoalLine(line((_("F5 runs the world and judges it"), "strong")))]
        for state in result.goals:
            sign, style = ("[x]", "tls") if state.reached else ("[ ]", "")
            say = f"{sign} {state.goal.say}  {state.points}/{state.goal.points}"
            no = None if state.reached or state.no is None else state.no.n
            made += [_GoalLine(line((text, style)), no) for text in wrap(say, width, 4)]
            for told, n in () if state.reached else goal_texts(state):
                made += [_GoalLine(line((f"    {text}", "refusal")), n) for text in wrap(told, width - 4)]
        for trap in result.traps:
            made.append(_GoalLine(line("")))
            for told in trap_texts(trap):
                made += [_GoalLine(line((text, "lost"))) for text in wrap(f"! {told}", width, 2)]
        if result.solved:
            made += [_GoalLine(line("")), _GoalLine(line((_("Solved."), "tls")))]
        return made

    def key_line(self, width: int) -> Line:
        """Return the key bar, or the keys of the editor."""
        if self.box is not None:
            return line(
                (fit(" " + _("Esc keeps the text   F5 keeps and runs it   Ctrl+K takes a line out"), width), "dim")
            )
        if self.shell is not None:
            return line(
                (fit(" " + _("a dig command, such as dig beta.example MX   Enter asks   Esc back"), width), "dim")
            )
        return super().key_line(width)

    def message_line(self, width: int) -> Line:
        """Return the message, the problem of a text, or the shell's line."""
        if self.shell is not None:
            before, under, after = self.shell.shown(width - 8)
            return line((" $ ", "key"), before, (under, "cursor"), after)
        if self.problem:
            again = _("Esc again throws the text away")
            return line((fit(f" ! {clip(self.problem, width - len(again) - 8)}   {again}", width), "refusal"))
        return super().message_line(width)


def _first_line(error: MailflowError) -> str:
    """The first mistake in one line, without the file and its lines, which the learner never sees."""
    if isinstance(error, ScenarioError) and error.diagnostics:
        first = error.diagnostics[0]
        return "; ".join(part for part in (first.message, first.hint) if part)
    return str(error).split("\n")[0]
