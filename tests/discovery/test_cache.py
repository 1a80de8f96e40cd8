"""Results are computed once while in use, and evicted by others."""

from __future__ import annotations

from opencasb.discovery.cache import Cache


def test_a_result_is_made_once_and_the_longest_unused_goes_first() -> None:
    """A hit keeps a result; if there are too many, the least recently used is evicted."""
    made: list[str] = []
    cache: Cache[str] = Cache(2)

    def ask(key: str) -> str:
        return cache.get(key, lambda: made.append(key) or key.upper())  # type: ignore[func-returns-value]

    assert [ask(key) for key in ("a", "b", "a", "c", "a", "b")] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]
