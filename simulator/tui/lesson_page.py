"""One page of a lesson as lines of the screen, with what Enter does on each: the world, a question, a word.

The page is set block by block, so that a line of an excerpt knows the event that it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..learning.excerpts import Excerpt, Lines, Prediction, Step, Words
from ..learning.pages import Block, Fence
from ..learning.rendering import page_lines
from ..learning.sessions import PageView
from ..text import _, language
from .lines import Line, line, wrap

__all__ = ["PageLine", "page_of", "said_of"]

_STYLES = {
    "heading": "title", "strong": "strong", "em": "strong", "code": "link", "link": "link", "excerpt": "link",
    "quote": "dim", "question": "active",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line; `command` is `world:SCENARIO:N`, `predict:ITEM`, `word:TERM` or "" where Enter does nothing."""

    line: Line
    command: str = ""


def page_of(view: PageView, scenario: str, said: dict[str, tuple[str, ...]], width: int) -> list[PageLine]:
    """Return a page; `said` has for each item that was answered here what is shown below its question."""
    made: list[PageLine] = []
    for block in view.page.blocks:
        lines = page_lines(replace(view.page, blocks=(block,)), view.excerpts, width)
        if made and lines:
            made.append(PageLine(line("")))
        found = view.excerpts.get(block.line) if isinstance(block, Fence) else None
        commands = _commands(block, found, scenario, len(lines))
        for spans, command in zip(lines, commands, strict=True):
            made.append(PageLine(line(*((span.text, _STYLES.get(span.style, "")) for span in spans)), command))
        if isinstance(found, Prediction):
            made += [PageLine(line((text, "dim")), f"predict:{found.item}") for text in said.get(found.item, ())]
    return made


def _commands(block: Block, found: Excerpt | None, scenario: str, count: int) -> Iterator[str]:
    commands: list[str] = []
    if isinstance(found, Step):
        commands = [f"world:{found.scenario}:{found.line.n}"]
    elif isinstance(found, Prediction):
        commands = [f"predict:{found.item}"] * count
    elif isinstance(found, Words):
        commands = [f"word:{','.join(term.key for term in found.terms)}"] * count
    elif isinstance(found, Lines) and isinstance(block, Fence):
        named = next((option[3:] for option in block.options if option.startswith("in=")), scenario)
        commands = [f"world:{named}:{one.n}" for one in found.lines]
    return iter([*commands, *[""] * (count - len(commands))])


def said_of(view: PageView, width: int) -> list[str]:
    """Return the words of a page with their meanings, for plain mode."""
    return [
        text
        for term in view.words
        for text in wrap(f"{term.name(language())}: {term.meaning(language())} ({term.source})", width, 2)
    ] or [_("this page has no words of its own")]
