"""Records of a letter itself: the stages of its way, and what a mail program writes and reads."""

from __future__ import annotations

from simulator.engine.kinds import Field, kind

__all__ = [
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
    Field("name", str, "compose, submission, routing, transfer, filtering, delivery, retrieval or reading"),
    Field("recipient", str, "the recipient it is about"),
    Field("protocol", str, "the protocol of the stage, if there is one"),
)
MESSAGE_HEADER = kind(
    "message.header",
    "a mail program wrote or read a header field",
    Field("name", str, "the field's name"),
    Field("value", str, "its value, decoded for people"),
    Field("action", str, "written or read"),
)
MESSAGE_PART = kind(
    "message.part",
    "a mail program wrote or read a part of a letter",
    Field("number", str, "the part's number, as IMAP counts"),
    Field("type", str, "its media type"),
    Field("filename", str, "the attachment's name"),
    Field("size", int, "octets as encoded"),
    Field("action", str, "written or read"),
)
MESSAGE_BODY = kind(
    "message.body",
    "a mail program showed the text of a letter",
    Field("text", str, "the text, decoded"),
    Field("action", str, "written or read"),
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
