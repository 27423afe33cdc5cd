"""smtplib, swaks, curl and msmtp, which nobody here wrote, talk to the server core over a socket on the loopback."""

import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.protocol.smtp.listening import Door, authority

LETTER = b"From: alice@alpha.test\r\nTo: bob@alpha.test\r\nSubject: hi\r\n\r\n.dot\r\n..dots\r\nbye\r\n"
USER, PASSWORD = "alice@alpha.test", "alice-pw"
MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5"]
ALL = "auth=PLAIN,LOGIN,CRAM-MD5,SCRAM-SHA-256 offers=all"
needs_swaks = pytest.mark.skipif(shutil.which("swaks") is None, reason="needs Debian's swaks")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
needs_msmtp = pytest.mark.skipif(shutil.which("msmtp") is None, reason="needs Debian's msmtp")


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """Open a door with the options in the test's parameter."""
    opened = Door(request.param)
    opened.start()
    yield opened
    opened.close()
    assert opened.failures == []


@pytest.fixture
def authority_file(tmp_path: Path) -> Path:
    """The certificate that a judge trusts."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority().ca_pem)
    return file


def run(*command: str, octets: bytes = b"") -> str:
    """Run a judge; its words, and a failure if it is not content."""
    done = subprocess.run(command, input=octets, capture_output=True, timeout=60, check=False)
    words = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, words
    return words


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority().ca_pem.decode("ascii"))


# smtplib


@pytest.mark.parametrize("door", [f"face=submission tls {ALL}"], indirect=True)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_smtplib_submits_under_starttls_by_each_mechanism(door: Door, mechanism: str) -> None:
    with smtplib.SMTP("127.0.0.1", door.port, local_hostname="c.example") as client:
        client.starttls(context=trusting())
        client.ehlo()
        client.user, client.password = USER, PASSWORD
        auth = getattr(client, f"auth_{mechanism.lower().replace('-', '_')}")
        assert client.auth(mechanism, auth, initial_response_ok=mechanism != "CRAM-MD5")[0] == 235
        client.sendmail(USER, ["bob@alpha.test"], LETTER)
    assert door.letters == [(USER, ("bob@alpha.test",), LETTER)]
    assert door.users == [(mechanism, USER)]


@pytest.mark.parametrize("door", [f"face=submissions {ALL}"], indirect=True)
def test_smtplib_sends_letters_in_utf_8_over_tls_on_connect(door: Door) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "почта@бета.test", "bob@alpha.test", "тема"
    letter.set_content("привет\n", cte="8bit")
    with smtplib.SMTP_SSL("127.0.0.1", door.port, local_hostname="c.example", context=trusting()) as client:
        client.login(USER, PASSWORD)
        client.send_message(letter)
        code, text = client.docmd("EXPN", "bob@alpha.test")
        assert (code, text.count(b"\n")) == (250, 1)
        assert client.help().startswith(b"2.0.0 Commands")
    ((sender, _, octets),) = door.letters
    assert sender == "почта@бета.test"
    assert "Subject: тема".encode() in octets


# swaks


@needs_swaks
@pytest.mark.parametrize("door", [f"face=submission clear {ALL}"], indirect=True)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_swaks_submits_by_each_mechanism(door: Door, mechanism: str) -> None:
    run(
        "swaks", "--server", "127.0.0.1", "--port", str(door.port), "--helo", "c.example", "--from", USER,
        "--to", "bob@alpha.test", "--auth", mechanism, "--auth-user", USER, "--auth-password", PASSWORD,
        "--body", ".dot\nbye",
    )  # fmt: skip
    assert [(sender, recipients) for sender, recipients, _ in door.letters] == [(USER, ("bob@alpha.test",))]
    assert b"\r\n.dot\r\nbye\r\n" in door.letters[0][2]
    assert door.users == [(mechanism, USER)]


@needs_swaks
@pytest.mark.parametrize("door", ["offers=all"], indirect=True)
def test_swaks_pipelines(door: Door) -> None:
    words = run(
        "swaks", "--server", "127.0.0.1", "--port", str(door.port), "--helo", "c.example", "--pipeline",
        "--from", "carol@beta.test", "--to", "bob@alpha.test,dave@alpha.test",
    )  # fmt: skip
    assert "** " not in words
    assert door.letters[0][1] == ("bob@alpha.test", "dave@alpha.test")


@needs_swaks
@pytest.mark.parametrize(
    ("door", "flag"), [(f"face=submission tls {ALL}", "-tls"), (f"face=submissions {ALL}", "-tlsc")], indirect=["door"]
)
def test_swaks_submits_under_tls(door: Door, flag: str, authority_file: Path) -> None:
    support = subprocess.run(["swaks", "--support"], capture_output=True, text=True, check=False).stdout
    if "TLS supported" not in support:
        pytest.skip("needs Debian's libnet-ssleay-perl")
    run(
        "swaks", "--server", "127.0.0.1", "--port", str(door.port), "--helo", "c.example", "--from", USER,
        "--to", "bob@alpha.test", "--auth", "PLAIN", "--auth-user", USER, "--auth-password", PASSWORD,
        "--tls-verify", "--tls-ca-path", str(authority_file), flag,
    )  # fmt: skip
    assert len(door.letters) == 1


# curl


def curl(door: Door, scheme: str, authority_file: Path, *more: str) -> str:
    return run(
        "curl", "-sS", "--max-time", "30", "--cacert", str(authority_file), f"{scheme}://127.0.0.1:{door.port}/c.example",
        "--mail-from", USER, "--mail-rcpt", "bob@alpha.test", "--upload-file", "-", *more, octets=LETTER,
    )  # fmt: skip


@needs_curl
@pytest.mark.parametrize("door", ["offers=all", "offers=PIPELINING"], indirect=True)
def test_curl_relays_a_letter(door: Door, authority_file: Path) -> None:
    curl(door, "smtp", authority_file)
    assert door.letters == [(USER, ("bob@alpha.test",), LETTER)]


@needs_curl
@pytest.mark.parametrize(
    ("door", "scheme"),
    [(f"face=submission tls {ALL}", "smtp"), (f"face=submissions {ALL}", "smtps")],
    indirect=["door"],
)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_curl_submits_under_tls_by_each_mechanism(
    door: Door, scheme: str, mechanism: str, authority_file: Path
) -> None:
    login = ("--user", f"{USER}:{PASSWORD}", "--login-options", f"AUTH={mechanism}", "--ssl-reqd")
    curl(door, scheme, authority_file, *login)
    assert door.letters == [(USER, ("bob@alpha.test",), LETTER)]
    assert door.users == [(mechanism, USER)]


# msmtp


@needs_msmtp
@pytest.mark.parametrize(
    ("door", "starttls"),
    [(f"face=submission tls {ALL}", "on"), (f"face=submissions {ALL}", "off")],
    indirect=["door"],
)
@pytest.mark.parametrize("mechanism", [*MECHANISMS, "SCRAM-SHA-256"])
def test_msmtp_submits_under_tls_by_each_mechanism(
    door: Door, starttls: str, mechanism: str, authority_file: Path
) -> None:
    run(
        "msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={door.port}", "--domain=c.example", "--tls=on",
        f"--tls-starttls={starttls}", f"--tls-trust-file={authority_file}", f"--auth={mechanism.lower()}",
        f"--user={USER}", f"--passwordeval=echo {PASSWORD}", f"--from={USER}", "bob@alpha.test", octets=LETTER,
    )  # fmt: skip
    ((sender, recipients, octets),) = door.letters
    assert (sender, recipients) == (USER, ("bob@alpha.test",))
    assert octets.endswith(b"\r\n\r\n.dot\r\n..dots\r\nbye\r\n")
    assert door.users == [(mechanism, USER)]


@needs_msmtp
@pytest.mark.parametrize("door", ["face=lmtp offers=all"], indirect=True)
def test_msmtp_delivers_by_lmtp(door: Door) -> None:
    run(
        "msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={door.port}", "--domain=c.example", "--protocol=lmtp",
        "--from=carol@beta.test", "bob@alpha.test", "dave@alpha.test", octets=LETTER,
    )  # fmt: skip
    assert door.letters[0][1] == ("bob@alpha.test", "dave@alpha.test")
