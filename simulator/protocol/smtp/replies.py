"""Replies: three digits, an enhanced status code, text; and the ones that never change, built once.

Texts have Postfix's flavour, because that is what students will meet in real logs. RFC 5321, 4.2; RFC 2034 and 3463.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Final

from simulator import limits
from simulator.errors import LocalProtocolError

_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")
_UNPRINTABLE: Final = re.compile(r"[^ -~]")
_TEXT: Final = rb"[^\r\n]{0,%d}" % (limits.REPLY_LINE_ACCEPTED_OCTETS - len(b"250 \r\n"))
_WHOLE: Final = re.compile(rb"([2-5][0-9]{2})(?:-%b\r\n\1)*(?: %b)?\r\n" % (_TEXT, _TEXT))
"""One reply of good form, with all its lines."""


def echo(text: str) -> str:
    """Make a peer's words fit for a reply: no control octet, nothing outside ASCII."""
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub("?", text)


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: `code`, `enhanced` status code or "", and the text of each line.

    `octets` is the reply on the wire. A character of the text that is not printable ASCII goes out as "?": no text can
    break out of its line.
    """

    code: int
    enhanced: str = ""
    lines: tuple[str, ...] = ("",)
    octets: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 200 <= self.code <= 599 or not self.lines:
            raise LocalProtocolError(f"{self.code} is no reply code with text; take one of RFC 5321, 4.2.3")
        mark = f"{self.enhanced} " if self.enhanced else ""
        wire = echo(f"{self.code} {mark}{self.lines[-1]}") + "\r\n"
        if len(self.lines) > 1:
            wire = "".join([echo(f"{self.code}-{mark}{line}") + "\r\n" for line in self.lines[:-1]]) + wire
        object.__setattr__(self, "octets", wire.encode("ascii"))

    @property
    def positive(self) -> bool:
        """Whether it moves the session: 2xx or 3xx (RFC 5321, 4.2.1)."""
        return self.code < 400

    @property
    def transient(self) -> bool:
        """Whether the same thing may succeed later: 4xx."""
        return 400 <= self.code < 500

    @property
    def text(self) -> str:
        """All lines joined by newlines, without codes."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    def __str__(self) -> str:
        """Give the last line as a log shows it."""
        return f"{self.code} {self.enhanced} {self.lines[-1]}" if self.enhanced else f"{self.code} {self.lines[-1]}"


def reply(code: int, enhanced: str, *lines: str) -> Reply:
    """Build a reply from its words: `reply(550, "5.1.1", "<bob@a.test>: no such user")`."""
    return Reply(code, enhanced, lines or ("",))


def read_reply(lines: list[bytes]) -> Reply:
    """Read the lines of a reply without their CRLF, whose form has been checked."""
    return parse_reply(int(lines[0][:3]), [line[4:].decode("latin-1") for line in lines])


@lru_cache(maxsize=512)
def read_whole(octets: bytes) -> tuple[Reply, ...] | None:
    """Read a chunk that is nothing but whole replies of good form; None for any other, which is read line by line.

    Most have been heard before, in the same chunk or in another.
    """
    if octets.count(b"\n") > limits.REPLY_LINES:
        return None
    found: list[Reply] = []
    at = 0
    while at < len(octets):
        one = _WHOLE.match(octets, at)
        if one is None:
            return None
        found.append(_read_one(one[0]))
        at = one.end()
    return tuple(found)


@lru_cache(maxsize=512)
def _read_one(octets: bytes) -> Reply:
    return read_reply(octets[:-2].split(b"\r\n"))


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
def greeting(hostname: str, protocol: str) -> Reply:
    """Open a session (RFC 5321, 4.2)."""
    return reply(220, "", f"{hostname} {protocol}")


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
