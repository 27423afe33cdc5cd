"""One side of a simulated TCP connection.

It behaves like the socket that a program would see: ordered octets in chunks, half-close, reset, flow control, and TLS
as a filter, so that the protocol code above cannot tell it from a real one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING

from simulator.engine.base_kinds import TCP_CLOSE, TCP_DATA, TCP_LOST
from simulator.engine.endpoint import Endpoint, StreamTimeout, Timers
from simulator.engine.filter import Filter
from simulator.engine.kinds import Record
from simulator.engine.reading import Reading
from simulator.engine.topology import NO_WAY, Way
from simulator.errors import LocalProtocolError, ProtocolError

if TYPE_CHECKING:
    from simulator.engine.transport import Network

__all__ = ["Endpoint", "Filter", "Stream", "StreamTimeout", "Timers"]


class Stream(Reading):
    """One side of a connection.

    `on_data(octets)` is called for each chunk, `on_close(how)` once when the other side ended ("fin") or the connection
    broke ("reset", or "down" on a host that fails). Without `on_data` chunks wait for `receive`.
    `hears` is whether this side writes down what the other says, because that comes from outside the world.
    """

    __slots__ = (
        "_established", "_failed", "_filter", "_held", "_here", "_last_arrival", "_plain", "_shut", "_there",
        "_waiting", "_way", "closed", "hears", "lead", "local", "on_close", "on_data", "on_drained",
        "peer", "session", "unsent",
    )  # fmt: skip

    peer: Stream | None
    on_data: Callable[[bytes], None] | None
    on_close: Callable[[str], None] | None
    on_drained: Callable[[], None] | None
    _filter: Filter | None
    _established: Callable[[], None]
    _failed: Callable[[Exception], None] | None
    _plain: bool
    """Whether what arrives in clear need only be given to whoever reads; if not, `_take` asks why not."""
    _waiting: deque[tuple[bytes, Record | None]] | None
    """What came while this side was held, as it was on the link."""
    _shut: tuple[str, Record | None] | None
    """The other side's end, which came after what waits."""
    _way: Way
    """While it is straight, all that is sent is in clear, and in order by itself."""

    def __init__(
        self, network: Network, local: Endpoint, remote: Endpoint, session: int, way: Way, opener: Stream | None = None
    ) -> None:
        """`opener` is the other side if that opened the connection."""
        self._network = network
        self.local = local
        self.remote = remote
        self.session = session
        self.peer = opener
        self.lead = opener is None
        self._here, self._there = here, there = local[0], remote[0]
        self.hears = hears = opener is not None and there in network.outsiders
        self._plain = not hears and here not in network.down
        self.on_data = self.on_close = self.on_drained = self.ended = None
        self._filter = self._reader = self._timer = self._inbox = self._waiting = self._shut = None
        self.closed = self._held = False
        self.unsent = self._last_arrival = 0
        self._way = way

    @property
    def node(self) -> str:
        """The name of this side's host."""
        return self._here

    @property
    def local_loop(self) -> bool:
        """Whether both sides are on one host."""
        return self._here == self._there

    @property
    def timers(self) -> Timers:
        """By which timers the other side's silence is measured."""
        return self._network.timers(self._there)

    @property
    def secure(self) -> bool:
        """Whether TLS is up on this side: nobody on the way can read what is said."""
        return self._filter is not None and self._filter.established

    @property
    def handshaking(self) -> bool:
        """Whether TLS was begun here and is not up: nothing of the protocol can be said now."""
        return self._filter is not None and not self._filter.established

    # Sending

    def send(self, octets: bytes) -> None:
        """Put one chunk on the link. Octets sent after this side's close are dropped, as a reset peer's would be.

        Raises LocalProtocolError while TLS is being set up: they would go in clear.
        """
        way = self._way
        if not octets or (not way.straight and not (way := self._look()).straight):
            self._send(octets)
            return
        env = self._network.env
        record = self._record(octets, len(octets), "", b"") if env.trace.heard else env.cause
        self._last_arrival = when = env.now + way.latency
        self.unsent += len(octets)
        heappush(env.queue, [when, 1, next(env.ids), record, self._arrive, octets])

    def _send(self, octets: bytes) -> None:
        """The same where something is in the way."""
        if self.closed or not octets:
            return
        if self._filter is None:
            self._transmit(octets, len(octets), "", b"")
        elif not self._filter.established:
            raise LocalProtocolError("the TLS handshake is not over; wait until it is, or reset the connection")
        else:
            self._filter.send(octets)
            self._transmit(octets, self._filter.wire_size(len(octets)), "", self._filter.data_to_send())

    def _look(self) -> Way:
        """Look whether all that is sent now is in clear and in order by itself; if so, remember its way."""
        network, peer = self._network, self.peer
        if self.closed or self._filter is not None or peer is None or peer.hears:
            return NO_WAY
        way = network.topology.way(self._here, self._there)
        if way is None or not way.straight or network.env.now + way.latency < self._last_arrival:
            return NO_WAY
        self._way = way
        return way

    def _record(self, octets: bytes, size: int, flight: str, sealed: bytes) -> Record:
        here = self._here
        values = (octets, ">" if self.lead else "<", size, self._filter is not None, flight, sealed)
        return self._network.env.trace.write_leaf(TCP_DATA, values, here, here, self._there, self.session)

    def _transmit(self, octets: bytes, size: int, flight: str, sealed: bytes) -> None:
        network, peer = self._network, self.peer
        env, wiretaps, what = network.env, network.wiretaps, sealed or octets
        record = env.cause
        if peer is not None and peer.hears:
            what = octets
        elif env.trace.heard or wiretaps.busy:
            record = self._record(octets, size, flight, sealed)
            if wiretaps.busy:
                tls = self._filter is not None
                what, record = wiretaps.passing(self, what, record, sealed=tls, size=size, flight=flight)
        when = self._arrival(size)
        if when is not None:
            self.unsent += size
            env.call_at(when, self._arrive_sized, (what, size), record)

    def _arrival(self, size: int) -> int | None:
        """When `size` octets that are sent now are at the other side; None, which is recorded, if there is no way."""
        network, here, peer = self._network, self._here, self.peer
        way = network.topology.way(here, self._there)
        if peer is None or way is None:
            network.env.trace.write(TCP_LOST, (size, "no way"), session=self.session, at=here, leaf=True)
            return None
        self._last_arrival = when = max(way.arrival(here, network.env.now, size), self._last_arrival)
        return when

    # Receiving (these run at the other side's arrival time; self is the sender)

    def _arrive(self, octets: bytes) -> None:
        """Octets are there that were sent in clear."""
        self.unsent -= len(octets)
        peer = self.peer
        if peer is None or not peer._plain:
            self._hand_over(octets, len(octets))
        elif peer.on_data is not None:
            peer.on_data(octets)
        elif peer._reader is not None:
            reader, peer._reader = peer._reader, None
            reader.give_up = None
            reader.resume(octets)
        else:
            peer._give(octets)
        if self.on_drained is not None and (peer is None or not peer._held):
            self.on_drained()

    def _arrive_sized(self, what: tuple[bytes, int]) -> None:
        """Octets are there that took `size` octets on the wire, nominally."""
        octets, size = what
        self.unsent -= size
        self._hand_over(octets, size)
        if self.on_drained is not None and (self.peer is None or not self.peer._held):
            self.on_drained()

    def _hand_over(self, octets: bytes, size: int) -> None:
        peer = self.peer
        if peer is None or peer.ended is not None or peer._here in self._network.down:
            self._network.lost(self, size)
        else:
            peer._take(octets)

    def _take(self, octets: bytes) -> None:
        if self._held:
            assert self.peer is not None
            self.peer.unsent += len(octets)
            self._waiting = self._waiting or deque()
            self._waiting.append((octets, self._network.env.cause))
        elif self._filter is not None:
            self._unseal(octets)
        else:
            if self.hears:
                self._heard(octets, octets)
            self._give(octets)

    def _heard(self, octets: bytes, raw: bytes, flight: str = "") -> None:
        """Write down what came from outside, as it can be read here; `raw` is what was on the wire."""
        there, tls = self.remote.node, self._filter is not None
        self._network.env.trace.write(
            TCP_DATA,
            (octets, "<" if self.lead else ">", len(raw), tls, flight, raw if tls else b""),
            at=there,
            frm=there,
            to=self.local.node,
            session=self.session,
        )

    def _give(self, octets: bytes) -> None:
        if self.on_data is not None:
            self.on_data(octets)
        elif self._reader is not None:  # it waits, so nothing is left of what came before
            self._reader.resume(octets)
        else:
            self._inbox = self._inbox or []
            self._inbox.append((octets, self._network.env.cause))

    def _unseal(self, sealed: bytes) -> None:
        tls = self._filter
        assert tls is not None
        before = tls.established
        try:
            octets = tls.receive(sealed)
        except ProtocolError as error:
            if self.hears:
                self._heard(b"", sealed, "alert")
            self._flush_handshake()
            failed, self._failed = self._failed, None
            if failed is not None:
                failed(error)
            return
        if self.hears:
            flight = "client-finished" if tls.established and not before else "client-hello"
            self._heard(octets, sealed, "" if octets or before else flight)
        self._flush_handshake()
        if tls.established and not before:
            self._established()
        if octets:
            self._give(octets)

    def _flush_handshake(self) -> None:
        tls = self._filter
        assert tls is not None
        name, size = tls.flight()
        sealed = tls.data_to_send()
        if sealed:
            self._transmit(b"", size, name, sealed)

    def start_tls(self, tls: Filter, established: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Put TLS between this side and the link; `established` or `failed` is called once.

        Octets that arrived before are dropped: they came in clear (RFC 3207, 4.2).
        """
        self._inbox = self._waiting = None
        self._plain, self._way = False, NO_WAY
        self._filter = tls
        self._established = established
        self._failed = failed
        tls.start()
        self._flush_handshake()

    # Flow control

    def hold(self) -> None:
        """Stop taking octets; they wait, and count as `unsent` at the other side."""
        self._held, self._plain = True, False

    def release(self) -> None:
        """Take octets again, those that waited first and for their own reason."""
        self._held = False
        peer, env = self.peer, self._network.env
        before = env.cause
        while self._waiting and not self._held:
            octets, env.cause = self._waiting.popleft()
            if peer is not None:
                peer.unsent -= len(octets)
            self._take(octets)
        if self._shut is not None and not self._held:
            (how, env.cause), self._shut = self._shut, None
            self.end(how)
        env.cause = before
        self._plain = not (self._held or self.hears or self._filter or self.ended)
        if peer is not None and peer.on_drained is not None and not self._held:
            peer.on_drained()

    # Ending

    def close(self) -> None:
        """End this side; the other side reads what is under way, then sees the end."""
        if self.closed:
            return
        if self._filter is not None and self._filter.established:
            self._filter.close()
            sealed = self._filter.data_to_send()
            if sealed:
                self._transmit(b"", self._filter.wire_size(2), "close-notify", sealed)
        self._end("fin")

    def reset(self) -> None:
        """Break the connection at once; what is under way to this side is lost."""
        if not self.closed:
            self._network.open_sessions.pop(self.session, None)
            self._end("reset")
        self.ended = self.ended or "reset"
        self._over()

    def silence(self) -> None:
        """Let this side say nothing more, without telling the other. A session is over when both are silent."""
        self.closed, self._way = True, NO_WAY
        if self.peer is None or self.peer.closed:
            self._network.open_sessions.pop(self.session, None)

    def fail(self) -> None:
        """Its host is down: this side says nothing and hears nothing, and its owner does not know yet."""
        self._plain = False
        self.silence()

    def _end(self, how: str) -> None:
        peer, way, network = self.peer, self._way, self._network
        assert peer is not None
        env = network.env
        record = self._record_end(how) if env.trace.heard else env.cause
        when = env.now + way.latency if way.straight else self._arrival(0)
        if when is not None:
            heappush(env.queue, [when, 1, next(env.ids), record, peer.end, how])
        self.closed, self._way = True, NO_WAY
        if peer.closed:
            network.open_sessions.pop(self.session, None)
        if self._timer is not None and self._reader is None:
            self._stop_timer()
        if self.ended is not None:
            self._over()
        elif peer.ended == "down":
            self._hear_no_more()

    def _record_end(self, how: str) -> Record:
        here = self._here
        return self._network.env.trace.write_leaf(TCP_CLOSE, (how,), here, here, self._there, self.session)

    def end(self, how: str) -> None:
        """Learn that the other side ended, after what came before; or (`how` is "down") that this host failed."""
        if self.ended is not None or (how != "down" and self._here in self._network.down):
            return
        if self._waiting and self._held and how == "fin":
            self._shut = (how, self._network.env.cause)
            return
        self.ended, self._plain = how, False
        if how != "fin":
            self.silence()
        if how == "down" and self.peer is not None and self.peer.closed:
            self.peer._hear_no_more()
        if self._reader is not None:
            self._wake()
        if self._timer is not None:
            self._stop_timer()
        if self.on_close is not None:
            self.on_close(how)
        if self.closed:
            self._over()

    def _hear_no_more(self) -> None:
        """Drop this side from the table of open ones."""
        self._plain = False
        self._network.streams.pop(self, None)

    def _over(self) -> None:
        """This side neither says nor hears anything more.

        Drop what is in a circle with it: then it is gone at once, and no collector looks for it.
        """
        self._plain = False
        self._network.streams.pop(self, None)
        self.on_data = self.on_close = self.on_drained = None
        peer = self.peer
        if peer is not None and peer.closed and peer.ended is not None:
            self.peer = peer.peer = None
