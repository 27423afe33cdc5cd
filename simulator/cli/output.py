"""Where commands print: every text made safe to show, tables by rich, JSON that no terminal can be hurt by.

Letters and peers are hostile, so the boundary lies here and no command can forget it.
"""

from __future__ import annotations

import os
import re
from io import StringIO
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

from simulator.safe import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Output", "clock", "json_text", "span"]

_ASCII: Final = str.maketrans("─│┌┐└┘├┤┬┴┼═║╔╗╚╝·…▸▾↑↓«»—", "-|+++++++++=|++++..>v^v<>-")
_UNBOUNDED: Final = 10_000
_ABOVE_ASCII: Final = re.compile(r"[^\x20-\x7e\n]")


class Output:
    """One stream of text; `.terminal` says whether a person looks at it, `.colours` whether it may be styled."""

    def __init__(self, stream: TextIO, *, no_color: bool = False, ascii_only: bool = False) -> None:
        self.stream = stream
        self.ascii_only = ascii_only
        self.no_color = no_color
        self.terminal = stream.isatty()
        self.colours = self.terminal and not no_color and os.environ.get("TERM", "dumb") != "dumb"
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace", newline="\n")

    def line(self, text: str = "") -> None:
        """Print one line."""
        self.raw(self._fit(safe_text(text)))

    def text(self, text: str) -> None:
        """Print several lines; tabs stay."""
        whole = "\t".join(safe_text(part, newline=True) for part in text.split("\t"))
        self.raw(self._fit(whole).removesuffix("\n"))

    def json(self, value: Any) -> None:
        """Print one JSON document."""
        self.raw(json_text(value, indent=2))

    def raw(self, text: str) -> None:
        """Print what is safe already, or meant for a program."""
        self.stream.write(text + "\n")

    def _fit(self, text: str) -> str:
        return text.translate(_ASCII) if self.ascii_only and not text.isascii() else text

    def table(self, titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: tuple[int, ...] = ()) -> None:
        """Print a table; columns in `right` are numbers. Only in a terminal does the last column wrap."""
        from rich.console import Console
        from rich.text import Text

        table = _empty_table([Text(safe_text(title)) for title in titles], right, ascii_only=self.ascii_only)
        table.header_style = "bold" if self.colours else ""
        for row in rows:
            table.add_row(*(Text(self._fit(safe_text(cell))) for cell in row))
        drawn = StringIO()
        Console(
            file=drawn,
            width=None if self.terminal else _UNBOUNDED,
            force_terminal=self.colours,
            no_color=not self.colours,
            highlight=False,
            emoji=False,
        ).print(table)
        self.raw("\n".join(line.rstrip() for line in drawn.getvalue().strip("\n").split("\n")))


def _empty_table(titles: Sequence[Any], right: tuple[int, ...], *, ascii_only: bool) -> Any:
    from rich.table import Table

    table = Table(box=_box(ascii_only=ascii_only), show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for position, title in enumerate(titles):
        last = position == len(titles) - 1
        justify: Literal["left", "right"] = "right" if position in right else "left"
        table.add_column(title, justify=justify, no_wrap=not last, overflow="fold" if last else "crop")
    return table


def _box(*, ascii_only: bool) -> Any:
    from rich.box import Box

    stroke = "--" if ascii_only else "──"
    return Box(f"    \n    \n {stroke} \n    \n    \n    \n    \n    \n", ascii=ascii_only)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON in which letters read as they are and whatever could hurt a terminal is escaped; octets as Latin-1."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    return _ABOVE_ASCII.sub(_escaped, text)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value)


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    if safe_text(character) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def clock(us: int) -> str:
    """Simulated time since the start, such as `0:01:00.079`."""
    seconds, rest = divmod(us, 1_000_000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest // 1000:03}"


def span(us: int) -> str:
    """A duration in units that need no translation: `80 ms`, `1.234 s`."""
    return f"{us / 1000:g} ms" if us < 1_000_000 else f"{us / 1_000_000:.3f} s"
