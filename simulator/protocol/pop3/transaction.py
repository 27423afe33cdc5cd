"""The commands of the TRANSACTION state, answered from the maildrop.

RFC 1939, 5 and 7; texts in Dovecot's flavour.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from simulator.protocol.pop3.maildrop import MarkedMaildrop, MessageGone
from simulator.protocol.pop3.replies import OK, Answer, content, err, multi_line, ok

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_SAFE: Final = re.compile(r"[\x20-\x7e]{0,64}")
_MARKED: Final = ok("Marked to be deleted.")
_NO_ARGUMENT: Final = err("This command takes no argument.")


def answer(maildrop: MarkedMaildrop, verb: str, argument: str) -> Answer:
    """Answer one command that the table allows here and whose answer is not policy's."""
    try:
        return _ANSWERS[verb](maildrop, argument)
    except MessageGone:
        return err("Message is gone: another session removed it.", "SYS/TEMP")


def _stat(maildrop: MarkedMaildrop, argument: str) -> Answer:
    return _NO_ARGUMENT if argument else ok("{} {}".format(*maildrop.total()))


def _rset(maildrop: MarkedMaildrop, argument: str) -> Answer:
    if argument:
        return _NO_ARGUMENT
    maildrop.deleted.clear()
    return OK


def _noop(maildrop: MarkedMaildrop, argument: str) -> Answer:
    return _NO_ARGUMENT if argument else OK


def _list(maildrop: MarkedMaildrop, argument: str) -> Answer:
    if argument:
        number = _number(maildrop, argument)
        return number if isinstance(number, Answer) else ok(f"{number} {maildrop.sizes[number - 1]}")
    numbers = maildrop.numbers()
    lines = [b"%d %d" % (number, maildrop.sizes[number - 1]) for number in numbers]
    return multi_line(f"{len(numbers)} messages:", lines)


def _uidl(maildrop: MarkedMaildrop, argument: str) -> Answer:
    if argument:
        number = _number(maildrop, argument)
        return number if isinstance(number, Answer) else ok(f"{number} {maildrop.unique_ids[number - 1]}")
    names = maildrop.unique_ids
    return multi_line("", [f"{number} {names[number - 1]}".encode("ascii") for number in maildrop.numbers()])


def _retr(maildrop: MarkedMaildrop, argument: str) -> Answer:
    number = _number(maildrop, argument)
    if isinstance(number, Answer):
        return number
    octets = maildrop.drop.octets(number)
    return content(f"{maildrop.sizes[number - 1]} octets", octets)


def _dele(maildrop: MarkedMaildrop, argument: str) -> Answer:
    number = _number(maildrop, argument)
    if isinstance(number, Answer):
        return number
    maildrop.deleted.add(number)
    return _MARKED


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


_ANSWERS: Final[dict[str, Callable[[MarkedMaildrop, str], Answer]]] = {
    "STAT": _stat,
    "LIST": _list,
    "UIDL": _uidl,
    "RETR": _retr,
    "TOP": _top,
    "DELE": _dele,
    "RSET": _rset,
    "NOOP": _noop,
}
