"""The actions that move through the trace, shared by the screen and plain mode.

Each returns what the message line should say, "" if the new event says enough.
"""

from __future__ import annotations

from collections.abc import Callable

from ..text import _
from .walk import Walk

__all__ = ["MOVES"]


def _end(walk: Walk) -> str:
    if walk.barrier is not None:
        return _("the world waits for your answer")
    return _("this is the last event")


def _next(walk: Walk) -> str:
    return "" if walk.step(1) else _end(walk)


def _back(walk: Walk) -> str:
    return "" if walk.step(-1) else _("this is the first event")


def _stage(walk: Walk) -> str:
    return "" if walk.stage_step(1) else _end(walk)


def _stage_back(walk: Walk) -> str:
    return "" if walk.stage_step(-1) else _("this is the first event")


def _first(walk: Walk) -> str:
    walk.first()
    return ""


def _last(walk: Walk) -> str:
    walk.last()
    return _("the last event you have reached") if walk.visible() < len(walk.rows) else _("this is the last event")


def _fog(walk: Walk) -> str:
    return (
        _("later events are hidden until you reach them")
        if walk.toggle_fog()
        else _("the fog is lifted: all events show")
    )


def _mark(walk: Walk) -> str:
    marked = walk.toggle_mark()
    return (_("marked: {link}") if marked else _("no longer marked: {link}")).format(link=walk.link())


def _next_mark(walk: Walk) -> str:
    return "" if walk.next_mark() else _("nothing is marked; m marks an event")


MOVES: dict[str, Callable[[Walk], str]] = {
    "next": _next,
    "back": _back,
    "stage": _stage,
    "stage-back": _stage_back,
    "first": _first,
    "last": _last,
    "fog": _fog,
    "mark": _mark,
    "mark-next": _next_mark,
}
