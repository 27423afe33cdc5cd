"""Untagged responses for what has changed since the last command: EXPUNGE, EXISTS, RECENT, FETCH of flags.

They tell changes by this session and by others alike, before the final response of a command.
RFC 9051, 5.2, 7.4.1 and 7.5.1.
"""

from __future__ import annotations

from simulator.protocol.imap.server.authenticated.select import tell_flags
from simulator.protocol.imap.server.context import Context
from simulator.protocol.imap.server.selected.mailbox import SelectedMailbox
from simulator.protocol.imap.writing import flag_list


def announce(context: Context, selected: SelectedMailbox, *, may_expunge: bool) -> None:
    """Send what the client of `selected` does not know; removals wait for a command that may tell them."""
    changes = selected.changes(may_expunge=may_expunge)
    if changes is None:
        return
    if changes.new_keywords:
        tell_flags(context, selected)
    for number in changes.expunged:
        context.untagged(b"%d EXPUNGE" % number)
    if changes.exists is not None:
        context.untagged(b"%d EXISTS" % changes.exists)
    if changes.recent is not None:
        context.untagged(b"%d RECENT" % changes.recent)
    for number in changes.flagged:
        uid = selected.uids[number - 1]
        context.untagged(b"%d FETCH (UID %d FLAGS %b)" % (number, uid, flag_list(selected.tell_flags(uid))))
