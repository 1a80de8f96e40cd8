"""Company names."""

from __future__ import annotations

from opencasb.catalog.builder.company_names import company, is_government, provider


def test_legal_forms_are_no_part_of_a_name() -> None:
    """The spelling does not matter."""
    assert {company("Acme, Inc."), company("Acme LLC"), company("Acme Corporation")} == {"Acme"}
    assert company("Rivet Holding, Inc. dba. Acme") == "Acme"


def test_editions_for_governments_are_told_by_their_names() -> None:
    """The provider's name is used without it, unless nothing else would be left."""
    assert is_government("Acme Cloud for Government")
    assert not is_government("Acme Cloud")
    assert provider({"csp": "Acme Federal, Inc."}) == "Acme"
    assert provider({"csp": "Federal"}) == "Federal"
