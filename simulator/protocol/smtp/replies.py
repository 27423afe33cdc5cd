"""Replies: three digits, an enhanced status code, text; and the ones that never change, built once.

Texts have Postfix's flavour, because that is what students will meet in real logs. RFC 5321, 4.2; RFC 2034 and 3463.
"""

import re
from functools import lru_cache
from itertools import repeat
from typing import Any, Final, NamedTuple, Self

from simulator import limits
from simulator.errors import LocalProtocolError

_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")
_UNPRINTABLE: Final = re.compile(r"[^ -~]")
_WHOLE: Final = re.compile(
    rb"""
    (([2-5])[0-9]{2})
    ((?:-[^\r\n]*\r\n\1)*)                       # all lines but the last
    (?:\ (?:((?!3)\2\.\d{1,3}\.\d{1,3})\ )?([^\r\n]*))?
    \r\n
    """,
    re.VERBOSE,
)
"""One reply of good form: code, its first digit, lines before the last, enhanced status code and text of the last."""

_OPENING: Final = re.compile(rb"([245][0-9]{2}) ([245]\.\d\.\d) ")
_OPENING_OCTETS: Final = len(b"250 2.0.0 ")


def echo(text: str) -> str:
    """Make a peer's words fit for a reply: no control octet, nothing outside ASCII."""
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub("?", text)


class _Reply(NamedTuple):
    code: int
    enhanced: str
    lines: tuple[str, ...]
    octets: bytes
    """The reply on the wire."""
    positive: bool
    """Whether it moves the session: 2xx or 3xx (RFC 5321, 4.2.1)."""
    text: str
    """All lines joined by newlines, without codes."""


