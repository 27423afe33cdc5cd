"""POP3's view of an INBOX: message numbers that stand still while the session lasts.

Why: a maildrop is locked and numbered at login, deletions take effect at the end, and what arrives in between is seen
next time. RFC 1939 4 (lock), 5 and 6 (UPDATE), 7 (UIDL).
"""

from collections.abc import Iterable

from simulator.mailstore.failures import MaildropLocked, NoSuchMailbox
from simulator.mailstore.view import Expunged, MailboxView, StoredMessage


class Maildrop:
    """The letters of an account, numbered from 1 when locked. Sizes in octets, CRLF counted, before dot-stuffing."""

    __slots__ = ("_locks", "_messages", "_validity", "address", "is_locked", "view")

    def __init__(self, view: MailboxView, locks: set[str]) -> None:
        self.view = view
        self.address = view.address
        self.is_locked = False
        self._locks = locks
        self._messages: tuple[StoredMessage, ...] = ()
        self._validity = 0

    def lock(self) -> int:
        """Take the maildrop and return how many letters it has; raise MaildropLocked while another session has it."""
        if self.address in self._locks:
            raise MaildropLocked(f"another session has the maildrop of {self.address}: try again when it has ended")
        self._locks.add(self.address)
        self.is_locked = True
        self._messages = self.view.messages()
        self._validity = self.view.uid_validity
        return len(self._messages)

    def unlock(self) -> None:
        """Give the maildrop free; nothing happens when this session does not have it."""
        if self.is_locked:
            self._locks.discard(self.address)
            self.is_locked = False

    def sizes(self) -> tuple[int, ...]:
        """Return the size of each letter, number 1 first."""
        return tuple([m.size for m in self._messages])

    def uid(self, number: int) -> int:
        """Return the IMAP UID of letter `number`: what a trace names it by."""
        return self._messages[number - 1].uid

    def unique_ids(self) -> tuple[str, ...]:
        """Return the unique-id of each letter: UID and UIDVALIDITY in hexadecimal, as Dovecot writes them. RFC 1939 7
        (UIDL).
        """
        return tuple([f"{m.uid:08x}{self._validity:08x}" for m in self._messages])

    def octets(self, number: int) -> bytes:
        """Return letter `number`; raise NoSuchMailbox for a number out of range or a letter that another protocol
        expunged.
        """
        if not 1 <= number <= len(self._messages):
            raise NoSuchMailbox(f"there is no message {number}")
        return self.view.octets(self._messages[number - 1].uid)

    def delete(self, numbers: Iterable[int]) -> tuple[Expunged, ...]:
        """Remove letters for good: the UPDATE state at QUIT. Raises MaildropLocked when this session has no lock."""
        if not self.is_locked:
            raise MaildropLocked(f"the maildrop of {self.address} is not locked: lock it first")
        wanted = [self._messages[number - 1].uid for number in numbers if 1 <= number <= len(self._messages)]
        return self.view.expunge(tuple(wanted))
