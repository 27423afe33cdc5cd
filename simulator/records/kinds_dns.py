"""Records of DNS: what was asked, what was answered, and what a resolver's cache did.

Each is written once: a query by the asker before its octets leave, an answer by the side that gives it, before its
octets leave. What a cache does is written completely enough for a fold of the trace to rebuild it at any time.
"""

from __future__ import annotations

from ..engine.kinds import Field, kind

__all__ = ["DNS_ANSWER", "DNS_CACHE", "DNS_QUERY"]

_QNAME = Field("qname", str, "the name asked for, in lower case and without the final dot (. is the root)")
_QTYPE = Field("qtype", str, "the type asked for, for example MX")
_ID = Field("id", int, "the id of the message, which ties an answer to its query")
_TRANSPORT = Field("transport", str, "udp or tcp")

DNS_QUERY = kind(
    "dns.query",
    "a question to a name server or resolver; written by the asker before it is sent",
    _QNAME,
    _QTYPE,
    _ID,
    _TRANSPORT,
    Field("rd", bool, "whether recursion is desired: yes to a resolver, no to a name server"),
)
DNS_ANSWER = kind(
    "dns.answer",
    "an answer, written by the side that gives it before it is sent; also: its zone, or what stored it in the cache",
    _QNAME,
    _QTYPE,
    _ID,
    Field("rcode", str, "NOERROR, NXDOMAIN, SERVFAIL, REFUSED, FORMERR, NOTIMP or BADVERS"),
    Field("aa", bool, "whether the server is authoritative for the name"),
    Field("tc", bool, "whether the answer was cut to fit a datagram"),
    Field("count", int, "records in the answer section"),
    Field("answer", str, "these records, for example 10 mx.beta.example."),
    Field("ttl", int, "the time in seconds for which the answer holds"),
    _TRANSPORT,
)
DNS_CACHE = kind(
    "dns.cache",
    "a resolver's cache stored something, answered with it, or dropped it",
    Field("qname", str, "the name of the entry"),
    Field("qtype", str, "its type; ANY for a name that does not exist"),
    Field("action", str, "store, hit or expire"),
    Field("ttl", int, "the seconds that are left"),
    Field("negative", bool, "whether the entry says that there is nothing"),
    Field("answer", str, "the records, or NXDOMAIN or NODATA"),
)
