"""Rules that only a run can judge; found by `checks`, that is, by `mailflow test`."""

from __future__ import annotations

from typing import Final

from simulator.learning.rule import ContentRule

_NUMBER: Final = """\
  - id: letters
    type: number
    ask: How many letters arrive?
    answer-from: %s
    wrong:
      - {equals: %s, why: "%s"}
%s    skill: path.stages
"""
_GOOD: Final = _NUMBER % ("deliver | count", "2", "Only one was sent.", "")
_CHOICE: Final = """\
  - id: who-asks
    type: choice
    ask: Who asked for the MX?
    options:
      - is: %s
        text: The server
      - {is: pc-anna, text: The program, why: It asks for an address only.}
    answer-from: dns.query qname=beta.example qtype=MX | first from
    skill: path.stages
"""
_LAB: Final = """\
lab:
  task: The letter has to arrive.
  you-may-edit: [zones.beta.example, timeline]
  goals:
    - {id: arrives, say: The letter arrives, that: %s, at-least: 1}
  traps:
    - id: twice
      when: action do=send
      at-least: 2
      say: Sending twice cures nothing.
      cure:
        - {do: %s, at: 1m, who: anna@alpha.example%s}
  solution:
    - {remove-record: mail IN A 203.0.113.99, zone: beta.example}
    - {add-record: mail IN A 203.0.113.%s, zone: beta.example}
"""
_SEND: Final = ", to: [boris@beta.example]"
_GOOD_LAB: Final = _LAB % ("deliver", "send", _SEND, "25")
_EXPECT: Final = "expect:\n  - {id: arrives, that: deliver, equals: %s}\n"

RULES: Final = (
    ContentRule(
        code="MF113",
        title="The answer is among the options",
        text="The world answers on every seed with something that can be chosen.",
        bad=_CHOICE % "mail-gamma",
        good=_CHOICE % "mail-alpha",
        found_by="test",
    ),
    ContentRule(
        code="MF114",
        title="No wrong answer is right",
        text="What is named as wrong differs from the key on every seed, and a gap cannot be read beside it.",
        bad=_NUMBER % ("deliver | count", "1", "Two were sent.", ""),
        good=_GOOD,
        found_by="test",
    ),
    ContentRule(
        code="MF115",
        title="A key has exactly one value",
        text="Or a list, where the type wants one. A query that finds nothing on some seed gives no key.",
        bad=_NUMBER % ("deliver mailbox=nobody@beta.example | first size", "2", "Only one was sent.", ""),
        good=_GOOD,
        found_by="test",
    ),
    ContentRule(
        code="MF116",
        title="A known wrong answer is refused with its own words",
        text="Two entries for one answer would hide each other, and one that no world gives is never seen.",
        bad=_NUMBER % ("deliver | count", "2", "Only one was sent.", '      - {equals: 2, why: "Count again."}\n'),
        good=_NUMBER % ("deliver | count", "2", "Only one was sent.", '      - {equals: 3, why: "Count again."}\n'),
        found_by="test",
    ),
    ContentRule(
        code="MF117",
        title="A scenario keeps its promises on every seed",
        text="expect: says what the lesson relies on; where it does not hold, the lesson tells something false.",
        bad=_EXPECT % "2",
        good=_EXPECT % "1",
        file="small.yaml",
        found_by="test",
    ),
    ContentRule(
        code="MF118",
        title="A lab starts unsolved",
        text="Otherwise a learner has nothing to do, and the points prove nothing.",
        bad=_LAB % ("dns.query", "send", _SEND, "25"),
        good=_GOOD_LAB,
        file="broken.yaml",
        found_by="test",
    ),
    ContentRule(
        code="MF119",
        title="A lab's solution has full points and meets no trap",
        text="The solution is applied to a fresh world and judged like a learner's.",
        bad=_LAB % ("deliver", "send", _SEND, "24"),
        good=_GOOD_LAB,
        file="broken.yaml",
        found_by="test",
    ),
    ContentRule(
        code="MF120",
        title="A trap catches its own cure, and nothing before",
        text="Each trap brings the wrong cure it is about (cure:); applied to a fresh world, it has to be recognised, "
        "and it then blocks the lab.",
        bad=_LAB % ("deliver", "fetch", "", "25"),
        good=_GOOD_LAB,
        file="broken.yaml",
        found_by="test",
    ),
)
