"""One line of text that is being typed: the filter and the palette's search.

Own and small, because it must look the same in ASCII, without colour and in both languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..safe import safe_text

__all__ = ["Editor"]


@dataclass(slots=True)
class Editor:
    """A text and the place of its cursor."""

    text: str = ""
    at: int = 0

    def __post_init__(self) -> None:
        self.at = len(self.text)

    def insert(self, typed: str) -> None:
        """Put what was typed or pasted at the cursor; controls become visible, line ends become spaces."""
        clean = safe_text(typed.replace("\r\n", " ").replace("\n", " ").replace("\r", " "))
        self.text = self.text[: self.at] + clean + self.text[self.at :]
        self.at += len(clean)

    def key(self, key: str) -> bool:
        """Take an editing key; return whether it was one."""
        if key == "backspace":
            if self.at:
                self.text = self.text[: self.at - 1] + self.text[self.at :]
                self.at -= 1
        elif key == "delete":
            self.text = self.text[: self.at] + self.text[self.at + 1 :]
        elif key == "ctrl+u":
            self.text, self.at = self.text[self.at :], 0
        elif key in _MOVES:
            self.at = max(0, min(len(self.text), _MOVES[key](self.at, len(self.text))))
        else:
            return False
        return True

    def shown(self, width: int) -> tuple[str, str, str]:
        """Return what stands before, under and after the cursor, in at most `width` characters."""
        start = max(0, self.at - width + 2)
        seen = (self.text + " ")[start : start + width]
        at = self.at - start
        return seen[:at], seen[at : at + 1], seen[at + 1 :]


_MOVES: dict[str, Callable[[int, int], int]] = {
    "left": lambda at, end: at - 1,
    "right": lambda at, end: at + 1,
    "home": lambda at, end: 0,
    "end": lambda at, end: end,
}
