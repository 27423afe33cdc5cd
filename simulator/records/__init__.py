"""What the trace says about mail: the kinds of record, folds of the trace to any event, stories and invariants.

Importing the package declares every kind, so that queries know all names.
"""

from __future__ import annotations

from simulator.records import kinds_access, kinds_dns, kinds_message, kinds_queue, kinds_smtp

__all__ = ["kinds_access", "kinds_dns", "kinds_message", "kinds_queue", "kinds_smtp"]
