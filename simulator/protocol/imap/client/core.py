"""The client side of one IMAP connection: commands in, their ends and the server's data out.

It sends nothing that the table forbids, refuses text that would inject a command, and caps whatever a hostile
server may announce. RFC 9051, 2.2, 6 and 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from simulator import limits
from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol.imap.client import data, responses
from simulator.protocol.imap.client.writer import Writer
from simulator.protocol.imap.fetch_items import scan_items
from simulator.protocol.imap.framing import Framer, LiteralAnnounced, Overlong
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.search_keys import scan_program
from simulator.protocol.imap.status_items import ITEMS
from simulator.protocol.imap.table import TABLE, State, after, legal

LINE_OCTETS: Final = 1_048_576
"""Text of one response, literals not counted: a SEARCH of a large mailbox is one line."""
TOTAL_OCTETS: Final = 67_108_864
"""Everything that may come in answer to one command."""

_QUOTED: Final = re.compile(r'"((?:[^"\\\r\n]|\\["\\])*)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_LINE_END: Final = re.compile(r"[\r\n\x00]")
_STORE_ITEM: Final = re.compile(r"[+-]?FLAGS(?:\.SILENT)?")
_FLAG: Final = re.compile(r'\\?[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')


class ImapClient:
    """The client side of one connection; one command at a time. `literal_limit` caps one literal in octets."""

    def __init__(self, *, literal_limit: int = limits.MESSAGE_OCTETS + limits.HEADER_OCTETS) -> None:
        self.state = State.NOT_AUTHENTICATED
        self._literal_limit = literal_limit
        self._framer = Framer(line_limit=LINE_OCTETS)
        self._greeted = False
        self._count = 0
        self._tag = ""
        self._verb = ""
        self._pieces: list[bytes] = []
        self._out: list[bytes] = []
        self._untagged: list[data.Untagged] = []
        self._received = 0

    def legal_now(self) -> tuple[str, ...]:
        """Name the commands that may be sent now."""
        return legal(self.state) if self._greeted and not self._tag else ()

    # --- commands; each gives the tag and raises LocalProtocolError, sending nothing, if it is illegal now

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

    def send(self, verb: str, arguments: Writer | None = None) -> str:
        """Send one command and give its tag; raises `LocalProtocolError`, sending nothing, if it is illegal now."""
        if not self._greeted or self._tag:
            raise LocalProtocolError(f"Wait for the server's response before sending {verb}.")
        if verb not in TABLE[self.state]:
            raise LocalProtocolError(f"{verb} may not be sent in the state {self.state.value}.")
        self._count += 1
        self._tag, self._verb, self._received = f"a{self._count}", verb, 0
        first, *self._pieces = arguments.pieces if arguments else [b""]
        self._out.append(f"{self._tag} {verb}".encode("ascii") + first)
        self._end_if_whole()
        return self._tag

    # --- octets

    def data_to_send(self) -> bytes:
        """Drain the octets for the server."""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the server, in any chunks."""
        self._framer.feed(octets)

    def next_event(self) -> data.Event | None:
        """Give the next event, or None until more octets are here.

        Raises `RemoteProtocolError` for what is no IMAP and `LimitExceeded` for too much of it, such as a literal of
        99 GB; close the connection then.
        """
        while (unit := self._unit()) is not None:
            event = self._take(responses.read(unit))
            if event is not None:
                return event
        return None

    def _unit(self) -> bytes | None:
        unit = self._framer.next_unit()
        while isinstance(unit, LiteralAnnounced):
            if unit.size > self._literal_limit:
                raise LimitExceeded(f"the server announces {unit.size} octets; the limit is {self._literal_limit}")
            self._framer.accept()
            unit = self._framer.next_unit()
        if isinstance(unit, Overlong):
            raise LimitExceeded(f"the server sent a response line of more than {LINE_OCTETS} octets")
        self._received += len(unit or b"")
        if self._received > TOTAL_OCTETS:
            raise LimitExceeded(f"the server answers one command with more than {TOTAL_OCTETS} octets")
        return unit

    def _take(self, response: responses.Tagged | responses.Continue | data.Untagged) -> data.Event | None:
        if not self._greeted:
            return self._greeting(response)
        if isinstance(response, responses.Continue):
            self._go_on()
            return None
        if isinstance(response, responses.Tagged):
            return self._complete(response)
        if isinstance(response, data.Condition) and response.status == "BYE" and self._verb != "LOGOUT":
            self.state = State.LOGOUT
            return data.Goodbye(response)
        if not self._tag:
            return data.Unsolicited(response)
        self._untagged.append(response)
        return None

    def _greeting(self, response: object) -> data.Greeting:
        if not isinstance(response, data.Condition) or response.status not in ("OK", "PREAUTH", "BYE"):
            raise RemoteProtocolError("a greeting that is neither OK, PREAUTH nor BYE")
        self._greeted = True
        states = {"PREAUTH": State.AUTHENTICATED, "BYE": State.LOGOUT}
        self.state = states.get(response.status, self.state)
        return data.Greeting(response)

    def _go_on(self) -> None:
        if not self._pieces:
            raise RemoteProtocolError("the server asks for more of a command that is whole")
        self._out.append(self._pieces.pop(0))
        self._end_if_whole()

    def _end_if_whole(self) -> None:
        if not self._pieces:
            self._out.append(b"\r\n")

    def _complete(self, response: responses.Tagged) -> data.Completed:
        if response.tag != self._tag or response.condition.status not in ("OK", "NO", "BAD"):
            raise RemoteProtocolError("a final response that answers no command")
        completed = data.Completed(
            tag=self._tag, verb=self._verb, condition=response.condition, untagged=tuple(self._untagged)
        )
        self.state = after(self.state, self._verb, response.condition.status)
        self._tag = self._verb = ""
        self._pieces = []
        self._untagged.clear()
        return completed


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
