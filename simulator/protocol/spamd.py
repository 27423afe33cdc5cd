"""The protocol by which a mail server asks a spam filter: SpamAssassin's SPAMC/1.5, both sides.

A connection carries one request and one reply, so there is nothing to negotiate and any version of spamc can talk to
it. Source: the file spamd/PROTOCOL of SpamAssassin; codes are those of sysexits.h. TELL and compression are not
offered and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.limits import SPAMD_MESSAGE_OCTETS
from simulator.protocol.spamd_head import Head

EX_OK: Final = 0
EX_SOFTWARE: Final = 70
EX_PROTOCOL: Final = 76

WITH_CONTENT: Final = frozenset({"CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "PROCESS", "HEADERS"})
WITHOUT_CONTENT: Final = frozenset({"PING", "SKIP"})
TABLE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"request": dict.fromkeys(sorted(WITH_CONTENT | WITHOUT_CONTENT), "done"), "done": {}}
)
"""State -> command -> state after its reply: one request a connection."""

_USUAL_REQUEST: Final = re.compile(
    rb"(%b) SPAMC/(\d\.\d{1,2})\r\nContent-length: (\d{1,12})\r\n(?:User: ([-A-Za-z0-9_.+@]{1,255})\r\n)?\r\n"
    % "|".join(sorted(WITH_CONTENT)).encode()
)
_USUAL_REPLY: Final = re.compile(
    rb"SPAMD/\d\.\d{1,2} 0 ([\x20-\x7e]{0,200})\r\nContent-length: (\d{1,12})\r\n"
    rb"Spam: (True|False) ; (-?\d{1,9}\.\d) / (-?\d{1,9}\.\d)\r\n\r\n"
)
# What spamc and spamd write, and nearly always in one piece: one match then reads what is else read line by line.
_FIRST_LINE: Final = re.compile(rb"([A-Z_]{1,20}) SPAMC/(\d\.\d{1,2})")
_REPLY_LINE: Final = re.compile(rb"SPAMD/(\d\.\d{1,2}) (\d{1,3}) ([\x20-\x7e]{0,200})")
_USER: Final = re.compile(rb"[-A-Za-z0-9_.+@]{1,255}")
_SPAM: Final = re.compile(
    rb"(True|False|Yes|No) *; *(-?\d{1,9}(?:\.\d{1,9})?) */ *(-?\d{1,9}(?:\.\d{1,9})?)", re.IGNORECASE
)
_SHORT: Final = 500
"""Octets up to which a verdict, in spamd's words, is remembered: most letters are judged alike."""
_PONG: Final = b"SPAMD/1.5 0 PONG\r\n"
_CRLF: Final = b"\r\n"


class Request(NamedTuple):
    """What the client asks: a command, the user for whom, the letter's octets.

    `reply` is None where the filter must judge; otherwise the core has answered already (PING, SKIP, mistakes).
    """

    command: str
    version: str = ""
    user: str | None = None
    content: bytes = b""
    reply: Reply | None = None


class Reply(NamedTuple):
    """What the filter says; `score` and `threshold` are tenths of a point, None where nothing was judged."""

    code: int = EX_OK
    message: str = "EX_OK"
    spam: bool | None = None
    score: int | None = None
    threshold: int | None = None
    content: bytes = b""


@lru_cache(maxsize=256)
def points(tenths: int) -> str:
    """Tenths of a point as SpamAssassin writes them: 50 is `5.0`, -1 is `-0.1`."""
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


