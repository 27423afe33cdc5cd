"""FETCH and UID FETCH: attributes and octets of messages. RFC 9051, 6.4.5 and 6.4.9."""

from __future__ import annotations

from simulator.protocol.imap import sequence
from simulator.protocol.imap.fetch_items import STRUCTURES, Item, scan_items
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, no, ok
from simulator.protocol.imap.server.events import FlagsChanged
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.view import Message, Structured
from simulator.protocol.imap.writing import date_time, envelope, flag_list, literal, nested

GONE = "[EXPUNGEISSUED] Some of the requested messages no longer exist."
_UID = Item(name="UID", label=b"UID")
_FLAGS = Item(name="FLAGS", label=b"FLAGS")


def fetch(context: Context, scanner: Scanner) -> Outcome:
    """FETCH by message number."""
    return _run(context, scanner, by_uid=False)


def uid_fetch(context: Context, scanner: Scanner) -> Outcome:
    """FETCH by UID; the answer always names the UID."""
    return _run(context, scanner, by_uid=True)


def _run(context: Context, scanner: Scanner, *, by_uid: bool) -> Outcome:
    scanner.space()
    ranges = sequence.scan(scanner)
    scanner.space()
    items = scan_items(scanner)
    scanner.end()
    selected = context.need_selected()
    numbers = selected.numbers(ranges, by_uid=by_uid)
    messages = [(number, selected.message(number)) for number in numbers]
    wants_structure = any(item.name in STRUCTURES and not item.section for item in items)
    if wants_structure and not all(isinstance(message, Structured) for _, message in messages if message):
        return no("[CANNOT] This server does not tell the structure of messages.")
    if by_uid and all(item.name != "UID" for item in items):
        items = (_UID, *items)
    gone = 0
    for number, message in messages:
        if message is None:
            gone += 1
        else:
            _answer(context, selected, number, message=message, items=items)
    return no(GONE) if gone else ok("Fetch completed.")


def _answer(
    context: Context, selected: SelectedMailbox, number: int, *, message: Message, items: tuple[Item, ...]
) -> None:
    if any(not item.peek for item in items) and _mark_seen(context, selected, message.uid):
        items = _with_flags(items)
    words: list[bytes] = []
    shown: list[bytes] = []
    for item in items:
        value, summary = _section(message, item) if item.section else _simple(selected, message, item.name)
        words += (item.label, value)
        shown += (item.label, summary)
    context.untagged(
        b"%d FETCH (%b)" % (number, b" ".join(words)),
        summary=f"{number} FETCH ({b' '.join(shown).decode('latin-1')})",
    )


def _mark_seen(context: Context, selected: SelectedMailbox, uid: int) -> bool:
    before = selected.flags(uid)
    if selected.read_only or "\\Seen" in before:
        return False
    after = before | {"\\Seen"}
    selected.set_flags(uid, after)
    context.events.append(FlagsChanged(mailbox=selected.name, uid=uid, before=before, after=after))
    return True


def _with_flags(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if any(item.name == "FLAGS" for item in items):
        return items
    place = 1 if items[0].name == "UID" else 0
    return (*items[:place], _FLAGS, *items[place:])


def _simple(selected: SelectedMailbox, message: Message, name: str) -> tuple[bytes, bytes]:
    match name:
        case "FLAGS":
            return (flag_list(selected.tell_flags(message.uid)),) * 2
        case "UID":
            return (b"%d" % message.uid,) * 2
        case "INTERNALDATE":
            return (date_time(message.internal_date),) * 2
        case "RFC822.SIZE":
            return (b"%d" % message.size,) * 2
    return _header(message, name), b"(...)"


def _header(message: Message, name: str) -> bytes:
    if name in STRUCTURES and isinstance(message, Structured):
        return nested(message.body() if name == "BODY" else message.body_structure())
    return envelope(message.envelope())


def _section(message: Message, item: Item) -> tuple[bytes, bytes]:
    whole = not item.numbers and item.part is None
    octets = message.octets() if whole else message.section(item.numbers, item.part, item.fields)
    if octets is None:
        return b"NIL", b"NIL"
    if item.partial:
        start, count = item.partial
        octets = octets[start : start + count]
    return literal(octets), b"{%d}" % len(octets)
