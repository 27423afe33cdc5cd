"""What is remembered of texts, and what is too long to be."""

from __future__ import annotations

from simulator.message.remembering import SHORT, remembers_short


def test_a_short_text_is_worked_out_once_and_a_long_one_each_time() -> None:
    asked: list[str] = []

    @remembers_short(2)
    def size(text: str) -> int:
        """Count."""
        asked.append(text)
        return len(text)

    short, long = "x" * SHORT, "x" * (SHORT + 1)
    assert [size(short), size(short), size(long), size(long)] == [SHORT, SHORT, SHORT + 1, SHORT + 1]
    assert asked == [short, long, long]
    assert size.__doc__ == "Count."
