"""The MTA's way to its spam filter: the spamd protocol, on the host's loopback or to a host of its own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from simulator.engine.stream import Stream, StreamTimeout
from simulator.engine.transport import ConnectFailed
from simulator.errors import RemoteProtocolError
from simulator.limits import FILTER_TIMEOUT_US
from simulator.message.header import structured_line
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host
from simulator.protocol.spamd import Reply, SpamdClient, points
from simulator.records.kinds_queue import FILTER_SPAM

__all__ = ["SPAMD_PORT", "SpamClient"]

SPAMD_PORT = 783


@dataclass(frozen=True, slots=True)
class SpamClient:
    """Asks the filter at `address`; a filter that does not answer lets the letter pass, as spamc does by default."""

    host: Host
    address: str = "127.0.0.1"

    def judge(self, letter: bytes, queue_id: str, recipients: tuple[str, ...]) -> Generator[Any, Any, bytes]:
        """Return the letter with the filter's header fields; the verdict is recorded, policy is others' affair."""
        host = self.host
        for recipient in recipients if host.trace.heard else ():
            host.internet.begin_stage("filtering", recipient, at=host.name, protocol="spamd")
        try:
            reply = yield from self._ask(letter)
        except (ConnectFailed, RemoteProtocolError, StreamTimeout) as error:
            host.log("spamc", f"{queue_id}: the filter did not answer: {error}")
            return letter
        if reply.score is None or reply.threshold is None:
            host.log("spamc", f"{queue_id}: the filter could not judge: {reply.message}")
            return letter
        words, added = (_judgement_again if len(reply.content) <= _SHORT else _judgement)(reply)
        if host.trace.heard:
            host.trace.write(FILTER_SPAM, (*words, queue_id), at=host.name)
            record_fields(host, added, "added", by="filter")
        return added + letter

    def _ask(self, letter: bytes) -> Generator[Any, Any, Reply]:
        env = self.host.env
        stream: Stream = yield self.host.network.connect(self.host.name, self.address, SPAMD_PORT)
        try:
            client = SpamdClient()
            client.send("SYMBOLS", letter)
            stream.send(client.data_to_send())
            deadline = int(env.now) + FILTER_TIMEOUT_US
            reply = None
            while reply is None:
                octets = yield stream.receive(max(deadline - int(env.now), 0))
                if octets:
                    client.receive_data(octets)
                else:
                    client.receive_end()
                reply = client.next_event()
            return reply
        finally:
            stream.close()


def _judgement(reply: Reply) -> tuple[tuple[str, str, str, tuple[str, ...]], bytes]:
    """Return verdict, score, threshold and rules as a trace has them, and the header fields to add."""
    rules = tuple(filter(None, reply.content.decode("ascii", "replace").strip().split(",")))
    verdict, answer = ("spam", "Yes") if reply.spam else ("ham", "No")
    score, threshold = points(reply.score or 0), points(reply.threshold or 0)
    tests = ",".join(rules) or "none"
    status = structured_line("X-Spam-Status", f"{answer}, score={score} required={threshold} tests={tests}")
    flag = structured_line("X-Spam-Flag", "YES") if reply.spam else b""
    return (verdict, score, threshold, rules), flag + status


_SHORT = 500
_judgement_again = lru_cache(maxsize=64)(_judgement)
"""Most letters are judged alike; the names of many rules, or what a strange filter says, are not kept."""
