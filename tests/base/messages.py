"""Find every text that the program shows, and write a catalogue that holds exactly those.

Used by the catalogue tests; `pytest tests/base --update-golden` adds what is new (untranslated) and drops what is stale.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simulator.text.catalogue import Entry

FUNCTIONS = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
"""Name of the marking function -> how many of its arguments are texts."""

LOOKUPS = (ast.Name, ast.Attribute, ast.Subscript)
"""What `_` may be given instead of a text: the name of one that was marked with `N_`."""
TRANSLATION = "simulator/text/translation.py"
"""Where these functions are made; there they pass on what they are given."""


@dataclass(slots=True)
class Message:
    """One text of the program and the files that show it."""

    id: str
    plural: str | None = None
    context: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.id


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A call whose text no catalogue can hold: built at run time instead of written down."""

    where: str
    call: str


def collect(root: Path) -> tuple[list[Message], list[Unreadable]]:
    """All texts under a package, in the order of files and lines, and all calls that hide theirs."""
    messages: dict[tuple[str | None, str], Message] = {}
    unreadable: list[Unreadable] = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root.parent).as_posix()
        if name == TRANSLATION:
            continue
        for call, function in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            found = _message(call, function)
            if found is None:
                if function in ("N_", "ngettext", "pgettext") or not isinstance(call.args[0], LOOKUPS):
                    unreadable.append(Unreadable(f"{name}:{call.lineno}", ast.unparse(call)))
                continue
            known = messages.setdefault(found.key, found)
            known.plural = known.plural or found.plural
            if name not in known.files:
                known.files.append(name)
    return list(messages.values()), unreadable


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        name = (
            function.id
            if isinstance(function, ast.Name)
            else function.attr
            if isinstance(function, ast.Attribute)
            else ""
        )
        if name in FUNCTIONS:
            yield node, name


def _message(call: ast.Call, function: str) -> Message | None:
    texts = [
        a.value for a in call.args[: FUNCTIONS[function]] if isinstance(a, ast.Constant) and isinstance(a.value, str)
    ]
    if len(texts) != FUNCTIONS[function]:
        return None
    if function == "ngettext":
        return Message(texts[0], plural=texts[1])
    if function == "pgettext":
        return Message(texts[1], context=texts[0])
    return Message(texts[0])


def write(messages: list[Message], known: list[Entry], plural_forms: int) -> str:
    """A .po text of exactly these messages, with the translations that are known."""
    translated = {(entry.context, entry.id): entry for entry in known}
    header = translated[None, ""]
    blocks = [_block(Message(""), header.strings)]
    for message in sorted(messages, key=lambda m: m.files[0]):
        entry = translated.get(message.key)
        empty = [""] * (plural_forms if message.plural is not None else 1)
        keep = entry is not None and len(entry.strings) == len(empty)
        blocks.append(_block(message, entry.strings if entry is not None and keep else empty))
    return "\n".join(blocks)


def _block(message: Message, strings: list[str]) -> str:
    lines = [f"#: {' '.join(message.files)}"] if message.files else []
    if message.context is not None:
        lines.append(f"msgctxt {_quoted(message.context)}")
    lines.append(f"msgid {_quoted(message.id)}")
    if message.plural is None:
        lines.append(f"msgstr {_quoted(strings[0])}")
    else:
        lines.append(f"msgid_plural {_quoted(message.plural)}")
        lines += [f"msgstr[{n}] {_quoted(text)}" for n, text in enumerate(strings)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in escaped.rstrip("\n"):
        return '"' + escaped.replace("\n", "\\n") + '"'
    return "\n".join(['""', *('"' + line.replace("\n", "\\n") + '"' for line in escaped.splitlines(keepends=True))])
