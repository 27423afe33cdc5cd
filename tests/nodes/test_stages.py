"""Whether a stage was begun before, against a set that holds them all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.nodes.stages import Begun
from simulator.records.kinds_message import STAGES

BEGINNINGS = st.tuples(
    st.sampled_from(STAGES), st.integers(1, 40), st.sampled_from(["boris@beta.example", "olga@beta.example", ""])
)


@given(st.lists(BEGINNINGS, max_size=200))
def test_a_stage_begins_once_for_a_letter_and_a_recipient(course: list[tuple[str, int, str]]) -> None:
    begun, seen = Begun(), set[tuple[str, int, str]]()
    for one in course:
        assert begun.begin(*one) is (one not in seen)
        seen.add(one)


def test_what_is_no_stage_does_not_begin() -> None:
    with pytest.raises(KeyError):
        Begun().begin("lunch", 1, "boris@beta.example")
