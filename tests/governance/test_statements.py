"""Validation of catalog corrections."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.overlay import Overlay
from opencasb.governance.statements import Given, InvalidStatement, checked
from opencasb.model.app import CustomApp
from opencasb.model.correction import Kind, Statement

BOX, OWN = 10489, 500_000_000
CATALOG = Catalog.shipped().with_overlay(Overlay((CustomApp(app_id=OWN, name="Fleet", domains=("fleet.example",)),)))
MFA = "is_multi_factor_authentication"
LINK = "https://box.example/trust"


def check(**fields: Any) -> Statement:
    """Return a checked correction made by Ana on the 20th."""
    return checked(Given(**fields), CATALOG, {OWN}, by="ana", today="2025-11-20")


def test_whose_word_it_is_has_a_default() -> None:
    """The author and the current day are the defaults; both can be given."""
    assert check(kind="fact", app_id=BOX, key=MFA, value="yes", link=LINK) == Statement(
        kind=Kind.FACT, app_id=BOX, key=MFA, value="true", link=LINK, attested_by="ana", attested_on="2025-11-20"
    )
    said = check(
        kind=" FACT ", app_id=OWN, key=MFA, value=False, remark="by phone", attested_by="Cid", attested_on="2025-01-31"
    )
    assert (said.attested_by, said.attested_on, said.value) == ("Cid", "2025-01-31", "false")


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("founded", "2005", "2005"),
        ("founded", 2005, "2005"),
        ("encryption_protocol", "TLS1_2", '"tls1_2"'),
        ("data_center", "DE, US", '["DE","US"]'),
        ("data_center", ["DE", "a, b"], '["DE","a, b"]'),
        ("data_center", '["DE", "a, b"]', '["DE","a, b"]'),
        ("vendor", "Box", '"Box"'),
        ("vendor", "Unknown", "unknown"),
        ("is_hipaa_compliant", "notApplicable", '"notApplicable"'),
        ("domain_registration_date_time", "2001-02-03T04:05:06Z", '"2001-02-03"'),
    ],
)
def test_values_are_those_of_the_factor(key: str, value: object, kept: str) -> None:
    """They may be strings or JSON, and are stored as JSON of the factor's type."""
    assert check(kind="fact", app_id=BOX, key=key, value=value, link=LINK).value == kept


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("founded", "2025"),
        ("founded", "unknown"),
        ("latest_breach_date_time", "2025-11-20"),
        ("latest_breach_date_time", "none"),
    ],
)
def test_a_day_and_a_year_may_be_that_of_the_attestation(key: str, value: str) -> None:
    """Words allowed instead are not checked as dates."""
    assert check(kind="fact", app_id=BOX, key=key, value=value, link=LINK).value.strip('"') == value


def test_other_kinds() -> None:
    """Domains are normalised to strict host names; notes may have several lines."""
    assert check(kind="domain", app_id=BOX, key="Bücher.Example.").key == "xn--bcher-kva.example"
    assert check(kind="domain", key="box.com").app_id is None
    assert check(kind="name", app_id=BOX, value=" Box, Inc. ").value == "Box, Inc."
    assert check(kind="category", app_id=BOX, value="SAASDB_CATEGORY_CRM").value == "SAASDB_CATEGORY_CRM"
    assert check(kind="note", app_id=OWN, value="a\nb").value == "a\nb"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "facts"}, "kind 'facts' must be one of fact, name, category, domain, note"),
        ({"app_id": None}, "app_id: a fact needs an app"),
        ({"app_id": 7}, "app_id 7 is neither an app of the catalog nor a custom app"),
        ({"key": "is_multi_factor"}, f"key 'is_multi_factor' is not a factor; there is {MFA}"),
        ({"value": "perhaps"}, f"value: {MFA} 'perhaps' must be yes or no"),
        ({"value": None}, f"value: {MFA} 'None' must be yes or no"),
        ({"value": [[]]}, "value: "),
        ({"link": ""}, "link: a fact needs a link"),
        ({"link": "ftp://a.example"}, "link 'ftp://a.example' must begin with https://"),
        ({"link": "https://a.example/ b"}, "link 'https://a.example/ b' must begin with https:// or http:// and"),
        ({"link": 'https://a.example/"x'}, "link "),
        ({"remark": "a\x00"}, r"remark 'a\x00' must have 0 to 2000 printable characters"),
        ({"attested_by": "a" * 201}, "attested_by 'aaa"),
        ({"attested_on": "2025-11-21"}, "attested_on '2025-11-21' must not be later than today, 2025-11-20"),
        ({"attested_on": "yesterday"}, "attested_on 'yesterday' must be a date such as 2026-01-31"),
        (
            {"key": "latest_breach_date_time", "value": "2025-11-21"},
            "value: latest_breach_date_time '2025-11-21' must not be later than attested_on, 2025-11-20",
        ),
        (
            {"key": "domain_registration_date_time", "value": "2025-01-02", "attested_on": "2025-01-01"},
            "value: domain_registration_date_time '2025-01-02' must not be later than attested_on, 2025-01-01",
        ),
        ({"key": "founded", "value": 2026}, "value: founded '2026' must not be later than attested_on, 2025"),
        ({"expires": "2025-11-19"}, "expires '2025-11-19' must not be before attested_on, 2025-11-20"),
        ({"kind": "domain", "key": "co.uk"}, "key 'co.uk' must be a domain such as"),
        ({"kind": "domain", "key": "*.box.com"}, "without wildcard"),
        ({"kind": "name", "value": " "}, "value ' ' must have 1 to 200 printable characters"),
        ({"kind": "name", "value": ["x"]}, r"value \"['x']\" must have 1 to 200"),
        ({"kind": "name", "value": "x", "app_id": OWN}, "app_id 500000000 is a custom app: change its name itself"),
        ({"kind": "category", "value": "CRM"}, "value 'CRM' must look like SAASDB_CATEGORY_CLOUD_STORAGE"),
        ({"kind": "note", "value": "a\x1b"}, r"value 'a\x1b' must have 1 to 2000"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], message: str) -> None:
    """The error has the field, its value and what is allowed."""
    given = {"kind": "fact", "app_id": BOX, "key": MFA, "value": "true", "link": LINK, **fields}
    with pytest.raises(InvalidStatement) as refused:
        check(**given)
    assert message.replace(r"\"", '"') in str(refused.value)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.text(max_size=3))


@drawn(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(list(Kind)) | st.text(max_size=5),
            "app_id": st.none() | st.sampled_from([BOX, OWN]) | st.integers(),
            "key": st.sampled_from([MFA, "founded", "data_center", "vendor", "box.com"]) | st.text(max_size=20),
            "value": ANY,
            "link": st.just(LINK) | st.text(max_size=10),
            "remark": st.text(max_size=10),
            "attested_by": st.text(max_size=10),
            "attested_on": st.just("") | st.text(max_size=10),
            "expires": st.none() | st.text(max_size=10),
        }
    )
)
def test_anything_is_taken_or_refused(fields: dict[str, Any]) -> None:
    """An accepted correction is accepted unchanged a second time."""
    try:
        said = check(**fields)
    except InvalidStatement:
        return
    again = msgspec.structs.asdict(said)
    value = said.value
    if said.kind is Kind.FACT and value != "unknown":
        again["value"] = msgspec.json.decode(value.encode())
    assert check(**again) == said
