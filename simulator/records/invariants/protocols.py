"""Promises about dialogues: one reply a command, nothing in clear after TLS, no password in clear, POP3's UPDATE."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.base_kinds import TCP_CLOSE, TCP_DATA, WORLD
from simulator.engine.kinds import Record
from simulator.engine.trace import AT, CAUSE, KIND, SESSION, VALUES
from simulator.records import kinds_access, kinds_smtp
from simulator.records.invariants.finding import Finding, finding
from simulator.records.kinds_smtp import CLEAR_LOGINS

__all__ = ["CHECKS"]

_SMTP_COMMANDS = (kinds_smtp.SMTP_COMMAND, kinds_smtp.LMTP_COMMAND)
_COMMANDS = (*_SMTP_COMMANDS, kinds_access.IMAP_COMMAND, kinds_access.POP3_COMMAND)
_REPLIES = {
    kinds_smtp.SMTP_REPLY: 2,
    kinds_smtp.LMTP_REPLY: 2,
    kinds_access.IMAP_RESPONSE: 1,
    kinds_access.POP3_REPLY: 1,
}
"""Kinds of reply, with the position of the verb that they answer among their fields."""

_SHOW_PASSWORD = ("PLAIN", "LOGIN")
"""Mechanisms in which the password itself is said (RFC 4616)."""

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
    return record[KIND] in _SMTP_COMMANDS and record[VALUES] == "BDAT" and record[VALUES + 2].upper().endswith("LAST")


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
    """A command that carries a password came under TLS, unless the scenario lets the server take it in clear.

    A password that answers a server stands in no command: of it `auth.login` tells whether it came in clear.
    """
    allowed = {record[VALUES + 1] for record in records if record[KIND] is WORLD and record[VALUES + 2] == CLEAR_LOGINS}
    found: dict[int, Finding] = {}
    for record in records:
        if record[AT] in allowed or not _came_in_clear(records, record):
            continue
        found.setdefault(record[SESSION], finding("password", record, "a password travelled in clear"))
    return list(found.values())


def _came_in_clear(records: Sequence[Record], record: Record) -> bool:
    if record[KIND] is kinds_smtp.AUTH_LOGIN:
        return bool(record[VALUES + 4])
    if record[KIND] not in _COMMANDS or record[CAUSE] is None or not _holds_password(record):
        return False
    chunk = records[record[CAUSE] - 1]
    return chunk[KIND] is TCP_DATA and not chunk[VALUES + 3]


def _holds_password(record: Record) -> bool:
    """Whether a password stands in the command: LOGIN, PASS, or an initial response of PLAIN or LOGIN (RFC 4959)."""
    verb, argument = record[VALUES], record[VALUES + 1]
    if record[KIND] is kinds_access.IMAP_COMMAND:
        verb, argument = record[VALUES + 1], record[VALUES + 2]
    elif record[KIND] in _SMTP_COMMANDS:
        argument = record[VALUES + 2]
    if verb in ("LOGIN", "PASS"):
        return bool(argument)
    mechanism, _, response = argument.partition(" ")
    return (
        verb in ("AUTH", "AUTHENTICATE") and mechanism.upper() in _SHOW_PASSWORD and response.strip() not in ("", "=")
    )


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
