"""Reads command lines: verb, argument, address and parameters; the check of form, apart from order and from policy.

Each reader gives a `Command`, with the reply that refuses it or with what it read. Nothing here knows a session: a
command is a function of its octets and of what the server offers, so one that was read before need not be read again.
RFC 5321, 4.1.1.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from simulator.protocol.octets import CRLF, newline_fault
from simulator.protocol.smtp import options, replies
from simulator.protocol.smtp.events import Command
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.protocol.smtp.paths import Path, parse_mailbox, split_path
from simulator.protocol.smtp.replies import Reply, echo, reply

_REMEMBERED: Final = 512
_FROM: Final = re.compile(r"from: *(?=[^ ])", re.IGNORECASE)
_TO: Final = re.compile(r"to: *(?=[^ ])", re.IGNORECASE)
_CHUNK: Final = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE)  # RFC 3030, 2
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_OPEN: Final = frozenset(b"EHLO HELO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN STAR".split())
"""How lines begin that hold no password; no others are remembered: a response may follow an AUTH that was refused."""
_HOSTNAME: Final = re.compile(r"[!-~]{1,255}")

_MAIL_USAGE: Final = replies.syntax_of("MAIL FROM:<address>")
_RCPT_USAGE: Final = replies.syntax_of("RCPT TO:<address>")
_BDAT_USAGE: Final = replies.syntax_of("BDAT count [LAST]")
_NO_MAIL_OPTIONS: Final = MailOptions()
_NO_RCPT_OPTIONS: Final = RecipientOptions()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What BDAT says: `size` octets follow, and whether they are the last."""

    size: int
    last: bool


def read_line(line: bytes) -> Command:
    """Split a line without its CRLF into verb (upper case) and argument, one character an octet."""
    return (_line_again if _is_open(line) else _split_line)(line)


def read_lines(octets: bytes) -> tuple[Command, ...] | None:
    """Read a chunk that is nothing but whole lines, the last first; None where a line is cut or has a bare CR or LF."""
    if not octets.endswith(CRLF) or newline_fault(octets) is not None:
        return None
    parts = octets[:-2].split(CRLF)[::-1]
    lines = tuple(map(read_line, parts))
    if all(map(_is_open, parts)):
        if len(read_before) == _REMEMBERED:
            read_before.clear()
        read_before[octets] = lines
    return lines


def _is_open(line: bytes) -> bool:
    return line[:4].upper() in _OPEN


def _split_line(line: bytes) -> Command:
    text, octets = line.decode("latin-1"), line + CRLF
    if not (text.isascii() and text.isprintable()):
        return _split_odd_line(line)
    words = text.split(None, 1)
    if not words:
        return Command("", "", octets, replies.BAD_SYNTAX)
    return Command(words[0].upper(), words[1].rstrip() if len(words) == 2 else "", octets)


def _split_odd_line(line: bytes) -> Command:
    """Split a line with tabs, or with octets that are no ASCII; one with any other control character is none."""
    octets = line + CRLF
    words = line.split(None, 1)
    if _CONTROL.search(line) is not None or not words:
        return Command("", "", octets, replies.BAD_SYNTAX)
    verb = words[0].decode("latin-1").upper()
    return Command(verb, words[1].rstrip().replace(b"\t", b" ").decode("latin-1") if len(words) == 2 else "", octets)


_line_again: Final = lru_cache(maxsize=_REMEMBERED)(_split_line)
read_before: Final[dict[bytes, tuple[Command, ...]]] = {}
"""Chunks without a secret, and what is said in them, which depends on nothing else."""


def is_stranger(verb: str) -> bool:
    """Whether it speaks another protocol: HTTP, or a header field sent as a command (Postfix hangs up on both)."""
    return verb in ("CONNECT", "GET", "POST") or ":" in verb[1:]


@lru_cache(maxsize=_REMEMBERED)
def hello(verb: str, argument: str) -> str | Reply:
    """Read the name that the client gives itself: the first word, and only that it is printable (RFC 5321, 4.1.4)."""
    name = argument.partition(" ")[0]
    return name if _HOSTNAME.fullmatch(name) is not None else reply(501, "", f"Syntax: {verb} hostname")


