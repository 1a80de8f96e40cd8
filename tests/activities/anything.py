"""Hypothesis strategies for hostile records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**18, max_value=10**30)
    | st.floats()
    | st.text(max_size=12)
    | st.text(alphabet=st.characters(categories=("Cs", "Cc")), max_size=3)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def damaged(record: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a valid record with some keys removed or replaced by anything, including nested ones."""

    def changed(part: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        replaced = st.dictionaries(st.sampled_from(sorted(part)), json_values, max_size=2)
        gone = st.sets(st.sampled_from(sorted(part)), max_size=2)
        return st.builds(_apply, st.just(dict(part)), replaced, gone)

    inner = [name for name, value in record.items() if isinstance(value, dict) and value]
    whole = changed(record)
    parts = [st.builds(_with, st.just(record), st.just(name), changed(record[name])) for name in inner]
    return st.one_of(whole, *parts)


def _apply(part: dict[str, Any], replaced: Mapping[str, Any], gone: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in {**part, **replaced}.items() if name not in gone}


def _with(record: Mapping[str, Any], name: str, part: Any) -> dict[str, Any]:  # any JSON
    return {**record, name: part}
