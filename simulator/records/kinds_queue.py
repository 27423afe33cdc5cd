"""Records of routing, the queue, filters, the delivery agent and the account database.

What changes a queue or a mailbox is written here completely enough for a fold of the trace to rebuild it.
"""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
    "ALERT",
    "ALIAS_EXPAND",
    "DELIVER",
    "FILTER_SPAM",
    "LOG_LINE",
    "LOOKUP",
    "QUEUE_ATTEMPT",
    "QUEUE_DEFER",
    "QUEUE_ENTER",
    "QUEUE_EXPIRE",
    "QUEUE_FAIL",
    "QUEUE_REMOVE",
    "QUEUE_SENT",
    "ROUTE",
]  # fmt: skip

_QUEUE_ID = Field("queue_id", str, "the letter's name in this host's queue")
_RECIPIENT = Field("recipient", str, "the forward-path it is about")

ROUTE = kind(
    "route",
    "the MTA decided where a letter goes next",
    Field("domain", str, "the recipients' domain"),
    Field("via", str, "local (LMTP to the delivery agent), mx, or address (no MX)"),
    Field("exchangers", tuple, "the hosts to try, in order of preference"),
    _QUEUE_ID,
)
QUEUE_ENTER = kind(
    "queue.enter",
    "a letter was written to the queue; from now on this host answers for it",
    _QUEUE_ID,
    Field("sender", str, "the reverse-path"),
    Field("recipients", tuple, "the forward-paths, aliases expanded"),
    Field("size", int, "octets of the content"),
)
QUEUE_ATTEMPT = kind(
    "queue.attempt",
    "the queue tries to pass a letter on",
    _QUEUE_ID,
    Field("domain", str, "where it goes"),
    Field("recipients", tuple, "the forward-paths of this attempt"),
    Field("attempt", int, "the first is 1"),
)
QUEUE_SENT = kind(
    "queue.sent",
    "the next hop accepted a recipient; this host no longer answers for it",
    _QUEUE_ID,
    _RECIPIENT,
    Field("relay", str, "the host that accepted it"),
    Field("reply", str, "its words"),
)
QUEUE_DEFER = kind(
    "queue.defer",
    "a recipient has to wait",
    _QUEUE_ID,
    _RECIPIENT,
    Field("reason", str, "what the next hop said, or what went wrong"),
    Field("next_try", int, "simulated time of the next attempt in µs"),
    Field("attempt", int, "how many there were"),
)
QUEUE_FAIL = kind(
    "queue.fail",
    "a recipient failed for good; the letter stays in the queue in state failed",
    _QUEUE_ID,
    _RECIPIENT,
    Field("reason", str, "what the next hop said, or what went wrong"),
)
QUEUE_EXPIRE = kind("queue.expire", "a recipient waited longer than the queue lifetime", _QUEUE_ID, _RECIPIENT)
QUEUE_REMOVE = kind("queue.remove", "a letter left the queue: all its recipients are settled", _QUEUE_ID)
FILTER_SPAM = kind(
    "filter.spam",
    "the spam filter judged a letter",
    Field("verdict", str, "spam or ham"),
    Field("score", str, "the score, with one decimal"),
    Field("threshold", str, "from which score on it is spam"),
    Field("rules", tuple, "the rules that hit"),
    _QUEUE_ID,
)
ALIAS_EXPAND = kind(
    "alias.expand", "an alias was replaced", Field("address", str, "the alias"), Field("into", str, "the account")
)
LOOKUP = kind(
    "lookup",
    "a question to the account or index database, as SQLite's own trace reported it",
    Field("sql", str, "the statement"),
    Field("database", str, "accounts or index"),
)
DELIVER = kind(
    "deliver",
    "the delivery agent put a letter into a mailbox",
    Field("mailbox", str, "the account's address"),
    _RECIPIENT,
    Field("path", str, "the file on the host's disk"),
    Field("size", int, "octets as stored"),
)
LOG_LINE = kind(
    "log.line", "a line of the host's mail log", Field("program", str, "who wrote it"), Field("text", str, "the line")
)
ALERT = kind("alert", "a session ended by a fault of ours", Field("text", str, "what happened"))
