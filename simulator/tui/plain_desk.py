"""Plain mode for the learner: home, lessons, questions, labs and letters line by line.

For screen readers, pipes and logs: nothing moves, nothing is coloured, and it ends at the end of its input. Each level
answers commands; `q` goes one level out, as on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TextIO

from ..errors import MailflowError, ScenarioError
from ..safe import safe_text
from ..text import LANGUAGES, _, language, set_language
from ..text.glossary import find as find_term
from .actions import LAYOUT
from .desk import Learner
from .glossary import meaning_lines, search
from .lines import ascii_line

__all__ = ["Command", "Level", "PlainDesk", "error_texts"]

Command = Callable[[str], Iterator[str]]
_LATIN = {russian: latin for latin, russian in LAYOUT.items()}
_WIDTH = 78
_MOST = 40


def error_texts(error: MailflowError) -> Iterator[str]:
    """Give an error line by line, each marked."""
    for text in str(error).split("\n"):
        yield f"! {text}"


class Level:
    """One level of plain mode. `commands` maps words to what they do; `help` says each in a sentence."""

    prompt = ">"
    literal = False
    """Whether every line is text, and none of them a command."""

    def __init__(self, desk: PlainDesk) -> None:
        self.desk = desk
        self.commands: dict[str, Command] = {}
        self.help: list[tuple[str, str]] = []

    def opening(self) -> Iterator[str]:
        """Say where we are and what can be done."""
        yield ""

    def back(self) -> Iterator[str]:
        """Say where we are again, when a level above was left."""
        yield from self.opening()

    def other(self, line: str) -> Iterator[str]:
        """Answer a line that is no command."""
        yield _("there is no command {word}; help lists them").format(word=repr(line.split(" ")[0]))

    def empty(self) -> Iterator[str]:
        """Answer an empty line."""
        return iter(())

    def close(self) -> None:
        """Be left."""

    def respoken(self) -> None:
        """Speak the language that was chosen."""


class PlainDesk:
    """The levels that lie on top of each other, and what every level understands."""

    def __init__(self, learner: Learner | None, *, ascii_only: bool = False) -> None:
        self._learner = learner
        self.ascii_only = ascii_only
        self.levels: list[Level] = []
        self._said = 0

    @property
    def learner(self) -> Learner:
        """Who learns here; a world alone needs nobody."""
        assert self._learner is not None
        return self._learner

    def run(self, first: Level, input: TextIO, output: TextIO) -> int:
        """Read commands from `input` until the end of either, and return the exit code."""
        interactive = input.isatty()
        self._write(output, self.push(first))
        while self.levels:
            if interactive:
                output.write(f"{self.levels[-1].prompt} ")
                output.flush()
            command = input.readline()
            if not command:
                break
            self._write(output, self.answer(command.rstrip("\r\n")))
        return 0

    def _write(self, output: TextIO, texts: Iterator[str]) -> None:
        for text in self._with_messages(texts):
            safe = safe_text(text)
            output.write((ascii_line(safe) if self.ascii_only else safe).rstrip() + "\n")
        output.flush()

    def _with_messages(self, texts: Iterator[str]) -> Iterator[str]:
        """The answer, and after it what progress has to say, once."""
        yield from texts
        messages = self._learner.progress.messages if self._learner is not None else []
        yield from (f"! {text}" for text in messages[self._said :])
        self._said = len(messages)

    def push(self, level: Level) -> Iterator[str]:
        """Open a level."""
        self.levels.append(level)
        yield from self._safely(level.opening)

    def pop(self) -> Iterator[str]:
        """Leave a level."""
        self.levels.pop().close()
        if self.levels:
            yield from self._safely(self.levels[-1].back)

    def answer(self, line: str) -> Iterator[str]:
        """Do one command."""
        level = self.levels[-1]
        if level.literal:
            yield from self._safely(lambda: level.other(line))
            return
        stripped = line.strip()
        word, _sep, rest = stripped.partition(" ")
        if not stripped:
            yield from self._safely(level.empty)
            return
        does = self._command(level, word)
        yield from self._safely(lambda: does(rest.strip()) if does is not None else level.other(stripped))

    def _command(self, level: Level, word: str) -> Command | None:
        """The command of a word, on either keyboard layout: the level's own before those of all levels."""
        latin = "".join(_LATIN.get(letter, letter) for letter in word.casefold())
        spelt = (word, word.casefold(), latin)
        own = next((level.commands[one] for one in spelt if one in level.commands), None)
        everywhere = next((self._everywhere(one) for one in spelt if one in _EVERYWHERE), None)
        return own or everywhere

    def _everywhere(self, word: str) -> Command:
        does = _EVERYWHERE[word]
        return lambda rest: does(self, rest)

    def _safely(self, does: Callable[[], Iterator[str]]) -> Iterator[str]:
        """Do it and give its lines; an error of a lesson or a world becomes a line."""
        try:
            yield from does()
        except (ScenarioError, MailflowError) as error:
            yield from error_texts(error)

    # What every level understands

    def _out(self, rest: str) -> Iterator[str]:
        yield from self.pop()

    def _help(self, rest: str) -> Iterator[str]:
        for word, sentence in self.levels[-1].help:
            yield f"  {_(word):<24} {_(sentence)}"
        yield f"  {'words [WORD]':<24} {_('the glossary, or what one word means')}"
        yield f"  {'language':<24} {_('Switch between English and Russian')}"
        yield f"  {'q':<24} {_('one level out')}"

    def _words(self, rest: str) -> Iterator[str]:
        if not rest:
            names = [term.name(language()) for term in search("")]
            yield ", ".join(names)
            yield _("words WORD tells what one of them means")
            return
        try:
            found = [find_term(rest)]
        except MailflowError:
            found = search(rest)[:5]
        for term in found:
            yield from meaning_lines(term, _WIDTH)
        if not found:
            yield _("no word is called so")

    def _language(self, rest: str) -> Iterator[str]:
        known = list(LANGUAGES)
        chosen = rest if rest in known else known[(known.index(language()) + 1) % len(known)]
        set_language(chosen)
        for level in self.levels:
            level.respoken()
        yield LANGUAGES[chosen]
        yield from self.levels[-1].back()


_EVERYWHERE: dict[str, Callable[[PlainDesk, str], Iterator[str]]] = {
    **dict.fromkeys(("q", "quit", "out", "exit"), PlainDesk._out),
    **dict.fromkeys(("help", "?"), PlainDesk._help),
    **dict.fromkeys(("words", "word", "glossary"), PlainDesk._words),
    **dict.fromkeys(("language", "lang"), PlainDesk._language),
}
