"""Postfix and Dovecot as ordinary processes on high ports of the loopback, each test run with a folder of its own.

They come from Debian's packages and are started by hand with a configuration written here: no service of the machine
is touched. Both need root, which continuous integration has.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.keys.authority import Identity

__all__ = ["Servers", "delivered", "free_port", "serving"]

_PROGRAMS = {
    "postfix": "/usr/sbin/postfix",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "dovecot-pop3d": "/usr/lib/dovecot/pop3",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
}

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = {name}
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.2/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = texthash:{folder}/etc/transport
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_forbid_bare_newline = normalize
smtpd_tls_chain_files = {folder}/etc/key.pem, {folder}/etc/cert.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/run/auth-postfix
smtpd_peername_lookup = no
smtputf8_enable = no
"""
_SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
"""
DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/etc/cert.pem
ssl_key = <{folder}/etc/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:~/Maildir
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/etc/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
"""


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def delivered(letter: Path) -> tuple[int, int]:
    """When Dovecot stored a letter: seconds and µs, which its file's name gives without leading zeros."""
    seconds, micros = re.match(r"(\d+)\.M(\d+)", letter.name).groups()  # type: ignore[union-attr]
    return int(seconds), int(micros)


@dataclass(frozen=True, slots=True)
class Servers:
    """The two of them: where they listen, and what they keep."""

    folder: Path
    ports: Mapping[str, int]

    def letters(self, address: str) -> list[bytes]:
        """The letters in somebody's INBOX, with the line ends of the wire."""
        found = self.folder.glob(f"mail/{address}/Maildir/*/*")
        inbox = sorted((path for path in found if path.parent.name in ("new", "cur")), key=delivered)
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in inbox]

    def logs(self) -> str:
        """What they wrote down, for the message of a test that fails."""
        logs = [self.folder / "postfix.log", self.folder / "dovecot.log"]
        return "\n".join(path.read_text(errors="replace") for path in logs if path.exists())


@contextmanager
def serving(
    folder: Path, identity: Identity, domain: str, accounts: Mapping[str, str], transport: Mapping[str, int]
) -> Iterator[Servers]:
    """Start both for `domain`, with the accounts (address: password); `transport` sends domains to loopback ports."""
    _need()
    names = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "lmtp")
    servers = Servers(folder, {name: free_port() for name in names})
    _configure(servers, identity, domain, accounts, transport)
    dovecot = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "etc/dovecot.conf")], stderr=subprocess.DEVNULL)
    postfix = ["postfix", "-c", str(folder / "etc")]
    try:
        started = subprocess.run([*postfix, "start"], capture_output=True, timeout=60, check=False)
        assert started.returncode == 0, started.stderr.decode() + servers.logs()
        _wait(servers)
        yield servers
    finally:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run([*postfix, "stop"], capture_output=True, timeout=60, check=False)
        dovecot.terminate()
        dovecot.wait(20)


def _need() -> None:
    """Skip where they cannot be started, and say why."""
    missing = [package for package, path in _PROGRAMS.items() if not Path(path).exists()]
    if missing:
        pytest.skip("needs Debian's " + ", ".join(missing))
    if os.geteuid() != 0:
        pytest.skip("needs to be root: Postfix and Dovecot start as root and then give it up")


def _configure(
    servers: Servers, identity: Identity, domain: str, accounts: Mapping[str, str], transport: Mapping[str, int]
) -> None:
    folder = servers.folder
    for name in ("etc", "queue", "data", "run", "state", "mail"):
        (folder / name).mkdir()
    nobody = pwd.getpwnam("nobody")
    for path in (folder, folder / "etc", folder / "mail"):
        path.chmod(0o755)
    shutil.chown(folder / "mail", "nobody", nobody.pw_gid)
    shutil.chown(folder / "data", "postfix")
    words = {"folder": folder, "name": identity.names[0], "domain": domain, **servers.ports}
    words |= {"uid": nobody.pw_uid, "gid": nobody.pw_gid}
    files = {
        "main.cf": MAIN.format(**words),
        "master.cf": MASTER.format(**words) + _SERVICES,
        "dovecot.conf": DOVECOT.format(**words),
        "mailboxes": "".join(f"{address} x\n" for address in accounts),
        "passwords": "".join(f"{address}:{password}::::::\n" for address, password in accounts.items()),
        "transport": "".join(f"{name} smtp:[127.0.0.1]:{port}\n" for name, port in transport.items()),
        "cert.pem": identity.cert_pem.decode(),
        "key.pem": identity.key_pem.decode(),
    }
    for name, text in files.items():
        (folder / "etc" / name).write_text(text, encoding="utf-8")
    (folder / "etc" / "key.pem").chmod(0o600)


def _wait(servers: Servers, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    for port in servers.ports.values():
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < end, servers.logs()
                time.sleep(0.05)
