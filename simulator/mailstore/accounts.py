"""Who has a mailbox here: domains, accounts and aliases, asked by SQL.

Why: RCPT, LOGIN and alias expansion are look-ups that a student can read; a password is checked in Python, so that it
stands in no statement. Shapes as Postfix's virtual maps and Dovecot's passdb have them ({SSHA256}); RFC 5321 2.4
(case), 3.9.1 (alias). A challenge (APOP, CRAM-MD5) can only be judged by who knows the password itself (RFC 1939 13,
RFC 2195 5), so a host that offers one keeps it in clear beside the hash, and only such a host. SCRAM is judged by keys
that are made from the password and do not let anybody in (RFC 5802 3); they too are kept only where it is offered.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import ucd_3_2_0 as unicode_3_2

from simulator.mailstore.database import Database, OnStatement
from simulator.mailstore.failures import BadName, MailboxExists

_SCHEMA = """
CREATE TABLE domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE accounts (address TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE aliases (address TEXT NOT NULL, position INTEGER NOT NULL, target TEXT NOT NULL,
    PRIMARY KEY (address, position)) WITHOUT ROWID;
CREATE TABLE secrets (address TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE scram (address TEXT PRIMARY KEY, salt BLOB NOT NULL, iterations INTEGER NOT NULL, stored BLOB NOT NULL,
    server BLOB NOT NULL) WITHOUT ROWID;
"""
_SELECT_DOMAIN = "SELECT 1 FROM domains WHERE name = ?"
_SELECT_ACCOUNT = "SELECT address FROM accounts WHERE address = ?"
_SELECT_PASSWORD = "SELECT password FROM accounts WHERE address = ?"
_SELECT_SECRET = "SELECT password FROM secrets WHERE address = ?"
_SELECT_SCRAM = "SELECT salt, iterations, stored, server FROM scram WHERE address = ?"
_SCRAM_ITERATIONS = 4096  # RFC 7677, 4
_SELECT_ALIAS = "SELECT target FROM aliases WHERE address = ? ORDER BY position"
_MAX_EXPANSION = 1000  # Postfix, virtual_alias_expansion_limit
_SCHEME = "{SSHA256}"


@dataclass(frozen=True, slots=True)
class Expansion:
    """What became of an address: final targets, each once, and every step (alias, its targets) in the order it was
    taken.
    """

    targets: tuple[str, ...]
    steps: tuple[tuple[str, tuple[str, ...]], ...]


class Accounts:
    """The account database of a host. Addresses are compared in lower case. Statements go to `on_statement`, except
    those that set it up. With `keeps_passwords` (set it before accounts are added) `password` can answer, with
    `keeps_scram` `scram_keys` can.
    """

    __slots__ = ("_database", "_seed", "keeps_passwords", "keeps_scram")

    def __init__(self, seed: str = "", on_statement: OnStatement | None = None) -> None:
        self._seed = seed
        self.keeps_passwords = False
        self.keeps_scram = False
        self._database = Database(_SCHEMA, on_statement)

    @property
    def on_statement(self) -> OnStatement | None:
        """Called with the SQL of each look-up, values in place, as SQLite's trace callback gives it."""
        return self._database.on_statement

    @on_statement.setter
    def on_statement(self, callback: OnStatement | None) -> None:
        self._database.on_statement = callback

    def add_domain(self, name: str) -> None:
        """Make a domain local; one that is local stays so."""
        with self._database.unheard():
            self._database.execute("INSERT OR IGNORE INTO domains (name) VALUES (?)", (name.lower(),))

    def add_account(self, address: str, password: str) -> None:
        """Add an account and its domain; the password is kept as a salted hash. Raises BadName, MailboxExists."""
        key = _key(address)
        self.add_domain(key.rpartition("@")[2])
        with self._database.unheard():
            if self._database.execute(_SELECT_ACCOUNT, (key,)).fetchone():
                raise MailboxExists(f"there is an account {key} already")
            row = (key, hash_password(password, f"{self._seed}:{key}"))
            self._database.execute("INSERT INTO accounts (address, password) VALUES (?, ?)", row)
            if self.keeps_scram:
                keys = make_scram_keys(password, f"{self._seed}:scram:{key}")
                self._database.execute("INSERT INTO scram VALUES (?, ?, ?, ?, ?)", (key, *keys))
            if self.keeps_passwords:
                self._database.execute("INSERT INTO secrets (address, password) VALUES (?, ?)", (key, password))

    def add_alias(self, address: str, targets: tuple[str, ...]) -> None:
        """Let an address stand for others; `@domain` catches every address of a domain. Raises BadName,
        MailboxExists.
        """
        key = address.lower() if address.startswith("@") and len(address) > 1 else _key(address)
        self.add_domain(key.rpartition("@")[2])
        with self._database.unheard():
            if self._database.execute(_SELECT_ALIAS, (key,)).fetchone():
                raise MailboxExists(f"there is an alias {key} already")
            rows = [(key, i, _key(target)) for i, target in enumerate(targets)]
            self._database.connection.executemany(
                "INSERT INTO aliases (address, position, target) VALUES (?, ?, ?)", rows
            )

    def is_local_domain(self, name: str) -> bool:
        """Look up whether mail for a domain ends here."""
        return self._database.execute(_SELECT_DOMAIN, (name.lower(),)).fetchone() is not None

    def has_account(self, address: str) -> bool:
        """Look up whether an address has an account of its own."""
        return self._database.execute(_SELECT_ACCOUNT, (address.lower(),)).fetchone() is not None

    def alias(self, address: str) -> tuple[str, ...]:
        """Look up the targets of an alias, () when there is none; the address itself is asked before its domain's
        catch-all.
        """
        found = self._targets(address.lower())
        if found or self.has_account(address):
            return found
        return self._targets("@" + address.lower().rpartition("@")[2])

    def expand(self, address: str) -> Expansion:
        """Follow aliases to the end; an alias met again is taken for a final target (Postfix), at most 1000 targets
        come out.
        """
        targets: dict[str, None] = {}
        steps: list[tuple[str, tuple[str, ...]]] = []
        seen: set[str] = set()
        waiting = [address]
        while waiting and len(targets) < _MAX_EXPANSION and len(steps) < _MAX_EXPANSION:
            current = waiting.pop()
            found = () if current.lower() in seen else self.alias(current)
            if found:
                seen.add(current.lower())
                steps.append((current, found))
                waiting.extend(reversed(found))
            else:
                targets[current] = None
        return Expansion(tuple(targets), tuple(steps))

    def is_known(self, address: str) -> bool:
        """Look up whether RCPT may accept a local address: an account, an alias or a catch-all."""
        return self.has_account(address) or bool(self.alias(address))

    def authenticate(self, address: str, password: str) -> bool:
        """Look the account up and check the password, in Python; False for an unknown account as well."""
        row = self._database.execute(_SELECT_PASSWORD, (address.lower(),)).fetchone()
        return row is not None and verify_password(password, row[0])

    def password(self, address: str) -> str | None:
        """Look up the password itself, for mechanisms that need it; None for an unknown account, and everywhere
        without `keeps_passwords`.
        """
        row = self._database.execute(_SELECT_SECRET, (address.lower(),)).fetchone()
        return None if row is None else str(row[0])

    def scram_keys(self, address: str) -> tuple[bytes, int, bytes, bytes] | None:
        """Look up (salt, iterations, StoredKey, ServerKey) for SCRAM-SHA-256; None for an unknown account, and
        everywhere without `keeps_scram`.
        """
        row = self._database.execute(_SELECT_SCRAM, (address.lower(),)).fetchone()
        return None if row is None else (bytes(row[0]), int(row[1]), bytes(row[2]), bytes(row[3]))

    def addresses(self) -> tuple[str, ...]:
        """Return every account, sorted; not a look-up of the simulated world, so not recorded."""
        with self._database.unheard():
            return tuple([row[0] for row in self._database.execute("SELECT address FROM accounts ORDER BY address")])

    def _targets(self, key: str) -> tuple[str, ...]:
        return tuple([row[0] for row in self._database.execute(_SELECT_ALIAS, (key,))])


def _key(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(c < " " or c == "\x7f" for c in address):
        raise BadName(f"{address[:80]!r} is no address: write it as name@example.org")
    return address.lower()


def hash_password(password: str, salt_source: str) -> str:
    """Return `{SSHA256}` + base64(SHA-256(password + salt) + salt), the salt derived from a name: the same in every
    run.
    """
    salt = hashlib.sha256(salt_source.encode("utf-8", "replace")).digest()[:8]
    digest = hashlib.sha256(password.encode("utf-8", "replace") + salt).digest()
    return _SCHEME + b64encode(digest + salt).decode("ascii")


def make_scram_keys(password: str, salt_source: str) -> tuple[bytes, int, bytes, bytes]:
    """Return (salt, iterations, StoredKey, ServerKey), the salt derived from a name. RFC 5802, 3; RFC 7677."""
    salt = hashlib.sha256(salt_source.encode("utf-8", "replace")).digest()[:16]
    typed = unicode_3_2.normalize("NFKC", password).encode("utf-8", "replace")  # RFC 4013, 2.2
    salted = hashlib.pbkdf2_hmac("sha256", typed, salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return salt, _SCRAM_ITERATIONS, stored, hmac.digest(salted, b"Server Key", "sha256")


def verify_password(password: str, stored: str) -> bool:
    """Tell whether a password belongs to a stored `{SSHA256}` hash, in constant time."""
    right, salt = _digest_and_salt(stored)
    return hmac.compare_digest(hashlib.sha256(password.encode("utf-8", "replace") + salt).digest(), right)


@lru_cache(maxsize=1024)
def _digest_and_salt(stored: str) -> tuple[bytes, bytes]:
    """Take a stored hash apart; remembered, because it hangs on what is stored alone."""
    octets = b64decode(stored.removeprefix(_SCHEME))
    return octets[:32], octets[32:]
