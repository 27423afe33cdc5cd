"""Promises about DNS: an answer belongs to a question, and nothing is remembered beyond its TTL."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.kinds import Record
from simulator.engine.trace import AT, FROM, KIND, TO, VALUES, T, value
from simulator.records.invariants.finding import Finding, finding
from simulator.records.kinds_dns import DNS_ANSWER, DNS_CACHE, DNS_QUERY

__all__ = ["CHECKS"]

_SECOND = 1_000_000


def answers_match_questions(records: Sequence[Record]) -> list[Finding]:
    """An answer has the id, name and type of a question that was asked of the host which answers."""
    found: list[Finding] = []
    asked: set[tuple[str, str, int, str, str]] = set()
    for record in records:
        kind = record[KIND]
        if kind is DNS_QUERY:
            asked.add((record[FROM], record[TO], value(record, "id"), value(record, "qname"), value(record, "qtype")))
        elif kind is DNS_ANSWER:
            key = (record[TO], record[FROM], value(record, "id"), value(record, "qname"), value(record, "qtype"))
            if key not in asked:
                found.append(finding("question", record, f"answers {key[3]} {key[4]}, which nobody asked"))
    return found


def nothing_outlives_its_ttl(records: Sequence[Record]) -> list[Finding]:
    """A resolver uses what it remembers only until its TTL has run out (RFC 1035, 3.2.1)."""
    found: list[Finding] = []
    until: dict[tuple[str, str, str], int] = {}
    for record in records:
        if record[KIND] is not DNS_CACHE:
            continue
        qname, qtype, action, ttl = record[VALUES : VALUES + 4]
        key = (record[AT], qname, qtype)
        if action == "store":
            until[key] = record[T] + ttl * _SECOND
        elif action == "hit" and record[T] > until.get(key, -1):
            found.append(finding("ttl", record, f"{qname} {qtype} was used after its time"))
    return found


CHECKS = (answers_match_questions, nothing_outlives_its_ttl)
