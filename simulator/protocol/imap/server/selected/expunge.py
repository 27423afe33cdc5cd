r"""EXPUNGE, UID EXPUNGE, CLOSE, UNSELECT: remove what is `\Deleted`, or leave without. RFC 9051, 6.4.1-6.4.3, 6.4.9."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.protocol.imap import sequence
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, no, ok
from simulator.protocol.imap.server.events import Expunged
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox

READ_ONLY = "[READ-ONLY] Mailbox is read-only."


def expunge(context: Context, scanner: Scanner) -> Outcome:
    r"""Remove every `\Deleted` message; the core tells the numbers, as for removals by others."""
    scanner.end()
    selected = context.need_selected()
    if selected.read_only:
        return no(READ_ONLY)
    _remove(context, selected, range(1, len(selected.uids) + 1))
    return ok("Expunge completed.")


def uid_expunge(context: Context, scanner: Scanner) -> Outcome:
    r"""Remove the `\Deleted` messages among some UIDs (RFC 4315, 2.1)."""
    scanner.space()
    ranges = sequence.scan(scanner)
    scanner.end()
    selected = context.need_selected()
    if selected.read_only:
        return no(READ_ONLY)
    _remove(context, selected, selected.numbers(ranges, by_uid=True))
    return ok("Expunge completed.")


def close(context: Context, scanner: Scanner) -> Outcome:
    r"""Remove every `\Deleted` message without a word, unless read-only, and leave the mailbox."""
    scanner.end()
    selected = context.need_selected()
    if not selected.read_only:
        _remove(context, selected, range(1, len(selected.uids) + 1))
    context.selected = None
    return ok("Close completed.")


def unselect(context: Context, scanner: Scanner) -> Outcome:
    """Leave the mailbox; nothing is removed."""
    scanner.end()
    context.selected = None
    return ok("Unselect completed.")


def _remove(context: Context, selected: SelectedMailbox, numbers: Iterable[int]) -> None:
    messages = (selected.message(number) for number in numbers)
    uids = tuple(
        message.uid for message in messages if message is not None and "\\Deleted" in selected.flags(message.uid)
    )
    if uids:
        selected.view.expunge(uids)
        context.events.append(Expunged(mailbox=selected.name, uids=uids))
