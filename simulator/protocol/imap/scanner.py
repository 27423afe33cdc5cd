"""Reads the elements of IMAP's grammar from one command or response: atoms, strings, numbers, lists.

One cursor with compiled patterns serves server and client, so that both agree about every octet; what does not
fit raises `Malformed`, which knows its reply. RFC 9051, 9 (formal syntax).
"""

from __future__ import annotations

import re
from typing import Final

from simulator.errors import RemoteProtocolError

_ATOM: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_PATTERN: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_QUOTED: Final = re.compile(rb'"((?:[^"\\\r\n\x00]++|\\["\\])*+)"')
_ESCAPED: Final = re.compile(rb"\\(.)")
_LITERAL: Final = re.compile(rb"\{(\d{1,19})\+?\}\r\n")
_NUMBER: Final = re.compile(rb"\d{1,19}")
_FLAG: Final = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+|\\\*')
_NIL: Final = re.compile(rb"NIL(?=[ )\r])", re.IGNORECASE)
_END: Final = re.compile(rb"\r\n\Z")
_MAX_NUMBER: Final = 0xFFFF_FFFF
_MAX_NUMBER64: Final = 0x7FFF_FFFF_FFFF_FFFF

TAG: Final = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]{1,64})(?=[ \r])')
"""A tag and what must follow it (RFC 9051, 2.2.1)."""
WORD: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.\-]{0,31}")
"""A command's or item's name: few enough kinds of octets to be safe in an error reply."""


class Malformed(RemoteProtocolError):
    """Octets that are not what the grammar asks for here; `reply` is the text of the BAD."""

    def __init__(self, what: str, reply: str | None = None) -> None:
        super().__init__(f"expected {what}", reply or f"Invalid arguments: {what} expected.")


class Scanner:
    """A cursor in `octets`: one whole command or response, its literals inside, CRLF at its end."""

    __slots__ = ("at", "octets")

    def __init__(self, octets: bytes, at: int = 0) -> None:
        self.octets = octets
        self.at = at

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Step over what `pattern` matches here; None and no step if nothing."""
        found = pattern.match(self.octets, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        """Step over what `pattern` matches here, or raise `Malformed`."""
        found = pattern.match(self.octets, self.at)
        if found is None:
            raise Malformed(what)
        self.at = found.end()
        return found

    def skip(self, octets: bytes) -> bool:
        """Step over exactly `octets` if they come next."""
        if not self.octets.startswith(octets, self.at):
            return False
        self.at += len(octets)
        return True

    def expect(self, octets: bytes, what: str) -> None:
        """Step over exactly `octets`, or raise `Malformed`."""
        if not self.octets.startswith(octets, self.at):
            raise Malformed(what)
        self.at += len(octets)

    def space(self) -> None:
        """One space, as the grammar asks; two are an error."""
        if self.octets.startswith(b" ", self.at):
            self.at += 1
            return
        raise Malformed("argument", "Invalid arguments.") if self.at_end() else Malformed("one space")

    def at_end(self) -> bool:
        """Whether only the final CRLF is left."""
        return _END.match(self.octets, self.at) is not None

    def end(self) -> None:
        """Nothing may follow."""
        self.need(_END, "the end of the command")

    def word(self, what: str = "name") -> str:
        """A command, item or key, in upper case."""
        return self.need(WORD, what)[0].decode("ascii").upper()

    def atom(self, what: str = "atom") -> bytes:
        """RFC 9051, 9: atom."""
        return self.need(_ATOM, what)[0]

    def flag(self) -> str:
        r"""A flag or keyword; `\*` too, which only PERMANENTFLAGS may hold."""
        return self.need(_FLAG, "flag")[0].decode("ascii")

    def number(self) -> int:
        """RFC 9051, 9: number (32 bits)."""
        value = self.number64()
        if value > _MAX_NUMBER:
            raise Malformed("number below 2^32")
        return value

    def number64(self) -> int:
        """RFC 9051, 9: number64 (63 bits)."""
        value = int(self.need(_NUMBER, "number")[0])
        if value > _MAX_NUMBER64:
            raise Malformed("number below 2^63")
        return value

    def nil(self) -> bool:
        """Step over NIL if it comes next."""
        return self.match(_NIL) is not None

    def string(self) -> bytes | None:
        """A quoted string or a literal; None and no step if neither begins here."""
        quoted = self.match(_QUOTED)
        if quoted:
            text = quoted[1]
            return _ESCAPED.sub(rb"\1", text) if b"\\" in text else text
        literal = _LITERAL.match(self.octets, self.at)
        if not literal:
            return None
        start = literal.end()
        end = start + int(literal[1])
        if end > len(self.octets):
            raise Malformed("whole literal")
        self.at = end
        return self.octets[start:end]

    def astring(self, what: str = "string") -> bytes:
        """RFC 9051, 9: astring."""
        text = self.string()
        return self.need(_ASTRING, what)[0] if text is None else text

    def pattern(self) -> bytes:
        """RFC 9051, 9: list-mailbox, an astring in which `%` and `*` may stand bare."""
        text = self.string()
        return self.need(_PATTERN, "mailbox pattern")[0] if text is None else text

    def nstring(self) -> bytes | None:
        """RFC 9051, 9: nstring; NIL is None."""
        if self.nil():
            return None
        text = self.string()
        if text is None:
            raise Malformed("string or NIL")
        return text

    def flags(self) -> tuple[str, ...]:
        """A list of flags in parentheses."""
        self.expect(b"(", "list in parentheses")
        flags: list[str] = []
        while not self.skip(b")"):
            if flags:
                self.space()
            flags.append(self.flag())
        return tuple(flags)
