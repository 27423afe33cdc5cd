"""The mail program's own store on one device, with a record of every change, and what it shows of a letter."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.engine.trace import LETTER
from simulator.mailstore.device import DeviceLetter, DeviceStore
from simulator.message.structure import parse_structure
from simulator.message.trace_fields import hops
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host
from simulator.records.kinds_access import DEVICE_APPEND, DEVICE_EXPUNGE, DEVICE_FLAGS
from simulator.records.kinds_message import MESSAGE_BODY, MESSAGE_HOP, MESSAGE_PART

__all__ = ["INBOX", "DeviceMailbox", "record_letter"]

INBOX = "INBOX"


class DeviceMailbox:
    """The mailboxes of one account on one device; letters are numbered by UID, or here where there is none."""

    def __init__(self, host: Host, account: str) -> None:
        self.host = host
        self.account = account
        self.store = DeviceStore(host.name)
        self._numbers: dict[str, int] = {}
        self._letters: dict[tuple[str, int], int | None] = {}

    def begin(self, mailbox: str, uid_validity: int) -> None:
        """Open a mailbox; drop what another UIDVALIDITY makes worthless."""
        before = self.keys(mailbox)
        if self.store.open(self.account, mailbox, uid_validity):
            for key in before:
                self.host.trace.write(DEVICE_EXPUNGE, (self.account, mailbox, key), at=self.host.name, leaf=True)

    def keys(self, mailbox: str) -> tuple[int, ...]:
        """Return the numbers of the letters, in order of arrival."""
        return tuple(map(int, self.store.keys(self.account, mailbox)))

    def flags(self, mailbox: str, key: int) -> frozenset[str]:
        """Return the flags of a letter. Raises NoSuchMailbox."""
        return self.store.letter(self.account, mailbox, key).flags

    def octets(self, mailbox: str, key: int) -> bytes:
        """Return a letter. Raises NoSuchMailbox."""
        return self.store.letter(self.account, mailbox, key).octets or b""

    def keep(self, mailbox: str, octets: bytes, flags: Iterable[str] = ()) -> int:
        """Put a letter into a mailbox that is only here; returns its number."""
        self._numbers[mailbox] = number = self._numbers.get(mailbox, 0) + 1
        self.add(mailbox, DeviceLetter(number, len(octets), frozenset(flags), octets))
        return number

    def add(self, mailbox: str, letter: DeviceLetter) -> None:
        """Put a letter with a number of its own into a mailbox."""
        self.store.add(self.account, mailbox, letter)
        host, key = self.host, int(letter.key)
        record = host.env.cause
        if record is None or host.trace.heard:
            values = (self.account, mailbox, key, letter.size, tuple(sorted(letter.flags)))
            record = host.trace.write(DEVICE_APPEND, values, at=host.name)
        self._letters[mailbox, key] = record[LETTER]

    def set_flags(self, mailbox: str, key: int, flags: frozenset[str]) -> None:
        """Change the flags of a letter, if they change."""
        if self.flags(mailbox, key) != flags:
            self.store.set_flags(self.account, mailbox, key, flags)
            values = (self.account, mailbox, key, tuple(sorted(flags)))
            self.host.trace.write(DEVICE_FLAGS, values, at=self.host.name)

    def remove(self, mailbox: str, key: int) -> None:
        """Forget a letter."""
        self.store.remove(self.account, mailbox, key)
        self._letters.pop((mailbox, key), None)
        if self.host.trace.heard:
            self.host.trace.write_next(DEVICE_EXPUNGE, (self.account, mailbox, key), self.host.name)

    def show(self, mailbox: str, key: int, octets: bytes | None = None) -> None:
        """Show a letter to its reader: the stage of reading, its hops, and what a mail program displays.

        `octets` is the letter where the device keeps only its header.
        """
        host, letter = self.host, self._letters[mailbox, key]
        if not host.trace.heard:
            return
        octets = self.octets(mailbox, key) if octets is None else octets
        host.internet.begin_stage("reading", self.account.lower(), at=host.name, letter=letter)
        found = [
            (number, hop.from_name or "", hop.by or "", hop.protocol or "")
            for number, hop in enumerate(hops(octets), start=1)
        ]
        host.trace.write_leaves(MESSAGE_HOP, found, at=host.name, letter=letter)
        record_letter(host, octets, "read", mailbox=self.account.lower(), letter=letter)


def record_letter(host: Host, octets: bytes, action: str, *, mailbox: str = "", letter: int | None = None) -> None:
    """Write down the header fields, parts and text of a letter that a mail program wrote or reads."""
    if not host.trace.heard:
        return
    record_fields(host, octets, action, by="MUA" if action == "written" else "", mailbox=mailbox, letter=letter)
    structure = parse_structure(octets)
    for part in structure.parts():
        content = structure.decoded_octets(part)
        number, name, size = ".".join(map(str, part.number)), part.filename or "", len(content)
        values = (number, part.media_type, name, part.encoding, part.size, size, action, mailbox)
        host.trace.write(MESSAGE_PART, values, at=host.name, letter=letter, leaf=True)
        if part.media_type == "text/plain" and not part.filename:
            text = structure.decoded_text(part, content)
            host.trace.write(MESSAGE_BODY, (text, action, mailbox), at=host.name, letter=letter, leaf=True)
