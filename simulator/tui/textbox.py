"""Several lines of text that are being edited: the zones and host settings of a lab, the text of a letter.

Own and small for the same reason as `editor`: it looks the same in ASCII, without colour and in both languages.
"""

from __future__ import annotations

from collections.abc import Callable

from ..safe import safe_text
from .lines import Line, line

__all__ = ["TextBox"]

_TAB = "  "


class TextBox:
    """Lines, and the place of the cursor in them."""

    def __init__(self, text: str) -> None:
        self.rows = [safe_text(row) for row in text.removesuffix("\n").split("\n")]
        self.row = 0
        self.column = 0
        self.top = 0

    @property
    def text(self) -> str:
        """The whole text, with a final newline."""
        return "\n".join(self.rows) + "\n"

    def insert(self, typed: str) -> None:
        """Put what was typed or pasted at the cursor; controls but line ends become visible."""
        parts = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB).split("\n")
        row = self.rows[self.row]
        before, after = row[: self.column], row[self.column :]
        made = [safe_text(part) for part in parts]
        self.column = len(made[-1]) + (len(before) if len(made) == 1 else 0)
        made[0] = before + made[0]
        made[-1] += after
        self.rows[self.row : self.row + 1] = made
        self.row += len(made) - 1

    def key(self, key: str) -> bool:
        """Take an editing key; return whether it was one."""
        does = _KEYS.get(key)
        if does is None:
            return False
        does(self)
        return True

    def _enter(self) -> None:
        row = self.rows[self.row]
        indent = row[: len(row) - len(row.lstrip(" "))]
        self.insert("\n" + indent[: self.column])

    def _backspace(self) -> None:
        row = self.rows[self.row]
        if self.column:
            self.rows[self.row] = row[: self.column - 1] + row[self.column :]
            self.column -= 1
        elif self.row:
            self.column = len(self.rows[self.row - 1])
            self.rows[self.row - 1] += self.rows.pop(self.row)
            self.row -= 1

    def _delete(self) -> None:
        row = self.rows[self.row]
        if self.column < len(row):
            self.rows[self.row] = row[: self.column] + row[self.column + 1 :]
        elif self.row + 1 < len(self.rows):
            self.rows[self.row] += self.rows.pop(self.row + 1)

    def _left(self) -> None:
        if self.column:
            self.column -= 1
        elif self.row:
            self.row -= 1
            self.column = len(self.rows[self.row])

    def _right(self) -> None:
        if self.column < len(self.rows[self.row]):
            self.column += 1
        elif self.row + 1 < len(self.rows):
            self.row, self.column = self.row + 1, 0

    def _down(self, by: int) -> None:
        self.row = max(0, min(self.row + by, len(self.rows) - 1))
        self.column = min(self.column, len(self.rows[self.row]))

    def _cut(self) -> None:
        """Take the line out."""
        self.rows.pop(self.row)
        self.rows = self.rows or [""]
        self._down(0)

    def _home(self) -> None:
        self.column = 0

    def _end(self) -> None:
        self.column = len(self.rows[self.row])

    def lines(self, width: int, height: int) -> list[Line]:
        """Return the lines in sight, with numbers and the cursor."""
        room = max(8, width - 5)
        self.top = max(min(self.top, self.row), self.row - height + 1, 0)
        start = max(0, self.column - room + 2)
        return [self._line(at, start, room) for at in range(self.top, min(len(self.rows), self.top + height))]

    def _line(self, at: int, start: int, room: int) -> Line:
        number = (f"{at + 1:>3}  ", "dim")
        shown = (self.rows[at] + " ")[start : start + room]
        if at != self.row:
            return line(number, shown)
        here = self.column - start
        return line(number, shown[:here], (shown[here : here + 1], "cursor"), shown[here + 1 :])


_KEYS: dict[str, Callable[[TextBox], None]] = {
    "enter": TextBox._enter,
    "backspace": TextBox._backspace,
    "delete": TextBox._delete,
    "left": TextBox._left,
    "right": TextBox._right,
    "up": lambda box: box._down(-1),
    "down": lambda box: box._down(1),
    "pageup": lambda box: box._down(-10),
    "pagedown": lambda box: box._down(10),
    "home": TextBox._home,
    "end": TextBox._end,
    "tab": lambda box: box.insert("\t"),
    "ctrl+k": TextBox._cut,
}
