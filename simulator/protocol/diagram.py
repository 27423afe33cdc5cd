"""Draws the state diagram of a protocol from its transition table, as text and as Mermaid.

Drawn from the table that also drives server and client, a diagram cannot say anything else than what the program does.
SMTP, LMTP, POP3 and IMAP tables all have the one shape: state -> command -> state after a positive reply.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final, TypeVar

StateType = TypeVar("StateType", bound=Enum)
Table = Mapping[StateType, Mapping[str, StateType]]

_LINE: Final = 100


def edges(table: Table[StateType]) -> Iterator[tuple[StateType, StateType, tuple[str, ...]]]:
    """Give each arrow with its commands, in the order of the table."""
    for state, moves in table.items():
        found: dict[StateType, list[str]] = {}
        for verb, target in moves.items():
            found.setdefault(target, []).append(verb)
        for target, verbs in found.items():
            yield state, target, tuple(verbs)


def as_text(table: Table[StateType], *, title: str) -> str:
    """Draw one block a state: its name, then an arrow a line; `title` stands above."""
    lines = [title, ""]
    for state, moves in table.items():
        lines.append(_name(state))
        if not moves:
            lines.append("    (the end)")
        for source, target, verbs in edges({state: moves}):
            where = "stays" if target is source else f"--> {_name(target)}"
            lines += _wrapped(f"    {where:<24} ", verbs)
        lines.append("")
    return "\n".join(lines)


def as_mermaid(table: Table[StateType], *, start: StateType) -> str:
    """Draw a `stateDiagram-v2`; states without a way out lead to its final mark."""
    names = {state: f"s{number}" for number, state in enumerate(table)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_name(state)}" as {name}' for state, name in names.items()]
    lines.append(f"    [*] --> {names[start]}")
    lines += [f"    {names[a]} --> {names[b]} : {', '.join(verbs)}" for a, b, verbs in edges(table)]
    lines += [f"    {names[state]} --> [*]" for state, moves in table.items() if not moves]
    return "\n".join([*lines, ""])


def _name(state: Enum) -> str:
    return str(state.value)


def _wrapped(head: str, words: tuple[str, ...]) -> list[str]:
    lines, line = [], head
    for word in words:
        if len(line) + len(word) > _LINE and line.strip():
            lines.append(line.rstrip())
            line = " " * len(head)
        line += f"{word} "
    return [*lines, line.rstrip()]
