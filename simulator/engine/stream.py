"""One side of a simulated TCP connection.

It behaves like the socket that a program would see: ordered octets in chunks, half-close, reset, flow control, and TLS
as a filter, so that the protocol code above cannot tell it from a real one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.engine.base_kinds import TCP_CLOSE, TCP_DATA, TCP_LOST
from simulator.engine.endpoint import Endpoint, StreamTimeout, Timers
from simulator.engine.filter import Filter
from simulator.engine.kinds import Record
from simulator.engine.task import Starter, Task
from simulator.errors import LocalProtocolError, ProtocolError

if TYPE_CHECKING:
    from simulator.engine.topology import Link
    from simulator.engine.transport import Network

__all__ = ["Endpoint", "Filter", "Stream", "StreamTimeout", "Timers"]


class Stream:
    """One side of a connection.

    `on_data(octets)` is called for each chunk, `on_close(how)` once when the other side ended ("fin") or the connection
    broke ("reset", or "down" on a host that fails). Without `on_data` chunks wait for `receive`.
    `hears` is whether this side writes down what the other says, because that comes from outside the world.
    """

    __slots__ = (
        "_deadline", "_due", "_established", "_failed", "_filter", "_held", "_here", "_inbox", "_last_arrival",
        "_network", "_reader", "_reason", "_route", "_shut", "_there", "_timer", "_version", "_waiting", "_way",
        "closed", "ended", "hears", "lead", "local", "local_loop", "on_close", "on_data", "on_drained", "peer",
        "remote", "session", "unsent",
    )  # fmt: skip

    peer: Stream | None
    on_data: Callable[[bytes], None] | None
    on_close: Callable[[str], None] | None
    on_drained: Callable[[], None] | None
    ended: str | None
    _filter: Filter | None
    _established: Callable[[], None] | None
    _failed: Callable[[Exception], None] | None
    _inbox: deque[tuple[bytes, Record | None]]
    _waiting: deque[tuple[bytes, Record | None]]
    """What came while this side was held, as it was on the link."""
    _shut: tuple[str, Record | None] | None
    """The other side's end, which came after what waits."""
    _route: tuple[Link, ...] | None
    """The way to the other side as of the topology's `_version`."""
    _reader: Task | None
    _reason: Record | None
    """Why the reader waits."""
    _timer: int | None
    """A call at `_due`; the reader waits until `_deadline`, never less."""

    def __init__(self, network: Network, local: Endpoint, remote: Endpoint, session: int, *, lead: bool) -> None:
        self._network = network
        self.local = local
        self.remote = remote
        self.session = session
        self.lead = lead
        self._here, self._there = local.node, remote.node
        self._way = ">" if lead else "<"
        self.local_loop = local.node == remote.node
        self.on_data = self.on_close = self.on_drained = self.peer = self.ended = None
        self.closed = self.hears = self._held = False
        self.unsent = self._last_arrival = self._due = self._deadline = 0
        self._filter = self._established = self._failed = self._reader = self._timer = self._reason = self._shut = None
        self._version = -1
        self._inbox, self._waiting = deque(), deque()

    @property
    def node(self) -> str:
        """The name of this side's host."""
        return self.local.node

    @property
    def timers(self) -> Timers:
        """By which timers the other side's silence is measured."""
        return self._network.timers(self.remote.node)

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
        if self.closed or not octets:
            return
        if self._filter is None:
            size, network, peer = len(octets), self._network, self.peer
            if peer is None or peer.hears or network.env.trace.heard or network.wiretaps.busy:
                self._transmit(octets, size, "", b"")
            else:  # nobody sees a record of it
                self._travel(size, self._arrive, (octets, size), network.env.cause)
        elif not self._filter.established:
            raise LocalProtocolError("the TLS handshake is not over; wait until it is, or reset the connection")
        else:
            self._filter.send(octets)
            self._transmit(octets, self._filter.wire_size(len(octets)), "", self._filter.data_to_send())

    def _transmit(self, octets: bytes, size: int, flight: str, sealed: bytes) -> None:
        network, peer = self._network, self.peer
        trace, wiretaps, record = network.env.trace, network.wiretaps, network.env.cause
        what = sealed or octets
        if peer is not None and peer.hears:
            what = octets
        elif trace.heard or wiretaps.busy:
            here, tls = self._here, self._filter is not None
            values = (octets, self._way, size, tls, flight, sealed)
            record = trace.write(TCP_DATA, values, at=here, frm=here, to=self._there, session=self.session, leaf=True)
            if wiretaps.busy:
                what, record = wiretaps.passing(self, what, record, sealed=tls, size=size, flight=flight)
        self._travel(size, self._arrive, (what, size), record)

    def _travel(self, size: int, arrive: Callable[[Any], None], what: Any, record: Record | None) -> None:
        """Let `what` reach the other side in order, or be lost on the way."""
        env, topology, here = self._network.env, self._network.topology, self._here
        if self._version != topology.version:
            self._route, self._version = topology.route(here, self._there), topology.version
        route = self._route
        if self.peer is None or route is None:
            env.trace.write(TCP_LOST, (size, "no way"), session=self.session, at=here, leaf=True)
            return
        when = env.now
        for link in route:
            when = when + link.latency if link.bandwidth is None else link.arrival(here, when, size)
        if when < self._last_arrival:
            when = self._last_arrival
        self._last_arrival = when
        self.unsent += size
        env.call_at(when, arrive, what, record)

    # Receiving (these run at the other side's arrival time; self is the sender)

    def _arrive(self, what: tuple[bytes, int]) -> None:
        octets, size = what
        self.unsent -= size
        peer = self.peer
        if peer is None or peer.ended is not None or peer._here in self._network.down:
            self._network.lost(self, size)
        elif peer._held or peer._filter is not None or peer.hears:
            peer._take(octets)
        elif peer.on_data is not None:
            peer.on_data(octets)
        else:
            peer._give(octets)
        if self.on_drained is not None and (peer is None or not peer._held):
            self.on_drained()

    def _take(self, octets: bytes) -> None:
        if self._held:
            assert self.peer is not None
            self.peer.unsent += len(octets)
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
        if tls.established and not before and self._established is not None:
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
        self._inbox.clear()
        self._waiting.clear()
        self._filter = tls
        self._established = established
        self._failed = failed
        tls.start()
        self._flush_handshake()

    # Flow control

    def hold(self) -> None:
        """Stop taking octets; they wait, and count as `unsent` at the other side."""
        self._held = True

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
        if peer is not None and peer.on_drained is not None and not self._held:
            peer.on_drained()

    # Reading by a task

    def receive(self, timeout: int) -> Starter:
        """Wait for octets: `octets = yield stream.receive(timeout)`; b"" at the end of the connection.

        Raises `StreamTimeout` in the task after `timeout` µs.
        """
        return partial(self._await, timeout)

    def _await(self, timeout: int, task: Task) -> None:
        task.waits_for = self
        self._reader = task
        if self._inbox or self.ended is not None:
            self._wake()
            return
        task.give_up = self._forget_reader
        env = self._network.env
        self._reason = env.cause
        self._deadline = deadline = env.now + timeout
        if self._timer is None or deadline < self._due:
            self._stop_timer()
            self._due, self._timer = deadline, env.call_later(timeout, self._late)

    def __str__(self) -> str:
        """What a reader waits for."""
        return f"octets from {self.remote.node} port {self.remote.port}"

    def _forget_reader(self) -> None:
        """Let what comes wait for the next reader; the timer serves that one too."""
        self._reader = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._network.env.cancel(self._timer)
            self._timer = None

    def _late(self, _: Any) -> None:
        """The timer ran, which was set when some reader began to wait: perhaps not for the one that waits now."""
        env, reader, self._timer = self._network.env, self._reader, None
        if reader is None:
            return
        env.cause = self._reason
        left = self._deadline - env.now
        if left > 0:
            self._due, self._timer = self._deadline, env.call_later(left, self._late)
        else:
            self._reader = None
            reader.fail(StreamTimeout(f"no answer from {self._there}"))

    def _wake(self) -> None:
        reader = self._reader
        if reader is None:
            return
        self._reader = None
        if not self._inbox:
            reader.resume(b"")
            return
        octets, cause = self._inbox[-1]
        if len(self._inbox) > 1:
            octets = b"".join(chunk for chunk, _ in self._inbox)
        self._inbox.clear()
        self._network.env.cause = cause
        reader.resume(octets)

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
            self._end("reset")
        self.ended = self.ended or "reset"
        self._network.forget(self)
        self._let_go()

    def _end(self, how: str) -> None:
        self.closed = True
        here = self._here
        record = self._network.env.trace.write(
            TCP_CLOSE, (how,), at=here, frm=here, to=self._there, session=self.session, leaf=True
        )
        if self._reader is None:
            self._stop_timer()
        self._network.side_ended(self, how)
        self._travel(0, self._ended, how, record)
        if self.ended is not None or (self.peer is not None and self.peer.ended == "down"):
            self._network.forget(self)
        self._let_go()

    def _ended(self, how: str) -> None:
        peer = self.peer
        if peer is not None and self._network.is_up(peer.local.node):
            peer.end(how)

    def end(self, how: str) -> None:
        """Learn that the other side ended, after what came before; or (`how` is "down") that this host failed."""
        if self.ended is not None:
            return
        if how == "fin" and self._held and self._waiting:
            self._shut = (how, self._network.env.cause)
            return
        self.ended = how
        if how != "fin" or self.closed:
            self.closed = True
            self._network.forget(self)
        if how == "down" and self.peer is not None and self.peer.closed:
            self._network.forget(self.peer)  # it will hear nothing more
        self._wake()
        self._stop_timer()
        if self.on_close is not None:
            self.on_close(how)
        self._let_go()

    def _let_go(self) -> None:
        """Drop what is in a circle with a side that is over: then it is gone at once, and no collector looks for it."""
        if not self.closed or self.ended is None:
            return
        self.on_data = self.on_close = self.on_drained = None
        peer = self.peer
        if peer is not None and peer.closed and peer.ended is not None:
            self.peer = peer.peer = None
