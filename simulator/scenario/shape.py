"""The shape of a scenario file: which keys stand where, and of which type each value is.

One pydantic model per noun, read from a tree of plain text; the JSON Schema for editors comes from the same classes.
What the format names and this version does not build stands in `LATER`, so that it is refused by name and never
accepted and ignored. Whether the parts fit together is asked in `checks`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from simulator.scenario.fields import (
    Address,
    Addresses,
    Bandwidth,
    Domain,
    Duration,
    Filled,
    Ips,
    Name,
    Ordinal,
    Reads,
    Seed,
    Sends,
    Size,
    Start,
    Text,
    Texts,
    TextType,
    YesNo,
    check_word,
    custom,
    not_text,
    read,
    word,
)
from simulator.scenario.labshape import ORDER, LabShape
from simulator.scenario.values import number
from simulator.scenario.words import quoted

KINDS: Final = ("client", "mail-server", "resolver", "name-server", "filter", "tap")
KINDS_LATER: Final = ("scanner", "router", "webmail")
SERVICES: Final = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "lmtp")
SERVICES_LATER: Final = ("https",)
LOGINS: Final = ("plain", "login", "cram-md5", "scram-sha-256", "apop")
TLS: Final = ("off", "opportunistic", "required")
CERTIFICATES: Final = ("valid", "expired", "not-yet-valid", "wrong-name", "self-signed")
OFFERS: Final = (
    "PIPELINING", "SIZE", "VRFY", "EXPN", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8",
    "CHUNKING", "LIMITS",
)  # fmt: skip
FILTERS: Final = ("spam",)
FILTERS_LATER: Final = ("greylist", "spf", "dkim", "dmarc", "dnsbl", "virus")
ACTIONS: Final = ("send", "fetch", "read", "move", "delete", "dig", "type", "note")
ACTIONS_LATER: Final = ("run", "backup", "restore", "set", "add-record", "remove-record", "link")
FAULTS: Final = ("host-down", "starttls-strip", "connection-cut")
FAULTS_LATER: Final = (
    "loss", "reset", "delay", "jitter", "drip", "partition", "refused", "silent", "crash", "restart", "pause",
    "disk-full", "read-only", "io-error", "clock-wrong", "servfail", "dns-timeout", "nxdomain",
    "lame-delegation", "poisoned",
    "truncated", "tls-expired", "tls-name", "tls-selfsigned", "greylist", "over-quota",
    "link-down", "spam-burst", "virus", "mail-loop", "reply-war", "key-rotated",
)  # fmt: skip
TYPES: Final = ("A", "AAAA", "MX", "TXT", "PTR", "NS", "SOA", "CNAME")
TYPES_LATER: Final = ("SRV", "TLSA", "CAA", "ANY", "AXFR")
OPS: Final = ("equals", "at-least", "at-most", "contains", "before")

LATER: Final = {
    "": ("policy", "submission", "fork"),
    "people": ("forward-to", "sieve", "vacation"),
    "hosts": ("dkim", "srs", "quota", "catch-all", "limits", "clock", "disk", "dmarc-reject"),
    "links": ("loss", "jitter", "state"),
    "faults": ("every", "probability"),
    "timeline": ("path", "zone", "every"),
}
"""Keys that the format names, by the noun they belong to, and this version does not build."""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Shape(BaseModel):
    """Every key is known, and written with hyphens."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"))


class PersonShape(Shape):
    """A person; a value left out is made from the address."""

    name: Filled | None = None
    password: Filled | None = None
    aliases: Addresses = []
    quota: Size | None = None


class PolicyShape(Shape):
    """What a mail server decides by itself."""

    relay: Annotated[str, *word(("own", "open"), what="rule for relaying")] = "own"
    auth: list[Annotated[str, *word(LOGINS, what="way to log in")]] = ["plain"]
    quota_check: Annotated[str, *word(("rcpt", "delivery"), what="moment to check quotas")] = "rcpt"
    when_full: Annotated[str, *word(("wait", "refuse"), what="answer of a full mailbox")] | None = None
    login_in_clear: YesNo = False
    offers: list[Annotated[str, *word(OFFERS, what="service extension"), BeforeValidator(_upper)]] | None = None
    converts: YesNo = True
    chunking: YesNo = False


class HostShape(Shape):
    """A machine."""

    kind: Annotated[str, *word(KINDS, later=KINDS_LATER, what="kind of host")]
    name: Domain | None = None
    ip: Ips | None = None
    user: Address | None = None
    sends_via: Sends | None = None
    reads_via: Reads | None = None
    leave_on_server: YesNo | None = None
    downloads: Annotated[str, *word(("all", "headers"), what="thing to download")] | None = None
    keeps_sent: Annotated[str, *word(("here", "server"), what="place for sent letters")] | None = None
    domains: list[Domain] | None = None
    services: list[Annotated[str, *word(SERVICES, later=SERVICES_LATER, what="service")]] | None = None
    filters: list[Annotated[str, *word(FILTERS, later=FILTERS_LATER, what="filter")]] | None = None
    policy: PolicyShape | None = None
    tls: Annotated[str, *word(TLS, what="rule for TLS to other servers")] = "off"
    certificate: Annotated[str, *word(CERTIFICATES, what="state of a certificate")] | None = None
    serves: list[Filled] | None = None
    listens_to: Annotated[list[Name], Field(min_length=1)] | None = None
    resolver: Name | None = None
    implied: YesNo = False


