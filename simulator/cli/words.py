"""The door to the catalogue that costs nothing while English is spoken.

`mailflow --help` may take three times as long as a bare interpreter and no more, and the catalogue alone takes that.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["N_", "_", "choose", "speak"]

_ENGLISH = ("", "en", "c", "posix")


def _(message: str) -> str:
    """The message in the language that is spoken."""
    text = sys.modules.get("simulator.text")
    return message if text is None else str(text._(message))


def N_(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


def choose(arguments: list[str], environment: Mapping[str, str]) -> str:
    """The language to speak, found before anything else is read. Raises UsageError for one that we do not have."""
    option = _option(arguments)
    system = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    wanted = option or environment.get("MAILFLOW_LANG") or next(filter(None, system), "")
    if wanted.replace("-", "_").partition("_")[0].partition(".")[0].lower() in _ENGLISH:
        return "en"
    from simulator.text import choose_language

    return choose_language(option, environment)


def speak(language: str) -> None:
    """Switch to a language, without loading the catalogue for the one that is spoken already."""
    if language != "en" or "simulator.text" in sys.modules:
        from simulator.text import set_language

        set_language(language)


def _option(arguments: list[str]) -> str | None:
    found = None
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            found = argument[len("--lang=") :]
        elif argument == "--lang" and position + 1 < len(arguments):
            found = arguments[position + 1]
    return found
