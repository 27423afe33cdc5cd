"""Writes strings, flags, dates and envelopes as IMAP wants them on the wire.

The inverse of `scanner`, in one place so that no command quotes by itself and none can be injected into.
RFC 9051, 4.3 and 9; RFC 9051, 2.3.2 for flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from simulator.protocol.imap.view import Address, Envelope, Nested

SYSTEM_FLAGS: Final = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")
"""In the order in which Dovecot lists them."""
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ATOMIC: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_UNQUOTABLE: Final = re.compile(rb"[\x00\r\n\x80-\xff]")
_SPECIAL: Final = re.compile(rb'(["\\])')
_DATE_TIME: Final = re.compile(rb"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9998
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FLAG_ORDER: Final = {flag: place for place, flag in enumerate((*SYSTEM_FLAGS, "\\Recent"))}


def literal(octets: bytes) -> bytes:
    """Write `octets` as a literal."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def string(octets: bytes) -> bytes:
    """Write `octets` quoted, or as a literal where a quoted string may not hold them."""
    if _UNQUOTABLE.search(octets):
        return literal(octets)
    return b'"' + _SPECIAL.sub(rb"\\\1", octets) + b'"'


def nstring(octets: bytes | None) -> bytes:
    """Write a string, or NIL for None."""
    return b"NIL" if octets is None else string(octets)


def astring(octets: bytes) -> bytes:
    """Write `octets` bare if that can be read as one string, else quoted or as a literal."""
    if _ATOMIC.fullmatch(octets) and octets.upper() != b"NIL":
        return octets
    return string(octets)


def flag_list(flags: Iterable[str]) -> bytes:
    r"""Write flags in parentheses: system flags in Dovecot's order, `\Recent`, then keywords by name."""
    ordered = sorted(flags, key=lambda flag: (_FLAG_ORDER.get(flag, len(_FLAG_ORDER)), flag))
    return b"(" + " ".join(ordered).encode("ascii") + b")"


def moment(internal_date: int) -> datetime:
    """Turn microseconds since 1970-01-01 UTC into a date and time in UTC."""
    return _EPOCH + timedelta(microseconds=internal_date)


def date_time(internal_date: int) -> bytes:
    """Write an internal date (µs since 1970-01-01 UTC) as RFC 9051's date-time."""
    days, rest = divmod(internal_date // 1_000_000, 86_400)
    minutes, second = divmod(rest, 60)
    return b'"%b %02d:%02d:%02d +0000"' % (_day(days), minutes // 60, minutes % 60, second)


@lru_cache(maxsize=1024)
def _day(days: int) -> bytes:
    """Write the day that is so many after 1970-01-01; remembered, because letters come many on a day."""
    when = _EPOCH + timedelta(days=days)
    return f"{when.day:02d}-{MONTHS[when.month - 1]}-{when.year:04d}".encode("ascii")


def read_date_time(octets: bytes) -> int | None:
    """Read a date-time without its quotes as µs since 1970-01-01 UTC; None if there is no such moment."""
    found = _DATE_TIME.fullmatch(octets)
    if found is None or not _FIRST_YEAR <= int(found[3]) <= _LAST_YEAR or int(found[9]) > 59:
        return None
    month = found[2].decode("ascii").title()
    try:
        day = datetime(int(found[3]), MONTHS.index(month) + 1, int(found[1]), tzinfo=UTC)
        when = day.replace(hour=int(found[4]), minute=int(found[5]), second=int(found[6]))
    except ValueError:
        return None
    zone = timedelta(hours=int(found[8]), minutes=int(found[9]))
    since = when - _EPOCH - zone if found[7] == b"+" else when - _EPOCH + zone
    return since // timedelta(microseconds=1)


def envelope(source: Envelope) -> bytes:
    """Write ENVELOPE (RFC 9051, 7.5.2): a missing or empty Sender or Reply-To is the From."""
    fields = (
        nstring(source.date),
        nstring(source.subject),
        _addresses(source.from_),
        _addresses(source.sender or source.from_),
        _addresses(source.reply_to or source.from_),
        _addresses(source.to),
        _addresses(source.cc),
        _addresses(source.bcc),
        nstring(source.in_reply_to),
        nstring(source.message_id),
    )
    return b"(" + b" ".join(fields) + b")"


def _addresses(addresses: Iterable[Address]) -> bytes:
    written = b"".join([b"(" + b" ".join(map(nstring, address)) + b")" for address in addresses])
    return b"(" + written + b")" if written else b"NIL"


def nested(values: Nested) -> bytes:
    """Write a list in parentheses; the lists that begin a list touch, as parts and addresses do (RFC 9051, 9)."""
    written = bytearray(b"(")
    before: object = None
    for place, value in enumerate(values):
        if place and not (isinstance(value, tuple) and isinstance(before, tuple) and isinstance(values[0], tuple)):
            written += b" "
        before = value
        written += _element(value)
    return bytes(written + b")")


def _element(value: object) -> bytes:
    if isinstance(value, tuple):
        return nested(value)
    if isinstance(value, int):
        return b"%d" % value
    return nstring(value if isinstance(value, bytes) else None)
