"""Facts as typed columns."""

from __future__ import annotations

from datetime import date

import msgspec
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.fact_table import column_type, fact_table
from opencasb.model.factors import FACTORS
from tests.catalog.scored import facts_frame


def facts(*said: tuple[int, str, object]) -> pl.DataFrame:
    """Return ``Catalog.facts`` of some values; a text in brackets is used unchanged."""
    return facts_frame((app_id, key, msgspec.json.encode(value).decode()) for app_id, key, value in said)


FACTS = facts(
    (1, "is_soc2_compliant", True),
    (1, "is_soc2_compliant", False),
    (2, "is_soc2_compliant", "notApplicable"),
    (3, "is_soc2_compliant", False),
    (1, "latest_breach_date_time", "2012-07-01"),
    (2, "latest_breach_date_time", "none"),
    (1, "founded", 2007),
    (1, "sso_surcharge_percent", 12.5),
    (2, "sso_surcharge_percent", 300),
    (1, "logon_urls", ["https://a.example", "https://b.example"]),
    (2, "encryption_protocol", "notApplicable"),
    (3, "encryption_protocol", "tls1_2"),
    (9, "is_dmca", True),
)


def column(key: str, app_ids: tuple[int, ...] = (3, 1, 2, 4)) -> dict[int, object]:
    """Return the values of one factor by app."""
    return dict(fact_table(FACTS, pl.Series(app_ids), [key]).iter_rows())


def test_values_have_the_types_of_their_kinds() -> None:
    """The first of several facts is believed; "not applicable" is null except in columns of words."""
    assert column("is_soc2_compliant") == {1: True, 2: None, 3: False}
    assert column("latest_breach_date_time") == {1: date(2012, 7, 1), 2: None}
    assert column("founded") == {1: 2007}
    assert column("sso_surcharge_percent") == {1: 12.5, 2: 300.0}
    assert column("logon_urls") == {1: ["https://a.example", "https://b.example"]}
    assert column("encryption_protocol") == {2: "notApplicable", 3: "tls1_2"}


def test_only_apps_that_are_asked_for_have_rows() -> None:
    """One row per app with any of the facts; unknown ones are null."""
    table = fact_table(FACTS, pl.Series([1, 9]), ["founded", "is_dmca", "holding"])
    assert table.sort("app_id").rows() == [(1, 2007, None, None), (9, None, True, None)]
    assert fact_table(FACTS, pl.Series([], dtype=pl.Int64), ["founded"]).is_empty()


def test_every_factor_is_a_column_of_its_type_whatever_is_known() -> None:
    """The columns exist even without any fact."""
    for known in (FACTS, FACTS.clear()):
        table = fact_table(known, pl.Series([1, 2]), list(FACTORS))
        assert table.schema == {"app_id": pl.Int64, **{key: column_type(each) for key, each in FACTORS.items()}}


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(list(FACTORS)), st.text(max_size=8)), max_size=6))
def test_values_of_another_release_are_unknown(said: list[tuple[int, str, str]]) -> None:
    """Any text as a value gives a value or null, never an error."""
    broken = facts(*said).with_columns(pl.Series("value", [text for _, _, text in said], pl.String))
    for known in (facts(*said), broken):
        assert fact_table(known, pl.Series([1, 2, 3]), list(FACTORS)).width == len(FACTORS) + 1