class Reply(_Reply):
    """One reply: `code`, `enhanced` status code or "", and the text of each line; what follows from them is kept too.

    A character of the text that is not printable ASCII goes out as "?": no text can break out of its line.
    """

    __slots__ = ()

    def __new__(cls, code: int, enhanced: str = "", lines: tuple[str, ...] = ("",)) -> Self:
        """Write the reply's octets. Raises `LocalProtocolError` for what is no code, and without a line."""
        if not 200 <= code <= 599 or not lines:
            raise LocalProtocolError(f"{code} is no reply code with text; take one of RFC 5321, 4.2.3")
        start = f"{code} {enhanced} " if enhanced else f"{code} "
        text = lines[0]
        words = start + lines[-1]
        if len(lines) > 1:
            text, more = "\n".join(lines), f"{start[:3]}-{start[4:]}"
            words = "\r\n".join([*[echo(more + line) for line in lines[:-1]], echo(words)])
        elif not (words.isascii() and words.isprintable()):
            words = echo(words)
        return tuple.__new__(cls, (code, enhanced, lines, f"{words}\r\n".encode("ascii"), code < 400, text))

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let a copy be made from what a reply is made from."""
        return self[:3]

    def __repr__(self) -> str:
        """Show what a reply is made from."""
        return f"Reply({self.code!r}, {self.enhanced!r}, {self.lines!r})"

    @property
    def transient(self) -> bool:
        """Whether the same thing may succeed later: 4xx."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        """Give the last line as a log shows it."""
        return f"{self.code} {self.enhanced} {self.lines[-1]}" if self.enhanced else f"{self.code} {self.lines[-1]}"


def reply(code: int, enhanced: str, *lines: str) -> Reply:
    """Build a reply from its words: `reply(550, "5.1.1", "<bob@a.test>: no such user")`."""
    return Reply(code, enhanced, lines or ("",))


def read_reply(lines: list[bytes]) -> Reply:
    """Read the lines of a reply without their CRLF, whose form has been checked."""
    return parse_reply(int(lines[0][:3]), [line[4:].decode("latin-1") for line in lines])


Heard = tuple[tuple[Reply, ...], list[int]]
"""The replies of a chunk, and the code of each."""


def read_whole(octets: bytes) -> Heard | None:
    """Read a chunk that is nothing but whole replies of good form; None for any other, which is read line by line."""
    if len(octets) > limits.REPLY_LINE_ACCEPTED_OCTETS or octets.count(b"\n") > limits.REPLY_LINES:
        return None
    found: list[Reply] = []
    at = 0
    while at < len(octets):
        one = _WHOLE.match(octets, at)
        if one is None:
            return None
        at = one.end()
        if one[3]:
            found.append(read_reply(one[0][:-2].split(b"\r\n")))
        else:
            found.append(Reply(int(one[1]), (one[4] or b"").decode(), ((one[5] or b"").decode("latin-1"),)))
    return tuple(found), [reply.code for reply in found]


read_again: Final = lru_cache(maxsize=512)(read_whole)
"""The same for chunks that many sessions hear."""


def read_named(octets: bytes) -> Heard | None:
    """The same for what answers a letter: its first line names the letter, and is heard once; what follows, again."""
    end = octets.find(b"\n") + 1
    line, opening, others = octets[:end], _opening(octets[:_OPENING_OCTETS]), read_again(octets[end:])
    text = line[_OPENING_OCTETS:-2].decode("latin-1")
    plain = line[-2:] == b"\r\n" and text.isascii() and text.isprintable()
    if opening is None or others is None or not plain or len(octets) > limits.REPLY_LINE_ACCEPTED_OCTETS:
        return read_whole(octets)
    code, enhanced = opening
    first = tuple.__new__(Reply, (code, enhanced, (text,), line, code < 400, text))
    replies, codes = others
    return (first, *replies), [code, *codes]


@lru_cache(maxsize=256)
def _opening(octets: bytes) -> tuple[int, str] | None:
    """Read code and enhanced code at the beginning of a line, if they are of one class."""
    found = _OPENING.fullmatch(octets)
    if found is None or found[1][:1] != found[2][:1]:
        return None
    return int(found[1]), found[2].decode()


def parse_reply(code: int, texts: list[str]) -> Reply:
    """Build a reply from the texts of its lines, taking out the enhanced code that all lines share (RFC 2034, 4)."""
    found = _ENHANCED.match(texts[-1])
    prefix = "" if found is None else found[0]
    if not prefix or prefix[0] != str(code)[0] or not all(map(str.startswith, texts, repeat(prefix))):
        return Reply(code, "", tuple(texts))
    return Reply(code, prefix[:-1], tuple([text[len(prefix) :] for text in texts]))


# --- positive ---
OK: Final = reply(250, "2.0.0", "Ok")
OK_SENDER: Final = reply(250, "2.1.0", "Ok")
OK_RECIPIENT: Final = reply(250, "2.1.5", "Ok")
START_DATA: Final = reply(354, "", "End data with <CR><LF>.<CR><LF>")
BYE: Final = reply(221, "2.0.0", "Bye")
READY_FOR_TLS: Final = reply(220, "2.0.0", "Ready to start TLS")
AUTHENTICATED: Final = reply(235, "2.7.0", "Authentication successful")
HELP: Final = reply(
    214,
    "2.0.0",
    "Commands: HELO EHLO LHLO STARTTLS AUTH MAIL RCPT DATA BDAT",
    "RSET NOOP VRFY EXPN HELP QUIT",
    "Not all of them at any time: see RFC 5321, 4.1.4",
)

# --- order (RFC 5321, 4.1.4) ---
NEED_HELLO: Final = reply(503, "5.5.1", "Error: send HELO/EHLO first")
NEED_LHLO: Final = reply(503, "5.5.1", "Error: send LHLO first")
NEED_MAIL: Final = reply(503, "5.5.1", "Error: need MAIL command")
NEED_RCPT: Final = reply(503, "5.5.1", "Error: need RCPT command")
NESTED_MAIL: Final = reply(503, "5.5.1", "Error: nested MAIL command")
NO_RECIPIENTS: Final = reply(554, "5.5.1", "Error: no valid recipients")
IN_PROGRESS: Final = reply(503, "5.5.1", "Error: MAIL transaction in progress")

# --- what is not understood or not offered ---
UNKNOWN: Final = reply(500, "5.5.2", "Error: command not recognized")
BAD_SYNTAX: Final = reply(500, "5.5.2", "Error: bad syntax")
LINE_TOO_LONG: Final = reply(500, "5.5.2", "Error: line too long")
NO_SERVICE: Final = reply(503, "5.5.1", "Error: no service here, only QUIT")
AUTH_LINE_TOO_LONG: Final = reply(500, "5.5.6", "Authentication exchange line is too long")
NOT_IMPLEMENTED: Final = reply(502, "5.5.1", "Error: command not implemented")
VRFY_DISABLED: Final = reply(502, "5.5.1", "VRFY command is disabled")
EXPN_DISABLED: Final = reply(502, "5.5.1", "EXPN command is disabled")
RULE_BREAKER: Final = reply(221, "2.7.0", "Error: I can break rules, too. Goodbye.")

# --- security ---
NEED_TLS: Final = reply(530, "5.7.0", "Must issue a STARTTLS command first")
NEED_AUTH: Final = reply(530, "5.7.0", "Authentication required")
TLS_TROUBLE: Final = reply(454, "4.7.0", "TLS not available due to local problem")
TLS_ACTIVE: Final = reply(554, "5.5.1", "Error: TLS already active")
AUTH_DISABLED: Final = reply(503, "5.5.1", "Error: authentication not enabled")
AUTH_TWICE: Final = reply(503, "5.5.1", "Error: already authenticated")
AUTH_IN_CLEAR: Final = reply(538, "5.7.11", "Encryption required for requested authentication mechanism")
AUTH_ABORTED: Final = reply(501, "5.7.0", "Authentication aborted")
AUTH_TROUBLE: Final = reply(454, "4.7.0", "Temporary authentication failure")
"""The accounts cannot be asked now (RFC 4954, 6)."""
NO_MAIL_HERE: Final = reply(521, "5.3.2", "Server does not accept mail")
"""A greeting (RFC 7504, 3)."""

# --- mail ---
BAD_SENDER: Final = reply(501, "5.1.7", "Bad sender address syntax")
BAD_RECIPIENT: Final = reply(501, "5.1.3", "Bad recipient address syntax")
BAD_SIZE: Final = reply(501, "5.5.4", "Bad message size syntax")
SIZE_OVER_LIMIT: Final = reply(552, "5.3.4", "Message size exceeds fixed limit")
TOO_BIG: Final = reply(552, "5.3.4", "Error: message file too big")
NEED_SMTPUTF8: Final = reply(553, "5.6.7", "Must declare SMTPUTF8 to send unicode address")
TOO_MANY_RECIPIENTS: Final = reply(452, "4.5.3", "Error: too many recipients")


@lru_cache(maxsize=256)
def hello(hostname: str) -> Reply:
    """Answer HELO: the name of the server alone (RFC 5321, 4.1.1.1)."""
    return reply(250, "", hostname)


def after_bdat(verb: str) -> Reply:
    """Refuse what must not follow the first chunk (RFC 3030, 2)."""
    return reply(503, "5.5.1", f"Error: {verb} after BDAT")


def chunk_taken(size: int) -> Reply:
    """Take a chunk that is not the last, of `size` octets."""
    return reply(250, "2.0.0", f"Ok: {size} bytes")


def not_served(domain: str) -> Reply:
    """Refuse ETRN: nothing is kept for others to call for (RFC 1985, 5.3)."""
    return reply(459, "", f"<{echo(domain)}>: service unavailable")


def mailbox_full(address: str, *, for_good: bool) -> Reply:
    """Refuse a recipient without room: for now, or for good (RFC 5321, 4.2.3; RFC 3463, 3.3)."""
    if for_good:
        return reply(552, "5.2.2", f"<{echo(address)}>: Recipient address rejected: Mailbox full")
    return reply(452, "4.2.2", f"<{echo(address)}>: Recipient address rejected: Mailbox full")


def null_mx(address: str) -> Reply:
    """Refuse a recipient whose domain takes no mail (RFC 7505, 4.2; RFC 7504, 4)."""
    return reply(556, "5.1.10", f"<{echo(address)}>: Recipient address rejected: Domain accepts no mail (nullMX)")


def syntax_of(usage: str) -> Reply:
    """Refuse an argument and show the form it should have."""
    return reply(501, "5.5.4", f"Syntax: {usage}")


def bare_newline(fault: str) -> Reply:
    """Refuse a command line with a bare CR or LF; `fault` names it (Postfix: smtpd_forbid_bare_newline = reject)."""
    return reply(500, "5.5.2", f"Error: {fault}")


def bare_newline_in_content(fault: str) -> Reply:
    """Refuse content with a bare CR or LF, `fault` being "<CR>" or "<LF>" (RFC 5321, 2.3.8)."""
    return reply(550, "5.5.2", f"Error: bare {fault} received")


def auth_failed(why: str) -> Reply:
    """Refuse credentials (RFC 4954, 6)."""
    return reply(535, "5.7.8", f"Error: authentication failed: {why}")
