"""The one tree of exceptions of this program.

One tree, so that a caller catches a family without knowing its members; an error that reaches the wire
knows its reply, and one that reaches a person is a sentence that says what to do next.

    MailflowError                    every error of ours
    +-- UsageError                   the command line cannot be understood (exit code 2)
    +-- QueryError                   a query that cannot be read; .column
    +-- ScenarioError                a scenario with mistakes; .diagnostics
    +-- ProtocolError                something happened on the wire
    |   +-- LocalProtocolError       our side asked for something that is illegal now
    |   +-- RemoteProtocolError      the peer broke the protocol; .reply
    |   |   +-- LimitExceeded        the peer sent more than a limit allows
    |   +-- TlsError                 TLS failed; .alert, .alert_name, .reason
    +-- InvariantError               a run broke a promise of the simulator; .findings

All of them can be pickled, because a sweep over seeds runs in several processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One mistake in a file: where it is, which rule it breaks, and what to write instead.

    `line` and `column` count from 1; `source` is the whole line, or "" where there is none to show;
    `width` is how many characters the mistake covers.
    """

    file: str
    line: int
    column: int
    rule: str
    message: str
    source: str = ""
    hint: str = ""
    width: int = 1

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}  {self.rule}  {self.message}"
        if not self.source:
            return f"{head}\n      {self.hint}" if self.hint else head
        margin = f"{self.line:>5} | "
        caret = " " * (len(margin) + self.column - 1) + "^" * max(1, self.width)
        return f"{head}\n{margin}{self.source}\n{caret}   {self.hint}".rstrip()


class MailflowError(Exception):
    """Every error of ours; `str(error)` is a sentence that says what to do next."""


class UsageError(MailflowError):
    """The command line cannot be understood; the process ends with exit code 2."""


class QueryError(MailflowError):
    """A query that cannot be read; `column` counts characters of the query from 1, 0 if nowhere in particular."""

    def __init__(self, message: str, *, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


class ScenarioError(MailflowError):
    """A scenario with mistakes: all of them at once, in the order of the file."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))


class ProtocolError(MailflowError):
    """Something on the wire did not go as the protocol says."""


class LocalProtocolError(ProtocolError):
    """Our own side asked for something that is illegal in this state; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol; `reply` is the answer to give it, without line end, or None to give none."""

    def __init__(self, message: str, reply: str | None = None) -> None:
        super().__init__(message)
        self.reply = reply


class LimitExceeded(RemoteProtocolError):
    """The peer sent more than a limit of `simulator.limits` allows."""


class TlsError(ProtocolError):
    """TLS failed: `alert` and `alert_name` as registered (RFC 8446, 6), `reason` in words of our own."""

    def __init__(self, alert: int, alert_name: str, reason: str) -> None:
        super().__init__(alert, alert_name, reason)
        self.alert = alert
        self.alert_name = alert_name
        self.reason = reason

    def __str__(self) -> str:
        return f"TLS alert {self.alert} ({self.alert_name}): {self.reason}"


class InvariantError(MailflowError):
    """A run broke a promise of the simulator; each finding is a sentence."""

    def __init__(self, findings: Iterable[object]) -> None:
        self.findings: tuple[object, ...] = tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))