class LinkShape(Shape):
    """A line between two hosts."""

    between: Annotated[list[Name], Field(min_length=2, max_length=2)]
    latency: Duration = 20_000
    bandwidth: Bandwidth | None = None


class AttachmentShape(Shape):
    """A file; its content is `text`, or octets as `base64`."""

    name: Filled
    text: Text | None = None
    base64: Text | None = None
    type: Filled | None = None


class ActionShape(Shape):
    """What every line of the timeline has."""

    at: Duration
    id: Name | None = None


class SendShape(ActionShape):
    """A person writes a letter."""

    do: Literal["send"]
    who: Address
    host: Name | None = None
    to: Addresses = []
    cc: Addresses = []
    bcc: Addresses = []
    subject: Text = ""
    text: Text = ""
    attachments: list[AttachmentShape] = []
    shows_from: Address | None = None
    content_type: TextType | None = None


class FetchShape(ActionShape):
    """A person's program asks its server for letters."""

    do: Literal["fetch"]
    who: Address
    host: Name | None = None
    mailbox: Filled = "INBOX"
    idle: Duration = 0


class ReadShape(ActionShape):
    """A person opens a letter."""

    do: Literal["read"]
    who: Address
    host: Name | None = None
    letter: Ordinal | None = None


class MoveShape(ActionShape):
    """A person moves a letter to another mailbox of her account."""

    do: Literal["move"]
    who: Address
    host: Name | None = None
    letter: Ordinal | None = None
    mailbox: Filled


class DeleteShape(ActionShape):
    """A person throws a letter away."""

    do: Literal["delete"]
    who: Address
    host: Name | None = None
    letter: Ordinal | None = None


class DigShape(ActionShape):
    """Somebody asks the DNS."""

    do: Literal["dig"]
    who: Address | None = None
    host: Name | None = None
    name: Filled
    type: Annotated[
        str,
        *word(TYPES, later=TYPES_LATER, what="record type"),
        BeforeValidator(_upper),
    ] = "A"
    server: Name | None = None


class TypeShape(ActionShape):
    """Somebody, or a script, speaks to a server line by line; `newline` ends each line of the letter."""

    do: Literal["type"]
    who: Address | None = None
    host: Name | None = None
    server: Name
    port: Annotated[int, read(lambda text: number(text, least=1, most=65535)), WithJsonSchema({"type": "integer"})] = 25
    text: Filled
    newline: Annotated[str, *word(("crlf", "lf"), what="end of a line")] = "crlf"


class NoteShape(ActionShape):
    """The author says something at this moment."""

    do: Literal["note"]
    text: Filled


def _verb(value: object) -> object:
    """Refuse a line of the timeline whose verb is unknown or not built yet, before its keys are looked at."""
    if not isinstance(value, dict):
        raise custom("MF022", "a line of the timeline is a group of keys", "write {at: 0s, who: ..., do: fetch}")
    verb = value.get("do")
    as_key = next((key for key in value if key in ACTIONS_LATER), None)
    if verb is None and as_key is not None:
        raise custom(
            "MF023", f"{quoted(as_key)} is not built yet", f"today there are: {', '.join(ACTIONS)}", below=as_key
        )
    if "do" not in value:
        raise custom("MF021", "do: is missing", f"write do: and one of {', '.join(ACTIONS)}")
    check_word(verb, ACTIONS, later=ACTIONS_LATER, what="action", below="do")
    return value


class FaultShape(Shape):
    """Something that goes wrong for a time."""

    what: Annotated[str, *word(FAULTS, later=FAULTS_LATER, what="fault")]
    at: Duration = 0
    until: Duration | None = None
    host: Name | None = None
    link: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = None
    id: Name | None = None


class ExpectShape(Shape):
    """A promise: a query and what its answer is."""

    id: Name
    that: Annotated[Filled, WithJsonSchema({"anyOf": [{"type": "string"}, ORDER]})]
    equals: Texts | None = None
    at_least: Text | None = None
    at_most: Text | None = None
    contains: Texts | None = None
    before: Filled | None = None
    why: Text = ""


class ParamShape(Shape):
    """A choice that the seed makes."""

    choose: Annotated[list[Text], Field(min_length=1)]


def _format(value: object) -> str:
    if not isinstance(value, str):
        raise not_text(value)
    if value != "1":
        raise custom(
            "MF029", f"this is version {value} of the format", "this program reads version 1: write mailflow: 1"
        )
    return value


_Line = SendShape | FetchShape | ReadShape | MoveShape | DeleteShape | DigShape | TypeShape | NoteShape


class ScenarioShape(Shape):
    """A scenario file: what it says of itself, and the nouns in the order in which a teacher tells the story."""

    model_config = ConfigDict(title="mailflow scenario")

    mailflow: Annotated[str, BeforeValidator(_format), WithJsonSchema({"const": 1})] = "1"
    id: Name
    language: Annotated[str, *word(("en", "ru", "kk", "de", "fr"), what="language")] = "en"
    title: Filled
    summary: Text = ""
    include: list[Filled] = []
    names: Annotated[str, *word(("documentation", "lecture"), what="rule for names")] = "documentation"
    start: Start | None = None
    seed: Seed = 1
    people: dict[Address, PersonShape | None]
    hosts: dict[Name, HostShape] = {}
    links: list[LinkShape] = []
    zones: dict[str, Filled] = {}
    timeline: list[Annotated[_Line, Field(discriminator="do"), BeforeValidator(_verb)]]
    faults: list[FaultShape] = []
    expect: list[ExpectShape] = []
    lab: LabShape | None = None
    params: dict[Name, ParamShape] = {}
