"""Which mailbox names fit a pattern, and which levels of a hierarchy are there without being mailboxes.

LIST and LSUB share it; the pattern is a stranger's, so no pattern may cost more than its length times the name's.
RFC 9051, 6.3.9; RFC 3501, 6.3.8 and 6.3.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def matches(name: str, pattern: str, delimiter: str) -> bool:
    """Tell whether `name` fits `pattern`: `*` is anything, `%` anything but the delimiter.

    All places of the pattern that fit so far are carried along, so that no pattern costs more than name x pattern.
    INBOX fits in any case (RFC 9051, 5.1).
    """
    if name == "INBOX":
        pattern = pattern.upper()
    places = _past_wildcards({0}, pattern)
    for character in name:
        places = _past_wildcards(_step(places, pattern, character, delimiter), pattern)
        if not places:
            return False
    return len(pattern) in places


def parents(name: str, delimiter: str) -> Iterator[str]:
    """Give the names of the levels above a name, the topmost first."""
    at = name.find(delimiter)
    while at >= 0:
        yield name[:at]
        at = name.find(delimiter, at + 1)


def with_levels(names: Iterable[str], delimiter: str) -> dict[str, bool]:
    """Give names and, before its first mailbox, each level above that is none itself: name -> whether it is one."""
    known = dict.fromkeys(names, True)
    found: dict[str, bool] = {}
    for name in known:
        for level in parents(name, delimiter):
            found.setdefault(level, level in known)
        found[name] = True
    return found


def _step(places: set[int], pattern: str, character: str, delimiter: str) -> set[int]:
    stepped: set[int] = set()
    for place in places:
        wanted = pattern[place : place + 1]
        if wanted == "*" or (wanted == "%" and character != delimiter):
            stepped.add(place)
        elif wanted == character:
            stepped.add(place + 1)
    return stepped


def _past_wildcards(places: set[int], pattern: str) -> set[int]:
    reached = set(places)
    for place in places:
        at = place
        while pattern[at : at + 1] in ("*", "%"):
            at += 1
            if at in reached:
                break
            reached.add(at)
    return reached
