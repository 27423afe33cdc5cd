"""The language that the program speaks now, and the choice of it.

One translator is shared by the whole process and switched in place, because F2 changes every screen at once; others
can be made beside it, for a report in another language. Plurals follow CLDR through the catalogue's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Final

from simulator.errors import UsageError

LANGUAGES: Final = {"en": "English", "ru": "Русский"}
"""Code -> the language's own name, in the order in which F2 goes through them."""

_LOCALE: Final = Path(__file__).with_name("locale")


class Translator:
    """Texts in one language, which can be changed at any time."""

    __slots__ = ("_translations", "language")

    def __init__(self, language: str = "en") -> None:
        self.set_language(language)

    def set_language(self, language: str) -> None:
        """Switch in place. Raises UsageError for a language that is not in LANGUAGES."""
        self.language = _known(language, "the language")
        self._translations = _translations(self.language)

    def _(self, message: str) -> str:
        """The message in this language; the English text itself where there is no translation."""
        return self._translations.gettext(message) if message else ""

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The form that goes with `n` things: 1 письмо, 2 письма, 5 писем, 21 письмо."""
        return self._translations.ngettext(singular, plural, n)

    def pgettext(self, context: str, message: str) -> str:
        """The message as it reads in that context, where one English word has two translations."""
        return self._translations.pgettext(context, message)


def N_(message: str) -> str:
    """Mark a text for the catalogue where it is written; translate it with `_` where it is shown."""
    return message


def language() -> str:
    """The code of the language that the program speaks now: `en` or `ru`."""
    return _shared.language


def translator(language: str) -> Translator:
    """A translator of its own, beside the shared one. Raises UsageError for an unknown language."""
    return Translator(language)


def choose_language(option: str | None, environment: Mapping[str, str]) -> str:
    """The language to start with: `--lang`, MAILFLOW_LANG, then LC_ALL, LC_MESSAGES or LANG, then English.

    What is asked of this program by name must exist (UsageError); what the system says is followed if it can be.
    """
    if option:
        return _known(option, "--lang")
    named = environment.get("MAILFLOW_LANG")
    if named:
        return _known(named, "MAILFLOW_LANG")
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):  # POSIX: the first that is set decides
        value = environment.get(variable)
        if value:
            code = _code(value)
            return code if code in LANGUAGES else "en"
    return "en"


def _code(value: str) -> str:
    """`ru` from `ru_RU.UTF-8`, `ru-RU` and `RU`."""
    return value.replace("-", "_").partition("_")[0].partition(".")[0].lower()


def _known(value: str, where: str) -> str:
    code = _code(value)
    if code not in LANGUAGES:
        choices = ", ".join(f"{known} ({name})" for known, name in LANGUAGES.items())
        raise UsageError(f"{where} is {value!r}, which is not available; choose one of {choices}")
    return code


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    from simulator.text.catalogue import compile_entries, entries  # only who does not speak English pays for it

    path = _LOCALE / f"{language}.po"
    return compile_entries(entries(path.read_text(encoding="utf-8"), path.name))


_shared: Final = Translator()
_ = _shared._
ngettext = _shared.ngettext
pgettext = _shared.pgettext
set_language = _shared.set_language
