"""What a client may say, each command as a method that checks its arguments before anything is written.

Apart from the core, so that one reads here what can be asked and there how an answer is found. RFC 9051, 6.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Final

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.imap.client.writer import Writer
from simulator.protocol.imap.fetch_items import scan_items
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.search_keys import scan_program
from simulator.protocol.imap.status_items import ITEMS
from simulator.protocol.imap.writing import date_time

_QUOTED: Final = re.compile(r'"((?:[^"\\\r\n]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_LINE_END: Final = re.compile(r"[\r\n\x00]")
_STORE_ITEM: Final = re.compile(r"[+-]?FLAGS(?:\.SILENT)?")
_FLAG: Final = re.compile(r'\\?[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')
_CAPABILITY: Final = re.compile(r"[A-Za-z0-9=.+-]+")


class Commands(ABC):
    """Each method gives the tag, or raises LocalProtocolError and sends nothing if the command is illegal now."""

    @abstractmethod
    def send(self, verb: str, arguments: Writer | None = None) -> str:
        """Send one command."""

    def capability(self) -> str:
        """CAPABILITY (RFC 9051, 6.1.1)."""
        return self.send("CAPABILITY")

    def noop(self) -> str:
        """NOOP (RFC 9051, 6.1.2)."""
        return self.send("NOOP")

    def logout(self) -> str:
        """LOGOUT (RFC 9051, 6.1.3)."""
        return self.send("LOGOUT")

    def login(self, user: str, password: str) -> str:
        """LOGIN (RFC 9051, 6.2.3)."""
        return self.send("LOGIN", Writer().text(user, "user name").text(password, "password"))

    def list(self, reference: str = "", pattern: str = "*") -> str:
        """LIST (RFC 9051, 6.3.9)."""
        return self.send("LIST", Writer().mailbox(reference).mailbox(pattern))

    def select(self, name: str) -> str:
        """SELECT (RFC 9051, 6.3.2)."""
        return self.send("SELECT", Writer().mailbox(name))

    def examine(self, name: str) -> str:
        """EXAMINE (RFC 9051, 6.3.3)."""
        return self.send("EXAMINE", Writer().mailbox(name))

    def status(self, name: str, items: Iterable[str] = ITEMS[:5]) -> str:
        """STATUS (RFC 9051, 6.3.11)."""
        words = tuple(items)
        if not words or not set(words) <= set(ITEMS):
            raise LocalProtocolError(f"STATUS asks for some of {', '.join(ITEMS)}.")
        return self.send("STATUS", Writer().mailbox(name).plain(f"({' '.join(words)})".encode("ascii")))

    def fetch(self, messages: str, items: str, *, by_uid: bool = False) -> str:
        """FETCH or UID FETCH (RFC 9051, 6.4.5); `items` as on the wire, such as `(FLAGS BODY.PEEK[])`."""
        _check(items, "fetch items", scan_items)
        return self.send(_form("FETCH", by_uid=by_uid), Writer().messages(messages).plain(items.encode("ascii")))

    def store(self, messages: str, item: str, flags: Iterable[str], *, by_uid: bool = False) -> str:
        """STORE or UID STORE (RFC 9051, 6.4.6); `item` is FLAGS, +FLAGS or -FLAGS, with .SILENT or without."""
        words = tuple(flags)
        if not _STORE_ITEM.fullmatch(item) or not all(map(_FLAG.fullmatch, words)):
            raise LocalProtocolError("STORE takes FLAGS, +FLAGS or -FLAGS (.SILENT) and flags without spaces.")
        change = f"{item} ({' '.join(words)})".encode("ascii")
        return self.send(_form("STORE", by_uid=by_uid), Writer().messages(messages).plain(change))

    def search(self, criteria: str, *, by_uid: bool = False) -> str:
        """SEARCH or UID SEARCH (RFC 9051, 6.4.4); `criteria` as on the wire, quoted strings in any script."""
        return self.send(_form("SEARCH", by_uid=by_uid), _criteria(criteria))

    def expunge(self, uids: str | None = None) -> str:
        """EXPUNGE, or with `uids` UID EXPUNGE (RFC 9051, 6.4.3 and 6.4.9)."""
        return self.send("EXPUNGE") if uids is None else self.send("UID EXPUNGE", Writer().messages(uids))

    def close(self) -> str:
        """CLOSE (RFC 9051, 6.4.1)."""
        return self.send("CLOSE")

    def unselect(self) -> str:
        """UNSELECT (RFC 9051, 6.4.2)."""
        return self.send("UNSELECT")

    def id(self, fields: Iterable[tuple[str, str]] = ()) -> str:
        """ID (RFC 2971); pairs of name and value."""
        writer = Writer().plain(b"(")
        for number, pair in enumerate(fields):
            for place, word in enumerate(pair):
                if _LINE_END.search(word) or not word.isascii():
                    raise LocalProtocolError("ID takes lines of ASCII.")
                writer.raw(b" " if number or place else b"")
                writer.quoted(word.encode("ascii"))
        if len(writer.pieces[-1]) == len(b" ("):
            return self.send("ID", Writer().plain(b"NIL"))
        writer.raw(b")")
        return self.send("ID", writer)

    def enable(self, *capabilities: str) -> str:
        """ENABLE (RFC 9051, 6.3.1)."""
        if not capabilities or not all(map(_CAPABILITY.fullmatch, capabilities)):
            raise LocalProtocolError("ENABLE takes names of capabilities.")
        return self.send("ENABLE", Writer().plain(" ".join(capabilities).encode("ascii")))

    def create(self, name: str) -> str:
        """CREATE (RFC 9051, 6.3.4)."""
        return self.send("CREATE", Writer().mailbox(name))

    def delete(self, name: str) -> str:
        """DELETE (RFC 9051, 6.3.5)."""
        return self.send("DELETE", Writer().mailbox(name))

    def rename(self, old: str, new: str) -> str:
        """RENAME (RFC 9051, 6.3.6)."""
        return self.send("RENAME", Writer().mailbox(old).mailbox(new))

    def subscribe(self, name: str, *, wanted: bool = True) -> str:
        """SUBSCRIBE, or if not `wanted` UNSUBSCRIBE (RFC 9051, 6.3.7 and 6.3.8)."""
        return self.send("SUBSCRIBE" if wanted else "UNSUBSCRIBE", Writer().mailbox(name))

    def lsub(self, reference: str = "", pattern: str = "*") -> str:
        """LSUB (RFC 3501, 6.3.9)."""
        return self.send("LSUB", Writer().mailbox(reference).mailbox(pattern))

    def append(self, name: str, octets: bytes, *, flags: Iterable[str] = (), internal_date: int | None = None) -> str:
        """APPEND (RFC 9051, 6.3.12); `internal_date` is µs since 1970-01-01 UTC, None for the server's now."""
        words = tuple(flags)
        if not all(map(_FLAG.fullmatch, words)) or not octets or b"\0" in octets:
            raise LocalProtocolError("APPEND takes a letter without NUL and flags without spaces.")
        writer = Writer().mailbox(name)
        if words:
            writer.plain(f"({' '.join(words)})".encode("ascii"))
        if internal_date is not None:
            writer.plain(date_time(internal_date))
        return self.send("APPEND", writer.literal(octets))

    def copy(self, messages: str, name: str, *, by_uid: bool = False) -> str:
        """COPY or UID COPY (RFC 9051, 6.4.7)."""
        return self.send(_form("COPY", by_uid=by_uid), Writer().messages(messages).mailbox(name))

    def move(self, messages: str, name: str, *, by_uid: bool = False) -> str:
        """MOVE or UID MOVE (RFC 6851)."""
        return self.send(_form("MOVE", by_uid=by_uid), Writer().messages(messages).mailbox(name))

    def namespace(self) -> str:
        """NAMESPACE (RFC 2342)."""
        return self.send("NAMESPACE")

    def get_quota(self, root: str) -> str:
        """GETQUOTA (RFC 9208, 4.1.2)."""
        return self.send("GETQUOTA", Writer().text(root, "quota root"))

    def get_quota_root(self, name: str) -> str:
        """GETQUOTAROOT (RFC 9208, 4.1.3)."""
        return self.send("GETQUOTAROOT", Writer().mailbox(name))

    def starttls(self) -> str:
        """STARTTLS (RFC 9051, 6.2.1); after OK do the handshake, then call `tls_started()`."""
        return self.send("STARTTLS")

    def idle(self) -> str:
        """IDLE (RFC 9051, 6.3.13); end it with `done()` once `Idling` was given."""
        return self.send("IDLE")


