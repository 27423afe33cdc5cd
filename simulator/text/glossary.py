"""The fixed terms of e-mail in English and Russian, with what they mean and the standard that defines them.

One list, so that screens, lessons and translations all use the same words; it is the glossary that F4 opens. The
words and their RFC sections lie in `glossary.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.errors import MailflowError


@dataclass(frozen=True, slots=True)
class Term:
    """One word: `names` and `meanings` by language code; `source` is the RFC with its section, or a program."""

    names: Mapping[str, str]
    meanings: Mapping[str, str]
    source: str

    @property
    def key(self) -> str:
        """The English word: what lessons and links call the term."""
        return self.names["en"]

    def name(self, language: str) -> str:
        """The word in that language, English where there is none."""
        return self.names.get(language, self.key)

    def meaning(self, language: str) -> str:
        """What it means, in that language, English where there is none."""
        return self.meanings.get(language, self.meanings["en"])


@cache
def terms() -> tuple[Term, ...]:
    """All terms in the order of the file, which goes from the letter outwards."""
    text = Path(__file__).with_name("glossary.toml").read_text(encoding="utf-8")
    return tuple(
        Term({"en": entry["en"], "ru": entry["ru"]}, dict(entry["means"]), entry["source"])
        for entry in tomllib.loads(text)["term"]
    )


def in_order(language: str) -> tuple[Term, ...]:
    """All terms by the alphabet of that language (ё beside е)."""
    return tuple(sorted(terms(), key=lambda term: _folded(term.name(language))))


def find(word: str) -> Term:
    """The term of that English or Russian name, case and ё ignored. Raises MailflowError with what is nearest."""
    wanted = _folded(word)
    known = {_folded(name): term for term in terms() for name in term.names.values()}
    if wanted in known:
        return known[wanted]
    from difflib import get_close_matches  # only for the mistaken

    near = [known[name].key for name in get_close_matches(wanted, known, n=3)]
    hint = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "F4 shows all terms"
    raise MailflowError(f"the glossary has no term {word!r}; {hint}")


def _folded(word: str) -> str:
    return word.strip().casefold().replace("ё", "е")
