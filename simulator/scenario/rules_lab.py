"""Rules about the lab part of a scenario and about what a host's policy says.

Found by `labs` and `labshape`; what only a run can prove is found by `mailflow test`.
"""

from __future__ import annotations

from typing import Final

from simulator.scenario.rule import Rule

_GOAL: Final = "  goals:\n    - {id: arrives, say: It arrives, that: deliver, equals: 1}\n"

RULES: Final = (
    Rule(
        code="MF060",
        title="What a student may edit lies in the file",
        text="you-may-edit: names parts of this file by their path, such as zones.beta.example, hosts.mail-beta or "
        "timeline. What the loader adds by itself has to be written out before it can be edited.",
        bad="lab:\n  task: Repair it.\n  you-may-edit: [zones.beta.exmple]\n" + _GOAL + "  solution:\n"
        "    - {do: fetch, at: 1m, who: boris@beta.example}\n",
        good="lab:\n  task: Repair it.\n  you-may-edit: [timeline]\n" + _GOAL + "  solution:\n"
        "    - {do: fetch, at: 1m, who: boris@beta.example}\n",
    ),
    Rule(
        code="MF061",
        title="An edit does one thing, and says to what",
        text="set: PATH with to: VALUE, add-record: or remove-record: with zone:, or a line of the timeline with do:.",
        bad="lab:\n  task: Repair it.\n  you-may-edit: [timeline]\n" + _GOAL + "  solution:\n"
        "    - {set: timeline.1.text}\n",
        good="lab:\n  task: Repair it.\n  you-may-edit: [timeline]\n" + _GOAL + "  solution:\n"
        "    - {set: timeline.1.text, to: Hello again}\n",
    ),
)
