"""A letter that a learner writes: its fields, what is wrong with them, and the world in which it was sent.

The letter becomes one more action of the scenario, after all the others; who has a mail program here fetches and reads
it, so that its whole way can be seen. The screen and plain mode share this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..engine.trace import KIND, LETTER, VALUES, N
from ..errors import MailflowError, UsageError
from ..scenario.model import Action, Attachment, Scenario
from ..scenario.values import ValueSyntaxError, address
from ..scenario.world import Run, run
from ..text import N_, _

__all__ = ["FIELDS", "Letter", "attachments_of", "first_event", "senders_of", "sent"]

FIELDS = {
    "from": N_("From"), "to": N_("To"), "cc": N_("Cc"), "bcc": N_("Bcc"), "subject": N_("Subject"),
    "attachment": N_("Attachment"), "text": N_("Text"),
}  # fmt: skip
"""Field -> its label, in the order in which they are filled in."""

_LATER_US = 60_000_000
_ORIGIN = "your own letter"


@dataclass(slots=True)
class Letter:
    """What was filled in. `sender` is an address of this world; `to`, `cc` and `bcc` are as typed, with commas."""

    sender: str
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    attachment: Attachment | None = None


def senders_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the people of a world who have a mail program to send with."""
    having = {host.user for host in scenario.hosts if host.kind == "client" and host.sends_via is not None}
    return tuple(person.address for person in scenario.people if person.address in having)


def attachments_of(scenario: Scenario) -> tuple[Attachment, ...]:
    """Return the files that letters of this scenario carry."""
    found = {one.name: one for action in scenario.timeline for one in action.attachments}
    return tuple(found.values())


def sent(scenario: Scenario, letter: Letter) -> Run:
    """Run the world again with the letter in it. Raises UsageError that says what to correct."""
    lists = {name: _addresses(getattr(letter, name), name) for name in ("to", "cc", "bcc")}
    if not any(lists.values()):
        raise UsageError(_("nobody would get this letter; write an address into To, Cc or Bcc"))
    host = next((one.id for one in scenario.hosts if one.kind == "client" and one.user == letter.sender), None)
    if host is None:
        raise UsageError(_("{sender} has no mail program in this world").format(sender=letter.sender))
    at = max((action.at_us for action in scenario.timeline), default=0) + _LATER_US
    action = Action(
        at_us=at, do="send", who=letter.sender, host=host, subject=letter.subject.strip(),
        text=letter.text.rstrip("\n") + "\n", attachments=(letter.attachment,) if letter.attachment else (),
        origin=_ORIGIN, to=lists["to"], cc=lists["cc"], bcc=lists["bcc"],
    )  # fmt: skip
    everybody = tuple(dict.fromkeys((*lists["to"], *lists["cc"], *lists["bcc"])))
    return run(replace(scenario, timeline=(*scenario.timeline, action, *_read_by(scenario, everybody, at))))


def _addresses(text: str, name: str) -> tuple[str, ...]:
    found = []
    for word in text.replace(";", ",").replace(" ", ",").split(","):
        if not word.strip():
            continue
        try:
            found.append(address(word.strip()))
        except (ValueSyntaxError, MailflowError, ValueError) as error:
            label = _(FIELDS[name])
            raise UsageError(f"{label}: {error}") from None
    return tuple(dict.fromkeys(found))


def _read_by(scenario: Scenario, recipients: Sequence[str], at: int) -> list[Action]:
    """Let everybody who has a mail program here fetch and read, a minute after."""
    made: list[Action] = []
    aliases = {alias: person.address for person in scenario.people for alias in person.aliases}
    for who in dict.fromkeys(aliases.get(one, one) for one in recipients):
        host = next((one.id for one in scenario.hosts if one.user == who and one.reads_via is not None), None)
        if host is not None:
            made.append(Action(at_us=at + _LATER_US, do="fetch", who=who, host=host, origin=_ORIGIN))
            made.append(Action(at_us=at + 2 * _LATER_US, do="read", who=who, host=host, origin=_ORIGIN))
    return made


def first_event(done: Run) -> int:
    """Return the event at which the learner's letter begins: the last time that somebody sends."""
    sends = [record for record in done.records if record[KIND].name == "action" and record[VALUES] == "send"]
    own = [record for record in sends if record[LETTER] is not None]
    return int((own or sends)[-1][N])
