"""Finds the nearest known word and says it in a sentence.

One place, so that every message that refuses a word suggests another in the same way.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when nothing is near."""
    candidates = list(known)
    folded = {candidate.casefold(): candidate for candidate in candidates}
    if word.casefold() in folded:
        return folded[word.casefold()]
    found = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint: `did you mean NEAREST?`, or the known words, or `otherwise` where there are none."""
    candidates = list(known)
    found = nearest(word, candidates)
    if found is not None:
        return f"did you mean {found}?"
    return f"known: {', '.join(candidates)}" if 0 < len(candidates) <= 16 else otherwise


def quoted(word: str) -> str:
    """A word between double quotes, cut where it is too long to read."""
    return f'"{word}"' if len(word) <= 60 else f'"{word[:57]}..."'
