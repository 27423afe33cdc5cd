"""A few named rules with scores, as SpamAssassin has hundreds: a letter that collects 5.0 points is spam.

Few, so that a student can read all of them and see why a letter was caught; names without LOCAL_ are SpamAssassin's
own and can be looked up there. Scores are whole tenths of a point, because sums of floats differ between machines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

from simulator.filtering.letter import Letter
from simulator.text import N_

THRESHOLD: Final = 50
"""Tenths of a point from which on a letter is spam (SpamAssassin: required_score 5.0)."""

FREE_MAIL: Final = frozenset(
    {
        "gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "mail.ru", "inbox.ru", "list.ru", "bk.ru",
        "yandex.ru", "ya.ru", "rambler.ru", "freemail.example", "freemail.test",
    }
)  # fmt: skip
GTUBE_TEXT: Final = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

_NUMERIC_LINK: Final = re.compile(r"https?://(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*[a-z])")
_SHORT_SUBJECT: Final = 10  # characters; a shorter one may well be a name
_REPLY_MARK: Final = re.compile(r"^(?:(?:re|fwd?|на|отв)\s*:\s*)+", re.IGNORECASE)
# What letters say; each begins at the beginning of a word, the English ones end with one.
_DRUGS: Final = ("v[i1!][a@]gr[a@]", "c[i1!][a@]l[i1!]s", "levitra")
_DRUGS_RU: Final = ("(?:виагр|сиалис|левитр)[а-я]*",)
_LOTTERY: Final = ("lottery (?:winner|prize)", "you (?:have )?won", "claim your (?:prize|winnings)")
_LOTTERY_RU: Final = ("вы (?:выиграли|стали победител)", "ваш выигрыш", "получите (?:свой )?(?:приз|выигрыш)")
_EARNINGS_RU: Final = (
    "(?:легкий|быстрый|дополнительный) (?:заработок|доход)",
    "заработок (?:в интернете|без вложений)",
    "деньги без усилий",
)
_URGENT: Final = ("act now", "urgent response", "your account (?:will be|has been) (?:suspended|blocked)")
_URGENT_RU: Final = ("ваш (?:аккаунт|счет|ящик) (?:будет )?(?:заблокирован|удален)", "срочно подтвердите")


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, its score in tenths of a point, what it finds in words, and the test itself."""

    name: str
    score: int
    description: str
    matches: Callable[[Letter], bool]


class Verdict(NamedTuple):
    """What all rules together say; scores in tenths of a point, `rules` in the order of the table."""

    score: int
    threshold: int
    spam: bool
    rules: tuple[Rule, ...]

    @property
    def names(self) -> str:
        """The rules that hit, as SpamAssassin lists them: `GTUBE,MISSING_DATE`, or `none`."""
        return ",".join([rule.name for rule in self.rules]) or "none"


@lru_cache(maxsize=256)
def points(tenths: int) -> str:
    """Tenths of a point as SpamAssassin writes them: 50 is `5.0`, -1 is `-0.1`."""
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def _all_capitals(letter: Letter) -> bool:
    subject = letter.value(b"subject")
    if len(subject) < _SHORT_SUBJECT:
        return False
    subject = _REPLY_MARK.sub("", subject).strip()
    return len(subject) >= _SHORT_SUBJECT and " " in subject and subject.isupper()


def _only_html(letter: Letter) -> bool:
    kinds = [kind for kind, _ in letter.parts]
    return "text/html" in kinds and "text/plain" not in kinds


def _foreign_reply_address(letter: Letter) -> bool:
    return letter.domain(b"reply-to") in FREE_MAIL and letter.domain(b"from") not in FREE_MAIL


def _gtube(letter: Letter) -> bool:
    return any(GTUBE_TEXT in text for _, text in letter.parts)


def _numeric_link(letter: Letter) -> bool:
    return any(_NUMERIC_LINK.search(text) for _, text in letter.parts)


@dataclass(frozen=True, slots=True)
class _Says:
    """Finds one of the patterns in the words of a letter; `english` ones are in ASCII."""

    english: tuple[str, ...]
    russian: tuple[str, ...]

    def __call__(self, letter: Letter) -> bool:
        return _one_of(self).search(letter.text) is not None


