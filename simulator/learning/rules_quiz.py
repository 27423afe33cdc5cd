"""Rules about the items of a quiz that need no run; found by `quiz`, `reading` and `lint`."""

from __future__ import annotations

from typing import Final

from simulator.learning.rule import ContentRule

_CHOICE: Final = """\
  - id: who-asks
    type: choice
    ask: Who asked for the MX?
    options:
      - is: mail-alpha
        text: The server
      - is: pc-anna
        text: The program
        %s
    answer-from: dns.query qname=beta.example qtype=MX | first from
    skill: %s
"""
_WHY: Final = "why: It asks for an address only."
_GOOD: Final = _CHOICE % (_WHY, "path.stages")
_NUMBER: Final = """\
  - id: letters
    type: number
    ask: How many letters arrive?
    %s
    skill: path.stages
"""

RULES: Final = (
    ContentRule(
        code="MF104",
        title="A text does not end at a comma by accident",
        text="Between braces a comma ends a text: {text: No, never} is a text and a key without a value. Put the text "
        "in quotes, or each key in a line of its own.",
        bad=_GOOD.replace(
            "      - is: mail-alpha\n        text: The server\n", "      - {is: mail-alpha, text: No, never}\n"
        ),
        good=_GOOD.replace(
            "      - is: mail-alpha\n        text: The server\n", '      - {is: mail-alpha, text: "No, never"}\n'
        ),
    ),
    ContentRule(
        code="MF105",
        title="A wrong option says why it is wrong",
        text="Whoever chose it had a reason; why: answers that reason, and myth: names it where many believe it.",
        bad=_CHOICE % ("myth: client-looks-up-mx", "path.stages"),
        good=_GOOD,
    ),
    ContentRule(
        code="MF106",
        title="A misconception is in the register",
        text="myth: is an id of the register, where what people say and what is true stand in both languages.",
        bad=_CHOICE % ("myth: client-looks-up\n        " + _WHY, "path.stages"),
        good=_CHOICE % ("myth: client-looks-up-mx\n        " + _WHY, "path.stages"),
    ),
    ContentRule(
        code="MF108",
        title="A question belongs to a skill that the lesson teaches",
        text="skill: is one of the keys below skills: in lesson.yaml; a learner sees there what he can do.",
        bad=_CHOICE % (_WHY, "path.stage"),
        good=_GOOD,
    ),
    ContentRule(
        code="MF110",
        title="No two questions ask the world the same",
        text="Whoever has answered the first knows the second, so it tests nothing.",
        bad=_GOOD + _GOOD.replace("id: who-asks", "id: who-asks-again"),
        good=_GOOD + _NUMBER % "answer-from: deliver | count",
    ),
    ContentRule(
        code="MF111",
        title="An item has one key",
        text="Wherever the answer is an observation, answer-from: asks the run, and nobody can write a wrong key. Only "
        "a plain fact, such as a port number, is written as answer:.",
        bad=_NUMBER % "unit: letters",
        good=_NUMBER % "answer-from: deliver | count",
    ),
    ContentRule(
        code="MF112",
        title="An item has what its type needs",
        text="A wrong answer is named once (equals:, from: or on:), a match has pairs or rows with options, a "
        "prediction stops before the event that answers it, a gap is in lines that are there.",
        bad=_NUMBER % "answer-from: deliver | count\n    wrong:\n      - why: Not so many.",
        good=_NUMBER % "answer-from: deliver | count\n    wrong:\n      - {equals: 2, why: Not so many.}",
    ),
)
