"""Draws the parameters of a scenario from its seed and writes them where `${name}` stands.

Parameters give each student a variant of the same lesson; they are drawn each from a random stream of its own, so
that a new parameter changes none of the others. `$${name}` is the text `${name}` itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from simulator.engine.randomness import stream
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence
from simulator.scenario.words import suggest

_USE: Final = re.compile(r"\$(\$?)\{([^{}\n]*)\}")


def draw_params(tree: Mapping, seed: int) -> dict[str, str]:
    """The value of each parameter for this seed; what is malformed is left out, the reader of the shape reports it."""
    drawn: dict[str, str] = {}
    params = tree.values.get("params")
    if not isinstance(params, Mapping):
        return drawn
    for name, param in params.items():
        choices = param.values.get("choose") if isinstance(param, Mapping) else None
        if isinstance(choices, Sequence) and choices.items:
            chosen = choices.items[stream(seed, f"params/{name}").randrange(len(choices.items))]
            drawn[name] = chosen.text if isinstance(chosen, Scalar) else ""
    return drawn


def put_params(tree: Mapping, drawn: dict[str, str], known: tuple[str, ...], report: Report) -> Mapping:
    """The tree with every `${name}` outside of `params` written out; an unknown name is reported."""
    filler = _Filler(drawn, known, report)
    return tree.changed({key: value if key == "params" else filler.fill(value) for key, value in tree.items()})


class _Filler:
    def __init__(self, drawn: dict[str, str], known: tuple[str, ...], report: Report) -> None:
        self._drawn = drawn
        self._known = known
        self._report = report

    def fill(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            return node.changed({key: self.fill(value) for key, value in node.items()})
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self.fill(item) for item in node.items))
        return self._scalar(node) if "${" in node.text else node

    def _scalar(self, scalar: Scalar) -> Scalar:
        def value(match: re.Match[str]) -> str:
            name = match[2]
            if match[1]:
                return match[0][1:]
            if name not in self._known:
                hint = suggest(
                    name, self._known, otherwise="declare it below params:, or write $${ for the text itself"
                )
                message = f"there is no parameter {name or '(empty)'}"
                self._report.within("MF046", scalar, message, hint, offset=match.start(), width=len(match[0]))
            return self._drawn.get(name, match[0])

        text = _USE.sub(value, scalar.text)
        # lines stay where they are unless a value has several, so positions in block scalars hold by line
        return (
            scalar
            if text == scalar.text
            else replace(scalar, text=text, exact=scalar.style == "|" and _same_lines(text, scalar))
        )


def _same_lines(text: str, scalar: Scalar) -> bool:
    return text.count("\n") == scalar.text.count("\n")


def fill_text(text: str, drawn: dict[str, str]) -> str:
    """A text of an overlay with its parameters written out; unknown names stay as they are."""
    return _USE.sub(lambda match: match[0][1:] if match[1] else drawn.get(match[2], match[0]), text)
