"""The queue of an MTA: letters it answers for, in states active and deferred, with one retry timer.

A letter is on the disk before its 250 goes out, so that a crash loses nothing; what cannot be passed on now is tried
again after 5 minutes, then twice as long each time up to 4000 s, for 5 days (Postfix's defaults; RFC 5321, 4.5.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, Protocol

from simulator import limits
from simulator.engine.environment import Token
from simulator.engine.kinds import Record
from simulator.engine.task import Story
from simulator.engine.trace import LETTER
from simulator.nodes.host import Host, Service
from simulator.nodes.reality import Spool
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.records.kinds_queue import (
    QUEUE_ATTEMPT,
    QUEUE_DEFER,
    QUEUE_ENTER,
    QUEUE_EXPIRE,
    QUEUE_FAIL,
    QUEUE_REMOVE,
    QUEUE_SENT,
)

__all__ = ["Carrier", "Entry", "Outcome", "Queue", "Queued"]

_SECOND = 1_000_000
_NO_MAIL_OPTIONS = MailOptions()
_NO_RCPT_OPTIONS = RecipientOptions()
_LOG_WORDS = {"sent": ("sent", "2.0.0"), "failed": ("bounced", "5.0.0"), "deferred": ("deferred", "4.0.0")}
"""By the status of an outcome, Postfix's word for it, and the enhanced status code where none was said."""


class Outcome(NamedTuple):
    """What came of one recipient in one attempt: `status` is sent, deferred or failed; `text` is what was said.

    `enhanced` is the enhanced status code (RFC 3463) of the peer or of our own refusal, "" where there was none.
    """

    status: str
    text: str
    relay: str = ""
    enhanced: str = ""


@dataclass(slots=True)
class Queued:
    """One recipient of a letter in the queue; `options` are what its RCPT said for bounces (RFC 3461, 5.2)."""

    address: str
    state: str = "active"
    attempts: int = 0
    next_try: int | None = None
    reason: str = ""
    record: Record | None = None
    options: RecipientOptions = _NO_RCPT_OPTIONS


@dataclass(slots=True)
class Entry:
    """One letter in the queue; `options` are what its MAIL said: for bounces, and whether it needs SMTPUTF8."""

    queue_id: str
    sender: str
    content: bytes = field(repr=False)
    letter: int | None
    entered: int
    recipients: list[Queued]
    options: MailOptions = _NO_MAIL_OPTIONS


class Carrier(Protocol):
    """Who passes letters on."""

    def carry(self, entry: Entry, domain: str, recipients: list[Queued]) -> Story:
        """Try once, and return the outcomes in the order of `recipients`."""
        ...


