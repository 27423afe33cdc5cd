"""The exception tree: its drawing is true, every error is a sentence, and all survive a trip to another process."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from simulator import errors, limits
from simulator.errors import Diagnostic, LimitExceeded, MailflowError, QueryError, RemoteProtocolError, TlsError

DIAGNOSTIC = Diagnostic(
    file="two-mx.yaml",
    line=48,
    column=16,
    rule="MF041",
    message='MX preference "ten" is not a number',
    source="  @     IN MX  ten mx2",
    hint="write a number such as 20",
    width=3,
)
SAMPLES = [
    errors.UsageError("no such command; see mailflow --help"),
    QueryError("no such kind", column=7),
    errors.ScenarioError([DIAGNOSTIC]),
    errors.LocalProtocolError("MAIL is not legal before EHLO"),
    RemoteProtocolError("line too long", "500 5.5.2 Line too long"),
    LimitExceeded("too many recipients", "452 4.5.3 Too many recipients"),
    TlsError(45, "certificate_expired", "the certificate has expired"),
    errors.InvariantError(["letter 3 is lost"]),
]


def test_the_drawing_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^ {4}([| ]*)(?:\+-- )?(\w+Error|LimitExceeded)\b", errors.__doc__ or "", re.MULTILINE)
    path: list[str] = []
    parents = {}
    for indent, name in drawn:
        depth = 0 if name == "MailflowError" else len(indent) // 4 + 1
        path[depth:] = [name]
        parents[name] = path[depth - 1] if depth else "Exception"
    real = {
        name: kind.__bases__[0].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception)
    }
    assert parents == real


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: MailflowError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error)
    assert vars(again) == vars(error)


def test_errors_carry_what_their_callers_need() -> None:
    assert QueryError("no such kind", column=7).column == 7
    assert RemoteProtocolError("x").reply is None
    assert LimitExceeded("x", "452 y").reply == "452 y"
    assert str(TlsError(45, "certificate_expired", "it is over")) == "TLS alert 45 (certificate_expired): it is over"


def test_a_diagnostic_points_at_its_mistake() -> None:
    head, line, caret = str(DIAGNOSTIC).split("\n")
    assert head == 'two-mx.yaml:48:16  MF041  MX preference "ten" is not a number'
    assert line[caret.index("^") :] == "ten mx2"
    assert caret.split("^^^")[1] == "   write a number such as 20"


@pytest.mark.parametrize(
    ("source", "hint", "lines"), [("", "", 1), ("", "write 20", 2), ("x: y", "", 3), ("x: y", "write z", 3)]
)
def test_a_diagnostic_leaves_out_what_it_does_not_know(source: str, hint: str, lines: int) -> None:
    shown = str(Diagnostic(file="a", line=1, column=1, rule="MF001", message="m", source=source, hint=hint))
    assert shown.count("\n") + 1 == lines


def test_every_limit_is_a_positive_integer_with_its_reason() -> None:
    source = inspect.getsource(limits)
    names = [name for name in vars(limits) if name.isupper()]
    assert len(names) > 50
    for name in names:
        assert isinstance(getattr(limits, name), int) and getattr(limits, name) > 0
        if name.removesuffix("_US") not in ("SECOND", "MINUTE", "HOUR", "DAY"):
            assert re.search(rf'^{name}: Final = .*\n"""', source, re.MULTILINE), f"{name} does not say why"
