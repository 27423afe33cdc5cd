"""What a client can say, built so that nothing else can be said by it.

Every word that comes from outside (an address, a host name, a size) is read by the same grammar as a server would use
before it becomes part of a line: a CR, LF or angle bracket in it never reaches the wire. RFC 5321, 4.1.1.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import encode_data, longest_line, newline_fault
from simulator.protocol.smtp.extensions import BODIES
from simulator.protocol.smtp.paths import NULL_PATH, Path, parse_mailbox
from simulator.protocol.smtp.states import COMMANDS

_REMEMBERED: Final = 512
_WORD: Final = re.compile(r"[!-;=?-~]+")  # printable, no space and no angle bracket
_TEXT: Final = re.compile(r"[ -~]*")


@dataclass(frozen=True, slots=True)
class ClientCommand:
    """One command of the client: its verb, its octets on the wire, and what the peer must offer for it.

    `needs` are EHLO keywords; `path` is the recipient of RCPT; `secret` says that `octets` hold a password.
    """

    verb: str
    octets: bytes = field(repr=False)
    needs: tuple[str, ...] = ()
    path: Path | None = None
    secret: bool = False

    @property
    def line(self) -> str:
        """The command without its line end, one character an octet; content as a whole."""
        return self.octets.decode("latin-1").removesuffix("\r\n")


@lru_cache(maxsize=_REMEMBERED)
def ehlo(hostname: str) -> ClientCommand:
    """`EHLO hostname`."""
    return _line("EHLO", f"EHLO {_word(hostname, 'host name')}")


def helo(hostname: str) -> ClientCommand:
    """`HELO hostname`, for a peer that does not know EHLO."""
    return _line("HELO", f"HELO {_word(hostname, 'host name')}")


@lru_cache(maxsize=_REMEMBERED)
def lhlo(hostname: str) -> ClientCommand:
    """`LHLO hostname` (RFC 2033, 4.1)."""
    return _line("LHLO", f"LHLO {_word(hostname, 'host name')}")


@lru_cache(maxsize=_REMEMBERED)
def mail(reverse_path: Path | str, *, size: int | None = None, body: str = "") -> ClientCommand:
    """`MAIL FROM:<reverse-path>`; "" is the null path. `size` in octets needs SIZE, `body` needs 8BITMIME."""
    path = _path(reverse_path)
    text, needs = f"MAIL FROM:<{path}>", []
    if size is not None:
        if size < 0:
            raise LocalProtocolError(f"a letter cannot have {size} octets; give its length")
        text, needs = f"{text} SIZE={size:d}", ["SIZE"]
    if body:
        if body not in BODIES:
            raise LocalProtocolError(f"BODY={body!a} does not exist; use 7BIT or 8BITMIME")
        text, needs = f"{text} BODY={body}", [*needs, "8BITMIME"]
    return _line("MAIL", text, needs=tuple(needs), path=path)


@lru_cache(maxsize=_REMEMBERED)
def rcpt(forward_path: Path | str) -> ClientCommand:
    """`RCPT TO:<forward-path>`."""
    path = _path(forward_path)
    if path.is_null:
        raise LocalProtocolError("a recipient cannot be the null path; give an address")
    return _line("RCPT", f"RCPT TO:<{path}>", path=path)


def data() -> ClientCommand:
    """`DATA`; after a 354 reply, `content` follows."""
    return _DATA


def content(octets: bytes) -> ClientCommand:
    """The letter itself, dot-stuffed and ended here; a final CRLF is added where it is missing.

    Raises `LocalProtocolError` for a bare CR or LF and for a line over `limits.TEXT_LINE_OCTETS`: neither is ever sent.
    """
    fault = newline_fault(octets)
    if fault is not None:
        raise LocalProtocolError(f"the content holds a bare {fault}; end every line with CRLF")
    if len(octets) > limits.TEXT_LINE_OCTETS and longest_line(octets) > limits.TEXT_LINE_OCTETS:
        raise LocalProtocolError(f"the content has a line over {limits.TEXT_LINE_OCTETS} octets; encode it")
    return ClientCommand("DATA-END", encode_data(octets), () if octets.isascii() else ("8BITMIME",))


def auth_plain(authcid: str, password: str, *, authzid: str = "") -> ClientCommand:
    """`AUTH PLAIN` with the password as initial response (RFC 4954, 4; RFC 4616)."""
    message = sasl.encode_base64(sasl.encode_plain(authcid, password, authzid))
    return ClientCommand("AUTH", b"AUTH PLAIN " + message + b"\r\n", ("AUTH",), secret=True)


def auth(mechanism: str) -> ClientCommand:
    """`AUTH mechanism` without an initial response: the server's 334 asks for `auth_response`."""
    return _line("AUTH", f"AUTH {_word(mechanism, 'mechanism')}", needs=("AUTH",))


def auth_response(octets: bytes) -> ClientCommand:
    """A response (before base64) to a 334 challenge."""
    return ClientCommand("AUTH-RESPONSE", sasl.encode_base64(octets) + b"\r\n", secret=True)


def auth_cancel() -> ClientCommand:
    """`*`: give an authentication up."""
    return ClientCommand("AUTH-RESPONSE", b"*\r\n")


def starttls() -> ClientCommand:
    """`STARTTLS`; after a 220 reply the handshake follows, then `SmtpClient.tls_started`."""
    return _STARTTLS


def rset() -> ClientCommand:
    """`RSET`."""
    return _RSET


def noop() -> ClientCommand:
    """`NOOP`."""
    return _NOOP


def quit_() -> ClientCommand:
    """`QUIT`."""
    return _QUIT


def vrfy(text: str) -> ClientCommand:
    """`VRFY address-or-name`."""
    return _line("VRFY", f"VRFY {_word(text, 'address')}")


def raw(line: str) -> ClientCommand:
    """A line typed by hand, for lessons: any printable ASCII; its order is still checked, its form is not."""
    verb = line.partition(" ")[0].upper()
    if _TEXT.fullmatch(line) is None:
        raise LocalProtocolError("a typed command is one line of printable ASCII; take the rest out")
    if verb not in COMMANDS:
        raise LocalProtocolError(f"{verb or 'an empty line'} is no command; use one of {', '.join(sorted(COMMANDS))}")
    return _line(verb, line)


def _line(verb: str, text: str, *, needs: tuple[str, ...] = (), path: Path | None = None) -> ClientCommand:
    return ClientCommand(verb, text.encode("ascii") + b"\r\n", needs, path)


def _word(text: str, what: str) -> str:
    if _WORD.fullmatch(text) is None:
        raise LocalProtocolError(f"{text!a} cannot be sent as {what}; use printable ASCII without spaces and brackets")
    return text


def _path(address: Path | str) -> Path:
    path = parse_mailbox(str(address))
    if path is None:
        raise LocalProtocolError(f"{str(address)!a} is no address of RFC 5321, 4.1.2; write local-part@domain")
    return NULL_PATH if path.is_null else path


_DATA: Final = _line("DATA", "DATA")
_STARTTLS: Final = _line("STARTTLS", "STARTTLS", needs=("STARTTLS",))
_RSET: Final = _line("RSET", "RSET")
_NOOP: Final = _line("NOOP", "NOOP")
_QUIT: Final = _line("QUIT", "QUIT")
