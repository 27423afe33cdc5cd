"""How each named style looks in each theme.

Nothing is told by colour alone: refusals have `!`, TLS has `=`, losses have `x`, the cursor has `>`.
"""

from __future__ import annotations

from functools import cache

from rich.style import Style

__all__ = ["base", "style"]

_BASE = {"dark": "#d7dde8 on #10151d", "light": "#1d2430 on #fbfaf7", "terminal": "default on default"}
_COMMON = {
    "strong": "bold",
    "active": "bold",
    "title": "bold",
    "cursor": "reverse",
    "message": "",
    "dim": "",
}
_LOOKS: dict[str, dict[str, str]] = {
    "dark": {
        **_COMMON,
        "dim": "#8893a5",
        "refusal": "bold #ff8a7a",
        "tls": "#7fd6a0",
        "lost": "bold #ffb454",
        "link": "#86b8ff",
        "active": "bold #ffd479",
        "title": "bold #9fd0ff",
        "border": "#4a5668",
        "border-active": "#9fd0ff",
        "bar": "#d7dde8 on #1e2733",
        "key": "bold #ffd479 on #1e2733",
        "cursor": "bold #10151d on #ffd479",
    },
    "light": {
        **_COMMON,
        "dim": "#68707d",
        "refusal": "bold #b3261e",
        "tls": "#1b6e3c",
        "lost": "bold #9a5b00",
        "link": "#1a4fa3",
        "active": "bold #7a4b00",
        "title": "bold #1a4fa3",
        "border": "#b9b4a8",
        "border-active": "#1a4fa3",
        "bar": "#1d2430 on #e7e3d8",
        "key": "bold #7a4b00 on #e7e3d8",
        "cursor": "bold #fbfaf7 on #1a4fa3",
    },
    "terminal": {**_COMMON, "refusal": "bold", "lost": "bold", "bar": "reverse", "key": "reverse bold"},
}


@cache
def base(theme: str) -> Style:
    """Return the style of ordinary text."""
    return Style.parse(_BASE[theme])


@cache
def style(theme: str, name: str) -> Style:
    """Return the style called `name`; one that a theme does not know is ordinary text."""
    return base(theme) + Style.parse(_LOOKS[theme].get(name, "") or "none")
