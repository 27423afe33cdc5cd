"""Turn octets in a named character set into text and back, never raising.

Why: a hostile letter chooses the name, and Python's codec registry also holds slow or strange codecs (punycode,
unicode_escape), so only sets that mail programs really use are looked up. RFC 2045 2.2, RFC 2978.
"""

import re

from simulator.message.remembering import remembers_short

_ALLOWED = re.compile(
    r"(?:utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|koi8-[rut]|(?:windows-|cp)125[0-8]|(?:ibm|cp)(?:437|850|852|855|866)"
    r"|x?-?mac-cyrillic|gb2312|gbk|gb18030|big5|shift_jis|euc-jp|iso-2022-jp|euc-kr)"
)


@remembers_short(256)
def codec_name(charset: str) -> str | None:
    """Return the Python codec for a MIME charset name in any case, or None when the set is unknown or not allowed."""
    name = charset.strip().strip("\"'").lower().partition("*")[0]  # RFC 2231 5: an encoded word may name a language
    if not _ALLOWED.fullmatch(name):
        return None
    name = "mac-cyrillic" if name.endswith("mac-cyrillic") else name
    try:
        "".encode(name)
    except LookupError:
        return None
    return name


def decode_octets(octets: bytes, charset: str | None) -> str:
    """Decode by the declared set; undecodable octets become U+FFFD; without a usable set: UTF-8, else Latin-1."""
    codec = codec_name(charset) if charset else None
    if codec is not None and codec not in ("us-ascii", "ascii"):
        return octets.decode(codec, "replace")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
