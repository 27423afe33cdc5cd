"""The items of STATUS, which the server answers and the client may ask for. RFC 9051, 6.3.11; RFC 3501, 6.3.10."""

from __future__ import annotations

from typing import Final

ITEMS: Final = ("MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "SIZE")
"""In the order in which they are answered, whatever the order asked; SIZE is RFC 9051's."""
