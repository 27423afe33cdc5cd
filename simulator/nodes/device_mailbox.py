"""The mail program's own store on one device, with a record of every change, and what it shows of a letter."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.mailstore.device import DeviceLetter, DeviceStore
from simulator.message.header import decode_value, fields
from simulator.message.structure import parse_structure
from simulator.message.trace_fields import hops
from simulator.nodes.host import Host
from simulator.records.kinds_access import MAILBOX_APPEND, MAILBOX_EXPUNGE, MAILBOX_FLAGS
from simulator.records.kinds_message import MESSAGE_BODY, MESSAGE_HEADER, MESSAGE_HOP, MESSAGE_PART

__all__ = ["INBOX", "DeviceMailbox", "record_letter"]

INBOX = "INBOX"
_SHOWN = frozenset({"from", "to", "cc", "subject", "date", "message-id", "x-spam-status"})


class DeviceMailbox:
    """The mailboxes of one account on one device; letters are numbered by UID, or here where there is none."""

    def __init__(self, host: Host, account: str) -> None:
        self.host = host
        self.account = account
        self.store = DeviceStore(host.name)
        self._numbers: dict[str, int] = {}

    def begin(self, mailbox: str, uid_validity: int) -> None:
        """Open a mailbox; drop what another UIDVALIDITY makes worthless."""
        before = self.keys(mailbox)
        if self.store.open(self.account, mailbox, uid_validity):
            for key in before:
                self.host.trace.write(MAILBOX_EXPUNGE, (self.account, mailbox, key, True), at=self.host.name, leaf=True)

    def keys(self, mailbox: str) -> tuple[int, ...]:
        """Return the numbers of the letters, in order of arrival."""
        return tuple(int(key) for key in self.store.keys(self.account, mailbox))

    def flags(self, mailbox: str, key: int) -> frozenset[str]:
        """Return the flags of a letter. Raises NoSuchMailbox."""
        return self.store.letter(self.account, mailbox, key).flags

    def octets(self, mailbox: str, key: int) -> bytes:
        """Return a letter. Raises NoSuchMailbox."""
        return self.store.letter(self.account, mailbox, key).octets or b""

    def keep(self, mailbox: str, octets: bytes, flags: Iterable[str] = ()) -> int:
        """Put a letter into a mailbox that is only here; returns its number."""
        self._numbers[mailbox] = number = self._numbers.get(mailbox, 0) + 1
        self.add(mailbox, DeviceLetter(key=number, size=len(octets), flags=frozenset(flags), octets=octets))
        return number

    def add(self, mailbox: str, letter: DeviceLetter) -> None:
        """Put a letter with a number of its own into a mailbox."""
        self.store.add(self.account, mailbox, letter)
        values = (self.account, mailbox, int(letter.key), letter.size, tuple(sorted(letter.flags)), "", True)
        self.host.trace.write(MAILBOX_APPEND, values, at=self.host.name)

    def set_flags(self, mailbox: str, key: int, flags: frozenset[str]) -> None:
        """Change the flags of a letter, if they change."""
        if self.flags(mailbox, key) != flags:
            self.store.set_flags(self.account, mailbox, key, flags)
            values = (self.account, mailbox, key, tuple(sorted(flags)), True)
            self.host.trace.write(MAILBOX_FLAGS, values, at=self.host.name)

    def remove(self, mailbox: str, key: int) -> None:
        """Forget a letter."""
        self.store.remove(self.account, mailbox, key)
        self.host.trace.write(MAILBOX_EXPUNGE, (self.account, mailbox, key, True), at=self.host.name)

    def show(self, octets: bytes) -> None:
        """Show a letter to its reader: the stage of reading, its hops, and what a mail program displays."""
        self.host.internet.begin_stage("reading", self.account.lower(), at=self.host.name)
        for number, hop in enumerate(hops(octets), start=1):
            values = (number, hop.from_name or "", hop.by or "", hop.protocol or "")
            self.host.trace.write(MESSAGE_HOP, values, at=self.host.name, leaf=True)
        record_letter(self.host, octets, "read", shown=_SHOWN)


def record_letter(host: Host, octets: bytes, action: str, *, shown: frozenset[str] | None = None) -> None:
    """Write down the header fields (those `shown`, or all), parts and text of a letter."""
    trace, at = host.trace, host.name
    for field in fields(octets):
        if shown is None or field.name.lower() in shown:
            trace.write(MESSAGE_HEADER, (field.name, decode_value(field.raw_value), action), at=at, leaf=True)
    structure = parse_structure(octets)
    for part in structure.parts():
        values = (part.number, part.media_type, part.filename or "", part.size, action)
        trace.write(MESSAGE_PART, values, at=at, leaf=True)
        if part.media_type == "text/plain" and not part.filename:
            trace.write(MESSAGE_BODY, (structure.decoded_text(part), action), at=at, leaf=True)
