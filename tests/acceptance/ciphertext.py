"""What really crossed a link once TLS was up: the records of OpenSSL, which lie beside the trace for captures."""

from __future__ import annotations

from simulator.engine.base_kinds import TCP_DATA
from simulator.engine.trace import KIND, SESSION, value
from simulator.scenario import loading, world


def of_session(scenario: str, session: int) -> bytes:
    """All sealed octets of one connection of a scenario, both ways, in order."""
    records = world.run(loading.load(scenario)).records
    ours = (record for record in records if record[KIND] is TCP_DATA and record[SESSION] == session)
    return b"".join(value(record, "sealed") for record in ours)
