"""Write and read the dates of mail: RFC 5322 in headers, RFC 9051 `date-time` in IMAP.

Why: `time.strftime` and `email.utils` follow the locale or the host's zone; a trace must have the same octets
everywhere. RFC 5322 3.3 and 4.3, RFC 9051 9 (date-time).
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_SECOND = timedelta(seconds=1)
_ZONES = {
    "UT": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -300,
    "EDT": -240,
    "CST": -360,
    "CDT": -300,
    "MST": -420,
    "MDT": -360,
    "PST": -480,
    "PDT": -420,
}
_RFC5322 = re.compile(
    r"(?:[A-Za-z]{3},)?\s{0,9}([0-9]{1,2})\s{1,9}([A-Za-z]{3})\s{1,9}([0-9]{2,4})\s{1,9}([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?\s{0,9}([+-][0-9]{4}|[A-Za-z]{1,3})?"
)
_IMAP = re.compile(r"\s?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-][0-9]{4})")


def rfc5322_date(epoch_us: int, offset_minutes: int = 0, *, zone: str = "") -> str:
    """Return `Tue, 24 Nov 2026 02:12:19 +0000` for µs since 1970; `zone="UTC"` appends ` (UTC)` as Postfix does. RFC
    5322 3.3.
    """
    text = _rfc5322(epoch_us // 1_000_000, offset_minutes)
    return f"{text} ({zone})" if zone else text


@lru_cache(maxsize=64)
def _rfc5322(seconds: int, offset_minutes: int) -> str:
    """By second: every program on a letter's way writes the time, and all of it passes in a few seconds."""
    days, time = _local(seconds, offset_minutes)
    weekday, day, month, year = _day(days)
    return f"{weekday}, {day} {month} {year} {time}"


def imap_date(epoch_us: int, offset_minutes: int = 0) -> str:
    """Return an internal date, `24-Nov-2026 02:12:19 +0000`, for µs since 1970. RFC 9051 9."""
    days, time = _local(epoch_us // 1_000_000, offset_minutes)
    _, day, month, year = _day(days)
    return f"{day}-{month}-{year} {time}"


@lru_cache(maxsize=64)
def _day(days: int) -> tuple[str, str, str, str]:
    """Return `Tue`, `24`, `Nov`, `2026` for days since 1970."""
    day = date.fromordinal(_EPOCH_DAY + days)
    return _DAYS[day.weekday()], f"{day.day:02d}", _MONTHS[day.month - 1], f"{day.year:04d}"


def _local(seconds: int, offset_minutes: int) -> tuple[int, str]:
    """Return the days since 1970 and the time of the day with its zone: `02:12:19 +0000`."""
    days, second = divmod(seconds + offset_minutes * 60, 86_400)
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return days, f"{time} {sign}{hours:02d}{minutes:02d}"


def parse_rfc5322_date(text: str) -> int | None:
    """Return µs since 1970, or None when the text is no date; obsolete zones and two-digit years are read. RFC 5322
    4.3.
    """
    match = _RFC5322.match(text.strip())
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    number = int(year)
    number += (2000 if number < 50 else 1900) if number < 1000 else 0
    return _from_parts((number, month, day, hour, minute, second or "0"), _offset(zone or "UT"))


def parse_imap_date(text: str) -> int | None:
    """Return µs since 1970 for an IMAP date-time without its quotes, or None. RFC 9051 9."""
    match = _IMAP.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    return _from_parts((int(year), month, day, hour, minute, second), _offset(zone))


def _offset(zone: str) -> int:
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        return -minutes if zone[0] == "-" else minutes
    return _ZONES.get(zone.upper(), 0)  # RFC 5322 4.3: unknown zones count as -0000


def _from_parts(parts: tuple[int, str, str, str, str, str], offset_minutes: int) -> int | None:
    year, month, day, hour, minute, second = parts
    number = _MONTH_NUMBER.get(month.lower())
    if number is None:
        return None
    try:
        when = datetime(year, number, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
        seconds = (when - _EPOCH) // _SECOND
    except ValueError:
        return None
    return (seconds - offset_minutes * 60) * 1_000_000
