"""The arguments of the command line, read by argparse, with its sentences in our words.

A command's own arguments are added only when it was named; options that all share stand before and after its name.
"""

from __future__ import annotations

import argparse
import os
import re
from importlib import import_module

from simulator.cli.commands import COMMANDS, Command
from simulator.cli.words import N_, _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn

__all__ = ["parse"]

_WIDTH = 100
_SEED_LIMIT = 2**63


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the arguments; `.command` is None if only options were given. Raises UsageError."""
    return _top().parse_args(arguments)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, found without the imports that argparse would make for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=_columns() - 2)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Say `usage:` in the language of the reader."""
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of leaving, and that fills itself only when it is used."""

    command: Command | None = None
    typed = ""
    """Where the arguments go that argparse does not know, in the order in which they were typed; "" refuses them."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[argparse.Namespace, list[str]]:  # type: ignore[override]
        """Read what is ours, after the command's module has said what that is."""
        if self.command is not None:
            module = import_module(self.command.module)
            module.arguments(self)
            _shared(self, fresh=False)
            self.typed = getattr(module, "TYPED", "")
        found, rest = super().parse_known_args(args, namespace)
        if self.typed:
            setattr(found, self.typed, rest)
            rest = []
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with a sentence that says what to do."""
        from simulator.errors import UsageError

        raise UsageError(f"{_sentence(message)}\n{_('usage: ')}{self.usage}\n{_('more: ')}{self.prog} --help")


def _top() -> _Parser:
    top = _Parser(
        prog="mailflow",
        usage=f"mailflow [{_('options')}] {_('COMMAND')} ...",
        description=_("A simulator of e-mail in which every octet is real. Without a command: the home screen."),
        epilog=_examples(
            ("mailflow", N_("the home screen: lessons, questions, worlds to play with")),
            ("mailflow play first-letter", N_("follow one letter from Send to the inbox")),
            ("mailflow run first-letter --check", N_("run it, and check every promise")),
            ("mailflow COMMAND --help", N_("the options of a command, with examples")),
        ),
        formatter_class=_Formatter,
        add_help=False,
        allow_abbrev=False,
    )
    _shared(top, fresh=True)
    top.add_argument("--plain", action="store_true", help=_("line by line instead of a screen"))
    commands = top.add_subparsers(
        title=_("commands"), metavar=_("COMMAND"), dest="command", parser_class=_Parser, prog="mailflow"
    )
    for command in COMMANDS.values():
        _add(commands, command)
    return top


def _add(commands: argparse._SubParsersAction[_Parser], command: Command) -> None:
    lines = (f"mailflow {command.name} {line}" for line, _meaning in command.examples)
    meanings = (meaning for _line, meaning in command.examples)
    made = commands.add_parser(
        command.name,
        help=_(command.summary),
        usage=f"mailflow {command.name} {command.usage}",
        description=_(command.summary),
        epilog=_examples(*zip(lines, meanings, strict=True)),
        formatter_class=_Formatter,
        add_help=False,
        allow_abbrev=False,
    )
    made.command = command


def _examples(*examples: tuple[str, str]) -> str:
    width = max(len(line) for line, _meaning in examples)
    shown = (f"  {line:<{width}}  {_(meaning)}" for line, meaning in examples)
    return "\n".join([_("examples:"), *shown])


def _shared(parser: _Parser, *, fresh: bool) -> None:
    """Add what every command takes; only the first parser sets defaults, so that the second overrides nothing."""
    group = parser.add_argument_group(_("options that every command takes"))
    absent = None if fresh else argparse.SUPPRESS
    off = False if fresh else argparse.SUPPRESS
    group.add_argument("--seed", type=_seed, default=absent, metavar="N", help=_("choose another variant of the world"))
    group.add_argument("--lang", default=absent, metavar="LANGUAGE", help=_("speak en (English) or ru (Russian)"))
    group.add_argument("--no-color", action="store_true", default=off, help=_("no colours; so does NO_COLOR"))
    group.add_argument("--ascii", action="store_true", default=off, help=_("draw tables in ASCII"))
    group.add_argument("-h", "--help", action="help", help=_("show this help and leave"))
    if fresh:
        from simulator import __version__

        group.add_argument("--version", action="version", version=f"mailflow {__version__}", help=_("show the version"))


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < _SEED_LIMIT:
        raise ValueError(text)
    return number


def _columns() -> int:
    if os.environ.get("COLUMNS", "").isdigit():
        return max(40, int(os.environ["COLUMNS"]))
    try:
        return min(_WIDTH, max(40, os.get_terminal_size().columns))
    except OSError:
        return _WIDTH


# What argparse says, said by us


def _sentence(message: str) -> str:
    for pattern, say in _SENTENCES:
        found = pattern.match(message)
        if found is not None:
            return say(found)
    return message


def _choice(found: re.Match[str]) -> str:
    word, known = found["value"], re.findall(r"[\w-]+", found["known"])
    if "command" in found["what"] or found["what"] == _("COMMAND"):
        problem = _("there is no command {word}").format(word=repr(word))
        known = list(COMMANDS)
    else:
        problem = _("{option} cannot be {word}").format(option=found["what"], word=repr(word))
    return f"{problem}; {_near(word, known)}"


def _near(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return _("did you mean {word}?").format(word=near[0])
    return _("choose one of {words}").format(words=", ".join(known))


def _value(found: re.Match[str]) -> str:
    return _("{option} is {word}, which is no whole number from 0; write one such as 7").format(
        option=found["what"], word=found["value"]
    )


_SENTENCES = (
    (
        re.compile(r"argument (?P<what>.+?): invalid choice: '(?P<value>.*)' \(choose from (?P<known>.*)\)", re.DOTALL),
        _choice,
    ),
    (re.compile(r"argument (?P<what>.+?): invalid \S+ value: (?P<value>.*)", re.DOTALL), _value),
    (
        re.compile(r"the following arguments are required: (?P<what>.*)"),
        lambda found: _("{words} is missing").format(words=found["what"]),
    ),
    (
        re.compile(r"unrecognized arguments: (?P<what>.*)", re.DOTALL),
        lambda found: _("nothing here is called {words}; remove it").format(words=found["what"]),
    ),
    (
        re.compile(r"argument (?P<what>.+?): expected .*argument"),
        lambda found: _("after {option} its value is missing").format(option=found["what"]),
    ),
)
