"""Attaching findings to apps as facts."""

from __future__ import annotations

from opencasb.catalog.builder.claims import Judge
from opencasb.catalog.builder.facts.attach import Facts, attach
from opencasb.catalog.builder.facts.finding import Finding
from opencasb.catalog.builder.facts.subjects import Subjects
from opencasb.catalog.builder.materials import suffix_rules
from opencasb.catalog.builder.source_table import sources
from opencasb.catalog.suffixes import PublicSuffixes
from opencasb.model.factor import Value
from tests.catalog.builder.facts.test_subjects import app

MFA = "is_multi_factor_authentication"
APPS = [app("Acme", "acme.com", "acme.de"), app("Paycove", "paycove.com")]
SUBJECTS = Subjects(APPS, (), Judge(PublicSuffixes(*suffix_rules()), [], []))
IDS = {"acme.com": 1, "paycove.com": 2}


def said(
    factor: str, value: Value, source: str = "twofactorauth", address: str = "acme.com", name: str = "", **more: str
) -> Finding:
    """Return a finding about Acme."""
    return Finding(factor=factor, value=value, source=source, address=address, name=name, **more)


def attached(*findings: Finding) -> Facts:
    """Return the facts of the two apps."""
    return attach(findings, SUBJECTS, IDS, sources())


def test_a_fact_is_checked_written_as_json_and_dated() -> None:
    """It has the source's date if the record has none."""
    facts = attached(said("mfa_methods", ("totp", "u2f")), said("headquarters", "SE", date="2019-01-02"))
    assert [(row.factor, row.value, row.date) for row in facts.rows] == [
        ("headquarters", '"SE"', "2019-01-02"),
        ("mfa_methods", '["totp", "u2f"]', "2026-08-04"),
    ]


def test_what_is_no_value_is_counted_and_left_out() -> None:
    """A word unknown to us, and an invalid URL."""
    facts = attached(said("account_deletion_effort", "so-so"), said("privacy_policy", "see our site"))
    assert (facts.rows, facts.bad_values) == ([], 2)


def test_findings_about_nobody_are_handed_on() -> None:
    """Another layer may have their app."""
    stranger = said(MFA, value=True, address="stranger.com")
    assert attached(stranger).strangers == [stranger]


def test_a_contradiction_is_kept_and_the_surer_then_the_newer_source_believed() -> None:
    """Both rows are kept, the believed one first, and the conflict is reported."""
    facts = attached(
        said(MFA, value=False, source="twofactorauth", confidence="medium"),
        said(MFA, value=True, source="passkeys"),
    )
    assert [(row.source, row.value) for row in facts.rows] == [("passkeys", "true"), ("twofactorauth", "false")]
    (conflict,) = facts.conflicts
    assert (conflict.name, conflict.values[0]) == ("Acme", ("passkeys", "true"))
    newer = attached(
        said(MFA, value=False, source="justdeleteme", date="2020-01-01"),
        said(MFA, value=True, source="passkeys", date="2024-01-01"),
    )
    assert newer.rows[0].value == "true"


def test_what_is_said_of_the_main_domain_is_believed_before_what_is_said_elsewhere() -> None:
    """A single source may have both."""
    facts = attached(said(MFA, value=True, address="acme.de"), said(MFA, value=False))
    assert [row.value for row in facts.rows] == ["false"]


def test_agreeing_sources_are_both_kept_but_pages_only_once() -> None:
    """An agreeing source is more evidence; another page for the same purpose is not."""
    facts = attached(said(MFA, value=True), said(MFA, value=True, source="passkeys"))
    assert len(facts.rows) == 2
    assert facts.conflicts == []
    pages = attached(
        said("terms_of_service", "https://acme.com/new", source="open-terms-archive"),
        said("terms_of_service", "https://acme.com/old", source="tosdr"),
    )
    assert [row.value for row in pages.rows] == ['"https://acme.com/new"']


def test_a_service_with_accounts_is_not_one_without_login() -> None:
    """That a part works without an account is no fact about the service."""
    login = "is_requires_user_authentication"
    assert attached(said(login, value=False)).rows
    assert not any(row.factor == login for row in attached(said(login, value=False), said(MFA, value=True)).rows)


def test_one_product_of_a_vendor_is_told_as_such_and_several_say_nothing() -> None:
    """A fact about one edition does not become a fact about the vendor's other products."""
    cloud = said("fed_ramp_level", "high", source="fedramp-marketplace", name="Rocket Cloud", vendor="Acme")
    (row,) = attached(cloud).rows
    assert (row.confidence, row.method) == ("medium", "said of Rocket Cloud")
    other = said("fed_ramp_level", "low", source="fedramp-marketplace", name="Anvil Cloud", vendor="Acme")
    assert attached(cloud, other).rows == []
    exact = said("fed_ramp_level", "high", source="fedramp-marketplace", name="Acme", vendor="Acme")
    assert [(row.confidence, row.method) for row in attached(exact, other).rows] == [("high", None)]


def test_of_several_ranks_the_best_counts() -> None:
    """Each is the rank of one of the app's domains."""
    facts = attached(
        said("consumer_popularity", 40, source="majestic-million", address="acme.com"),
        said("consumer_popularity", 900, source="majestic-million", address="acme.de"),
    )
    assert [row.value for row in facts.rows] == ["40"]
