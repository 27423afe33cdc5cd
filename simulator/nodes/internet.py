"""What all hosts of one world share: the clock, the network, the certificate authority and the letters' identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.engine.environment import Environment
from simulator.engine.kinds import Record
from simulator.engine.trace import LETTER
from simulator.engine.transport import Network
from simulator.message.dates import rfc5322_date
from simulator.nodes.stages import Begun
from simulator.records.kinds_message import ACTORS, STAGE

if TYPE_CHECKING:
    import ssl

    from simulator.nodes.reality import Issuer, Keeper

__all__ = ["Internet"]

_YEAR = 365 * 86_400 * 1_000_000


@dataclass(slots=True)
class Internet:
    """One simulated Internet; `start` is the simulated time at 0 in µs since 1970, `offset` its zone in minutes."""

    env: Environment
    network: Network
    start: int
    offset: int = 0
    keeper: Keeper | None = None
    """What keeps mailboxes and queues when the process ends; None in every simulated world."""
    bad_certificates: dict[str, Record] = field(default_factory=dict)
    """By host, the record that its certificate has a fault: what handshakes with it fail by."""
    _authority: Issuer | None = None
    _client_context: ssl.SSLContext | None = None
    _letters: int = 0
    _begun: Begun = field(default_factory=Begun)

    @property
    def epoch(self) -> int:
        """The simulated time now, in µs since 1970."""
        return self.start + int(self.env.now)

    @property
    def date(self) -> str:
        """The simulated time now, as a header writes it."""
        return rfc5322_date(self.start + int(self.env.now), self.offset)

    def new_letter(self) -> int:
        """Give a letter its number; it keeps it over all hops."""
        self._letters += 1
        return self._letters

    def begin_stage(
        self,
        name: str,
        recipient: str,
        *,
        at: str,
        protocol: str = "",
        letter: int | None = None,
        also: tuple[Record | None, ...] = (),
    ) -> None:
        """Record that a letter (default: the ambient cause's) begins a stage for `recipient`, if it has not yet."""
        env = self.env
        if not env.trace.heard:
            return
        if letter is None:
            letter = None if env.cause is None else env.cause[LETTER]
            if letter is None:
                return
        if self._begun.begin(name, letter, recipient):
            values = (name, recipient, ACTORS[name], protocol)
            env.trace.write(STAGE, values, at=at, letter=letter, stage=name, also=also)

    @property
    def authority(self) -> Issuer:
        """The certificate authority that every mail program trusts; made from the seed when first asked for."""
        if self._authority is None:
            from simulator.keys.authority import Authority

            self._authority = Authority(self.env.seed, self.start - _YEAR, self.start + 10 * _YEAR)
        return self._authority

    def server_context(self, names: tuple[str, ...]) -> ssl.SSLContext:
        """Return what a server named `names` shows to its clients, with a certificate that is valid now."""
        from simulator.keys.contexts import server_context

        identity = self.authority.issue(names, not_before=self.start - _YEAR // 12, not_after=self.start + _YEAR)
        return server_context(identity, self.authority.versions)

    def client_context(self) -> ssl.SSLContext:
        """Return what a client uses: it trusts the authority and checks the server's name."""
        if self._client_context is None:
            from simulator.keys.contexts import client_context

            self._client_context = client_context(self.authority.ca_pem)
        return self._client_context
