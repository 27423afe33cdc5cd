"""`mailflow explain`: what a kind of event holds, or what a rule of scenarios, lessons and quizzes asks for.

Generated from the declarations in the code, so that it cannot say anything else than the program does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulator.cli.words import _
from simulator.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from simulator.cli.output import Output
    from simulator.engine.kinds import Kind
    from simulator.scenario.rule import Rule

__all__ = ["arguments", "main"]

_RULE = re.compile(r"mf\d*", re.IGNORECASE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    help_text = _("a kind such as smtp.reply or smtp.*, or a rule such as MF041; without it, the list of both")
    parser.add_argument("word", metavar="KIND|RULE", nargs="?", help=help_text)


def main(options: argparse.Namespace, out: Output) -> int:
    """Explain one, or list all."""
    from simulator.cli.worlds import declare_kinds

    declare_kinds()
    if options.word is None:
        _list(out)
        return 0
    from simulator.learning.rules import ALL as RULES

    if _RULE.fullmatch(options.word) and options.word.upper() in RULES:
        _rule(RULES[options.word.upper()], out)
        return 0
    from simulator.engine.kinds import matching

    found = matching(options.word)
    if not found:
        raise _unknown(options.word)
    for position, kind in enumerate(found):
        if position:
            out.line()
        _kind(kind, out)
    return 0


def _unknown(word: str) -> UsageError:
    from simulator.engine.kinds import kinds
    from simulator.learning.rules import ALL as RULES
    from simulator.scenario.words import nearest

    near = nearest(word, [*(kind.name for kind in kinds()), *RULES])
    hint = _("did you mean {word}?").format(word=near) if near else _("mailflow explain lists them")
    return UsageError(_("there is no kind of event and no rule {word}; {hint}").format(word=repr(word), hint=hint))


def _list(out: Output) -> None:
    from simulator.engine.kinds import kinds
    from simulator.learning.rules import ALL as RULES

    out.table((_("kind"), _("what happened")), [(kind.name, _(kind.doc)) for kind in kinds()])
    out.line()
    out.table((_("rule"), _("what is asked for")), [(rule.code, _(rule.title)) for rule in RULES.values()])


def _kind(kind: Kind, out: Output) -> None:
    from simulator.engine.kinds import COMMON

    out.line(f"{kind.name}: {_(kind.doc)}")
    titles = (_("field"), _("type"), _("meaning"))
    if kind.fields:
        out.table(titles, [(field.name, field.type.__name__, _(field.doc)) for field in kind.fields])
    out.line(_("Every kind also has:"))
    out.table(titles, [(field.name, field.type.__name__, _(field.doc)) for field in COMMON])


def _rule(rule: Rule, out: Output) -> None:
    out.line(f"{rule.code}: {_(rule.title)}")
    out.line()
    out.text(_(rule.text))
    for title, example in ((_("Bad:"), rule.bad), (_("Good:"), rule.good)):
        out.line()
        out.line(title)
        for line in example.rstrip("\n").split("\n"):
            out.line(f"  {line}")
