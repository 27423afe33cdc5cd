"""Promises about dialogues: one reply a command, nothing in clear after TLS, no password in clear, POP3's UPDATE."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.base_kinds import TCP_CLOSE, TCP_DATA
from simulator.engine.kinds import Record
from simulator.engine.trace import CAUSE, KIND, SESSION, VALUES
from simulator.records import kinds_access, kinds_smtp
from simulator.records.invariants.finding import Finding, finding

__all__ = ["CHECKS"]

_COMMANDS = (
    kinds_smtp.SMTP_COMMAND,
    kinds_smtp.LMTP_COMMAND,
    kinds_access.IMAP_COMMAND,
    kinds_access.POP3_COMMAND,
)
_REPLIES = {
    kinds_smtp.SMTP_REPLY: 2,
    kinds_smtp.LMTP_REPLY: 2,
    kinds_access.IMAP_RESPONSE: 1,
    kinds_access.POP3_REPLY: 1,
}
"""Kinds of reply, with the position of the verb that they answer among their fields."""

_UNASKED = ("CONNECT", "DATA-END", "")


def each_command_gets_one_reply(records: Sequence[Record]) -> list[Finding]:
    """A command has exactly one final reply, or the connection is lost."""
    found: list[Finding] = []
    waiting: dict[int, list[Record]] = {}
    for record in records:
        kind, session = record[KIND], record[SESSION]
        if kind in _COMMANDS:
            if not _is_last_chunk(record):
                waiting.setdefault(session, []).append(record)
        elif kind in _REPLIES:
            verb = record[VALUES + _REPLIES[kind]]
            if verb not in _UNASKED:
                found += _answered(record, verb, waiting.setdefault(session, []))
        elif kind is TCP_CLOSE:
            waiting.pop(session, None)
    found += [finding("reply", left[0], "never got a reply") for left in waiting.values() if left]
    return found


def _is_last_chunk(record: Record) -> bool:
    """Whether it is the BDAT whose reply is that to the end of data (RFC 3030, 2; LMTP: one for each recipient)."""
    smtp = record[KIND] in (kinds_smtp.SMTP_COMMAND, kinds_smtp.LMTP_COMMAND)
    return smtp and record[VALUES] == "BDAT" and record[VALUES + 2].upper().endswith("LAST")


def _answered(reply: Record, verb: str, waiting: list[Record]) -> list[Finding]:
    if not waiting:
        return [finding("reply", reply, f"answers {verb}, which nobody said")]
    command = waiting.pop(0)
    asked = command[VALUES + 1] if command[KIND] is kinds_access.IMAP_COMMAND else command[VALUES]
    return [] if asked == verb else [finding("reply", reply, f"answers {verb}, but {asked} was said")]


def nothing_in_clear_after_tls(records: Sequence[Record]) -> list[Finding]:
    """Once TLS is up in a session, every octet travels under it."""
    found: list[Finding] = []
    secure: set[int] = set()
    for record in records:
        if record[KIND] is TCP_DATA:
            tls = record[VALUES + 3]
            if tls:
                secure.add(record[SESSION])
            elif record[SESSION] in secure:
                found.append(finding("clear", record, "octets in clear after TLS was up"))
    return found


def no_password_in_clear(records: Sequence[Record]) -> list[Finding]:
    """A command that carries a password came under TLS."""
    found: list[Finding] = []
    for record in records:
        if record[KIND] in _COMMANDS and _is_login(record) and record[CAUSE] is not None:
            chunk = records[record[CAUSE] - 1]
            if chunk[KIND] is TCP_DATA and not chunk[VALUES + 3]:
                found.append(finding("password", record, "a password travelled in clear"))
    return found


def _is_login(record: Record) -> bool:
    if record[KIND] is kinds_access.IMAP_COMMAND:
        return bool(record[VALUES + 1] == "LOGIN")
    if record[KIND] is kinds_access.POP3_COMMAND:
        return bool(record[VALUES] == "PASS")
    return record[VALUES] == "AUTH" and " " in record[VALUES + 2]


def pop3_removes_at_quit_only(records: Sequence[Record]) -> list[Finding]:
    """DELE acts in the UPDATE state, which only QUIT enters (RFC 1939, 6)."""
    found: list[Finding] = []
    last: dict[int, str] = {}
    for record in records:
        if record[KIND] is kinds_access.POP3_COMMAND:
            last[record[SESSION]] = record[VALUES]
        elif record[KIND] is kinds_access.MAILBOX_EXPUNGE and last.get(record[SESSION], "QUIT") != "QUIT":
            found.append(finding("update", record, f"a letter was removed at {last[record[SESSION]]}"))
    return found


CHECKS = (
    each_command_gets_one_reply,
    nothing_in_clear_after_tls,
    no_password_in_clear,
    pop3_removes_at_quit_only,
)
