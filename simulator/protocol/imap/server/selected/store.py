"""STORE and UID STORE: change flags. RFC 9051, 6.4.6 and 6.4.9."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulator.protocol.imap import sequence
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.authenticated.select import tell_flags
from simulator.protocol.imap.server.context import Context, Outcome, no, ok
from simulator.protocol.imap.server.events import FlagsChanged
from simulator.protocol.imap.server.flags import settable
from simulator.protocol.imap.server.selected.fetch import GONE
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.writing import flag_list

_ITEM: Final = re.compile(rb"([+-]?)FLAGS(\.SILENT)?(?= )", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What STORE does to flags: `sign` is "" (replace), "+" or "-"."""

    sign: str
    flags: frozenset[str]
    silent: bool

    def apply(self, before: frozenset[str]) -> frozenset[str]:
        """Give the flags after the change."""
        if self.sign == "+":
            return before | self.flags
        return before - self.flags if self.sign == "-" else self.flags


def store(context: Context, scanner: Scanner) -> Outcome:
    """STORE by message number."""
    return _run(context, scanner, by_uid=False)


def uid_store(context: Context, scanner: Scanner) -> Outcome:
    """STORE by UID; the answer names the UID."""
    return _run(context, scanner, by_uid=True)


def _run(context: Context, scanner: Scanner, *, by_uid: bool) -> Outcome:
    selected = context.need_selected()
    scanner.space()
    ranges = sequence.scan(scanner)
    scanner.space()
    change = _change(scanner, selected)
    scanner.end()
    numbers = selected.numbers(ranges, by_uid=by_uid)
    if selected.read_only:
        return ok("Store ignored with read-only mailbox.")
    if change.sign != "-" and selected.learn(change.flags):
        tell_flags(context, selected)
    gone = 0
    for number in numbers:
        message = selected.message(number)
        if message is None:
            gone += 1
        else:
            _apply(context, selected, number, change=change, by_uid=by_uid)
    return no(GONE) if gone else ok("Store completed.")


def _apply(context: Context, selected: SelectedMailbox, number: int, *, change: Change, by_uid: bool) -> None:
    uid = selected.uids[number - 1]
    before = selected.flags(uid)
    after = change.apply(before)
    if after != before:
        selected.set_flags(uid, after)
        context.events.append(FlagsChanged(mailbox=selected.name, uid=uid, before=before, after=after))
    shown = flag_list(selected.tell_flags(uid))
    if not change.silent:
        named = b"UID %d " % uid if by_uid else b""
        context.untagged(b"%d FETCH (%bFLAGS %b)" % (number, named, shown))


def _change(scanner: Scanner, selected: SelectedMailbox) -> Change:
    item = scanner.need(_ITEM, "FLAGS, +FLAGS or -FLAGS")
    scanner.space()
    flags = scanner.flags() if scanner.octets.startswith(b"(", scanner.at) else _bare(scanner)
    return Change(
        sign=item[1].decode("ascii"),
        flags=frozenset(_spelt(flag, selected) for flag in flags),
        silent=bool(item[2]),
    )


def _bare(scanner: Scanner) -> tuple[str, ...]:
    flags = [scanner.flag()]
    while scanner.skip(b" "):
        flags.append(scanner.flag())
    return tuple(flags)


def _spelt(flag: str, selected: SelectedMailbox) -> str:
    return selected.spelling(settable(flag))
