"""The letters of a mailbox as they lay on the disk after any event, octet by octet.

They are rebuilt from the trace: what LMTP or APPEND handed over, under the trace fields that the delivery agent wrote
down when it added them. The size that the record tells is checked, so a letter is never made up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..engine.base_kinds import TCP_DATA, WORLD
from ..engine.kinds import Record
from ..engine.trace import ALSO, CAUSE, KIND, SESSION, N, T, value
from ..errors import MailflowError
from ..message.trace_fields import prepend, without_return_path
from ..records.folds import History
from ..records.kinds_access import IMAP_COMMAND, MAILBOX_APPEND
from ..records.kinds_message import MESSAGE_HEADER
from ..records.kinds_queue import DELIVER, LOOKUP
from ..records.kinds_smtp import LMTP_DATA
from ..text import _
from .contents import Content, appended, submitted

__all__ = ["KeptLetter", "accounts", "kept_letters", "start_of", "with_letters"]

_FILE: Final = re.compile(r"/(?P<file>(?P<seconds>\d+)\.M(?P<us>\d{6})[^/:]*)(?::2,[A-Za-z]*)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """A letter at rest: its UID, flags, octets, the name of its file (without flags), and when it came (epoch µs).

    `old` says that it lay in cur from the first, as what IMAP puts there does.
    """

    uid: int
    flags: tuple[str, ...]
    octets: bytes
    file: str
    received: int
    old: bool = False


def kept_letters(records: Sequence[Record], n: int, address: str) -> dict[str, tuple[KeptLetter, ...]]:
    """The letters of an account after the record `n`, by mailbox, in ascending UIDs; `records` is a whole trace.

    Raises MailflowError if there is no such account, or if the trace does not hold a letter's octets.
    """
    known, wanted = accounts(records), address.lower()
    if wanted not in known:
        hint = ", ".join(known) or _("none")
        raise MailflowError(
            _("nobody has the mailbox {address}; mailboxes: {known}").format(address=address, known=hint)
        )
    finder = _Finder(records)
    boxes = History(records).at(n).mailboxes.get(wanted, {})
    return {
        name: tuple(finder.letter(letter.uid, letter.flags, records[letter.record - 1]) for letter in letters)
        for name, letters in boxes.items()
    }


def accounts(records: Sequence[Record]) -> tuple[str, ...]:
    """The accounts that a trace knows, in alphabetical order."""
    people = {value(r, "name").lower() for r in records if r[KIND] is WORLD and value(r, "what") == "person"}
    return tuple(sorted(people.union(with_letters(records))))


def with_letters(records: Sequence[Record]) -> tuple[str, ...]:
    """The accounts into which a letter ever came, in alphabetical order."""
    return tuple(sorted({value(record, "mailbox") for record in records if record[KIND] is MAILBOX_APPEND}))


def start_of(records: Sequence[Record]) -> int:
    """The time at the start of the scenario in µs since 1970, as the names of stored files tell it; 0 if none does."""
    for record in records:
        if record[KIND] is MAILBOX_APPEND:
            _file, received = _name(value(record, "path"))
            return received - int(record[T]) if received else 0
    return 0


def _name(path: str) -> tuple[str, int]:
    """A file's name without its flags, and the µs since 1970 that Maildir put into it."""
    found = _FILE.search(path)
    if found is None:
        return path.rpartition("/")[2].partition(":2,")[0], 0
    return found["file"], int(found["seconds"]) * 1_000_000 + int(found["us"])


class _Finder:
    """Finds the octets of letters in one trace; each session is read once."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._said: dict[int, list[Record]] = {}
        for record in records:
            if record[KIND] is TCP_DATA:
                self._said.setdefault(record[SESSION], []).append(record)
        self._submitted: dict[int, list[Content]] = {}
        self._appended: dict[int, list[Content]] = {}

    def letter(self, uid: int, flags: tuple[str, ...], stored: Record) -> KeptLetter:
        """The letter that a mailbox.append put on the disk."""
        file, received = _name(value(stored, "path"))
        old = "/cur/" in value(stored, "path")
        return KeptLetter(uid=uid, flags=flags, octets=self._octets(stored), file=file, received=received, old=old)

    def _octets(self, stored: Record) -> bytes:
        for n in stored[ALSO]:
            if self._records[n - 1][KIND] is MAILBOX_APPEND:  # copied or moved: the same octets under another name
                return self._octets(self._records[n - 1])
        for octets in self._from_imap(stored) if stored[SESSION] is not None else self._from_lmtp(stored):
            if len(octets) == value(stored, "size"):
                return octets
        raise MailflowError(
            _("the trace does not hold the octets of the letter of e{n}; export the scenario itself").format(
                n=stored[N]
            )
        )

    def _from_imap(self, stored: Record) -> list[bytes]:
        command = self._above(stored, IMAP_COMMAND)
        if command is None:
            return []
        session, tag = stored[SESSION], value(command, "tag")
        if session not in self._appended:
            self._appended[session] = appended(self._said.get(session, ()), session)
        return [one.octets for one in reversed(self._appended[session]) if one.tag == tag and one.n < stored[N]]

    def _from_lmtp(self, stored: Record) -> list[bytes]:
        data, deliver = self._above(stored, LMTP_DATA), self._above(stored, DELIVER)
        if data is None or deliver is None:
            return []
        session, fields = data[SESSION], self._added_fields(deliver)
        if session not in self._submitted:
            self._submitted[session] = submitted(self._said.get(session, ()), session)
        contents = [one.octets for one in self._submitted[session] if one.n < data[N]]
        return [prepend(form, *fields) for whole in contents[-1:] for form in (whole, without_return_path(whole))]

    def _above(self, record: Record, kind: object) -> Record | None:
        """The nearest cause of that kind."""
        cause = record[CAUSE]
        while cause is not None:
            found: Record = self._records[cause - 1]
            if found[KIND] is kind:
                return found
            cause = found[CAUSE]
        return None

    def _added_fields(self, deliver: Record) -> list[bytes]:
        """The trace fields that the delivery agent wrote down right before it stored the letter, the first on top.

        Values stand there unfolded; a tab is where the line was folded, since nothing else in these fields can be one.
        """
        fields: list[bytes] = []
        for n in range(deliver[N] - 1, 0, -1):
            record = self._records[n - 1]
            if record[KIND] is LOOKUP:
                continue
            if record[KIND] is not MESSAGE_HEADER or value(record, "added-by") != "MDA":
                break
            name, text = value(record, "name"), value(record, "value")
            fields.insert(0, f"{name}: {text}\r\n".replace("\t", "\r\n\t").encode("utf-8", "surrogateescape"))
            if name == "Return-Path":
                break
        return fields
