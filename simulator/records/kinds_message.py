"""Records of a letter itself: the stages of its way, and what a mail program writes and reads."""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
    "ACTORS",
    "LECTURE_STAGES",
    "MESSAGE_BODY",
    "MESSAGE_HEADER",
    "MESSAGE_HOP",
    "MESSAGE_PART",
    "MUA_NOTICE",
    "STAGE",
    "STAGES",
]

STAGES = ("compose", "submission", "routing", "transfer", "filtering", "delivery", "retrieval", "reading")
"""The stages of a letter, in order; each begins once for each letter and recipient."""

ACTORS = {
    "compose": "MUA",
    "submission": "MUA",
    "routing": "MTA",
    "transfer": "MTA",
    "filtering": "filter",
    "delivery": "MDA",
    "retrieval": "access",
    "reading": "MUA",
}
"""The role that acts in each stage (RFC 5598)."""

LECTURE_STAGES = {
    "compose": "creation",
    "submission": "sending",
    "routing": "relay",
    "transfer": "relay",
    "filtering": "relay",
    "delivery": "delivery",
    "retrieval": "receipt",
    "reading": "receipt",
}
"""The lecture's five stages, which the stage bar shows, with ours inside."""

STAGE = kind(
    "stage",
    "a letter began a stage of its way to one recipient",
    Field("id", str, "compose, submission, routing, transfer, filtering, delivery, retrieval or reading"),
    Field("recipient", str, "the recipient it is about"),
    Field("actor", str, "the role of the program that acts: MUA, MTA, filter, MDA or access"),
    Field("protocol", str, "the protocol of the stage, if there is one"),
)
_MAILBOX = Field("mailbox", str, "whose copy it is in, where it is read")
_ACTION = Field("action", str, "written (composed), added (on the way) or read")

MESSAGE_HEADER = kind(
    "message.header",
    "a program wrote, added or read a header field",
    Field("name", str, "the field's name"),
    Field("value", str, "its value as it stands in the letter, unfolded"),
    Field("decoded", str, "its value for people (RFC 2047 decoded)"),
    _ACTION,
    Field("added-by", str, "the role of the program that wrote or added it: MUA, MSA, MTA, filter or MDA"),
    _MAILBOX,
)
MESSAGE_PART = kind(
    "message.part",
    "a mail program wrote or read a part of a letter",
    Field("number", str, "the part's number, as IMAP counts"),
    Field("type", str, "its media type"),
    Field("name", str, "the attachment's name"),
    Field("encoding", str, "how its octets are written (RFC 2045, 6)"),
    Field("wire-bytes", int, "octets as written in the letter"),
    Field("bytes", int, "octets as they are on a disk"),
    _ACTION,
    _MAILBOX,
)
MESSAGE_BODY = kind(
    "message.body",
    "a mail program wrote or showed the text of a letter",
    Field("text", str, "the text, decoded"),
    _ACTION,
    _MAILBOX,
)
MESSAGE_HOP = kind(
    "message.hop",
    "a Received field that the reader's mail program found, the latest first",
    Field("number", int, "1 is the latest"),
    Field("sender", str, "the host after `from`"),
    Field("receiver", str, "the host after `by`"),
    Field("protocol", str, "the word after `with`"),
)
MUA_NOTICE = kind("mua.notice", "a mail program told its user something", Field("text", str, "what it said"))
