"""Each promise of the simulator: a good trace keeps it, and a trace doctored in one place breaks just that one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from simulator import limits
from simulator.engine.base_kinds import FAULT, NOTE
from simulator.engine.kinds import Kind, Record, find
from simulator.engine.trace import AT, CAUSE, KIND, LETTER, ORIGIN, SESSION, VALUES, N, T
from simulator.errors import InvariantError
from simulator.records.invariants import CHECKS, check, findings
from simulator.records.kinds_smtp import CLEAR_LOGINS
from simulator.scenario.loading import load
from simulator.scenario.world import run
from tests.acceptance.outside import SHIPPED
from tests.nodes.mail_world import MINUTE, MailWorld

Trace = list[Record]


@cache
def _good() -> tuple[Record, ...]:
    world = MailWorld(reads="pop3s", spam=True)
    world.send("boris@beta.example", "nobody@beta.example")
    world.do("fetch", MINUTE)
    return tuple(world.run().records)


def good() -> Trace:
    """A delivery, a refusal, and a retrieval by POP3."""
    return list(_good())


def the(records: Trace, kind: str, *, last: bool = False, **fields: Any) -> int:
    """The place of the first (or last) record of a kind with these values."""
    places = [
        place
        for place, record in enumerate(records)
        if record[KIND].name == kind and all(_get(record, name) == wanted for name, wanted in fields.items())
    ]
    return places[-1 if last else 0]


def _get(record: Record, name: str) -> Any:
    index = record[KIND].index(name)
    return None if index is None else record[index]


def changed(records: Trace, place: int, **fields: Any) -> Trace:
    """The trace with other values in one record."""
    record = list(records[place])
    for name, value in fields.items():
        index = record[KIND].index(name)
        assert index is not None
        record[index] = value
    return [*records[:place], tuple(record), *records[place + 1 :]]


def blanked(records: Trace, place: int) -> Trace:
    """The trace with a note in the place of one record."""
    record = records[place]
    return [*records[:place], (*record[:KIND], NOTE, *record[AT:VALUES], "nothing"), *records[place + 1 :]]


def added(records: Trace, kind: Kind | str, values: tuple[Any, ...], **common: Any) -> Trace:
    """The trace with one record more at its end; `common` are positions of common fields by their names."""
    kind = find(kind) if isinstance(kind, str) else kind
    last = records[-1]
    record: list[Any] = [len(records) + 1, last[T], kind, "mx-beta", None, None, None, None, None, last[N], (), None]
    positions = {"at": AT, "letter": LETTER, "session": SESSION, "cause": CAUSE, "origin": ORIGIN, "t": T}
    for name, value in common.items():
        record[positions[name]] = value
    return [*records, (*record, *values)]


def again(records: Trace, kind: str, **more: Any) -> Trace:
    """The trace with the first record of a kind said once more at its end."""
    record = records[the(records, kind)]
    common = {"at": record[AT], "letter": record[LETTER], "session": record[SESSION]} | more
    return added(records, record[KIND], record[VALUES:], **common)


def _order(records: Trace) -> Trace:
    return changed(records, 50, n=52)


def _time(records: Trace) -> Trace:
    return changed(records, 50, t=float(records[50][T]))


def _time_runs_back(records: Trace) -> Trace:
    return changed(records, len(records) - 1, t=0)


def _cause(records: Trace) -> Trace:
    return changed(records, the(records, "stage"), also=(len(records),))


def _origin(records: Trace) -> Trace:
    return changed(records, the(records, "action"), origin=None)


def _down(records: Trace) -> Trace:
    broken = added(records, FAULT, ("host-down", "mx-beta", "begins"), cause=None, origin="x:1")
    return added(broken, NOTE, ("alive",), cause=1)


def _alert(records: Trace) -> Trace:
    return added(records, "alert", ("IndexError",))


def _settled_twice(records: Trace) -> Trace:
    return again(records, "queue.sent")


def _removed_unsettled(records: Trace) -> Trace:
    entry = records[the(records, "queue.enter", at="mail-alpha")]
    return added(records, "queue.remove", entry[VALUES : VALUES + 1], at="mail-alpha")


def _stuck(records: Trace) -> Trace:
    return blanked(records, the(records, "queue.fail"))


def _twice(records: Trace) -> Trace:
    return again(records, "deliver")


def _not_durable(records: Trace) -> Trace:
    return changed(records, the(records, "smtp.reply", verb="DATA-END", at="mx-beta"), text="2.0.0 Ok: queued as 123")


def _not_saved(records: Trace) -> Trace:
    return blanked(records, the(records, "deliver"))


def _content(records: Trace) -> Trace:
    return changed(records, the(records, "lmtp.data"), body="0" * 16)


def _final_retried(records: Trace) -> Trace:
    entry = records[the(records, "queue.fail")]
    values = (entry[VALUES], "beta.example", ("nobody@beta.example",), 2)
    return added(records, "queue.attempt", values, at="mail-alpha")


def _given_up_early(records: Trace) -> Trace:
    return changed(records, the(records, "queue.fail"), reason="host mx said: 450 4.2.0 later")


def _expired_early(records: Trace) -> Trace:
    entry = records[the(records, "queue.fail")]
    return added(records, "queue.expire", (entry[VALUES], "nobody@beta.example"), at="mail-alpha")


def _hops(records: Trace) -> Trace:
    return changed(records, the(records, "message.hop"), number=limits.HOPS + 1)


def _uid(records: Trace) -> Trace:
    return again(records, "mailbox.append")


def _unasked(records: Trace) -> Trace:
    place = the(records, "dns.answer")
    return changed(records, place, id=records[place][VALUES + 2] ^ 1)


def _outlived(records: Trace) -> Trace:
    record = records[the(records, "dns.cache", action="store")]
    values = (record[VALUES], record[VALUES + 1], "hit", 0, *record[VALUES + 4 :])
    return added(records, "dns.cache", values, at="resolver", t=10 * limits.DAY_US)


def _no_reply(records: Trace) -> Trace:
    return added(records, "smtp.command", ("NOOP", "", ""), session=999)


def _reply_to_nothing(records: Trace) -> Trace:
    return added(records, "smtp.reply", (250, "", "NOOP", "Ok", ""), session=999)


def _wrong_reply(records: Trace) -> Trace:
    return changed(records, the(records, "smtp.reply", verb="MAIL"), verb="RCPT")


def _clear(records: Trace) -> Trace:
    return changed(records, the(records, "tcp.data", last=True, tls=True), tls=False)


def _password(records: Trace) -> Trace:
    broken = added(records, "tcp.data", (b"AUTH PLAIN x\r\n", ">", 14, False, "", b""), session=998)
    broken = added(broken, "smtp.command", ("AUTH", "", "PLAIN x"), session=998)
    return added(broken, "smtp.reply", (504, "", "AUTH", "no", ""), session=998)


def said(kind: str, values: tuple[Any, ...], reply: tuple[Any, ...], *, tls: bool = False) -> Trace:
    """The good trace, and a command with its reply in a session of its own."""
    chunk = added(good(), "tcp.data", (b"x", ">", 1, tls, "", b""), session=998)
    spoken = added(chunk, f"{kind}.command", values, session=998)
    return added(spoken, f"{kind}.{'response' if kind == 'imap' else 'reply'}", reply, session=998)


PASSWORDS: list[tuple[str, tuple[Any, ...], tuple[Any, ...], bool]] = [
    ("imap", ("a", "LOGIN", "boris battery"), ("a", "LOGIN", "NO", "", 0), True),
    ("imap", ("a", "AUTHENTICATE", "PLAIN AGEAYg=="), ("a", "AUTHENTICATE", "NO", "", 0), True),
    ("imap", ("a", "AUTHENTICATE", "login Ym9i"), ("a", "AUTHENTICATE", "NO", "", 0), True),
    ("imap", ("a", "AUTHENTICATE", "PLAIN"), ("a", "AUTHENTICATE", "NO", "", 0), False),
    ("imap", ("a", "AUTHENTICATE", "SCRAM-SHA-256 biws"), ("a", "AUTHENTICATE", "NO", "", 0), False),
    ("pop3", ("PASS", "battery"), ("-ERR", "PASS", "", 0), True),
    ("pop3", ("AUTH", "PLAIN AGEAYg=="), ("-ERR", "AUTH", "", 0), True),
    ("pop3", ("AUTH", "PLAIN ="), ("-ERR", "AUTH", "", 0), False),
    ("pop3", ("APOP", "boris c4c9334b"), ("-ERR", "APOP", "", 0), False),
    ("smtp", ("AUTH", "", "PLAIN AGEAYg==", False), (538, "5.7.11", "AUTH", "", ""), True),
    ("smtp", ("AUTH", "", "CRAM-MD5", False), (538, "5.7.11", "AUTH", "", ""), False),
]


@pytest.mark.parametrize(("kind", "values", "reply", "shown"), PASSWORDS)
def test_a_password_in_a_command_may_not_come_in_clear(
    kind: str, values: tuple[Any, ...], reply: tuple[Any, ...], shown: bool
) -> None:
    assert {one.promise for one in findings(said(kind, values, reply))} == ({"password"} if shown else set())
    assert not findings(said(kind, values, reply, tls=True))


def test_a_password_that_answers_a_server_is_known_from_the_login() -> None:
    values = ("boris@beta.example", "LOGIN", "ok", "submission", True, ())
    broken = added(good(), "auth.login", values, session=998)
    assert {one.promise for one in findings(broken)} == {"password"}
    allowed = ("policy", "mx-beta", CLEAR_LOGINS)
    assert not findings(added(broken, "world", allowed, cause=None, origin="test.yaml:1"))


def _update(records: Trace) -> Trace:
    place = the(records, "pop3.command", verb="QUIT")
    broken = changed(records, place, verb="NOOP")
    return changed(broken, the(broken, "pop3.reply", verb="QUIT"), verb="NOOP")


DOCTORED: dict[Callable[[Trace], Trace], str] = {
    _order: "order",
    _time: "time",
    _time_runs_back: "time",
    _cause: "cause",
    _origin: "origin",
    _down: "down",
    _alert: "alert",
    _settled_twice: "conservation",
    _stuck: "drain",
    _twice: "no duplicate",
    _not_durable: "durable",
    _not_saved: "durable",
    _content: "content",
    _final_retried: "retry",
    _given_up_early: "retry",
    _expired_early: "retry",
    _hops: "hops",
    _uid: "uid",
    _unasked: "question",
    _outlived: "ttl",
    _no_reply: "reply",
    _reply_to_nothing: "reply",
    _wrong_reply: "reply",
    _clear: "clear",
    _password: "password",
    _update: "update",
}


@pytest.mark.parametrize("scenario", SHIPPED)
def test_every_shipped_scenario_keeps_every_promise(scenario: str) -> None:
    done = run(load(scenario))
    check(done.records, done.waiting)


def test_a_good_trace_keeps_every_promise() -> None:
    assert findings(good()) == ()


@pytest.mark.parametrize("doctor", DOCTORED, ids=lambda doctor: doctor.__name__.strip("_"))
def test_a_trace_that_breaks_one_promise_is_found(doctor: Callable[[Trace], Trace]) -> None:
    found = findings(doctor(good()))
    assert {one.promise for one in found} == {DOCTORED[doctor]}
    assert all(str(one).startswith(f"event {one.n}: ") for one in found)


def test_a_letter_that_leaves_the_queue_unsettled_is_found() -> None:
    records = blanked(good(), the(good(), "queue.fail"))
    assert "conservation" in {one.promise for one in findings(_removed_unsettled(records))}


def test_every_promise_has_been_broken_here() -> None:
    broken = {one.__name__ for one in CHECKS for doctor in DOCTORED if one(doctor(good()))}
    assert broken == {one.__name__ for one in CHECKS}
    assert all(one.__doc__ for one in CHECKS)


def test_what_the_fault_itself_causes_may_happen_on_its_host() -> None:
    records = added(good(), FAULT, ("host-down", "resolver", "begins"), cause=None, origin="x:1")
    lost = added(records, NOTE, ("memory is lost",), at="resolver")
    assert findings(lost) == ()
    back = added(lost, FAULT, ("host-down", "resolver", "ends"), cause=None, origin="x:1")
    assert findings(added(back, NOTE, ("alive",), at="resolver")) == ()


def test_a_lost_connection_allows_one_more_copy_and_no_more() -> None:
    records = added(good(), "tcp.close", ("down",), session=997)
    once = again(records, "deliver")
    assert findings(once) == ()
    assert {one.promise for one in findings(again(once, "deliver"))} == {"no duplicate"}


def test_a_check_raises_with_every_finding_and_names_what_stands_still() -> None:
    check(good())
    with pytest.raises(
        InvariantError, match=r"event \d+: IndexError \[alert\]\nstands still: Vladimir waits for Godot"
    ):
        check(_alert(good()), ["Vladimir waits for Godot"])
