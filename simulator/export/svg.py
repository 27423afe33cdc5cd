"""A trace as a ladder diagram in SVG: one file that every browser shows, with nothing outside it.

Hosts are vertical lines, time runs down. Nothing is said by colour alone: a refusal has a `!`, what was lost an `x`,
and what travels under TLS a double line; the whole text of a row that had to be cut is its tooltip. SVG 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from ..safe import safe_text
from .scene import Row, Scene

__all__ = ["svg"]

_GUTTER: Final = 170
_COLUMN: Final = 250
_ROW: Final = 24
_TOP: Final = 64
_CHARACTER: Final = 6.7
_NOT_XML: Final = dict.fromkeys((0xFFFE, 0xFFFF), "?")  # no XML may hold these (XML 1.0, 2.2)

_STYLE: Final = """\
text{font:11px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1b1f24}
.host{font-weight:bold;text-anchor:middle}.title{font-size:14px;font-weight:bold}.at{fill:#57606a}
.life{stroke:#c4cad1;stroke-width:1}.box{fill:#eef2f6;stroke:#8c959f}
.said{stroke:#1b1f24;stroke-width:1.2;fill:none}.back{stroke-dasharray:5 3}.in{stroke:#fff;stroke-width:1.2}
.tls{stroke-width:3.6}.bad{stroke:#b3261e}.note{fill:#fff8e1;stroke:#c9a227}
text.bad{fill:#b3261e}.label{text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:3px}
"""

_TIP: Final = """\
<marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto" markerUnits="userSpaceOnUse">
<path d="M0,0 L9,4 L0,8 z" fill="#1b1f24"/></marker>"""


def svg(scene: Scene, *, title: str) -> tuple[str, ...]:
    """Return the lines of the document; `title` stands above the diagram and is its accessible name."""
    places = {host: _GUTTER + _COLUMN // 2 + _COLUMN * number for number, host in enumerate(scene.hosts)}
    width = _GUTTER + _COLUMN * max(1, len(scene.hosts)) + 20
    height = _TOP + _ROW * (len(scene.rows) + 1) + 20
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{_text(title)}</title>",
        f"<style>{_STYLE}</style>",
        f"<defs>{_TIP}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="title" x="12" y="22">{_text(title)}</text>',
    )
    rows = (part for number, row in enumerate(scene.rows) for part in _row(row, _TOP + _ROW * (number + 1), places))
    return (*head, *_hosts(places, height), *rows, "</svg>")


def _hosts(places: dict[str, int], height: int) -> Iterator[str]:
    for host, x in places.items():
        yield f'<line class="life" x1="{x}" y1="{_TOP}" x2="{x}" y2="{height - 12}"/>'
        yield f'<rect class="box" x="{x - 95}" y="{_TOP - 26}" width="190" height="22" rx="4"/>'
        yield f'<text class="host" x="{x}" y="{_TOP - 11}">{_text(_cut(host, 28))}</text>'


def _row(row: Row, y: int, places: dict[str, int]) -> Iterator[str]:
    yield f"<g><title>{_text(f'e{row.n} {row.source} {row.text}')}</title>"
    yield f'<text class="at" x="12" y="{y + 4}">{_clock(row.t)} e{row.n}</text>'
    x, to = places[row.source], places[row.target]
    yield from _note(row, x, y) if x == to else _arrow(row, x, to, y)
    yield "</g>"


def _note(row: Row, x: int, y: int) -> Iterator[str]:
    text = _cut(_marked(row), 34)
    width = int(len(text) * _CHARACTER) + 12
    yield f'<rect class="note" x="{x - width // 2}" y="{y - 9}" width="{width}" height="18" rx="3"/>'
    yield f'<text class="label{_bad(row)}" x="{x}" y="{y + 4}">{_text(text)}</text>'


def _arrow(row: Row, x: int, to: int, y: int) -> Iterator[str]:
    ends = f'x1="{x}" y1="{y + 5}" x2="{to if row.mark != "x" else (x + to) // 2}" y2="{y + 5}"'
    back = " back" if row.back else ""
    if row.sealed:
        yield f'<line class="said tls{_bad(row)}" {ends}/><line class="in" {ends}/>'
    tip = "" if row.mark == "x" else ' marker-end="url(#tip)"'
    plain = "said" + back + _bad(row) if not row.sealed else "tip"
    yield f'<line class="{plain}" {ends}{tip}/>'
    text = _cut(_marked(row), int((abs(to - x) - 30) / _CHARACTER))
    yield f'<text class="label{_bad(row)}" x="{(x + to) // 2}" y="{y}">{_text(text)}</text>'


def _marked(row: Row) -> str:
    return f"{row.mark} {row.text}" if row.mark else row.text


def _bad(row: Row) -> str:
    return " bad" if row.mark else ""


def _cut(text: str, room: int) -> str:
    text = safe_text(text)
    return text if len(text) <= room else text[: max(1, room - 1)] + "…"


def _text(text: str) -> str:
    return escape(safe_text(text)).translate(_NOT_XML)


def _clock(us: int) -> str:
    seconds, rest = divmod(us, 1_000_000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest // 1000:03}"
