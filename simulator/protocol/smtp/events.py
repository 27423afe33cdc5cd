"""What the two ends of a session give out: commands, content, credentials, replies.

A server's event with a reply has been answered by the core (order, syntax, NOOP); one without waits for policy. Both
come out, so that a session can record every command with its reply. RFC 5321, 2.3.7 and 4.2.
"""

from dataclasses import dataclass, field

from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import Reply

Parameters = tuple[tuple[str, str], ...]
"""Parameters of MAIL or RCPT in their order: keyword in upper case and value, "" where there is none."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the client. `octets` is the line with its line end; `verb` is upper case, "" if there is none.

    `argument` holds one character for each octet (U+0000 to U+00FF). `path` is the address of MAIL, RCPT and VRFY, and
    the session's reverse-path for DATA; `size` (octets, declared) and `body` ("7BIT", "8BITMIME", "" if not given) belong
    to MAIL. They are set for commands that wait for policy.
    """

    verb: str
    argument: str
    octets: bytes
    reply: Reply | None = None
    path: Path | None = None
    parameters: Parameters = ()
    size: int | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a letter, whole, without dot-stuffing, ending in CRLF; b"" if the core refused it.

    With LMTP a `reply` of the core has been sent once for each accepted recipient.
    """

    octets: bytes = field(repr=False)
    reply: Reply | None = None
    verb: str = "DATA-END"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The end of an AUTH exchange: what the client wants to be checked. `octets` is the line that completed it."""

    mechanism: str
    authcid: str
    authzid: str
    password: str = field(repr=False)
    octets: bytes = field(repr=False)
    reply: Reply | None = None
    verb: str = "AUTH"


ServerEvent = Command | Content | Credentials
