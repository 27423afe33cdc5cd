"""Cuts a lesson's Markdown into pages and blocks that a screen or a pipe can show.

CommonMark with tables, read by markdown-it; four fences are questions to the world instead of quotations: `trace`,
`step`, `predict` and `words`, so that a lesson cannot show what the program no longer does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = [
    "FENCES", "Block", "Code", "Fence", "Heading", "Items", "Page", "Paragraph", "Quote", "Span", "Table", "read_pages",
]  # fmt: skip

FENCES: Final = ("trace", "step", "predict", "words")
"""The words of the fences that ask."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; `style` is "", "strong", "em", "code" or "link"."""

    text: str
    style: str = ""


Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a span "\\n" is a forced line end."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each item has blocks of its own."""

    ordered: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text that is shown as it stands."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has as many cells as the head."""

    head: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Something that somebody else said."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """A question to the world: `word` is one of FENCES, `body` what stands in it, `line` its first line in the file."""

    word: str
    body: tuple[str, ...]
    options: tuple[str, ...]
    line: int


Block: TypeAlias = Heading | Paragraph | Items | Code | Table | Quote | Fence


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its blocks, and the line in the file at which it begins."""

    number: int
    blocks: tuple[Block, ...]
    line: int

    @property
    def heading(self) -> str:
        """The text of its first heading, or ""."""
        found = next((block for block in self.blocks if isinstance(block, Heading)), None)
        return "" if found is None else "".join(span.text for span in found.spans)

    @property
    def fences(self) -> tuple[Fence, ...]:
        """Its questions to the world."""
        return tuple(block for block in self.blocks if isinstance(block, Fence))


def read_pages(text: str) -> tuple[Page, ...]:
    """The pages of a Markdown text; a line `---` outside of a fence ends a page."""
    return tuple(
        Page(number, _blocks(_parser().parse("\n".join(lines)), first), first)
        for number, (first, lines) in enumerate(_cut(text.split("\n")), 1)
    )


def _cut(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    fenced, begun = False, 1
    page: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        if line.rstrip() == "---" and not fenced:
            yield begun, page
            begun, page = number + 1, []
        else:
            page.append(line)
    yield begun, page


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


class _Tokens:
    """Tokens of one page, taken in order."""

    def __init__(self, tokens: Sequence[Token], first: int) -> None:
        self._tokens = list(tokens)
        self._at = 0
        self._first = first

    def blocks(self, end: str = "") -> tuple[Block, ...]:
        """The blocks up to a closing token, which is taken too."""
        found: list[Block] = []
        while self._at < len(self._tokens):
            token = self._take()
            if token.type == end:
                break
            block = self._block(token)
            if block is not None:
                found.append(block)
        return tuple(found)

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _block(self, token: Token) -> Block | None:
        if token.type in ("heading_open", "paragraph_open"):
            spans = _spans(self._take())
            self._take()
            return Heading(int(token.tag[1]), spans) if token.type == "heading_open" else Paragraph(spans)
        if token.type in ("bullet_list_open", "ordered_list_open"):
            return self._list(token)
        if token.type == "blockquote_open":
            return Quote(self.blocks("blockquote_close"))
        if token.type in ("fence", "code_block"):
            return self._fence(token)
        return self._table() if token.type == "table_open" else None

    def _list(self, opened: Token) -> Items:
        items, end = [], opened.type.replace("open", "close")
        while (token := self._take()).type != end:
            if token.type == "list_item_open":
                items.append(self.blocks("list_item_close"))
        return Items(opened.type.startswith("ordered"), tuple(items))

    def _fence(self, token: Token) -> Block:
        lines = tuple(token.content.rstrip("\n").split("\n"))
        word, *options = token.info.split() or [""]
        if word not in FENCES:
            return Code(lines)
        line = self._first + (token.map[0] if token.map else 0)
        return Fence(word, lines, tuple(options), line)

    def _table(self) -> Table:
        rows: list[list[Spans]] = []
        while (token := self._take()).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(_spans(token))
        return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]))


def _blocks(tokens: Sequence[Token], first: int) -> tuple[Block, ...]:
    return _Tokens(tokens, first).blocks()


_STYLES: Final = {"strong_open": "strong", "em_open": "em", "link_open": "link"}


def _spans(token: Token) -> Spans:
    styles: list[str] = []
    found: list[Span] = []
    for child in token.children or ():
        if child.type in _STYLES:
            styles.append(_STYLES[child.type])
        elif child.type.endswith("_close"):
            styles.pop()
        elif child.type == "code_inline":
            found.append(Span(child.content, "code"))
        elif child.type in ("softbreak", "hardbreak"):
            found.append(Span(" " if child.type == "softbreak" else "\n"))
        elif child.content:
            found.append(Span(child.content, styles[-1] if styles else ""))
    return tuple(found)
