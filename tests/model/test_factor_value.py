"""Values of risk factors, as users and sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.factor_value import BadValue, checked_value, parse_value
from opencasb.model.factors import FACTORS


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("is_soc2_compliant", " Yes ", True),
        ("is_soc2_compliant", "FALSE", False),
        ("is_soc2_compliant", "notapplicable", "notApplicable"),
        ("data_at_rest_encryption_method", "RSA", "rsA"),
        ("encryption_protocol", "TLS1_2", "tls1_2"),
        ("latest_breach_date_time", "2019-02-28T11:12:13Z", "2019-02-28"),
        ("latest_breach_date_time", "None", "none"),
        ("founded", "1998", 1998),
        ("consumer_popularity", "17", 17),
        ("sso_surcharge_percent", "12.5", 12.5),
        ("sso_surcharge_percent", "300", 300),
        ("headquarters", "DE", "DE"),
        ("privacy_policy", "https://example.com/privacy?a=1,2", "https://example.com/privacy?a=1,2"),
        ("logon_urls", "https://a.example/x, https://b.example", ("https://a.example/x", "https://b.example")),
        ("data_types", "Documents,mediafiles,documents", ("documents", "mediaFiles")),
    ],
)
def test_a_text_becomes_the_value_it_means(key: str, text: str, value: object) -> None:
    """Words in any case, numbers and dates by their format."""
    assert parse_value(FACTORS[key], text) == value


@pytest.mark.parametrize(
    ("key", "text", "allowed"),
    [
        ("is_multi_factor_authentication", "maybe", "yes or no"),
        ("is_multi_factor_authentication", "notApplicable", "yes or no"),
        ("is_soc2_compliant", "perhaps", "yes or no or notApplicable"),
        ("holding", "state", "one of public, private"),
        ("latest_breach_date_time", "2019-02-30", "a date such as 2024-01-31 or none"),
        ("founded", "1234", "a year such as 2011"),
        ("founded", "٢٠١١", "a year such as 2011"),
        ("consumer_popularity", "0", "a whole number of 1 or more"),
        ("sso_surcharge_percent", "nan", "a number of 0 or more"),
        ("sso_surcharge_percent", "-1", "a number of 0 or more"),
        ("hosting_company", "", "1 to 2000 printable characters"),
        ("hosting_company", "a\nb", "1 to 2000 printable characters"),
        ("privacy_policy", "javascript:alert(1)", "an address that begins with https:// or http://"),
        ("privacy_policy", "https://", "an address that begins with https:// or http://"),
        ("data_types", "documents,,mediaFiles", "a list of documents, mediaFiles, codingFiles"),
        ("mfa_methods", "a" * 2001, "1 to 100 texts"),
    ],
)
def test_a_wrong_text_is_told_what_is_allowed(key: str, text: str, allowed: str) -> None:
    """The message names the factor, the text and what is allowed."""
    with pytest.raises(BadValue) as told:
        parse_value(FACTORS[key], text)
    assert str(told.value).startswith(f"{key} {text[:100]!r} must be ")
    assert allowed in str(told.value)


def test_values_from_json_are_of_the_factors_type() -> None:
    """JSON has booleans, numbers and lists; a number is not accepted as a boolean, nor a boolean as a number."""
    assert checked_value(FACTORS["is_soc2_compliant"], value=True) is True
    assert checked_value(FACTORS["founded"], 1998) == 1998
    assert checked_value(FACTORS["data_types"], ["documents"]) == ("documents",)
    assert checked_value(FACTORS["logon_urls"], ["https://a.example/?x=1,2"]) == ("https://a.example/?x=1,2",)
    for key, wrong in (("is_soc2_compliant", 1), ("founded", True), ("founded", 1998.5), ("founded", ["1998"])):
        with pytest.raises(BadValue):
            checked_value(FACTORS[key], wrong)
    no_lists: list[object] = [["documents", 7], [], ["x"], {"documents": True}, None]
    for no_list in no_lists:
        with pytest.raises(BadValue):
            checked_value(FACTORS["data_types"], no_list)


@given(st.sampled_from(list(FACTORS.values())), st.text())
def test_any_text_is_a_value_or_refused_and_a_value_stays(factor: object, text: str) -> None:
    """An accepted value is accepted again as JSON, unchanged; no other error is raised."""
    try:
        value = parse_value(factor, text)  # type: ignore[arg-type]
    except BadValue:
        return
    assert checked_value(factor, value) == value  # type: ignore[arg-type]
