"""Content-Transfer-Encoding both ways: 7bit, 8bit, quoted-printable, base64.

Why: writing follows one fixed layout so that a letter has the same octets everywhere; reading accepts damage, since
hostile letters are shown, not refused. RFC 2045 6.
"""

import binascii

_BASE64_LINE = 57  # octets in, 76 characters out (RFC 2045 6.8)
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_QP_LINE = 75  # and the soft break makes 76 (RFC 2045 6.7 (5))
_QP = [f"={octet:02X}" for octet in range(256)]
for _octet in range(33, 127):
    _QP[_octet] = chr(_octet)
_QP[ord("=")] = "=3D"
_QP[32], _QP[9] = " ", "\t"
MAX_LINE = 998  # RFC 5322 2.1.1


def choose_encoding(octets: bytes) -> str:
    """Return `7bit` for short ASCII lines, else the shorter of `quoted-printable` and `base64`. `octets` has CRLF
    line ends.
    """
    if is_clean(octets) and octets.isascii():
        return "7bit"
    special = len(octets) - sum(map(octets.count, _PLAIN_OCTETS))
    return "quoted-printable" if special * 3 < len(octets) // 2 else "base64"


_PLAIN_OCTETS = [bytes((octet,)) for octet in (*range(32, 61), *range(62, 127), 9, 10, 13)]


def is_clean(octets: bytes) -> bool:
    """Tell whether octets may travel as 7bit or 8bit: no NUL, no bare CR or LF, lines of at most 998. RFC 2045 2.7,
    2.8.
    """
    if b"\0" in octets or not octets.count(b"\r") == octets.count(b"\n") == octets.count(b"\r\n"):
        return False
    return len(octets) <= MAX_LINE or max(map(len, octets.split(b"\r\n"))) <= MAX_LINE


def encode(octets: bytes, encoding: str) -> bytes:
    """Return octets in a transfer encoding of choose_encoding's, CRLF line ends; base64 ends without a line break."""
    if encoding == "base64":
        return encode_base64(octets)
    if encoding == "quoted-printable":
        return encode_quoted_printable(octets)
    return octets


def encode_base64(octets: bytes) -> bytes:
    """Return lines of 76 characters joined by CRLF. RFC 2045 6.8."""
    steps = range(0, len(octets), _BASE64_LINE)
    return b"\r\n".join([binascii.b2a_base64(octets[i : i + _BASE64_LINE], newline=False) for i in steps])


def encode_quoted_printable(octets: bytes) -> bytes:
    """Return quoted-printable text; CRLF stays a line break, a bare CR or LF is quoted. RFC 2045 6.7."""
    return b"\r\n".join([_qp_line(line) for line in octets.split(b"\r\n")])


def _qp_line(line: bytes) -> bytes:
    cells = [_QP[octet] for octet in line]
    if cells and cells[-1] in " \t":
        cells[-1] = f"={line[-1]:02X}"  # RFC 2045 6.7 (3): no white space at the end of a line
    rows: list[str] = []
    start = used = 0
    for i, cell in enumerate(cells):
        if used + len(cell) > _QP_LINE:
            rows.append("".join(cells[start:i]))
            start, used = i, 0
        used += len(cell)
    rows.append("".join(cells[start:]))
    return "=\r\n".join(rows).encode("ascii")


def decode(octets: bytes, encoding: str) -> bytes:
    """Return the content of a part; unknown encodings give the octets as they are, damage is passed over."""
    name = encoding.strip().lower()
    if name == "base64":
        return decode_base64(octets)
    if name == "quoted-printable":
        return binascii.a2b_qp(octets)
    return octets


def decode_base64(octets: bytes) -> bytes:
    """Return what can be read of base64 text: foreign octets are skipped, reading ends at `=`, an incomplete tail is
    cut.
    """
    clean = octets.partition(b"=")[0].translate(None, _NOT_BASE64)
    whole = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
