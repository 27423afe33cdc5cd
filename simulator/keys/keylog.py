"""The secrets of TLS sessions, kept so that a capture can be decrypted by whoever reads it.

OpenSSL gives them only to a file named by a path (`SSLContext.keylog_filename`), so there is one temporary file a
process, emptied whenever it is read. Where the system can name an open file, it has no name in any folder. The form
is the key log of NSS: a line a secret, with its label, the client random and the secret (draft-ietf-tls-keylogfile; the
secrets: RFC 8446, 7.1).
"""

from __future__ import annotations

import atexit
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

__all__ = ["KeyLog", "client_random", "key_log"]

_RANDOM: Final = slice(11, 43)  # headers of record and handshake 5 + 4, version 2, random 32 (RFC 8446, 4.1.2 and 5.1)
_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_KEPT: Final = 1_000
_OPEN_FILES: Final = Path("/proc/self/fd")


@lru_cache(maxsize=1)
def key_log() -> KeyLog:
    """The key log of this process, made when first asked for and removed when the process ends."""
    made = KeyLog()
    atexit.register(made.close)
    return made


class KeyLog:
    """Hears the secrets of the sessions of each context given to `listen`, and hands out those of one session."""

    __slots__ = ("_file", "_lines", "path")

    def __init__(self) -> None:
        if _OPEN_FILES.is_dir():
            self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the log
            self.path = str(_OPEN_FILES / str(self._file.fileno()))
        else:
            self._file = tempfile.NamedTemporaryFile(buffering=0)  # noqa: SIM115
            self.path = self._file.name
        self._lines: dict[str, dict[str, None]] = {}

    def listen(self, context: ssl.SSLContext) -> None:
        """Hear all later sessions of a context, which keeps the file open: for contexts that are few and shared."""
        context.keylog_filename = self.path

    def secrets(self, random: bytes) -> bytes:
        """The lines of the session whose ClientHello held `random` (32 octets), each with LF; b"" the second time."""
        self._read()
        return "".join(self._lines.pop(random.hex(), {})).encode("ascii")

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        text = self._file.read().decode("ascii")
        self._file.truncate(0)  # OpenSSL appends: its next line stands at the start again
        for line in text.splitlines(keepends=True):
            if not line.startswith("#"):
                self._lines.setdefault(line.split(" ")[1], {})[line] = None
        while len(self._lines) > _KEPT:  # those of handshakes that failed are never asked for
            del self._lines[next(iter(self._lines))]


def client_random(octets: bytes) -> bytes | None:
    """The random in the ClientHello that a client's octets begin with; None if they begin with something else."""
    if len(octets) < _RANDOM.stop or octets[0] != _HANDSHAKE or octets[5] != _CLIENT_HELLO:
        return None
    return octets[_RANDOM]
