"""Names, categories and vendors by vote."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder.claims import Claim
from opencasb.catalog.builder.entry import Entry, Level, Role, Statement
from opencasb.catalog.builder.naming import Fact, category_of, name_of, tidy, vendor_of
from opencasb.catalog.builder.source_table import sources

TABLE = sources()


def claim(source: str, name: str = "", fit: float = 3.0, **more: object) -> Claim:
    """Return a claim of a source."""
    return Claim(entry=Entry(source=source, role=Role.LISTED, name=name, **more), node="acme.com", fit=fit)  # type: ignore[arg-type]


def stating(source: str, level: Level, category: str, fit: float = 3.0) -> Claim:
    """Return a claim that states a category."""
    return claim(source, categories=(Statement(level, category),), fit=fit)


def test_the_name_with_most_weight_wins_in_the_spelling_of_its_best_source() -> None:
    """Brand lists have the best spelling."""
    claims = [
        claim("twofactorauth", "acme"),
        claim("simple-icons", "ACME"),
        claim("cncf-landscape", "Acme Docs", fit=2.0),
    ]
    assert name_of(claims, "acme.com", TABLE) == Fact("ACME", "simple-icons")


def test_a_name_of_a_part_only_counts_where_nothing_better_is_known() -> None:
    """A name that does not agree at all never counts."""
    assert name_of([claim("cncf-landscape", "Acme Rivets", fit=0.5)], "acme.com", TABLE).value == "Acme Rivets"
    assert name_of([claim("cncf-landscape", "Rivets", fit=0.25)], "acme.com", TABLE) == Fact("acme.com", None)


def test_a_sentence_is_no_name() -> None:
    """The app is named by its domain."""
    assert name_of([claim("cncf-landscape", "Acme " * 12)], "acme.com", TABLE) == Fact("acme.com", None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("🤖 Acme", "Acme"),
        ("Acme - the best tool", "Acme"),
        ("Acme (formerly Rivet)", "Acme"),
        ("<b>Acme</b>", "Acme"),
        ("Aha!", "Aha!"),
        ("A-B", "A-B"),
        ("", ""),
    ],
)
def test_names_are_tidied(name: str, expected: str) -> None:
    """Emoji, markup and remarks are removed; characters belonging to a name remain."""
    assert tidy(name) == expected


def test_the_closest_level_decides_and_within_it_the_majority() -> None:
    """Three curated lists do not outvote one source about the app itself."""
    lists = [stating(source, Level.SECTION, "B") for source in ("public-apis", "cncf-landscape", "awesome-privacy")]
    assert category_of([*lists, stating("twofactorauth", Level.APP, "A")], TABLE, []) == Fact("A", "twofactorauth")
    assert category_of([*lists, stating("lolrmm", Level.SECTION, "C")], TABLE, []).value == "B"
    assert category_of(lists, TABLE, [(Level.DOMAIN_LIST, "D", "v2fly-domain-list-community")]).value == "D"


def test_the_section_of_a_product_page_does_not_speak_for_the_site() -> None:
    """Only statements about the app itself count in such a claim."""
    assert category_of([stating("cncf-landscape", Level.SECTION, "B", fit=0.5)], TABLE, []).source is None
    assert category_of([stating("lolrmm", Level.APP, "A", fit=0.5)], TABLE, []).value == "A"


def test_the_vendor_is_the_one_most_often_named() -> None:
    """Without claims the vendor is unknown."""
    claims = [claim("fedramp-marketplace", vendor=vendor) for vendor in ("Acme", "Rivet", "Acme")]
    assert vendor_of(claims) == Fact("Acme", "fedramp-marketplace")
    assert vendor_of([]) == Fact("", None)