@cache
def _one_of(said: _Says) -> re.Pattern[str]:
    patterns = (*(rf"{one}\b" for one in said.english), *said.russian)
    return re.compile(rf"\b(?:{'|'.join(patterns)})")


@dataclass(frozen=True, slots=True)
class _Lacks:
    """Finds that a field is missing or empty."""

    key: bytes

    def __call__(self, letter: Letter) -> bool:
        return not letter.has(self.key)


RULES: Final[tuple[Rule, ...]] = (
    Rule("GTUBE", 10_000, N_("the test text that every filter must catch"), _gtube),
    Rule("MISSING_SUBJECT", 18, N_("no Subject"), _Lacks(b"subject")),
    Rule("MISSING_DATE", 14, N_("no Date"), _Lacks(b"date")),
    Rule("MISSING_FROM", 10, N_("no From"), _Lacks(b"from")),
    Rule("MISSING_HEADERS", 12, N_("no To"), _Lacks(b"to")),
    Rule("MISSING_MID", 5, N_("no Message-ID"), _Lacks(b"message-id")),
    Rule("SUBJ_ALL_CAPS", 15, N_("the subject is all capitals"), _all_capitals),
    Rule(
        "PLING_PLING",
        15,
        N_("the subject has three exclamation marks or more"),
        lambda x: x.value(b"subject").count("!") >= 3,
    ),
    Rule("FREEMAIL_FROM", 1, N_("the author uses a free mail service"), lambda x: x.domain(b"from") in FREE_MAIL),
    Rule(
        "FREEMAIL_FORGED_REPLYTO",
        21,
        N_("answers go to a free mail service, the author does not use one"),
        _foreign_reply_address,
    ),
    Rule("MIME_HTML_ONLY", 11, N_("HTML without plain text"), _only_html),
    Rule("NORMAL_HTTP_TO_IP", 20, N_("a link to a bare IP address"), _numeric_link),
    Rule("DRUGS_ERECTILE", 22, N_("advertises a drug"), _Says(_DRUGS, _DRUGS_RU)),
    Rule("LOCAL_LOTTERY", 25, N_("promises a prize"), _Says(_LOTTERY, _LOTTERY_RU)),
    Rule("LOCAL_EASY_MONEY_RU", 20, N_("promises easy earnings (in Russian)"), _Says((), _EARNINGS_RU)),
    Rule("LOCAL_THREAT", 20, N_("threatens to block an account"), _Says(_URGENT, _URGENT_RU)),
)
"""All rules; a letter is judged by every one of them."""

_NEEDED: Final = tuple(rule.matches.key for rule in RULES if isinstance(rule.matches, _Lacks))
_SAYING: Final = tuple(rule.matches for rule in RULES if isinstance(rule.matches, _Says))
_WORDLESS: Final = tuple(rule for rule in RULES if not isinstance(rule.matches, _Says))
"""What is left for a letter in ASCII that says nothing of what is looked for: most are such, as one search shows."""
_WHOLE: Final = tuple(rule for rule in _WORDLESS if not isinstance(rule.matches, _Lacks))
"""What is left of those for a letter that has all the fields that it needs, as nearly every one."""
_SPACED: Final = "|".join(one for rule in _SAYING for one in rule.english).replace(" ", r"\s+")
_ENGLISH: Final = re.compile(rf"[^a-z0-9_](?:{_SPACED})\b")
"""Whether one of them may find its English words in what an ASCII letter says, put behind a space: a word begins there
behind any character that is not of a word, and looking for such a character is three times faster than `\\b`."""


def score(octets: bytes, threshold: int = THRESHOLD) -> Verdict:
    """Judge a letter. Never raises, whatever the octets; `threshold` in tenths of a point."""
    letter = Letter(octets)
    spoken = letter.spoken
    rules = RULES
    if spoken.isascii() and not _ENGLISH.search(f" {spoken}"):
        rules = _WHOLE if letter.is_filled_in(_NEEDED) else _WORDLESS
    hits = tuple([rule for rule in rules if rule.matches(letter)])
    total = sum([rule.score for rule in hits])
    return Verdict(total, threshold, total >= threshold, hits)
