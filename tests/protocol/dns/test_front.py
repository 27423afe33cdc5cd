"""What a resolver tells its clients: answers out of the cache, with TTLs counted down."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.limits import SECOND_US
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.cache import Entry, Trust
from simulator.protocol.dns.front import ClientQuery, Front, Ready
from simulator.protocol.dns.message import Rcode, question
from simulator.protocol.dns.resolver import Resolution
from simulator.protocol.dns.wire import make_query, parse
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import ALPHA_TEST, with_big

_AUTHORITY = Authority([parse_zone(with_big(ALPHA_TEST), "alpha.test")])


def _one_entry(name: str, qtype: str, ttl: int) -> tuple[ClientQuery, Resolution]:
    """A query, and its answer of one entry of the cache that was stored at 0 µs."""
    octets = make_query(question(name, qtype), 1, rd=True)
    query, response = Front().read(octets), _AUTHORITY.respond(octets, "tcp")
    assert isinstance(query, ClientQuery) and response is not None
    said = parse(response[0])
    negative = "" if said.answer else "NXDOMAIN"
    rrset = (said.answer or said.authority)[0]
    entry = Entry(
        name=query.question.name,
        type=query.question.type,
        ttl=ttl,
        stored_at=0,
        trust=Trust.AUTHORITATIVE,
        rrset=rrset,
        negative=negative,
    )
    rcode = Rcode.NXDOMAIN if negative else Rcode.NOERROR
    return query, Resolution(question=query.question, rcode=rcode, entries=(entry,))


@settings(deadline=None)
@given(
    st.sampled_from(
        [("alpha.test", "MX"), ("www.alpha.test", "A"), ("nope.alpha.test", "A"), ("big.alpha.test", "TXT")]
    ),
    st.integers(1, 700_000),
    st.lists(st.integers(0, 700_000 * SECOND_US), min_size=1, max_size=4).map(sorted),
)
def test_one_entry_is_counted_down_as_many_are(asked: tuple[str, str], ttl: int, moments: list[int]) -> None:
    query, resolution = _one_entry(*asked, ttl)
    ready, other = Ready(query, resolution, moments[0]), Ready(query, resolution, moments[0])
    for now in moments:
        ready.count_down(now)
        other._count_each_down(now)
        assert (ready.tail, ready.served, ready.until) == (other.tail, other.served, other.until)
        assert now < ready.until <= now + SECOND_US
    final = Ready(query, resolution, moments[-1])
    assert (final.tail, final.served, final.until) == (ready.tail, ready.served, ready.until)