class SpamdServer:
    """The filter's side of one connection; once `closing`, send what waits and close.

    The session closes after the reply, as spamd does. A request without Content-length ends where the peer
    closes its half: tell the core with `receive_end()`.
    """

    __slots__ = ("_asked", "_ended", "_head", "_out", "_request", "state")

    def __init__(self) -> None:
        self.state = "request"
        self._head = Head()
        self._out = b""
        self._ended = False
        self._asked: Request | None = None
        self._request: tuple[str, str] | None = None

    @property
    def closing(self) -> bool:
        """Whether the one reply has been given."""
        return self.state == "done"

    def legal_now(self) -> tuple[str, ...]:
        """The commands that the peer may give in this state."""
        return tuple(TABLE[self.state])

    def receive_data(self, octets: bytes) -> None:
        """Feed octets in any chunking; what follows the one request is not looked at."""
        if self.state == "request" and self._asked is None:
            self._head.feed(octets)

    def receive_end(self) -> None:
        """The peer has closed its half: what has come is all."""
        self._ended = True

    def next_event(self) -> Request | None:
        """The request once it is whole; None before, and after it has been given out."""
        if self.state != "request" or self._asked is not None:
            return None
        try:
            request = self._usual() or self._parse()
        except RemoteProtocolError as error:
            return self._refuse(error.reply or "bad request")
        if request is not None and request.reply is None:
            self._asked = request
        return request

    def reply(self, reply: Reply) -> None:
        """Answer the request given out last. Raises LocalProtocolError when there is none."""
        if self._asked is None or self.state != "request":
            raise LocalProtocolError("there is no request to reply to; wait for next_event()")
        encode = _encode_again if len(reply.content) <= _SHORT else _encode
        self._out = encode(self._asked.command, reply, self._asked.version)
        self.state = "done"

    def data_to_send(self) -> bytes:
        """Octets for the wire, drained; b"" if nothing waits."""
        octets, self._out = self._out, b""
        return octets

    def _usual(self) -> Request | None:
        """The request if it has come in one piece and in spamc's form; nothing has been taken then."""
        head = self._head
        match = _USUAL_REQUEST.match(head.buffer) if head.position == 0 else None
        if match is None:
            return None
        command, version, length, user = match.groups()
        end = match.end() + int(length)
        if len(head.buffer) < end or int(length) > SPAMD_MESSAGE_OCTETS:
            return None
        content = bytes(head.buffer[match.end() : end])
        return Request(command.decode(), version.decode(), user.decode() if user else None, content)

    def _parse(self) -> Request | None:
        head = self._head
        if self._request is None:
            line = head.line()
            if line is None:
                return self._refuse("unfinished request") if self._ended else None
            match = _FIRST_LINE.fullmatch(line)
            if match is None:
                return self._refuse("(bad request line)")
            self._request = match[1].decode(), match[2].decode()
        command, version = self._request
        if command not in TABLE["request"]:
            return self._refuse("(unknown command)", command=command)
        if command in WITHOUT_CONTENT:
            return self._answer_alone(command, version)
        return self._parse_content(command, version)

    def _parse_content(self, command: str, version: str) -> Request | None:
        head = self._head
        if not head.read_fields():
            return self._refuse("unfinished header", command=command) if self._ended else None
        if b"compress" in head.fields:
            return self._refuse("(compression is not offered)", command=command)
        user = head.fields.get(b"user")
        if user and not _USER.fullmatch(user):
            return self._refuse("(bad user name)", command=command)
        content = head.content(ended=self._ended)
        if content is None:
            return None
        return Request(command=command, version=version, user=user.decode() if user else None, content=content)

    def _answer_alone(self, command: str, version: str) -> Request:
        self.state = "done"
        if command == "PING":
            self._out = _PONG
        return Request(command=command, version=version, reply=Reply(message="PONG" if command == "PING" else ""))

    def _refuse(self, words: str, *, command: str = "") -> Request:
        reply = Reply(code=EX_PROTOCOL, message=f"Bad header line: {words}")
        self._out = f"SPAMD/1.0 {reply.code} {reply.message}\r\n".encode()
        self.state = "done"
        return Request(command=command, reply=reply)


def _encode(command: str, reply: Reply, version: str) -> bytes:
    major, _, minor = version.partition(".")
    return encode_reply(command, reply, multiple_fields=(int(major), int(minor)) >= (1, 3))


_encode_again = lru_cache(maxsize=64)(_encode)


def encode_reply(command: str, reply: Reply, *, multiple_fields: bool = True) -> bytes:
    """The octets of a reply; a code other than 0 is one line only. Content-length comes from protocol 1.3 on."""
    head = f"SPAMD/1.1 {reply.code} {reply.message}\r\n"
    if reply.code != EX_OK:
        return head.encode()
    processed = command in ("PROCESS", "HEADERS")
    if command != "CHECK" and (multiple_fields or processed):
        head += f"Content-length: {len(reply.content)}\r\n"
    if multiple_fields or not processed:
        verdict = "True" if reply.spam else "False"
        head += f"Spam: {verdict} ; {points(reply.score or 0)} / {points(reply.threshold or 0)}\r\n"
    return f"{head}\r\n".encode() + (b"" if command == "CHECK" else reply.content)


