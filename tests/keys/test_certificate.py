"""Our own DER against the reader of a library that nobody here wrote."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from simulator.keys import der
from simulator.keys.certificate import Key, Statement, derived_key, server_extensions, signed

KEY = derived_key(1, "host a.example")


def certificate(
    serial: int = 1, names: tuple[str, ...] = ("a.example",), end: datetime | None = None
) -> x509.Certificate:
    statement = Statement(
        serial=serial,
        issuer="Teaching CA",
        subject=names[0],
        start=datetime(2024, 3, 23, 13, 20, tzinfo=UTC),
        end=end or datetime(2025, 3, 23, tzinfo=UTC),
        key=KEY,
        extensions=server_extensions(KEY, KEY, names, (b"\xc0\x00\x02\x19",)),
    )
    return x509.load_pem_x509_certificate(signed(statement, KEY))


@given(st.integers(1, 2**158))
def test_every_serial_number_reads_back(serial: int) -> None:
    assert certificate(serial).serial_number == serial


@pytest.mark.parametrize("year", [2049, 2050, 9999])
def test_both_forms_of_dates_read_back(year: int) -> None:
    end = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert certificate(end=end).not_valid_after_utc == end


@pytest.mark.parametrize("count", [1, 5, 20, 2_000])
def test_lengths_of_one_two_and_three_octets_read_back(count: int) -> None:
    names = tuple(f"host-{n}.a.example" for n in range(count))
    found = certificate(names=names).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(found.get_values_for_type(x509.DNSName)) == names


def test_the_signature_is_good() -> None:
    found = certificate()
    public = found.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(found.signature, found.tbs_certificate_bytes, ec.ECDSA(SHA256()))


@given(st.integers(1, 2**255))
def test_every_private_key_reads_back(number: int) -> None:
    key = load_pem_private_key(Key(number).pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.private_numbers().private_value == number


@pytest.mark.parametrize(
    ("value", "octets"), [(0, "020100"), (127, "02017f"), (128, "02020080"), (255, "020200ff"), (256, "02020100")]
)
def test_an_integer_never_reads_as_negative(value: int, octets: str) -> None:
    assert der.integer(value).hex() == octets
