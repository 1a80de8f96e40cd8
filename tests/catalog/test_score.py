"""Calculation of scores, for a single app and for all at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.catalog.fact import Fact, facts_of
from opencasb.catalog.score import LEAST_FACTS, LITTLE_EVIDENCE, Score, score, total_of
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.model.factor import NOT_APPLICABLE, Group, Importance, Kind, Value
from opencasb.model.factors import FACTORS, SCORED
from opencasb.model.score_settings import DEFAULT, GROUPS, ScoreSettings

DAY = "2026-01-01"


def fact(key: str, value: Value = True, date: str = DAY) -> Fact:
    """Return a fact dated ``DAY``."""
    return Fact(key, value, "test", date)


SIX = (
    fact("founded", 2006),  # 10 of age
    fact("consumer_popularity", 1000),  # 5
    fact("is_multi_factor_authentication"),  # 10
    fact("is_supports_saml", value=False),  # 0
    fact("latest_breach_date_time", "2022-01-01"),  # 4
    fact("is_dmca"),  # 10
)


def test_the_example_of_the_documentation() -> None:
    """Each group's score is the mean of its facts; the total is the mean of the groups with facts."""
    found = score(SIX)
    assert [group.score for group in found.groups] == [7.5, pytest.approx(14 / 3), None, 10.0]
    assert found.total == pytest.approx((7.5 + 14 / 3 + 10) / 3)
    assert (found.rounded, found.known, found.of) == (7, 6, len(DEFAULT.counting))
    assert found.low_evidence
    assert found.reason == ""


def test_the_documentation_has_its_numbers() -> None:
    """The calculation on the page gives the program's results."""
    page = (Path(__file__).parents[2] / "docs" / "scores.md").read_text("utf-8")
    saml = {"is_supports_saml": Importance.VERY_HIGH}
    heavy = score(SIX, ScoreSettings(factors=saml))
    both = score(SIX, ScoreSettings(factors=saml, groups={Group.LEGAL: Importance.IGNORED}))
    for found in (score(SIX), heavy, both):
        assert f"{found.total:.2f}" in page
    assert f"fewer than **{LEAST_FACTS}** facts" in page
    assert f"fewer than **{LITTLE_EVIDENCE}** facts" in page


def test_importance_moves_the_mean() -> None:
    """A negative fact with four times the weight lowers its group; an ignored group is left out."""
    heavy = score(SIX, ScoreSettings(factors={"is_supports_saml": Importance.VERY_HIGH}))
    assert heavy.groups[1].score == pytest.approx((10 * 2 + 0 * 8 + 4 * 2) / 12)
    alone = score(SIX, ScoreSettings(groups={Group.GENERAL: Importance.IGNORED, Group.LEGAL: Importance.IGNORED}))
    assert alone.total == pytest.approx(14 / 3)
    assert alone.known == 3


def test_what_is_missing_is_left_out_or_counts_as_nothing() -> None:
    """Unknown and not applicable factors are left out of the mean unless configured to count."""
    facts = (*SIX, fact("is_hipaa_compliant", NOT_APPLICABLE))
    assert score(facts).total == score(SIX).total
    counted = score(facts, ScoreSettings(counted=frozenset({"is_hipaa_compliant", "is_soc2_compliant"})))
    assert counted.groups[2].score == 0.0
    assert counted.total == pytest.approx((7.5 + 14 / 3 + 0 + 10) / 4)
    assert counted.known == 6
    remarks = {line.factor.key: line.remark for line in counted.lines}
    assert remarks["is_hipaa_compliant"] == "not applicable, counted as 0"
    assert remarks["is_soc2_compliant"] == "unknown, counted as 0"
    assert remarks["is_soc1_compliant"] == "unknown"


def test_too_few_facts_make_no_score() -> None:
    """They are unscored, with the reason; counting unknown factors does not add facts."""
    every = frozenset(SCORED)
    for number in range(LEAST_FACTS):
        found = score(SIX[:number], ScoreSettings(counted=every))
        assert (found.total, found.rounded, found.low_evidence) == (None, None, False)
        assert f"{LEAST_FACTS} are needed" in found.reason
    assert score(SIX[:LEAST_FACTS]).total is not None


def test_facts_that_do_not_count_are_no_evidence() -> None:
    """Ignored factors, informational ones and values without points do not contribute."""
    facts = [*SIX[:2], fact("is_file_sharing"), fact("vendor", "Contoso"), fact("encryption_protocol", NOT_APPLICABLE)]
    found = score(facts)
    assert (found.known, found.total) == (2, None)
    assert {line.factor.key: line.remark for line in found.lines}["is_file_sharing"] == "ignored"


def test_enough_facts_lift_the_mark_of_little_evidence() -> None:
    """From 8 facts on, a score has no such mark."""
    states = [fact(key) for key, factor in SCORED.items() if factor.kind is Kind.YES_NO and DEFAULT.weight(factor)]
    assert score(states[: LITTLE_EVIDENCE - 1]).low_evidence
    assert not score(states[:LITTLE_EVIDENCE]).low_evidence


