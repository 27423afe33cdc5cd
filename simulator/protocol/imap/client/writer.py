"""Builds one command from its pieces and cuts it where the server must first say `+`.

Nothing of a user's text reaches the wire but through here, so that none of it can become a command.
RFC 9051, 4.3 and 9.
"""

from __future__ import annotations

import re
from typing import Final

from simulator.errors import LocalProtocolError
from simulator.protocol.imap import utf7
from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.sequence import scan as scan_set
from simulator.protocol.imap.writing import astring

_INJECTION: Final = re.compile(r"[\r\n\x00]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LITERAL: Final = re.compile(rb"\{\d+\}\r\n")


class Writer:
    """The pieces of one command's arguments; every piece after the first waits for `+`."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[bytes] = [b""]

    def raw(self, octets: bytes) -> None:
        """Add octets as they are."""
        self.pieces[-1] += octets

    def string(self, octets: bytes) -> None:
        """Add a string: bare, quoted or as a literal, before whose octets the command is cut."""
        written = astring(octets)
        mark = _LITERAL.match(written)
        if mark is None:
            self.raw(written)
            return
        self.raw(mark[0])
        self.pieces.append(written[mark.end() :])

    def quoted(self, octets: bytes) -> None:
        """Add a string in quotes; it must be one line of ASCII."""
        self.raw(b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')

    def literal(self, octets: bytes) -> Writer:
        """Add a space and a literal, before whose octets the command is cut."""
        self.raw(b" {%d}\r\n" % len(octets))
        self.pieces.append(octets)
        return self

    def plain(self, octets: bytes) -> Writer:
        """Add a space and octets that are known to be an element of the grammar."""
        self.raw(b" " + octets)
        return self

    def text(self, text: str, what: str) -> Writer:
        """Add a space and a string; CR, LF or NUL in it raise `LocalProtocolError`."""
        if _INJECTION.search(text):
            raise LocalProtocolError(f"The {what} holds CR, LF or NUL; it must be one line of text.")
        self.raw(b" ")
        self.string(text.encode("utf-8"))
        return self

    def mailbox(self, name: str) -> Writer:
        """Add a space and a mailbox name in modified UTF-7; control characters raise `LocalProtocolError`."""
        if _CONTROL.search(name):
            raise LocalProtocolError("The mailbox name holds control characters; give it without them.")
        try:
            octets = utf7.encode(name)
        except UnicodeEncodeError as error:
            raise LocalProtocolError("The mailbox name holds half a surrogate pair; give whole characters.") from error
        return self.plain(astring(octets))

    def messages(self, messages: str) -> Writer:
        """Add a space and a sequence set, read as the server will read it."""
        octets = messages.encode("ascii", "replace")
        try:
            scanner = Scanner(octets + b"\r\n")
            scan_set(scanner)
            scanner.end()
        except Malformed as error:
            raise LocalProtocolError(f"{messages!r} is no set of messages; write it like 1,3:5,*") from error
        return self.plain(octets)
