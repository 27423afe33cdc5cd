"""Issue 4, section 2 (live mode) and the programs of its "Done when", against one running `mailflow live open-house`.

Judged elsewhere: the fence, the replay through link and socket and the kills in tests/live; the row of the bench in
tests/bench.
"""

from __future__ import annotations

import imaplib
import json
import poplib
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.outside import mailflow, need, terminal
from tests.live.clients import fetched, handed_in, letter, line_of, popped, wait_for
from tests.live.house import House, living

SERVICES = {"smtp", "submission", "submissions", "smtps", "imap", "imaps", "pop3", "pop3s", "dns", "resolver"}
QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One running open-house for all tests of this module."""
    with living() as running:
        yield running


def told(*command: str, given: str | bytes = "", code: int = 0, where: Path | None = None, seconds: float = 40) -> str:
    """What a program prints, once it has ended with the exit code that was expected."""
    octets = given.encode() if isinstance(given, str) else given
    done = subprocess.run(command, input=octets, capture_output=True, timeout=seconds, cwd=where, check=False)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == code, said
    return said


def need_swaks() -> None:
    """Skip the test unless swaks is there, with what it needs for TLS."""
    need("swaks")
    if subprocess.run(["perl", "-MNet::SSLeay", "-e", "1"], capture_output=True, check=False).returncode:
        pytest.skip("needs Debian's libnet-ssleay-perl")


# Endpoints


def test_the_endpoints_file_names_every_service_of_the_first_mail_server(house: House) -> None:
    assert set(house.facts) >= SERVICES | {"ca_file", "server_name", "domain", "users", "unknown_rcpt", "relay_rcpt"}
    assert house.facts["submissions"] == house.facts["smtps"]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+", house.facts[service]) for service in SERVICES)
    assert all(1024 < house.port(service) < 65536 for service in SERVICES)


def test_the_endpoints_name_accounts_and_addresses_to_try(house: House) -> None:
    facts = house.facts
    domain = "@" + facts["domain"]
    assert len(house.users) >= 4 and all(address.endswith(domain) for address, _ in house.users)
    assert all(character in house.users[1][1] for character in ' "\\')
    assert facts["unknown_rcpt"].endswith(domain) and facts["unknown_rcpt"] not in facts["users"]
    assert not facts["relay_rcpt"].endswith(domain) and not facts["outside_sender"].endswith(domain)
    assert facts["others"] and set(facts["others"][0]) >= {"smtp", "server_name", "domain", "users", "dns"}


def test_every_port_of_the_endpoints_is_open_when_the_file_is_there(house: House) -> None:
    for service in SERVICES:
        socket.create_connection(("127.0.0.1", house.port(service)), 5).close()


def test_the_start_prints_ports_accounts_and_commands_to_paste(house: House) -> None:
    said = house.said()
    for word in ("swaks", "curl", "openssl s_client", "dig", "mutt", "993", str(house.port("imaps")), house.ca_file):
        assert word in said, word
    assert all(address in said for address, _ in house.users)


def test_the_commands_that_are_printed_can_be_pasted(house: House, tmp_path: Path) -> None:
    need_swaks()
    need("curl", "openssl", "dig", "mutt")
    address = house.users[0][0]
    handed_in(house, "for the pasted ones", to=address)
    wait_for(house, "for the pasted ones")
    (tmp_path / "letter.eml").write_bytes(letter("pasted", house.facts["relay_rcpt"], address))
    commands = re.findall(r"(?m)^# .*\n(.+)$", house.said())
    assert {command.split()[0] for command in commands} == {"swaks", "curl", "openssl", "dig", "mutt"}
    for command in commands:
        more = f" -s pasted {address}" if command.startswith("mutt") else ""
        goodbye = "QUIT\n" if "-starttls smtp" in command else "a LOGOUT\n"
        told("sh", "-c", command + more, given=goodbye, where=tmp_path)
    wait_for(house, "pasted")


def test_another_server_can_be_put_first() -> None:
    with living("--server", "mx-guest") as other:
        assert other.facts["domain"] == "guest.example"
        assert other.facts["others"][0]["domain"] == "open.example"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_removes_the_endpoints_file(number: int) -> None:
    with living() as running:
        with socket.create_connection(("127.0.0.1", running.port("smtp")), 5) as client:
            client.settimeout(5)
            assert client.recv(100).startswith(b"220 ")
            assert running.end(number) == 0
            assert client.recv(100).startswith(b"421 ")
        assert not (running.folder / "endpoints.json").exists()
        assert "Traceback" not in running.said()


def test_the_port_base_decides_every_port() -> None:
    with living("--port-base", "23000") as running:
        assert running.port("smtp") == 23025 and running.port("imaps") == 23993 and running.port("dns") == 23053
        assert all(23000 <= running.port(service) < 24000 for service in SERVICES)


def test_the_outside_world_is_let_in_only_after_a_plain_warning(house: House) -> None:
    listening = told("ss", "-Hlntu") if Path("/usr/bin/ss").exists() or Path("/bin/ss").exists() else ""
    assert f"0.0.0.0:{house.port('smtp')}" not in listening
    with living("--expose") as running:
        assert re.search(r"(?i)warning.*(network|anybody|everybody)", running.said(), re.DOTALL)


def test_a_world_with_names_of_others_is_refused() -> None:
    run = mailflow("live", "lecture")
    assert run.code == 2 and "lecture" in run.text and "Traceback" not in run.text


# Mail through Python's clients


def test_a_letter_is_submitted_with_a_password_and_fetched_by_imap_and_pop3(house: House) -> None:
    handed_in(house, "first of all", to=house.users[2][0], text="Every octet is real.")
    arrived = wait_for(house, "first of all", 2)
    assert b"Every octet is real.\r\n" in arrived and b"Received: from" in arrived
    assert any(b"Subject: first of all" in one for one in popped(house, 2))


def test_the_password_with_a_space_a_quote_and_a_backslash_opens_every_door(house: House) -> None:
    handed_in(house, "by the second", frm=1, to=house.users[1][0])
    wait_for(house, "by the second", 1)
    assert popped(house, 1)


def test_a_stranger_may_write_to_users_and_to_nobody_else(house: House) -> None:
    facts = house.facts
    with smtplib.SMTP("127.0.0.1", house.port("smtp"), timeout=20) as client:
        client.ehlo("elsewhere.example")
        assert client.mail(facts["outside_sender"])[0] == 250
        assert client.rcpt(house.users[0][0])[0] == 250
        assert client.rcpt(facts["unknown_rcpt"])[0] == 550
        assert client.rcpt(facts["relay_rcpt"])[0] == 554
        assert client.data(letter("from outside", house.users[0][0], facts["outside_sender"]))[0] == 250
    assert b"Return-Path: <" + facts["outside_sender"].encode() in wait_for(house, "from outside")


def test_a_user_may_write_to_the_other_domain_through_simulated_dns_and_links(house: House) -> None:
    other = house.facts["others"][0]
    there = next(iter(other["users"]))
    handed_in(house, "to the guests", to=there)
    guests = House(house.process, house.folder, other | {"ca_file": house.ca_file})
    assert b"for <" + there.encode() in wait_for(guests, "to the guests")


def test_starttls_works_on_imap_pop3_and_the_relay_port(house: House) -> None:
    address, password = house.users[0]
    with imaplib.IMAP4("127.0.0.1", house.port("imap"), timeout=20) as client:
        assert "LOGINDISABLED" in client.capabilities
        client.starttls(house.trust())
        assert client.login(address, password)[0] == "OK"
    pop = poplib.POP3("127.0.0.1", house.port("pop3"), timeout=20)
    pop.stls(house.trust())
    pop.user(address)
    assert pop.pass_(password).startswith(b"+OK")
    pop.quit()
    with smtplib.SMTP("127.0.0.1", house.port("smtp"), timeout=20) as relay:
        assert relay.starttls(context=house.trust())[0] == 220


def test_every_certificate_names_the_server_localhost_and_its_address(house: House) -> None:
    for port in (house.port("imaps"), house.port("pop3s"), house.port("submissions")):
        for name in (house.facts["server_name"], "localhost", "127.0.0.1"):
            with (
                socket.create_connection(("127.0.0.1", port), 10) as raw,
                house.trust().wrap_socket(raw, server_hostname=name) as secure,
            ):
                assert secure.version() in ("TLSv1.3", "TLSv1.2")


def test_keys_are_real_and_new_in_every_run(house: House) -> None:
    need("openssl")
    with living() as other:
        assert Path(other.ca_file).read_bytes() != Path(house.ca_file).read_bytes()
    shown = told("openssl", "x509", "-in", house.ca_file, "-noout", "-text", "-dates")
    assert "Public-Key: (2048 bit)" in shown
    year = re.search(r"notBefore=.* (\d{4}) GMT", shown)
    assert year and abs(int(year.group(1)) - time.gmtime().tm_year) <= 1


# Slow, silent and many


def test_silent_and_slow_clients_make_nobody_wait(house: House) -> None:
    with ExitStack() as stack:
        for service in ("smtp", "submission", "submissions", "imaps", "pop3s", "dns"):
            silent = socket.create_connection(("127.0.0.1", house.port(service)), 5)
            stack.enter_context(silent).sendall(b"E" if service == "smtp" else b"")
        begin = time.monotonic()
        assert line_of(house.port("smtp")).startswith(b"220 ")
        assert time.monotonic() - begin < 3


def test_500_idle_and_200_busy_clients_are_served() -> None:
    with living("--speed", "max") as running, ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(socket.create_connection(("127.0.0.1", running.port("smtp")), 20))
        busy = [
            stack.enter_context(socket.create_connection(("127.0.0.1", running.port("smtp")), 20)) for _ in range(200)
        ]
        rcpt = running.users[0][0].encode()
        for client in busy:
            client.settimeout(60)
            client.sendall(b"EHLO busy.example\r\n")
        for client in busy:
            dialogue(client, b"MAIL FROM:<a@elsewhere.example>\r\nRCPT TO:<" + rcpt + b">\r\nDATA\r\n", b"354 ")
        for client in busy:
            dialogue(client, b"Subject: busy\r\n\r\nIndeed.\r\n.\r\nQUIT\r\n", b"221 ")


def dialogue(client: socket.socket, say: bytes, until: bytes) -> bytes:
    """Say something and read until a line begins with `until`."""
    client.sendall(say)
    got = b""
    while not re.search(rb"(?m)^" + until, got):
        octets = client.recv(65536)
        assert octets, got
        got += octets
    return got


# What is kept, what is shown


def test_a_trace_of_a_live_run_can_be_asked_like_any_other(tmp_path: Path) -> None:
    kept = tmp_path / "live.jsonl"
    with living("--trace", str(kept)) as running:
        handed_in(running, "for the trace")
        wait_for(running, "for the trace")
        assert running.end() == 0
    assert json.loads(kept.read_text(encoding="utf-8").splitlines()[0])["mailflow-trace"] == 1
    asked = mailflow("ask", str(kept), "deliver | count", "--json")
    assert asked.code == 0 and json.loads(asked.out)["value"] == 1
    said = mailflow("trace", str(kept), "--as", "transcript")
    assert said.code == 0 and "Subject: for the trace" in said.out


def test_the_timeline_runs_only_when_asked() -> None:
    with living("--speed", "max", "--timeline", "--server", "mail-beta", scenario="ten-lines") as running:
        wait_for(running, "Hello", seconds=20)
    with living("--speed", "max", "--server", "mail-beta", scenario="ten-lines") as running:
        time.sleep(1)
        assert fetched(running, "Hello") is None


def test_an_accepted_letter_survives_a_kill(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    with living("--state", state) as running:
        handed_in(running, "kept on the disk")
        running.end(signal.SIGKILL)
    with living("--state", state) as running:
        assert b"Subject: kept on the disk" in wait_for(running, "kept on the disk")


def test_the_world_screen_follows_a_live_run(tmp_path: Path) -> None:
    need("tmux")
    endpoints = tmp_path / "endpoints.json"
    command = (
        f"mailflow live open-house --tui --lang en --port-base 0 --endpoints {endpoints} --ca-file {tmp_path}/ca.pem"
    )
    with terminal(command, 120, 40) as it:
        it.wait_for("F1", seconds=30)
        facts = json.loads(endpoints.read_text(encoding="utf-8"))
        line_of(int(facts["smtp"].rpartition(":")[2]))
        it.press("End")
        it.wait_for("220 ", seconds=10)
        it.press("q")
        it.wait_for(r"shell>\s*\Z", seconds=10)
    assert not endpoints.exists()


# Programs that nobody here wrote


@pytest.mark.parametrize("scheme", ["smtp", "submission", "smtps"])
def test_curl_sends(house: House, scheme: str) -> None:
    need("curl")
    (address, password), subject = house.users[0], f"by curl {scheme}"
    command = ["curl", "-sS", "--cacert", house.ca_file, "--mail-from", address, "--mail-rcpt", address, "-T", "-"]
    if scheme != "smtp":
        command += ["--ssl-reqd", "-u", f"{address}:{password}"]
    url = f"smtps://127.0.0.1:{house.port('smtps')}" if scheme == "smtps" else f"smtp://127.0.0.1:{house.port(scheme)}"
    told(*command, url, given=letter(subject, address, address))
    wait_for(house, subject)


@pytest.mark.parametrize("scheme", ["imap", "imaps", "pop3", "pop3s"])
def test_curl_fetches(house: House, scheme: str) -> None:
    need("curl")
    address, password = house.users[3]
    handed_in(house, "for curl", to=address)
    wait_for(house, "for curl", 3)
    path = "INBOX;MAILINDEX=1" if scheme.startswith("imap") else "1"
    url = f"{scheme}://127.0.0.1:{house.port(scheme)}/{path}"
    said = told("curl", "-sS", "--ssl-reqd", "--cacert", house.ca_file, "-u", f"{address}:{password}", url)
    assert "Subject: for curl" in said


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("user", [0, 1])
def test_swaks_logs_in(house: House, mechanism: str, user: int) -> None:
    need_swaks()
    address, password = house.users[user]
    subject = f"by swaks {mechanism} {user}"
    told(
        "swaks", "--server", f"127.0.0.1:{house.port('submission')}", "--tls", "--tls-verify", "--tls-ca-path",
        house.ca_file, "--auth", mechanism, "--auth-user", address, "--auth-password", password, "--from", address,
        "--to", address, "--header", f"Subject: {subject}",
    )  # fmt: skip
    wait_for(house, subject, user)


@pytest.mark.parametrize("option", ["--tls-on-connect", "--pipeline"])
def test_swaks_speaks_tls_at_once_and_pipelines(house: House, option: str) -> None:
    need_swaks()
    address, password = house.users[0]
    service = "submissions" if option == "--tls-on-connect" else "smtp"
    login = ["--auth", "PLAIN", "--auth-user", address, "--auth-password", password] if service == "submissions" else []
    subject = f"by swaks {option}"
    told(
        "swaks", "--server", f"127.0.0.1:{house.port(service)}", option, *login, "--from", address, "--to", address,
        "--header", f"Subject: {subject}",
    )  # fmt: skip
    wait_for(house, subject)


@pytest.mark.parametrize("service", ["smtp", "submission", "imap", "pop3", "submissions", "imaps", "pop3s"])
def test_openssl_verifies_chain_and_name(house: House, service: str) -> None:
    need("openssl")
    upgrade = {"smtp": "smtp", "submission": "smtp", "imap": "imap", "pop3": "pop3"}.get(service)
    options = ["-starttls", upgrade] if upgrade else []
    said = told(
        "openssl", "s_client", "-connect", f"127.0.0.1:{house.port(service)}", "-CAfile", house.ca_file, "-verify_return_error",
        "-verify_hostname", house.facts["server_name"], *options,
    )  # fmt: skip
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_old_and_new_versions_of_tls_are_spoken(house: House, version: str) -> None:
    need("openssl")
    said = told(
        "openssl", "s_client", "-connect", f"127.0.0.1:{house.port('imaps')}", "-CAfile", house.ca_file,
        "-verify_return_error", version,
    )  # fmt: skip
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.parametrize("transport", ["+notcp +noedns", "+tcp", "+edns=0 +bufsize=1232", "+edns=0 +bufsize=4096"])
def test_dig_asks_the_name_server_of_the_domain(house: House, transport: str) -> None:
    need("dig")
    domain = house.facts["domain"]

    def ask(*question: str) -> str:
        options = ["-p", str(house.port("dns")), "@127.0.0.1", "+tries=1", "+norecurse", *transport.split()]
        return told("dig", *options, *question)

    assert re.search(r"flags:[^;]* aa", ask(domain, "MX")) and f" {house.facts['server_name']}." in ask(domain, "MX")
    for name, type_ in (
        (house.facts["server_name"], "A"),
        (house.facts["server_name"], "AAAA"),
        (f"www.{domain}", "CNAME"),
    ):
        assert "ANSWER: 1," in ask(name, type_), type_
    assert "ANSWER: 1," in ask(f"anything.lab.{domain}", "A")
    assert "status: NXDOMAIN" in ask(f"nothing-here.{domain}", "A")
    long = ask(f"long.{domain}", "TXT")
    assert len("".join(re.findall(r'"([^"]*)"', long.partition("ANSWER SECTION")[2].partition(";;")[0]))) > 255
    big = ask(f"big.{domain}", "TXT")
    assert int(re.findall(r"MSG SIZE\s+rcvd: (\d+)", big)[-1]) > 1232


def test_dig_is_sent_to_tcp_for_an_answer_over_1232_octets(house: House) -> None:
    need("dig")
    question = ["-p", str(house.port("dns")), "@127.0.0.1", "+norecurse", f"big.{house.facts['domain']}", "TXT"]
    assert re.search(r"flags:[^;]* tc", told("dig", *question, "+bufsize=1232", "+ignore"))
    assert "Truncated, retrying in TCP mode" in told("dig", *question, "+bufsize=1232")


@pytest.mark.parametrize("family", ["A", "AAAA"])
def test_dig_finds_names_of_addresses_through_the_resolver(house: House, family: str) -> None:
    need("dig")
    at = ["-p", str(house.port("resolver")), "@127.0.0.1", "+tries=1"]
    name = house.facts["server_name"]
    address = told("dig", *at, "+short", name, family).strip()
    assert address
    assert told("dig", *at, "+short", "-x", address).strip() == f"{name}."


def test_msmtp_sends(house: House, tmp_path: Path) -> None:
    need("msmtp")
    address, password = house.users[1]
    settings = tmp_path / "msmtprc"
    settings.write_text(
        f"account a\nhost 127.0.0.1\nport {house.port('submission')}\nauth on\nuser {address}\ntls on\ntls_starttls on\n"
        f'tls_trust_file {house.ca_file}\nfrom {address}\npasswordeval "cat {tmp_path}/secret"\naccount default : a\n'
    )
    settings.chmod(0o600)
    (tmp_path / "secret").write_text(password + "\n")
    told("msmtp", "-C", str(settings), address, given=letter("by msmtp", address, address))
    wait_for(house, "by msmtp", 1)


def test_mutt_sends_keeps_a_copy_and_shows_the_letter(house: House, tmp_path: Path) -> None:
    need("mutt", "tmux")
    address, password = house.users[1]
    secret = password.translate(QUOTED)
    settings = tmp_path / "muttrc"
    settings.write_text(
        f'set from="{address}" use_from=yes realname="P" header_cache="" message_cachedir=""\n'
        f'set ssl_starttls=yes ssl_force_tls=yes ssl_ca_certificates_file="{house.ca_file}"\n'
        f'set smtp_url="smtp://{address}@127.0.0.1:{house.port("submission")}/" smtp_pass="{secret}"\n'
        f'set imap_user="{address}" imap_pass="{secret}" folder="imap://127.0.0.1:{house.port("imap")}/"\n'
        f'set spoolfile="+INBOX" record="+Sent" postponed="" copy=yes sort=reverse-date\n'
    )
    told("mutt", "-n", "-F", str(settings), "-s", "by mutt", address, given="Hello from mutt.\n")
    wait_for(house, "by mutt", 1)
    with imaplib.IMAP4_SSL("127.0.0.1", house.port("imaps"), ssl_context=house.trust(), timeout=20) as client:
        client.login(address, password)
        client.select("Sent", readonly=True)
        assert client.search(None, "SUBJECT", '"by mutt"')[1] != [b""]
    with terminal(f"mutt -n -F {settings}; mailflow --version", 120, 40) as it:
        it.wait_for("by mutt", seconds=20)
        it.press("q")


@pytest.mark.parametrize("protocol", ["IMAP", "POP3"])
@pytest.mark.parametrize("door", ["starttls", "implicit"])
def test_fetchmail_fetches(house: House, tmp_path: Path, protocol: str, door: str) -> None:
    need("fetchmail")
    address, password = house.users[1]
    subject = f"for fetchmail {protocol} {door}"
    handed_in(house, subject, to=address)
    wait_for(house, subject, 1)
    service = protocol.lower() + ("s" if door == "implicit" else "")
    secure = "ssl" if door == "implicit" else "sslproto 'TLS1+'"
    settings = tmp_path / "fetchmailrc"
    settings.write_text(
        f"poll 127.0.0.1 protocol {protocol} port {house.port(service)}\n"
        f"  user '{address}' password '{password.translate(QUOTED)}' {secure} sslcertck sslcertfile '{house.ca_file}'\n"
        f'  keep fetchall mda "cat >> {tmp_path}/got"\n'
    )
    settings.chmod(0o600)
    told("fetchmail", "-f", str(settings), "--pidfile", str(tmp_path / "pid"), "-i", str(tmp_path / "ids"))
    assert f"Subject: {subject}" in (tmp_path / "got").read_text(encoding="utf-8")


def test_mbsync_synchronises_both_ways(house: House, tmp_path: Path) -> None:
    need("mbsync")
    address, password = house.users[3]
    handed_in(house, "for mbsync", to=address)
    wait_for(house, "for mbsync", 3)
    settings = tmp_path / "mbsyncrc"
    settings.write_text(
        f"IMAPStore far\nHost localhost\nPort {house.port('imaps')}\nUser {address}\nPass {password}\nSSLType IMAPS\n"
        f"CertificateFile {house.ca_file}\n\nMaildirStore near\nPath {tmp_path}/near/\nInbox {tmp_path}/near/INBOX\n\n"
        "Channel all\nFar :far:\nNear :near:\nPatterns INBOX Sent\nCreate Both\nExpunge Both\nSyncState *\n"
    )
    (tmp_path / "near").mkdir()
    command = ("mbsync", "-c", str(settings), "-a")
    told(*command)
    inbox = tmp_path / "near" / "INBOX"
    arrived = [path for path in inbox.glob("*/*") if "Subject: for mbsync" in path.read_text(errors="replace")]
    assert len(arrived) == 1
    seen = inbox / "cur" / (arrived[0].name.partition(":")[0] + ":2,S")
    arrived[0].rename(seen)
    (inbox / "new" / "made.here").write_bytes(letter("made near", address))
    told(*command)
    assert fetched(house, "made near", 3)
    before = sorted(path.name for path in inbox.glob("*/*"))
    told(*command)
    assert sorted(path.name for path in inbox.glob("*/*")) == before
    with imaplib.IMAP4_SSL("127.0.0.1", house.port("imaps"), ssl_context=house.trust(), timeout=20) as client:
        client.login(address, password)
        client.select("INBOX", readonly=True)
        assert client.search(None, "SEEN", "SUBJECT", '"for mbsync"')[1] != [b""]


def test_a_client_that_breaks_off_in_the_handshake_disturbs_nobody(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port("imaps")), 10) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    with (
        pytest.raises((ssl.SSLError, OSError)),
        socket.create_connection(("127.0.0.1", house.port("imaps")), 10) as raw,
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")
    assert line_of(house.port("smtp")).startswith(b"220 ")
