"""A dialogue by hand with a server of the simulated world: each line that is typed gets its answer, and is judged.

A fresh copy of the world stands still between two lines, so nobody is timed out while he thinks; the server behind it
is the one of every scenario, and what was said is there as records. RFC 5321, 4.1.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from simulator.engine.kinds import Record
from simulator.learning.speech import speech_of
from simulator.nodes.typist import Typist
from simulator.scenario.model import Scenario
from simulator.scenario.world import build
from simulator.text import _

__all__ = ["Dialogue", "Spoken"]

_FAR: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One line as it was typed, the lines of the answer, and what is to be said of it; `good` unless it was refused."""

    line: str
    answer: tuple[str, ...]
    good: bool
    remark: str = ""


class Dialogue:
    """One connection from `host` to a server's port; `spoken` is what has been said.

    Of the timeline only what comes before `at_us` has taken place: at 0 the world is as it was set up.
    """

    def __init__(self, scenario: Scenario, *, host: str, server: str, port: int, at_us: int = 0) -> None:
        earlier = tuple(action for action in scenario.timeline if action.at_us < at_us)
        self._world = build(replace(scenario, timeline=earlier, faults=()))
        self._world.env.advance(at_us)
        self._typist = Typist(self._world.hosts[host])
        self._host = self._world.hosts[host]
        self._before = len(self._world.env.trace.records)
        self.spoken: list[Spoken] = []
        address = scenario.host(server).address
        self.greeting = self._run(self._typist.open(address, port))
        self._speech = speech_of(self.greeting)
        self._speech.moved("GREETING", self.greeting)

    @property
    def over(self) -> bool:
        """Whether nothing more can be said."""
        last = (_verb(self.spoken[-1].line), self.spoken[-1].answer) if self.spoken else ("", self.greeting)
        return not self._typist.connected or self._speech.ends(*last)

    @property
    def content(self) -> bool:
        """Whether lines of the letter are being typed."""
        return self._typist.content

    @property
    def legal(self) -> tuple[str, ...]:
        """The commands that are in order now; none while the letter is being typed."""
        return self._speech.legal

    @property
    def lines(self) -> tuple[str, ...]:
        """What was typed."""
        return tuple(one.line for one in self.spoken)

    def say(self, line: str) -> Spoken:
        """Type one line."""
        was_content = self.content
        answer = self._run(self._typist.say(line))
        verb = "DATA-END" if was_content else _verb(line)
        self._speech.moved(verb, answer)
        gone = not answer or self._speech.ends(verb, answer)
        good = (self._speech.accepted(answer) and (not gone or verb == "QUIT")) or (
            was_content and not answer and not self.over
        )
        spoken = Spoken(
            line=line, answer=answer, good=good, remark=self._remark(answer, good=good, gone=gone and not self.content)
        )
        self.spoken.append(spoken)
        return spoken

    def finish(self) -> Sequence[Record]:
        """Let the world run on to its end, and give the records of the dialogue and all that came of it."""
        self._world.env.advance()
        return tuple(self._world.env.trace.records[self._before :])

    def _run(self, story: Generator[Any, Any, tuple[str, ...]]) -> tuple[str, ...]:
        """Let the world go on until the line has its answer."""
        found: list[tuple[str, ...]] = []
        task = self._host.spawn(story, found.append, name="a line typed by hand")
        env = self._world.env
        while not task.finished and env.peek() != _FAR:
            env.step()
        return found[0] if found else ()

    def _remark(self, answer: tuple[str, ...], *, good: bool, gone: bool) -> str:
        if gone:
            return _("The connection is over.")
        if self._speech.awaits_tls:
            return _("From here on the server expects TLS, and no hand can speak that.")
        if self.content:
            return _("Now the letter; a line with a single dot ends it.") if answer else ""
        if not good:
            return _("Refused. In order now: {verbs}").format(verbs=", ".join(self.legal))
        return ""


def _verb(line: str) -> str:
    return line.strip().partition(" ")[0].upper()
