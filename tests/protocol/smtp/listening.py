"""A real socket on the loopback in front of a server core, for programs that nobody here wrote; with TLS both ways."""

import socket
import ssl
import threading
from functools import cache

from simulator.keys.authority import Authority
from simulator.keys.contexts import server_context
from simulator.protocol.smtp import Credentials, State
from tests.protocol.smtp.runner import Policy, server_for

_YEAR = 365 * 86_400 * 1_000_000
_2020, _2100 = 50 * _YEAR, 130 * _YEAR
CHUNK = 37
PATIENCE = 20


@cache
def authority() -> Authority:
    """The authority whose certificates the judges trust; valid in the years in which these tests may run."""
    return Authority(7, _2020, _2100)


@cache
def context() -> ssl.SSLContext:
    """The certificate of 127.0.0.1."""
    return server_context(authority().issue(("localhost",), ("127.0.0.1",), not_before=_2020, not_after=_2100))


class Door(threading.Thread):
    """Serves connections one after another until closed; each has a core of its own, all share `letters`."""

    def __init__(self, options: str) -> None:
        super().__init__(daemon=True)
        self.options = options
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.letters: list[tuple[str, tuple[str, ...], bytes]] = []
        self.users: list[tuple[str, str]] = []
        self.lines: list[bytes] = []
        self.failures: list[Exception] = []

    def run(self) -> None:
        """Serve until the socket is closed."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            try:
                self._serve(connection)
            except (OSError, AssertionError) as error:
                self.failures.append(error)

    def close(self) -> None:
        """Stop; a client that is still there is let go."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.join(PATIENCE)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        policy = Policy(server_for(self.options))
        policy.letters = self.letters
        server = policy.server
        if server.tls:
            connection = context().wrap_socket(connection, server_side=True)
        with connection:
            connection.sendall(server.data_to_send())
            while not server.closed and (octets := connection.recv(CHUNK)):
                self.lines.append(octets)
                server.receive_data(octets)
                while (event := server.next_event()) is not None:
                    if event.reply is None:
                        policy.answer(event)
                    if isinstance(event, Credentials):
                        self.users.append((event.mechanism, event.authcid))
                connection.sendall(server.data_to_send())
                if server.state is State.HANDSHAKE:
                    connection = context().wrap_socket(connection, server_side=True)
                    server.tls_started()
            connection.close()