@lru_cache(maxsize=_REMEMBERED)
def mail(said: Command, offered: frozenset[str], size_limit: int) -> Command:
    """Read `FROM:<reverse-path> [parameters]`; a declared size over `size_limit` is refused (RFC 1870, 6.1)."""
    start = _FROM.match(said.argument)
    if start is None:
        return said.answered(_MAIL_USAGE)
    split = _split(said.argument[start.end() :], offered)
    if split is None:
        return said.answered(replies.BAD_SENDER)
    path, text = split
    if path.local and not path.domain and not path.is_postmaster:
        return said.answered(_not_qualified(path, "Sender"))
    outcome = options.read(text, _NO_MAIL_OPTIONS, options.MAIL, offered) if text else (_NO_MAIL_OPTIONS, ())
    if isinstance(outcome, Reply):
        return said.answered(outcome)
    declared, parameters = outcome
    if not path.is_ascii and not declared.utf8:
        return said.answered(replies.NEED_SMTPUTF8)
    if declared.size is not None and declared.size > size_limit:
        return said.answered(replies.SIZE_OVER_LIMIT)
    return Command(said.verb, said.argument, said.octets, None, path, parameters, declared)


@lru_cache(maxsize=_REMEMBERED)
def rcpt(said: Command, offered: frozenset[str]) -> Command:
    """Read `TO:<forward-path> [parameters]`; whether MAIL has declared SMTPUTF8 is another's affair."""
    start = _TO.match(said.argument)
    if start is None:
        return said.answered(_RCPT_USAGE)
    split = _split(said.argument[start.end() :], offered)
    if split is None or split[0].is_null:
        return said.answered(replies.BAD_RECIPIENT)
    path, text = split
    outcome = options.read(text, _NO_RCPT_OPTIONS, options.RCPT, offered) if text else (_NO_RCPT_OPTIONS, ())
    if isinstance(outcome, Reply):
        return said.answered(outcome)
    if not path.domain and not path.is_postmaster:
        return said.answered(_not_qualified(path, "Recipient"))
    return Command(said.verb, said.argument, said.octets, None, path, outcome[1], outcome[0])


def somebody(said: Command, offered: frozenset[str]) -> Command:
    """Read an address or user name of VRFY or EXPN, with or without brackets (RFC 5321, 3.5.1; RFC 6531, 3.7.4.2)."""
    unicode = "SMTPUTF8" in offered
    if not said.argument:
        usage = f"{said.verb} address [SMTPUTF8]" if unicode else f"{said.verb} address"
        return said.answered(replies.syntax_of(usage))
    split = _split(said.argument, offered)
    if split is None or split[0].is_null:
        return said.answered(replies.BAD_RECIPIENT)
    path, text = split
    declared = unicode and text.upper() == "SMTPUTF8"
    if text and not declared:
        return said.answered(replies.BAD_RECIPIENT)
    if not path.is_ascii and not declared:
        return said.answered(replies.NEED_SMTPUTF8)
    return Command(said.verb, said.argument, said.octets, None, path)


def chunk(argument: str) -> Chunk | Reply:
    """Read `chunk-size [LAST]`."""
    found = _CHUNK.fullmatch(argument)
    return _BDAT_USAGE if found is None else Chunk(int(found[1]), found[2] is not None)


def _split(text: str, offered: frozenset[str]) -> tuple[Path, str] | None:
    """Read an address and leave its parameters; octets outside ASCII are UTF-8 where SMTPUTF8 is offered."""
    utf8 = not text.isascii() and "SMTPUTF8" in offered
    if utf8:
        try:
            text = text.encode("latin-1").decode()
        except UnicodeDecodeError:
            return None
    split = split_path(text)
    path = parse_mailbox(split[0], utf8=utf8) if split is not None else None
    return None if split is None or path is None else (path, split[1])


def _not_qualified(path: Path, role: str) -> Reply:
    return reply(504, "5.5.2", f"<{echo(str(path))}>: {role} address rejected: need fully-qualified address")