def test_the_first_of_several_facts_is_believed() -> None:
    """Facts are ordered, the most believed first."""
    contrary = fact("is_multi_factor_authentication", value=False)
    assert score([*SIX, contrary]).total == score(SIX).total
    assert score([contrary, *SIX]).total != score(SIX).total


def test_halves_are_rounded_up() -> None:
    """7.5 is rounded to 8."""
    facts = [fact("is_supports_saml"), fact("is_multi_factor_authentication"), fact("is_user_audit_trail")]
    facts += [fact("is_data_audit_trail", value=False)]
    found = score(facts)
    assert found.total == 7.5
    assert found.rounded == 8


VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.YES_NO: st.booleans(),
    Kind.YEAR: st.integers(1900, 2030),
    Kind.RANK: st.integers(1, 10**7),
    Kind.DATE: st.dates().map(str),
    Kind.URL: st.just("https://example.com"),
}
KEYS = sorted(SCORED)


@st.composite
def any_facts(draw: st.DrawFn) -> list[Fact]:
    """Return facts about some factors."""
    made = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=20)):
        factor = FACTORS[key]
        words: st.SearchStrategy[Value] = st.sampled_from(factor.allowed) if factor.allowed else st.nothing()
        value = draw(VALUES.get(factor.kind, st.nothing()) | words)
        made.append(fact(key, value, draw(st.sampled_from([DAY, "2020-06-30", ""]))))
    return made


importances = st.sampled_from(list(Importance))
any_settings = st.builds(
    ScoreSettings,
    factors=st.dictionaries(st.sampled_from(KEYS), importances),
    groups=st.dictionaries(st.sampled_from(GROUPS), importances),
    counted=st.frozensets(st.sampled_from(KEYS)),
)


def frame_of(apps: list[list[Fact]]) -> pl.DataFrame:
    """Return ``Catalog.facts`` of apps with ids from 0."""
    rows = [
        (number, each.factor, msgspec.json.encode(each.value).decode(), each.source, each.date, "high", None, None)
        for number, facts in enumerate(apps)
        for each in facts
    ]
    names = ("app_id", "factor", "value", "source", "date", "confidence", "method", "evidence")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"app_id": pl.Int32}, orient="row")


def recomputed(found: Score) -> float | None:
    """Return the total calculated from what is shown."""
    means = []
    for group in found.groups:
        lines = [line for line in found.lines if line.factor.group is group.group and line.counts]
        weights = sum(line.weight for line in lines)
        points = sum((line.points or 0) * line.weight for line in lines)
        means.append((points / (weights * 100) if weights and group.weight else None, group.weight))
    return total_of(means)


@settings(max_examples=60, deadline=None)
@given(st.lists(any_facts(), max_size=4), any_settings)
def test_all_at_once_is_one_by_one_and_what_is_shown_adds_up(apps: list[list[Fact]], given_: ScoreSettings) -> None:
    """A catalog's scores are, bit for bit, those of each app's explanation."""
    facts = frame_of(apps)
    stored = {row["app_id"]: row for row in scores(points_frame(facts), given_).iter_rows(named=True)}
    for number in range(len(apps)):
        found = score(facts_of(facts, number), given_)
        row = stored.get(number, {"total": None, "score": None, "known": 0})
        assert (found.total, found.rounded, found.known) == (row["total"], row["score"], row["known"])
        if found.total is not None:
            assert recomputed(found) == found.total
            assert sum(line.contribution for line in found.lines) == pytest.approx(found.total)
            assert 0 <= found.total <= 10
            assert [group.score for group in found.groups] == [row[group] for group in GROUPS]


@given(st.lists(st.sampled_from(KEYS), unique=True, min_size=3), any_settings)
def test_a_better_value_never_lowers_a_score(keys: list[str], given_: ScoreSettings) -> None:
    """More points in one factor never lower the total."""
    states = [key for key in keys if FACTORS[key].kind is Kind.YES_NO]
    worse = [fact(key, value=False) for key in states]
    for number, key in enumerate(states):
        better = [*worse[:number], fact(key), *worse[number + 1 :]]
        before, after = score(worse, given_).total, score(better, given_).total
        reversed_ = fact(key).points == 0
        assert before is None or after is None or (after <= before if reversed_ else after >= before)


def test_facts_of_another_release_are_passed_over() -> None:
    """An unknown factor, and an invalid value, are ignored without an error."""
    facts = frame_of([list(SIX)])
    odd = pl.DataFrame(
        [(0, "colour", '"red"'), (0, "is_soc1_compliant", '"maybe"'), (0, "is_soc3_compliant", "{")],
        schema={"app_id": pl.Int32, "factor": pl.String, "value": pl.String},
        orient="row",
    )
    mixed = pl.concat([facts, odd], how="diagonal")
    assert len(facts_of(mixed, 0)) == len(SIX)
    assert scores(points_frame(mixed))["total"].to_list() == [score(SIX).total]
