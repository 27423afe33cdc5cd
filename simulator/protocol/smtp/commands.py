"""What a client can say, built so that nothing else can be said by it.

Every word that comes from outside (an address, a host name, a size) is read by the same grammar as a server would use
before it becomes part of a line: a CR, LF or angle bracket in it never reaches the wire. RFC 5321, 4.1.1; RFC 3030, 2.
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from simulator import limits
from simulator.errors import LocalProtocolError
from simulator.protocol import sasl
from simulator.protocol.octets import CRLF, content_fault, encode_data
from simulator.protocol.smtp.options import MailOptions, RecipientOptions, write_mail, write_rcpt
from simulator.protocol.smtp.paths import NULL_PATH, Path, parse_mailbox
from simulator.protocol.smtp.states import COMMANDS

_REMEMBERED: Final = 512
_WORD: Final = re.compile(r"[!-;=?-~]+")  # printable, no space and no angle bracket
_TEXT: Final = re.compile(r"[ -~]*")
_TYPED: Final = COMMANDS - {"BDAT"}
_NO_RCPT_OPTIONS: Final = RecipientOptions()
_LARGEST: Final = 10**20 - 1
"""Octets that SIZE can say: twenty digits (RFC 1870, 3)."""


class ClientCommand(NamedTuple):
    """One command of the client: its verb, its octets on the wire, and what the peer must offer for it.

    `needs` are EHLO keywords; `path` is the recipient of RCPT; `secret` says that `octets` hold a password.
    """

    verb: str
    octets: bytes
    needs: tuple[str, ...] = ()
    path: Path | None = None
    secret: bool = False

    def __repr__(self) -> str:
        """Give all but the octets, which may hold a password or a whole letter."""
        return f"ClientCommand({self.verb!r}, needs={self.needs!r}, path={self.path!r}, secret={self.secret!r})"

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


def mail(
    reverse_path: Path | str, *, size: int | None = None, body: str = "", options: MailOptions | None = None
) -> ClientCommand:
    """`MAIL FROM:<reverse-path>`; "" is the null path.

    `size` in octets needs SIZE, `body` needs 8BITMIME; `options` says more and stands for both. An address outside
    ASCII needs `utf8` in them (RFC 6531, 3.4).
    """
    said = (body,) if options is None else options[1:]
    size = size if options is None else options.size
    start, rest, needs, unsized = _mail(str(reverse_path), *said)
    if size is None:
        return unsized
    if not 0 <= size <= _LARGEST:
        raise LocalProtocolError(f"a letter cannot have {size} octets; give its length")
    return ClientCommand("MAIL", b"%b%d%b" % (start, size, rest), needs, unsized.path)


@lru_cache(maxsize=_REMEMBERED)
def _mail(reverse_path: str, *options: Any) -> tuple[bytes, bytes, tuple[str, ...], ClientCommand]:
    """Write MAIL but for the size of the letter, which differs each time and stands between two parts.

    Gives these, what the command needs, and the command that says no size; `options` are those of `MailOptions` after
    the size.
    """
    said = MailOptions(None, *options)
    path = _path(reverse_path, utf8=said.utf8)
    parameters, needs = write_mail(said)
    start, rest = f"MAIL FROM:<{path}>".encode(), parameters.encode() + CRLF
    return start + b" SIZE=", rest, ("SIZE", *needs), ClientCommand("MAIL", start + rest, needs, path)


def rcpt(
    forward_path: Path | str, *, utf8: bool = False, options: RecipientOptions = _NO_RCPT_OPTIONS
) -> ClientCommand:
    """`RCPT TO:<forward-path>`; `options` need DSN (RFC 3461, 4).

    An address outside ASCII needs `utf8`, which MAIL has declared.
    """
    return _rcpt(str(forward_path), options.notify, options.orcpt, utf8=utf8)


@lru_cache(maxsize=_REMEMBERED)
def _rcpt(forward_path: str, notify: tuple[str, ...], orcpt: str, *, utf8: bool) -> ClientCommand:
    path = _path(forward_path, utf8=utf8)
    if path.is_null:
        raise LocalProtocolError("a recipient cannot be the null path; give an address")
    parameters, needs = write_rcpt(RecipientOptions(notify=notify, orcpt=orcpt))
    if not path.is_ascii:
        needs = (*needs, "SMTPUTF8")
    return _line("RCPT", f"RCPT TO:<{path}>{parameters}", needs=needs, path=path)


def data() -> ClientCommand:
    """`DATA`; after a 354 reply, `content` follows."""
    return _DATA


def content(octets: bytes) -> ClientCommand:
    """The letter itself, dot-stuffed and ended here; a final CRLF is added where it is missing.

    Raises `LocalProtocolError` for a bare CR or LF and for a line over `limits.TEXT_LINE_OCTETS`: neither is ever sent.
    """
    _check_content(octets)
    return ClientCommand("DATA-END", encode_data(octets), () if octets.isascii() else ("8BITMIME",))


def chunks(octets: bytes, *, size: int = limits.CHUNK_OCTETS) -> tuple[ClientCommand, ...]:
    """The letter itself as BDAT commands, for a peer with CHUNKING: no dots to stuff, no reply to wait for in between.

    A final CRLF is added where it is missing, so that BDAT and DATA send the same letter. Raises as `content` does.
    """
    _check_content(octets)
    if size < 1:
        raise LocalProtocolError(f"a chunk of {size} octets carries nothing; give at least 1")
    whole = octets if not octets or octets.endswith(CRLF) else octets + CRLF
    needs = ("CHUNKING",) if octets.isascii() else ("CHUNKING", "8BITMIME")
    starts = range(0, len(whole), size) if whole else (0,)
    return tuple([_chunk(whole[start : start + size], needs, last=start + size >= len(whole)) for start in starts])


def auth_plain(authcid: str, password: str, *, authzid: str = "") -> ClientCommand:
    """`AUTH PLAIN` with the password as initial response (RFC 4954, 4; RFC 4616)."""
    message = sasl.encode_base64(sasl.encode_plain(authcid, password, authzid))
    return ClientCommand("AUTH", b"AUTH PLAIN " + message + b"\r\n", ("AUTH",), secret=True)


def auth(mechanism: str, initial: bytes | None = None) -> ClientCommand:
    """`AUTH mechanism`, with an initial response (before base64) or without: then the 334 asks for `auth_response`."""
    line = f"AUTH {_word(mechanism, 'mechanism')}".encode("ascii")
    if initial is not None:
        line += b" " + (sasl.encode_base64(initial) or b"=")  # RFC 4954, 4
    return ClientCommand("AUTH", line + b"\r\n", ("AUTH",), secret=initial is not None)


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


def expn(text: str) -> ClientCommand:
    """`EXPN list`."""
    return _line("EXPN", f"EXPN {_word(text, 'list')}")


def help_(topic: str = "") -> ClientCommand:
    """`HELP`, or `HELP topic`."""
    return _line("HELP", f"HELP {_word(topic, 'topic')}" if topic else "HELP")


def raw(line: str) -> ClientCommand:
    """A line typed by hand, for lessons: any printable ASCII; its order is still checked, its form is not.

    BDAT cannot be typed: its octets belong to it; use `chunks`.
    """
    verb = line.partition(" ")[0].upper()
    if _TEXT.fullmatch(line) is None:
        raise LocalProtocolError("a typed command is one line of printable ASCII; take the rest out")
    if verb not in _TYPED:
        raise LocalProtocolError(f"{verb or 'an empty line'} is no command; use one of {', '.join(sorted(_TYPED))}")
    return _line(verb, line)


def _check_content(octets: bytes) -> None:
    fault = content_fault(octets)
    if fault == "line":
        raise LocalProtocolError(f"the content has a line over {limits.TEXT_LINE_OCTETS} octets; encode it")
    if fault is not None:
        raise LocalProtocolError(f"the content holds a bare {fault}; end every line with CRLF")


def _chunk(octets: bytes, needs: tuple[str, ...], *, last: bool) -> ClientCommand:
    line = f"BDAT {len(octets)} LAST\r\n" if last else f"BDAT {len(octets)}\r\n"
    return ClientCommand("BDAT-LAST" if last else "BDAT", line.encode("ascii") + octets, needs)


def _line(verb: str, text: str, *, needs: tuple[str, ...] = (), path: Path | None = None) -> ClientCommand:
    return ClientCommand(verb, text.encode() + b"\r\n", needs, path)


def _word(text: str, what: str) -> str:
    if _WORD.fullmatch(text) is None:
        raise LocalProtocolError(f"{text!a} cannot be sent as {what}; use printable ASCII without spaces and brackets")
    return text


def _path(address: str, *, utf8: bool) -> Path:
    path = parse_mailbox(address, utf8=utf8)
    if path is None:
        raise LocalProtocolError(f"{address!a} is no address of RFC 5321, 4.1.2; write local-part@domain")
    return NULL_PATH if path.is_null else path


_DATA: Final = _line("DATA", "DATA")
_STARTTLS: Final = _line("STARTTLS", "STARTTLS", needs=("STARTTLS",))
_RSET: Final = _line("RSET", "RSET")
_NOOP: Final = _line("NOOP", "NOOP")
_QUIT: Final = _line("QUIT", "QUIT")
