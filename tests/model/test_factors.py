"""The table of risk factors."""

from __future__ import annotations

from collections import Counter

from opencasb.api.graph.entities import APP_INFO
from opencasb.model.factor import Group
from opencasb.model.factors import FACTORS, SCORED


def test_every_property_of_the_graph_is_shown_by_one_factor() -> None:
    """Each of the 83 properties of appInfo comes from exactly one factor (graph §3.5)."""
    shown = Counter(name for factor in FACTORS.values() for name in factor.graph)
    assert set(shown) == {name for name in APP_INFO.properties if name != "id"}
    assert len(shown) == 83
    assert set(shown.values()) == {1}


def test_extra_factors_do_not_count() -> None:
    """Only the four groups contribute to the score, and each has factors."""
    groups = {factor.group for factor in SCORED.values()}
    assert groups == {Group.GENERAL, Group.SECURITY, Group.COMPLIANCE, Group.LEGAL}
    assert len(FACTORS) - sum(factor.group is Group.EXTRA for factor in FACTORS.values()) == 91


def test_keys_are_snake_case_of_the_graph() -> None:
    """A fact is found by the name known to clients, in this spelling."""
    for key in ("csa_star_level", "is_iso27001_compliant", "is_sp80053_compliant", "latest_breach_date_time"):
        assert key in FACTORS
    assert "is_gdpr_right_to_data_portability" in FACTORS
    assert all(key == factor.key and key.islower() for key, factor in FACTORS.items())
