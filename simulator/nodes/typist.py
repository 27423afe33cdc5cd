"""Somebody at a terminal, or a script, that speaks a line protocol by hand: one line, one answer, nothing checked.

No client core stands between the hand and the server, so that whatever is typed arrives, right or wrong. RFC 5321, 4.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.task import Story, sleep
from simulator.engine.transport import ConnectFailed
from simulator.limits import SECOND_US
from simulator.nodes.host import Host
from simulator.protocol.octets import CRLF, LineBuffer
from simulator.protocol.pop3.table import is_multi_line
from simulator.protocol.smtp import RELAY
from simulator.records.kinds_message import MUA_NOTICE

__all__ = ["TYPING_US", "Typist"]

TYPING_US = SECOND_US
"""µs that a line takes to be typed."""

_PATIENCE_US = 3600 * SECOND_US
_LONGEST_LINE = 4096
_DOT = b"." + CRLF
_ENVELOPE = re.compile(r"(?i)(MAIL FROM:|RCPT TO: ?<([^<>\s]+)>)")


class Typist:
    """One dialogue by hand; in `content` the server does not answer line by line."""

    def __init__(self, host: Host, *, newline: bytes = CRLF) -> None:
        self.host = host
        self.newline = newline
        self.stream: Stream | None = None
        self.content = False
        self._buffer = LineBuffer(_LONGEST_LINE)
        self._letter = 0

    @property
    def connected(self) -> bool:
        """Whether anything can still be said."""
        return self.stream is not None and not self.stream.closed and self.stream.ended is None

    def open(self, address: str, port: int) -> Generator[Any, Any, tuple[str, ...]]:
        """Connect, and give the lines of the greeting; none if nobody answered."""
        try:
            self.stream = yield self.host.network.connect(self.host.name, address, port)
        except ConnectFailed as error:
            self._notice(str(error))
            return ()
        return (yield from self.heard())

    def say(self, line: str) -> Generator[Any, Any, tuple[str, ...]]:
        """Type one line, and give the lines of the answer; a line of content has none until the dot."""
        stream = self.stream
        if stream is None or not self.connected:
            return ()
        yield sleep(self.host.env, TYPING_US)
        if not self.connected:  # the server has gone meanwhile
            return ()
        if not self.content:
            self._number(line)
        octets = line.encode("utf-8", "replace")
        if self.content and line != ".":
            stream.send(octets + self.newline)
            return ()
        if self.content:  # a script writes the end mark whole, whatever the text before it ends with
            stream.send((b"" if self.newline == CRLF else CRLF) + _DOT)
        else:
            stream.send(octets + CRLF)
        self.content = False
        answer = yield from self.heard(line)
        self.content = bool(answer) and answer[-1].startswith("354")
        return answer

    def _number(self, line: str) -> None:
        """Give the letter of a MAIL its number, and let the way to each recipient begin."""
        found = _ENVELOPE.match(line)
        if found is None or self.stream is None:
            return
        if not found[2]:
            self._letter = self.host.internet.new_letter()
        elif self._letter:
            stage = "transfer" if self.stream.remote.port == RELAY.port else "submission"
            self.host.internet.begin_stage(
                stage, found[2], at=self.host.name, protocol="SMTP", letter=self._letter
            )  # fmt: skip

    def heard(self, line: str = "") -> Generator[Any, Any, tuple[str, ...]]:
        """Wait for the whole answer to a line; () at the end."""
        lines: list[str] = []
        while self.stream is not None:
            found = self._buffer.next_line()
            if found is not None:
                lines.append(found.decode("latin-1"))
                if _is_whole(lines, line):
                    return tuple(lines)
                continue
            try:
                octets: bytes = yield self.stream.receive(_PATIENCE_US)
            except StreamTimeout:
                octets = b""
            if not octets:
                self.stream.close()
                return tuple(lines)
            self._buffer.feed(octets)
        return tuple(lines)

    def type_all(self, address: str, port: int, text: str) -> Story:
        """Type every line of a text, then leave: after a farewell at once, else when the server has hung up."""
        greeting = yield from self.open(address, port)
        for line in text.splitlines() if greeting else ():
            yield from self.say(line)
        while self.connected:
            yield from self.heard()
        if self.stream is not None:
            self.stream.close()

    def _notice(self, text: str) -> None:
        self.host.trace.write(MUA_NOTICE, (text,), at=self.host.name)


def _is_whole(answer: list[str], line: str) -> bool:
    """Tell whether an answer has its last line: no hyphen after the code, or in POP3 the dot of a list or letter."""
    if not answer[0].startswith(("+OK", "-ERR")):
        return answer[-1][3:4] != "-"
    verb, _, argument = line.strip().partition(" ")
    goes_on = answer[0].startswith("+OK") and is_multi_line(verb.upper(), argument.strip())
    return not goes_on or answer[-1] == "."
