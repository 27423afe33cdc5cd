"""The commands of the TRANSACTION state, answered from the maildrop.

RFC 1939, 5 and 7; texts in Dovecot's flavour.
"""

from __future__ import annotations

import re
from typing import Final

from simulator.protocol.pop3.maildrop import MarkedMaildrop, MessageGone
from simulator.protocol.pop3.replies import OK, Answer, content, err, multi_line, ok

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_SAFE: Final = re.compile(r"[\x20-\x7e]{0,64}")


def answer(maildrop: MarkedMaildrop, verb: str, argument: str) -> Answer:
    """Answer one command that the table allows here and whose answer is not policy's."""
    try:
        return _answer(maildrop, verb, argument)
    except MessageGone:
        return err("Message is gone: another session removed it.", "SYS/TEMP")


def _answer(maildrop: MarkedMaildrop, verb: str, argument: str) -> Answer:
    match verb:
        case "STAT":
            return ok("{} {}".format(*maildrop.total()))
        case "RSET":
            maildrop.deleted.clear()
            return OK
        case "NOOP":
            return OK
        case "LIST" | "UIDL" if not argument:
            return _listing(maildrop, verb)
        case "TOP":
            return _top(maildrop, argument)
    return _one(maildrop, verb, argument)


def _listing(maildrop: MarkedMaildrop, verb: str) -> Answer:
    numbers = maildrop.numbers()
    if verb == "LIST":
        lines = [b"%d %d" % (number, maildrop.sizes[number - 1]) for number in numbers]
        return multi_line(f"{len(numbers)} messages:", lines)
    return multi_line("", [f"{number} {maildrop.unique_ids[number - 1]}".encode("ascii") for number in numbers])


def _one(maildrop: MarkedMaildrop, verb: str, argument: str) -> Answer:
    number = _number(maildrop, argument)
    if isinstance(number, Answer):
        return number
    match verb:
        case "LIST":
            return ok(f"{number} {maildrop.sizes[number - 1]}")
        case "UIDL":
            return ok(f"{number} {maildrop.unique_ids[number - 1]}")
        case "RETR":
            octets = maildrop.drop.octets(number)
            return content(f"{maildrop.sizes[number - 1]} octets", octets)
    maildrop.deleted.add(number)
    return ok("Marked to be deleted.")


def _top(maildrop: MarkedMaildrop, argument: str) -> Answer:
    name, _, lines = argument.partition(" ")
    number = _number(maildrop, name)
    if isinstance(number, Answer):
        return number
    if not _NUMBER.fullmatch(lines):
        return err("Invalid line count.")
    return content("", maildrop.top(number, int(lines)))


def _number(maildrop: MarkedMaildrop, argument: str) -> int | Answer:
    """Read a message number; what is no number, or no message's, is an -ERR."""
    if not _NUMBER.fullmatch(argument):
        return err(f"Invalid message number: {argument if _SAFE.fullmatch(argument) else ''}")
    number = int(argument)
    if not 1 <= number <= len(maildrop.sizes):
        return err(f"There's no message {number}.")
    return err("Message is deleted.") if number in maildrop.deleted else number
