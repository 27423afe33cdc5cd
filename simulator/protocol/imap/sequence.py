"""Sequence sets: `1,3:5,*` as ranges, and which messages of a mailbox they mean.

Ranges are merged before they are looked up, so that neither `1:4294967295` nor ten thousand overlapping ranges
cost more than the messages they name. RFC 9051, 9 (sequence-set) and 6.4.9.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from simulator.protocol.imap.scanner import Malformed, Scanner

_NUMBER: Final = r"(?:[1-9]\d{0,9}|\*)"
_RANGE: Final = f"{_NUMBER}(?::{_NUMBER})?"
_SET: Final = re.compile(f"{_RANGE}(?:,{_RANGE})*+".encode("ascii"))
_MAX: Final = 0xFFFF_FFFF

SequenceSet = tuple[tuple[int, int], ...]
"""Ranges as given, either end first; 0 stands for `*`."""


def scan(scanner: Scanner) -> SequenceSet:
    """Read a sequence set, or raise `Malformed`."""
    text = scanner.need(_SET, "message set")[0]
    ranges = []
    for item in text.split(b","):
        first, colon, last = item.partition(b":")
        low = _number(first)
        ranges.append((low, _number(last) if colon else low))
    return tuple(ranges)


def _number(octets: bytes) -> int:
    if octets == b"*":
        return 0
    value = int(octets)
    if value > _MAX:
        raise Malformed("number below 2^32")
    return value


def _merged(ranges: SequenceSet, largest: int) -> list[tuple[int, int]]:
    if len(ranges) == 1:
        low, high = ranges[0][0] or largest, ranges[0][1] or largest
        return [(low, high) if low <= high else (high, low)]
    concrete = sorted((min(pair), max(pair)) for pair in ((low or largest, high or largest) for low, high in ranges))
    merged: list[tuple[int, int]] = []
    for low, high in concrete:
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def by_number(ranges: SequenceSet, count: int) -> list[int]:
    """Give the message numbers meant, ascending; one that does not exist raises `Malformed` (as Dovecot's BAD)."""
    merged = _merged(ranges, count)
    if merged and (merged[-1][1] > count or merged[0][0] < 1):
        raise Malformed("valid messageset", "Invalid messageset.")
    return [number for low, high in merged for number in range(low, high + 1)]


def by_uid(ranges: SequenceSet, uids: Sequence[int]) -> list[int]:
    """Give the message numbers whose UIDs (ascending) are meant; unknown UIDs are passed over (RFC 9051, 6.4.9)."""
    numbers: list[int] = []
    for low, high in _merged(ranges, uids[-1] if uids else 0):
        numbers.extend(range(bisect_left(uids, low) + 1, bisect_right(uids, high) + 1))
    return numbers


def write(numbers: Sequence[int]) -> str:
    """Write numbers in the order given, runs of ascending neighbours as ranges (RFC 4315, 4: uid-set)."""
    words: list[str] = []
    start = 0
    for end in range(1, len(numbers) + 1):
        if end < len(numbers) and numbers[end] == numbers[end - 1] + 1:
            continue
        first, last = numbers[start], numbers[end - 1]
        words.append(str(first) if first == last else f"{first}:{last}")
        start = end
    return ",".join(words)