def _form(verb: str, *, by_uid: bool) -> str:
    return f"UID {verb}" if by_uid else verb


def _check(text: str, what: str, scan: Callable[[Scanner], object]) -> None:
    if not text.isascii() or _LINE_END.search(text):
        raise LocalProtocolError(f"The {what} must be one line of ASCII.")
    scanner = Scanner(text.encode("ascii") + b"\r\n")
    try:
        scan(scanner)
        scanner.end()
    except RemoteProtocolError as error:
        raise LocalProtocolError(f"These {what} cannot be sent: {error}.") from error


def _criteria(criteria: str) -> Writer:
    """Write search criteria, their non-ASCII strings as literals, once they read as a server would read them."""
    if _LINE_END.search(criteria):
        raise LocalProtocolError("The search criteria must be one line.")
    writer = Writer()
    writer.raw(b" " if criteria.isascii() else b" CHARSET UTF-8 ")
    at = 0
    for quoted in _QUOTED.finditer(criteria):
        if not quoted[0].isascii():
            writer.raw(criteria[at : quoted.start()].encode("utf-8"))
            writer.string(_ESCAPED.sub(r"\1", quoted[1]).encode("utf-8"))
            at = quoted.end()
    writer.raw(criteria[at:].encode("utf-8"))
    try:
        scan_program(Scanner(b"".join(writer.pieces)[1:] + b"\r\n"))
    except RemoteProtocolError as error:
        raise LocalProtocolError(f"These search criteria cannot be sent: {error}.") from error
    return writer
