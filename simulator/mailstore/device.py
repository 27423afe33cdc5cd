"""The mail program's own store on one device: what POP3 downloaded, what IMAP has cached, what was sent or drafted.

Why: two devices of one person see different things, and only a store of their own shows it (RFC 1733: offline,
online, disconnected).
"""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.mailstore.failures import MailboxExists, NoSuchMailbox

Key = int | str
DeviceSnapshot = dict[str, dict[str, list[tuple[Key, list[str], int]]]]


class DeviceLetter(NamedTuple):
    """A letter on a device: its UID (IMAP) or unique-id (POP3), flags, size in octets, octets (None while only its
    header is known).
    """

    key: Key
    size: int
    flags: frozenset[str] = frozenset()
    octets: bytes | None = None
    header: bytes | None = None


class DeviceStore:
    """Letters by account, mailbox and key, in order of arrival. A device keeps UIDVALIDITY per mailbox and drops what
    it no longer covers.
    """

    __slots__ = ("_boxes", "_validity", "device")

    def __init__(self, device: str) -> None:
        self.device = device
        self._boxes: dict[tuple[str, str], dict[Key, DeviceLetter]] = {}
        self._validity: dict[tuple[str, str], int] = {}

    def open(self, account: str, mailbox: str, uid_validity: int) -> int:
        """Begin with a mailbox; when its UIDVALIDITY is another than remembered, drop the cache. Return how many
        letters were dropped.
        """
        place = (account.lower(), mailbox)
        dropped = 0
        if self._validity.get(place, uid_validity) != uid_validity:
            dropped = len(self._boxes.pop(place, {}))
        self._validity[place] = uid_validity
        self._boxes.setdefault(place, {})
        return dropped

    def add(self, account: str, mailbox: str, letter: DeviceLetter) -> None:
        """Keep a new letter; raise MailboxExists when the key is known already."""
        box = self._boxes.setdefault((account.lower(), mailbox), {})
        if letter.key in box:
            raise MailboxExists(f"{self.device} has letter {letter.key} of {mailbox} already")
        box[letter.key] = letter

    def fill(self, account: str, mailbox: str, key: Key, octets: bytes) -> DeviceLetter:
        """Keep the octets of a letter whose header was known; raise NoSuchMailbox for an unknown one."""
        return self._put(account, mailbox, self.letter(account, mailbox, key)._replace(octets=octets, size=len(octets)))

    def set_flags(self, account: str, mailbox: str, key: Key, flags: Iterable[str]) -> DeviceLetter:
        """Replace the flags of a letter; raise NoSuchMailbox for an unknown one."""
        return self._put(account, mailbox, self.letter(account, mailbox, key)._replace(flags=frozenset(flags)))

    def remove(self, account: str, mailbox: str, key: Key) -> DeviceLetter:
        """Forget a letter and return it; raise NoSuchMailbox for an unknown one."""
        letter = self.letter(account, mailbox, key)
        del self._boxes[account.lower(), mailbox][key]
        return letter

    def letter(self, account: str, mailbox: str, key: Key) -> DeviceLetter:
        """Return a letter; raise NoSuchMailbox for an unknown one."""
        found = self._boxes.get((account.lower(), mailbox), {}).get(key)
        if found is None:
            raise NoSuchMailbox(f"{self.device} has no letter {key} of {mailbox}: fetch it first")
        return found

    def keys(self, account: str, mailbox: str) -> tuple[Key, ...]:
        """Return the keys of a mailbox in order of arrival; () for one never seen. What POP3 compares UIDL with."""
        return tuple(self._boxes.get((account.lower(), mailbox), ()))

    def letters(self, account: str, mailbox: str) -> tuple[DeviceLetter, ...]:
        """Return the letters of a mailbox in order of arrival."""
        return tuple(self._boxes.get((account.lower(), mailbox), {}).values())

    def snapshot(self) -> DeviceSnapshot:
        """Return {account: {mailbox: [(key, sorted flags, size)]}}, accounts and mailboxes sorted, letters in order
        of arrival.
        """
        dump: DeviceSnapshot = {}
        for account, mailbox in sorted(self._boxes):
            letters = self._boxes[account, mailbox].values()
            dump.setdefault(account, {})[mailbox] = [(m.key, sorted(m.flags), m.size) for m in letters]
        return dump

    def _put(self, account: str, mailbox: str, letter: DeviceLetter) -> DeviceLetter:
        self._boxes[account.lower(), mailbox][letter.key] = letter
        return letter
