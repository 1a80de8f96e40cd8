"""Values by the longest known suffix of a host."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.suffix_index import SuffixIndex, backwards, intervals, one_text

labels = st.sampled_from(["a", "b", "a-b", "ab", "com", "x/y", "é", "z\nz", ""])
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)
names = hosts.filter(lambda name: name.strip(".") == name and "\n" not in name and name != "")


def found(values: dict[str, tuple[int | None, int | None]], *asked: str) -> list[tuple[object, ...]]:
    """Return both values of each host."""
    frame = pl.DataFrame(
        [(name, *pair) for name, pair in values.items()],
        schema={"name": pl.String, "one": pl.Int64, "two": pl.Int64},
        orient="row",
    )
    return SuffixIndex(intervals(frame)).find(backwards(pl.Series(asked, dtype=pl.String))).rows()


def test_the_innermost_name_says_its_values() -> None:
    """Columns are independent: a value missing for a name is taken from its parent."""
    values = {"acme.com": (1, None), "com": (None, 4), "drive.acme.com": (2, 5), "net": (None, None)}
    asked = ("drive.acme.com", "x.drive.acme.com", "mydrive.acme.com", "acme.com", "acme-x.com", "net", "org", "")
    nothing = (None, None)
    assert found(values, *asked) == [(2, 5), (2, 5), (1, 4), (1, 4), (None, 4), nothing, nothing, nothing]


def test_an_index_of_nothing_says_nothing() -> None:
    """Without hosts there are no results."""
    assert found({}, "a.com") == [(None, None)]
    assert found({"com": (1, 1)}) == []


def test_hosts_are_turned_around() -> None:
    """A host's leading dot becomes its end; a line break inside it remains there."""
    assert backwards(pl.Series(["acme.com", "", "a"])).to_list() == ["moc.emca.", ".", "a."]
    assert backwards(pl.Series(["a\nb", "c"])).to_list() == ["b\na.", "c."]
    assert one_text(pl.Series(["acme.com", "b"])) == b".acme.com\n.b"


@given(st.dictionaries(names, st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))), st.lists(hosts))
def test_an_index_says_what_trying_every_suffix_says(
    values: dict[str, tuple[int | None, int | None]], asked: list[str]
) -> None:
    """The characters that sort before or after a dot do not matter."""

    def tried(host: str, column: int) -> int | None:
        parts = host.split(".")
        ends = (".".join(parts[n:]) for n in range(len(parts)))
        return next((said for end in ends if (said := values.get(end, (None, None))[column]) is not None), None)

    assert found(values, *asked) == [(tried(host, 0), tried(host, 1)) for host in asked]
