"""Sets a page as lines of at most so many columns, styled spans in each: for a screen, and for a pipe as plain text.

The measure of a page (20 lines of 76 columns) is taken here too, so that what an author is told is what a learner sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from simulator.learning.excerpts import Excerpt, Lines, Prediction, Step, Words
from simulator.learning.pages import Block, Code, Fence, Heading, Items, Page, Paragraph, Quote, Span, Spans, Table
from simulator.safe import safe_text
from simulator.text import _, language, ngettext

__all__ = ["COLUMNS", "ROWS", "Line", "page_lines", "text_of"]

COLUMNS: Final = 76
ROWS: Final = 20

Line = tuple[Span, ...]
"""One line of a page; the styles of its spans are those of pages, and "heading", "excerpt", "quote", "question"."""

_WORD: Final = re.compile(r"\s+")


def page_lines(page: Page, excerpts: Mapping[int, Excerpt], width: int = COLUMNS) -> tuple[Line, ...]:
    """The lines of a page; `excerpts` are those of its fences, by the fences' lines in the file."""
    found: list[Line] = []
    for block in page.blocks:
        lines = list(_block(block, excerpts, width))
        if lines:
            found += [(), *lines] if found else lines
    return tuple(found)


def text_of(line: Line) -> str:
    """A line as plain text."""
    return "".join(span.text for span in line).rstrip()


def _block(block: Block, excerpts: Mapping[int, Excerpt], width: int) -> Iterator[Line]:
    if isinstance(block, Heading):
        yield from _wrapped((Span("".join(span.text for span in block.spans), "heading"),), width)
    elif isinstance(block, Paragraph):
        yield from _wrapped(block.spans, width)
    elif isinstance(block, Items):
        yield from _items(block, excerpts, width)
    elif isinstance(block, Code):
        yield from ((Span(f"    {safe_text(line)}", "code"),) for line in block.lines)
    elif isinstance(block, Quote):
        for inner in block.blocks:
            yield from ((Span("| ", "quote"), *line) for line in _block(inner, excerpts, width - 2))
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield from _fence(excerpts.get(block.line), block, width)


def _items(block: Items, excerpts: Mapping[int, Excerpt], width: int) -> Iterator[Line]:
    for number, item in enumerate(block.items, 1):
        mark = f"{number}. " if block.ordered else "* "
        lines = [line for inner in item for line in _block(inner, excerpts, width - len(mark))]
        for place, line in enumerate(lines):
            yield (Span(mark if place == 0 else " " * len(mark)), *line)


def _table(block: Table) -> Iterator[Line]:
    rows = [block.head, *block.rows]
    widths = [max(len(_flat(row[column])) for row in rows) for column in range(len(block.head))]
    for place, row in enumerate(rows):
        yield tuple(_cells(row, widths, head=place == 0))
        if place == 0:
            yield (Span("  ".join("-" * wide for wide in widths)),)


def _cells(row: tuple[Spans, ...], widths: list[int], *, head: bool) -> Iterator[Span]:
    for spans, wide in zip(row, widths, strict=True):
        for span in spans:
            yield Span(span.text, "strong" if head else span.style)
        yield Span(" " * (wide - len(_flat(spans)) + 2))


def _flat(spans: Spans) -> str:
    return "".join(span.text for span in spans)


# Excerpts


def _fence(found: Excerpt | None, fence: Fence, width: int) -> Iterator[Line]:
    if isinstance(found, Lines):
        yield from _clipped((str(line) for line in found.lines), width)
        if found.value:
            yield from _clipped([f"= {found.value}"], width)
        if found.more:
            more = ngettext("and {n} more event", "and {n} more events", found.more).format(n=found.more)
            yield (Span(f"  {more}", "excerpt"),)
    elif isinstance(found, Step):
        caption = found.caption or found.line.text
        yield from _clipped(
            [_("> {caption}  (opens the world at e{n})").format(caption=caption, n=found.line.n)], width
        )
    elif isinstance(found, Prediction):
        yield from _wrapped((Span(_("? Before you go on: {ask}").format(ask=found.ask), "question"),), width)
    elif isinstance(found, Words):
        names = ", ".join(term.name(language()) for term in found.terms)
        yield from _wrapped((Span(_("Words: {names}").format(names=names), "em"),), width)
    else:
        yield (Span(f"[{fence.word}]", "excerpt"),)


def _clipped(texts: Iterable[str], width: int) -> Iterator[Line]:
    for text in texts:
        line = f"  {safe_text(text)}"
        yield (Span(line if len(line) <= width else line[: width - 3] + "...", "excerpt"),)


# Wrapping


def _wrapped(spans: Spans, width: int) -> Iterator[Line]:
    """Spans set in lines of at most `width` columns; a word that is longer has a line of its own."""
    line: list[Span] = []
    used = 0
    for word, style, glued in _words(spans):
        if word == "\n":
            yield tuple(line)
            line, used = [], 0
            continue
        gap = 0 if glued or not line else 1
        if line and used + gap + len(word) > width and not glued:
            yield tuple(line)
            line, used, gap = [], 0, 0
        if gap:
            line.append(Span(" ", style if line[-1].style == style else ""))
        line.append(Span(word, style))
        used += gap + len(word)
    if line:
        yield tuple(line)


def _words(spans: Spans) -> Iterator[tuple[str, str, bool]]:
    """Each word with its style, and whether it is glued to the one before (no space between two spans)."""
    spaced = True
    for span in spans:
        if span.text == "\n":
            yield "\n", "", False
            spaced = True
            continue
        text = safe_text(span.text)
        spaced = spaced or text[:1].isspace()
        for place, word in enumerate(_WORD.split(text.strip())):
            if word:
                yield word, span.style, place == 0 and not spaced
                spaced = False
        spaced = spaced or text[-1:].isspace()
