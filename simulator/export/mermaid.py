"""A trace as a Mermaid sequence diagram, which many editors and wikis draw from its text.

Letters and peers choose words, so every character that Mermaid could take for its own language is written as a code.
"""

from __future__ import annotations

import re
from typing import Final

from ..safe import safe_text
from .scene import Row, Scene

__all__ = ["mermaid"]

_OWN_LANGUAGE: Final = re.compile(r"[#;<>&\"%{}\[\]`\\]|:(?=:)")
_LONGEST: Final = 120


def mermaid(scene: Scene) -> tuple[str, ...]:
    """Return the lines of a `sequenceDiagram`; `n` of each event stands before its text.

    An answer has a dashed arrow, a refusal a `!`; what was lost has an `x`, and its arrow ends in a cross.
    """
    names = {host: f"h{number}" for number, host in enumerate(scene.hosts)}
    lines = ["sequenceDiagram"]
    lines += [f"    participant {name} as {_text(host)}" for host, name in names.items()]
    lines += [f"    {_line(row, names)}" for row in scene.rows]
    return tuple(lines)


def _line(row: Row, names: dict[str, str]) -> str:
    label = f"e{row.n} {row.mark}{' ' * bool(row.mark)}{_text(row.text)}"
    if row.source == row.target:
        return f"Note over {names[row.source]}: {label}"
    arrow = ("--" if row.back else "-") + ("x" if row.mark == "x" else ">>")
    return f"{names[row.source]}{arrow}{names[row.target]}: {label}"


def _text(text: str) -> str:
    text = safe_text(text)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 3] + "..."
    return _OWN_LANGUAGE.sub(lambda found: f"#{ord(found.group())};", text)
