"""COPY and MOVE, by number and by UID. RFC 9051, 6.4.7 and 6.4.9; RFC 6851 (MOVE); RFC 4315, 3 (COPYUID)."""

from __future__ import annotations

from simulator.protocol.imap import sequence
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, mailbox_name, no, no_such_mailbox, ok
from simulator.protocol.imap.server.events import Transferred
from simulator.protocol.imap.server.selected.expunge import READ_ONLY
from simulator.protocol.imap.server.selected.fetch import GONE
from simulator.protocol.imap.view import MailboxRefused


def copy(context: Context, scanner: Scanner) -> Outcome:
    """COPY by message number."""
    return _run(context, scanner, by_uid=False, moves=False)


def uid_copy(context: Context, scanner: Scanner) -> Outcome:
    """COPY by UID."""
    return _run(context, scanner, by_uid=True, moves=False)


def move(context: Context, scanner: Scanner) -> Outcome:
    """MOVE by message number; the core tells of what left, after COPYUID (RFC 6851, 4.3)."""
    return _run(context, scanner, by_uid=False, moves=True)


def uid_move(context: Context, scanner: Scanner) -> Outcome:
    """MOVE by UID."""
    return _run(context, scanner, by_uid=True, moves=True)


def _run(context: Context, scanner: Scanner, *, by_uid: bool, moves: bool) -> Outcome:
    scanner.space()
    ranges = sequence.scan(scanner)
    scanner.space()
    octets = scanner.astring("mailbox name")
    scanner.end()
    selected = context.need_selected()
    if moves and selected.read_only:
        return no(READ_ONLY)
    messages = [selected.message(number) for number in selected.numbers(ranges, by_uid=by_uid)]
    uids = tuple(message.uid for message in messages if message is not None)
    if len(uids) < len(messages) and not by_uid:
        return no(GONE)  # all or nothing (RFC 9051, 6.4.7)
    if not uids:
        return ok("No messages found.")
    try:
        return _transfer(context, uids, mailbox_name(octets), moves=moves)
    except MailboxRefused as refusal:
        if refusal.code == "TRYCREATE":
            return no_such_mailbox(octets, "TRYCREATE")
        raise


def _transfer(context: Context, uids: tuple[int, ...], name: str, *, moves: bool) -> Outcome:
    store, selected = context.need_store(), context.need_selected()
    carried = (store.move if moves else store.copy)(selected.view, uids, name)
    context.events.append(Transferred(mailbox=selected.name, target=name, uids=carried.uids, moved=moves))
    before, now = (sequence.write([pair[side] for pair in carried.uids]) for side in (0, 1))
    code = f"[COPYUID {carried.uid_validity} {before} {now}]"
    if not moves:
        return ok(f"{code} Copy completed.")
    context.untagged(f"OK {code} Moved UIDs.".encode("ascii"))
    return ok("Move completed.")