class Queue(Service):
    """The queue of one host."""

    def __init__(self, host: Host, carrier: Carrier, spool: Spool | None = None) -> None:
        self.host = host
        self._carrier = carrier
        self._spool = spool
        self._chance = host.env.random(f"queue/{host.name}")
        self.entries: dict[str, Entry] = {}
        for entry in () if spool is None else spool.entries():
            entry.letter = host.internet.new_letter()
            self.entries[entry.queue_id] = entry
            self._write_entered(entry, tuple([recipient.address for recipient in entry.recipients]))
        self._timer: Token | None = None
        self._timer_due = 0

    def start(self) -> None:
        """Take up what the disk holds, as after a crash: what was being tried is tried again as the same attempt."""
        recovery = self.host.env.cause
        for entry in tuple(self.entries.values()):
            for recipient in entry.recipients:
                if recipient.state == "active":
                    recipient.attempts = max(recipient.attempts - 1, 0)
            self._try(entry, [one for one in entry.recipients if one.state == "active"], recovery)
        self._arm()

    def crash(self) -> None:
        """Lose the timer; the letters are on the disk."""
        if self._timer is not None:
            self.host.env.cancel(self._timer)
            self._timer = None

    def new_id(self) -> str:
        """Draw a queue id, as Postfix writes them: upper-case hexadecimal."""
        while True:
            queue_id = f"{self._chance.getrandbits(44):011X}"
            if queue_id not in self.entries:
                return queue_id

    def enter(
        self,
        queue_id: str,
        sender: str,
        recipients: tuple[str, ...],
        content: bytes,
        *,
        options: MailOptions = _NO_MAIL_OPTIONS,
        recipient_options: Mapping[str, RecipientOptions] = MappingProxyType({}),
    ) -> Entry:
        """Write a letter to the queue and try it as soon as the event that runs now is over."""
        host = self.host
        cause = host.env.cause
        letter = cause[LETTER] if cause is not None else None
        if letter is None:
            letter = host.internet.new_letter()
        queued = []
        for one in recipients:
            queued.append(Queued(one, options=recipient_options.get(one, _NO_RCPT_OPTIONS)))
        entry = Entry(queue_id, sender, content, letter, int(host.env.now), queued, options=options)
        if self._spool is not None:
            self._spool.keep(entry)
        self.entries[queue_id] = entry
        self._write_entered(entry, recipients)
        if host.trace.heard:
            what = f"from=<{sender}>, size={len(content)}, nrcpt={len(recipients)}"
            host.log("qmgr", f"{queue_id}: {what} (queue active)")
        host.env.call_later(0, self._first_try, entry)
        return entry

    def _write_entered(self, entry: Entry, addresses: tuple[str, ...]) -> None:
        host = self.host
        record = host.env.cause
        if host.trace.heard or record is None or record[LETTER] != entry.letter:
            values = (entry.queue_id, entry.sender, addresses, len(entry.content))
            record = host.trace.write(QUEUE_ENTER, values, at=host.name, letter=entry.letter)
        for recipient in entry.recipients:
            recipient.record = record

    def _first_try(self, entry: Entry) -> None:
        if self.host.up and entry.queue_id in self.entries:
            self._try(entry, entry.recipients)

    # Attempts

    def _try(self, entry: Entry, recipients: list[Queued], also: Record | None = None) -> None:
        groups: dict[str, list[Queued]] = {}
        for recipient in recipients:
            groups.setdefault(recipient.address.rpartition("@")[2].lower(), []).append(recipient)
        for domain, group in groups.items():
            self._attempt(entry, domain, group, also)

    def _attempt(self, entry: Entry, domain: str, recipients: list[Queued], also: Record | None) -> None:
        for recipient in recipients:
            recipient.state = "active"
            recipient.attempts += 1
            recipient.next_try = None
        if self.host.trace.heard:
            self._write_attempt(entry, domain, recipients, also)
        else:
            self.host.env.cause = recipients[0].record
        story, then = self._carrier.carry(entry, domain, recipients), partial(self._tried, entry, recipients)
        self.host.spawn(story, then, name=f"delivery of {entry.queue_id} to {domain}")

    def _write_attempt(self, entry: Entry, domain: str, recipients: list[Queued], also: Record | None) -> None:
        first = recipients[0]
        reasons = [also, *[one.record for one in recipients if one.record is not first.record]]
        addresses = tuple([one.address for one in recipients])
        values = (entry.queue_id, domain, addresses, first.attempts)
        host = self.host
        host.trace.write(QUEUE_ATTEMPT, values, at=host.name, letter=entry.letter, cause=first.record, also=reasons)

    def _tried(self, entry: Entry, recipients: list[Queued], outcomes: list[Outcome]) -> None:
        for recipient, outcome in zip(recipients, outcomes, strict=True):
            self._settle(entry, recipient, outcome)
        left = [one for one in entry.recipients if one.state != "sent"]  # some wait, or failed for good
        if not left and entry.queue_id in self.entries:
            self._remove(entry)
            return
        if self._spool is not None:
            self._spool.keep(entry)
        self._arm()

    def _settle(self, entry: Entry, recipient: Queued, outcome: Outcome) -> None:
        host = self.host
        recipient.reason = outcome.text
        if outcome.status == "sent":
            recipient.state = "sent"
            if host.trace.heard:
                values = (entry.queue_id, recipient.address, outcome.relay, outcome.text)
                recipient.record = host.trace.write_next(QUEUE_SENT, values, host.name)
        elif outcome.status == "failed":
            self._fail(entry, recipient, outcome.text)
        else:
            self._defer(entry, recipient, outcome.text)
        if host.trace.heard:
            self._log(entry, recipient, outcome)

    def _log(self, entry: Entry, recipient: Queued, outcome: Outcome) -> None:
        delay = (int(self.host.env.now) - entry.entered) / _SECOND
        status, dsn = _LOG_WORDS[outcome.status]
        relay = outcome.relay or "none"
        self.host.log(
            "lmtp" if relay.startswith("127.") else "smtp",
            f"{entry.queue_id}: to=<{recipient.address}>, relay={relay}, delay={delay:.2g}, "
            f"dsn={outcome.enhanced or dsn}, status={status} ({outcome.text})",
        )

    def _fail(self, entry: Entry, recipient: Queued, text: str) -> None:
        recipient.state = "failed"
        recipient.record = self.host.trace.write(
            QUEUE_FAIL, (entry.queue_id, recipient.address, text), at=self.host.name
        )

    def _defer(self, entry: Entry, recipient: Queued, text: str) -> None:
        host = self.host
        now = int(host.env.now)
        delay = min(limits.RETRY_FIRST_US << (recipient.attempts - 1), limits.RETRY_MAX_US)
        if now - entry.entered >= limits.QUEUE_LIFETIME_US:
            host.trace.write(QUEUE_EXPIRE, (entry.queue_id, recipient.address), at=host.name)
            self._fail(entry, recipient, text)
            return
        recipient.state = "deferred"
        recipient.next_try = now + delay
        values = (entry.queue_id, recipient.address, text, recipient.next_try, recipient.attempts)
        recipient.record = host.trace.write(QUEUE_DEFER, values, at=host.name)

    def _remove(self, entry: Entry) -> None:
        """Forget a letter that all its recipients got."""
        host, queue_id = self.host, entry.queue_id
        del self.entries[queue_id]
        if host.trace.heard:
            host.trace.write_leaf(QUEUE_REMOVE, (queue_id,), host.name)
            host.log("qmgr", f"{queue_id}: removed")
        if self._spool is not None:
            self._spool.drop(queue_id)

    # The retry timer

    def _arm(self) -> None:
        due = [one.next_try for entry in self.entries.values() for one in entry.recipients if one.next_try is not None]
        if not due:
            return
        earliest = min(due)
        env = self.host.env
        if self._timer is not None:
            if self._timer_due <= earliest:
                return
            env.cancel(self._timer)
        self._timer_due = earliest
        self._timer = env.call_later(max(earliest - int(env.now), 0), self._retry)

    def _retry(self, _: object) -> None:
        self._timer = None
        if not self.host.up:
            return
        now = int(self.host.env.now)
        for entry in tuple(self.entries.values()):
            due = [one for one in entry.recipients if one.next_try is not None and one.next_try <= now]
            if due:
                self._try(entry, due)
        self._arm()
