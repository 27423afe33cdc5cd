"""What one rule consists of, and how its short examples become whole files.

Examples show only the lines that matter; what a file needs besides is the same ten lines everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_REST: Final = {
    "id:": "id: example",
    "title:": "title: An example",
    "people:": "people:\n  anna@alpha.example: {name: Anna}\n  boris@beta.example: {name: Boris}",
    "timeline:": "timeline:\n  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example], text: Hello}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `bad` and `good` are parts of a scenario, or of an overlay beside one if `overlay` is set.

    `beside` are files that lie beside the good example; `stretch` is a mark in the bad example and how many times it is
    meant to stand there, for mistakes that are too long to print.
    """

    code: str
    title: str
    text: str
    bad: str
    good: str
    overlay: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)
    stretch: tuple[str, int] | None = None

    def bad_file(self) -> str:
        """The bad example as a whole file, stretched."""
        text = self.bad.replace(self.stretch[0], self.stretch[0] * self.stretch[1], 1) if self.stretch else self.bad
        return text if self.overlay else whole(text)

    def good_file(self) -> str:
        """The good example as a whole file."""
        return self.good if self.overlay else whole(self.good)


def whole(example: str) -> str:
    """An example with the top keys that it leaves out; one that holds `# as it is` stays as it is."""
    if "# as it is" in example:
        return example
    lines = example.split("\n")
    missing = [text for key, text in _REST.items() if not any(line.startswith(key) for line in lines)]
    return "\n".join([example.rstrip("\n"), *missing, ""])