class SpamdClient:
    """The mail server's side of one connection: send one command, then wait for its reply."""

    __slots__ = ("_command", "_ended", "_head", "_out", "_status", "state")

    def __init__(self) -> None:
        self.state = "request"
        self._head = Head()
        self._out = b""
        self._command = ""
        self._ended = False
        self._status: tuple[int, str] | None = None

    def send(self, command: str, content: bytes = b"", user: str | None = None) -> None:
        """Ask; the letter's octets go as they are. Raises LocalProtocolError for what no filter would accept."""
        if self._command or command not in TABLE[self.state]:
            raise LocalProtocolError(f"{command} cannot be sent now; one connection carries one known command")
        if user is not None and not _USER.fullmatch(user.encode()):
            raise LocalProtocolError("that user name cannot go into a header; leave it out")
        if len(content) > SPAMD_MESSAGE_OCTETS:
            raise LocalProtocolError(f"the letter has more than {SPAMD_MESSAGE_OCTETS} octets; do not ask the filter")
        self._command = command
        head = f"{command} SPAMC/1.5\r\n"
        if command in WITH_CONTENT:
            head += f"Content-length: {len(content)}\r\n" + (f"User: {user}\r\n" if user else "")
        self._out = head.encode() + _CRLF + (content if command in WITH_CONTENT else b"")

    def data_to_send(self) -> bytes:
        """Octets for the wire, drained; b"" if nothing waits."""
        octets, self._out = self._out, b""
        return octets

    def receive_data(self, octets: bytes) -> None:
        """Feed octets in any chunking."""
        if self.state == "request":
            self._head.feed(octets)

    def receive_end(self) -> None:
        """The peer has closed: what has come is all."""
        self._ended = True

    def next_event(self) -> Reply | None:
        """The reply once it is whole. Raises RemoteProtocolError for what is none, or for an end before its end."""
        if not self._command or self.state == "done":
            return None
        reply = self._usual() or self._parse()
        if reply is None and self._ended:
            raise RemoteProtocolError("the filter closed the connection before its reply was whole")
        if reply is not None:
            self.state = "done"
        return reply

    def _usual(self) -> Reply | None:
        """The verdict if it has come in one piece and in spamd's form; nothing has been taken then."""
        head = self._head
        if head.position or self._command not in WITH_CONTENT:
            return None
        octets = bytes(head.buffer)
        return _read_again(octets) if len(octets) <= _SHORT else _read_whole(octets)

    def _parse(self) -> Reply | None:
        head = self._head
        if self._status is None:
            line = head.line()
            match = _REPLY_LINE.fullmatch(line) if line is not None else None
            if line is not None and match is None:
                raise RemoteProtocolError("the filter's first line is no reply of the spamd protocol")
            if match is None:
                return None
            self._status = int(match[2]), match[3].decode()
        code, message = self._status
        if code != EX_OK or self._command in WITHOUT_CONTENT:
            return Reply(code=code, message=message)
        if not head.read_fields():
            return None
        if self._command == "CHECK" and head.length is None:
            head.length = 0
        content = head.content(ended=self._ended)
        return None if content is None else _judged(code, message, head.fields, content)


def _read_whole(octets: bytes) -> Reply | None:
    """Read a verdict in spamd's form; None for what is another, or not whole."""
    match = _USUAL_REPLY.match(octets)
    if match is None:
        return None
    message, length, spam, score, threshold = match.groups()
    end = match.end() + int(length)
    if len(octets) < end or int(length) > SPAMD_MESSAGE_OCTETS:
        return None
    content = octets[match.end() : end]
    return Reply(EX_OK, message.decode(), spam == b"True", _tenths(score), _tenths(threshold), content)


_read_again = lru_cache(maxsize=64)(_read_whole)


def _judged(code: int, message: str, fields: Mapping[bytes, bytes], content: bytes) -> Reply:
    value = fields.get(b"spam")
    if value is None:
        return Reply(code=code, message=message, content=content)
    match = _SPAM.fullmatch(value)
    if match is None:
        raise RemoteProtocolError("the filter's Spam field is not of the form `True ; 15.0 / 5.0`")
    spam = match[1].lower() in (b"true", b"yes")
    return Reply(
        code=code, message=message, spam=spam, score=_tenths(match[2]), threshold=_tenths(match[3]), content=content
    )


@lru_cache(maxsize=256)
def _tenths(number: bytes) -> int:
    """Tenths of a point from `15`, `5.9` or `-0.25` (cut, not rounded)."""
    whole, _, fraction = number.lstrip(b"-").partition(b".")
    value = int(whole) * 10 + int(fraction[:1] or b"0")
    return -value if number.startswith(b"-") else value
