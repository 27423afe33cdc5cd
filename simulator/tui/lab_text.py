"""A lab as lines: its parts with what was changed, its goals with who said no, and its traps in words.

The screen and plain mode say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from ..learning import edits
from ..learning.lab import GoalState, LabResult, LabSession
from ..learning.myths import find_myth
from ..scenario.labmodel import Trap
from ..text import _, language

__all__ = ["changed_lines", "goal_texts", "score_text", "solved_text", "trap_texts"]


def changed_lines(session: LabSession, path: str, now: str) -> list[tuple[str, str]]:
    """Return the lines of a part as (mark, text): " " as at the start, "-" taken out, "+" new."""
    before = edits.part(session.start, path).rstrip("\n").split("\n")
    after = now.rstrip("\n").split("\n")
    made: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            made += [(" ", text) for text in before[i1:i2]]
            continue
        made += [("-", text) for text in before[i1:i2]]
        made += [("+", text) for text in after[j1:j2]]
    return made


def score_text(session: LabSession) -> str:
    """Return points and tries in one line."""
    result = session.result
    points = _("not run yet") if result is None else _("{n} of {of} points").format(n=result.points, of=result.of)
    return f"{points}   " + _("runs {n}   hints {h} of {of}").format(
        n=session.tries, h=session.hints_shown, of=len(session.lab.hints)
    )


def goal_texts(goal: GoalState) -> Iterator[tuple[str, int | None]]:
    """Give the lines of one goal that is not reached, each with the event that it names."""
    if goal.no is not None:
        yield _("said no: e{n} {text}").format(n=goal.no.n, text=goal.no.text), goal.no.n
    elif (goal.wanted, goal.got) == ("yes", "no"):
        yield _("this is not so yet"), None
    else:
        yield _("wanted {wanted}, and the world gave {got}").format(wanted=goal.wanted, got=goal.got), None


def trap_texts(trap: Trap) -> Iterator[str]:
    """Give what is said of a wrong cure."""
    yield _("Trap: {say}").format(say=" ".join(trap.say.split()))
    if trap.myth:
        myth, spoken = find_myth(trap.myth), language()
        yield _("True is: {truth} ({source})").format(truth=myth.answer(spoken), source=myth.source)


def solved_text(result: LabResult) -> str:
    """Return the verdict of a run in one line."""
    if result.solved:
        return _("Solved: every goal is reached, and no trap caught you.")
    if result.points == result.of:
        return _("All goals are reached, but not like that: see the trap.")
    if any(goal.no is not None for goal in result.goals if not goal.reached):
        return _("Not yet: Enter on a goal opens the world where somebody said no.")
    return _("Not yet: w opens the world as it ran.")
