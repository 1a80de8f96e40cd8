"""Filters over HTTP, as clients send them, and compared with a naive interpretation."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.api.graph.columns import APP_COLUMNS
from opencasb.api.graph.entities import APP
from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.filtering import MOST_TERMS
from opencasb.api.graph.rows import Rows
from tests.api.graph.standin import APPS, DAY, ROWS, STREAMS, Api, Casb, app, report

OKTA, DROPBOX, ADS, MAILCHIMP, CHATGPT, HUB, OREILLY = (str(row["app_id"]) for row in ROWS)
EVERY = [OKTA, ADS, DROPBOX, MAILCHIMP, CHATGPT, HUB, OREILLY]


def ids(api: Api, text: str) -> list[str]:
    """Return the ids of the apps that match a filter."""
    answer = api.get(f"{APPS}?$filter={quote(text)}")
    assert answer.status == 200, answer.message
    return answer.ids


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("$filter=riskScore%20le%204%20&$top=50", [ADS, DROPBOX]),
        ("$filter=riskRating%20%20le%204%20", [ADS, DROPBOX]),
        ("$filter=riskRating++le+4+", [ADS, DROPBOX]),
        ("$filter=%20(appInfo/Hippa%20eq%20'false')%20and%20category%20eq%20'Marketing'%20%20", [ADS]),
        ("$filter=appInfo%2FisHipaaCompliant%20eq%20%27False%27%20and%20riskScore%20le%204%20", [ADS, DROPBOX]),
        (
            "$filter=appInfo/isHipaaCompliant eq 'False' and appInfo/isSoc2Compliant eq 'False' and riskScore le 4 ",
            [DROPBOX],
        ),
        ("$filter=contains('tags', 'monitor') and contains('domains', 'google')", [ADS]),
        ("$filter=startswith(displayName, Drop)", [DROPBOX]),
        ("$filter=riskScore le '4' and riskScore ge '1'", [ADS, DROPBOX]),
        ("$filter=userCount%20ge%200", EVERY),
        ("$filter=category eq 'Generative AI' or category eq 'AI Model Provider'", [CHATGPT, HUB]),
        ("$filter=category eq microsoft.graph.security.appCategory'marketing'", [ADS, MAILCHIMP]),
        ("$filter=displayName eq 'O''Reilly'", [OREILLY]),
        ("$filter=displayName+eq+%27O%27%27Reilly%27", [OREILLY]),
    ],
)
def test_filters_of_public_texts_and_scripts_mean_what_was_meant(shared_api: Api, query: str, kept: list[str]) -> None:
    """Every published example, as sent over the wire."""
    answer = shared_api.get(f"{APPS}?{query}")
    assert answer.status == 200, answer.message
    assert answer.ids == kept


@pytest.mark.parametrize("date", ["2025-11-15", "2025-11-15T00:00:00Z", "'2025-11-15'", "2025-11-15T01:00:00%2B01:00"])
def test_dates_come_in_four_forms(shared_api: Api, date: str) -> None:
    """A date without a time is midnight."""
    answer = shared_api.get(f"{APPS}?$filter=lastSeenDateTime lt {date}")
    assert answer.ids == [MAILCHIMP]
    assert MAILCHIMP not in shared_api.get(f"{APPS}?$filter=lastSeenDateTime ge {date}").ids


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z", "0001-01-01", "0999-12-31"])
def test_the_first_of_all_dates_is_a_date(shared_api: Api, date: str) -> None:
    """.NET writes it for unset dates; every app was seen later."""
    assert ids(shared_api, f"lastSeenDateTime ge {date}") == EVERY
    assert ids(shared_api, f"lastSeenDateTime lt {date}") == []
    assert ids(shared_api, f"{date} lt lastSeenDateTime and riskScore ge 9") == [OKTA]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("id eq '11627'", [DROPBOX]),
        ("id in ('11627')", [DROPBOX]),
        ("id in ('11627', 10980)", [OKTA, DROPBOX]),
        ("4 ge riskScore", [ADS, DROPBOX]),
        ("riskScore eq null", [MAILCHIMP, OREILLY]),
        ("riskScore ne 9", [ADS, DROPBOX, MAILCHIMP, CHATGPT, HUB, OREILLY]),
        ("not (riskScore le 4) and riskScore ne null", [OKTA, CHATGPT, HUB]),
        ("not riskScore le 4 and not(riskScore eq null)", [OKTA, CHATGPT, HUB]),
        ("riskScore lt 3 or riskScore gt 8", [OKTA, ADS]),
        ("lastSeenDateTime eq 2025-11-19 and riskScore ge 9", [OKTA]),
        ("traffic ge 9000000", [CHATGPT]),
        ("uploadNetworkTraficInBytes ge 5000000", [DROPBOX]),
        ("uploadNetworkTrafficInBytes ge 100 and uploadNetworkTrafficInBytes le 200 and userCount eq 41", [OKTA]),
        ("tags eq 'eu'", [ADS]),
        ("tags/any(t: t eq 'EU')", [ADS]),
        ("tags/any(t: startswith(t, 'un') or t eq 'sanctioned')", [OKTA, CHATGPT]),
        ("tags/any()", [OKTA, ADS, DROPBOX, CHATGPT]),
        ("tags/all(t: t eq 'monitored') and tags/any()", [DROPBOX]),
        ("tags/any(t: true)", [OKTA, ADS, DROPBOX, CHATGPT]),
        ("domains/any(d: endswith(d, '.net'))", [ADS]),
        ("endsWith(displayName, 'BOX')", [DROPBOX]),
        ("contains(tolower(displayName), 'box')", [DROPBOX]),
        ("tolower(displayName) eq 'dropbox'", [DROPBOX]),
        ("toupper(displayName) eq toupper('dropbox')", [DROPBOX]),
        ("contains(displayName, 'box') eq true", [DROPBOX]),
        ("contains(displayName, 'o') eq false", [MAILCHIMP, CHATGPT]),
        ("category eq 'AIMODELPROVIDER'", [HUB]),
        ("category eq 'unknown'", [OREILLY]),
        ("category ne 'Marketing' and category in ('marketing', 'Security')", [OKTA]),
        ("appInfo/vendor eq 'google llc'", [ADS]),
        ("startswith(appInfo/vendor, 'Okta')", [OKTA]),
        ("appInfo/vendor eq null", [MAILCHIMP, CHATGPT, HUB, OREILLY]),
        ("appInfo/founded ge 2000", [OKTA, DROPBOX]),
        ("appInfo/Hipaa eq true", [OKTA]),
        ("appInfo/Soc2 eq 'unknown' and riskScore le 4", [ADS]),
        ("appInfo/tlsEncryptionProtocol eq 'TLS 1.2'", [OKTA]),
        ("appInfo/encryptionProtocol eq 'ssl3'", [ADS]),
        ("appInfo/dataTypes eq 'mediaFiles,documents'", [OKTA]),
        ("contains(appInfo/dataTypes, 'documents')", [OKTA, DROPBOX]),
        ("appInfo/logonUrls/any(u: contains(u, 'okta'))", [OKTA]),
        ("appInfo/headquarters eq null and riskScore eq 9", [OKTA]),
        ("appInfo/latestBreachDateTime ge 2020-01-01", []),
        ("appInfo/id eq '10980'", [OKTA]),
        ("contains(description, '10980 IS known')", [OKTA]),
        ("description eq null", [CHATGPT, HUB, OREILLY]),
        ("true", EVERY),
        ("false", []),
        ("", EVERY),
    ],
)
def test_the_filter_language(shared_api: Api, text: str, kept: list[str]) -> None:
    """Comparisons, functions, lambdas, lists and null on properties of apps and facts."""
    assert ids(shared_api, text) == kept


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("risk le 4", "'risk'"),
        ("appInfo/risk eq 1", "'appInfo/risk'"),
        ("deviceCount ge 1", "'deviceCount'"),
        ("users/any(u: u/userIdentifier eq 'x')", "'users'"),
        ("riskScore le four", "'riskScore'"),
        ("riskScore le displayName", "'riskScore'"),
        ("category eq 'Nonsense'", "'category'"),
        ("appInfo/isDmca eq 'maybe'", "'appInfo/isDmca'"),
        ("category ge 'security'", "'category'"),
        ("contains(riskScore, '4')", "'riskScore'"),
        ("length(displayName) gt 3", "'length'"),
        ("indexof(displayName, 'x') eq 1", "'indexof'"),
        ("concat(displayName, 'x') eq 'y'", "'concat'"),
        ("nosuch(displayName)", "nosuch"),
        ("contains(displayName)", "contains"),
        ("displayName/any(d: d eq 'x')", "'displayName'"),
        ("tags/any(t: riskScore eq 4)", "'riskScore'"),
        ("riskScore", "'riskScore'"),
        ("displayName", "'displayName' in the \\$filter is compared with nothing"),
        ("domains or riskScore le 4", "'domains'"),
        ("'x'", "condition"),
        ("4 eq 4", "name of a property"),
        ("userCount add 1 gt 3", "name of a property"),
        ("displayName eq 'x", "unexpected"),
        ("displayName eq", "unexpected 'eq'"),
        ("displayName eq One Two", "unexpected 'Two'"),
        ("category  has 'security'", "unexpected 'has 'security''"),
        ("displayName like 'x'", "unexpected 'like 'x''"),
        ("and", "\\$filter"),
        ('displayName eq "x"', "\\$filter"),
        ("a/" * 900 + "b eq 1", "\\$filter"),
        ("(" * 60 + "riskScore eq 1" + ")" * 60, "50"),
        ("not " * 60 + "riskScore eq 1", "50"),
        (" and ".join(["riskScore eq 1"] * (MOST_TERMS + 1)), "200"),
        (f"id in ({','.join(['1'] * (MOST_TERMS + 1))})", "200"),
        ("displayName eq '" + "x" * 8000 + "'", "8000"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(shared_api: Api, text: str, named: str) -> None:
    """Unknown properties, wrong types, unknown functions, syntax errors and limits are named in the error."""
    answer = shared_api.get(f"{APPS}?$filter={quote(text)}")
    assert (answer.status, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert re.search(named, answer.message), answer.message


def test_as_many_terms_as_allowed_are_fast_and_right(shared_api: Api) -> None:
    """200 terms in one chain are not nested."""
    assert ids(shared_api, " or ".join([f"id eq '{number}'" for number in range(10981 - MOST_TERMS, 10981)])) == [OKTA]


def test_filters_on_the_other_collections(shared_api: Api) -> None:
    """Streams, users and addresses can be filtered, too."""
    users = f"{APPS}/{OKTA}/users?$filter=userIdentifier eq 'USER007@contoso.example'"
    assert shared_api.get(users).json()["value"][0]["userIdentifier"] == "user007@contoso.example"
    addresses = f"{APPS}/{OKTA}/ipAddresses?$filter=ipAddress eq '10.0.0.1'"
    assert len(shared_api.get(addresses).json()["value"]) == 1
    for text, count in (
        ("displayName eq 'Laptops'", 1),
        ("isSnapshotReport", 0),
        ("isSnapshotReport eq false and receiverProtocol eq 'syslogTls'", 1),
        ("supportedEntityTypes/any(e: e eq 'machineName')", 1),
        ("logDataProvider eq 'Palo Alto'", 1),
        ("lastDataReceivedDateTime eq null", 3),
        ("contains(description, 'laptop')", 1),
        ("createdDateTime ge 2025-11-01", 1),
    ):
        assert len(shared_api.get(f"{STREAMS}?$filter={quote(text)}").json()["value"]) == count, text


def test_a_filter_only_narrows_its_own_stream(installation: Casb) -> None:
    """No filter reveals an app of another stream."""
    installation.streams.frames["ffffffffffffffffffffffff", DAY] = report([app(99999, "Hidden")])
    assert ids(Api(installation), "true or id eq '99999' or not (id eq 'x')") == EVERY


# A naive interpretation of filters on single rows, for comparison.

_TEXTS = st.sampled_from(["okta", "Google Ads", "O", "ng", "", "monitored", "x"])
_LEAVES = st.one_of(
    st.tuples(
        st.sampled_from(["riskScore", "userCount"]),
        st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]),
        st.one_of(st.none(), st.integers(-1, 11), st.just(41)),
    ),
    st.tuples(st.sampled_from(["displayName", "tags"]), st.sampled_from(["eq", "ne"]), _TEXTS),
    st.tuples(
        st.sampled_from(["displayName", "tags"]), st.sampled_from(["contains", "startswith", "endswith"]), _TEXTS
    ),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)),
    max_leaves=8,
)
_COLUMN = {"riskScore": "score", "userCount": "users", "displayName": "name", "tags": "tags"}


def written(tree: Any) -> str:  # a nested tuple
    """Return the filter text of a tree."""
    match tree:
        case ("not", inner):
            return f"not ({written(inner)})"
        case (("and" | "or") as op, left, right):
            return f"({written(left)}) {op} ({written(right)})"
        case (name, ("contains" | "startswith" | "endswith") as function, text):
            return f"{function}({name}, '{text}')"
        case (name, op, value):
            shown = "null" if value is None else repr(value)
            return f"{name} {op} {shown}"
    raise AssertionError(tree)


def holds(tree: Any, row: Any) -> bool:  # a nested tuple, a row
    """Return whether a row matches a tree."""
    match tree:
        case ("not", inner):
            return not holds(inner, row)
        case ("and", left, right):
            return holds(left, row) and holds(right, row)
        case ("or", left, right):
            return holds(left, row) or holds(right, row)
        case ("tags", "ne", value):
            return not any(_compare("eq", element, value) for element in row["tags"])
        case ("tags", op, value):
            return any(_compare(op, element, value) for element in row["tags"])
        case (name, op, value):
            return _compare(op, row[_COLUMN[name]], value)
    raise AssertionError(tree)


def _compare(op: str, left: Any, right: Any) -> bool:  # values of one type
    left, right = (each.lower() if isinstance(each, str) else each for each in (left, right))
    if op in {"eq", "ne"}:
        return bool((left == right) == (op == "eq"))
    if left is None or right is None:
        return False
    tests = {"lt": left.__lt__, "le": left.__le__, "gt": left.__gt__, "ge": left.__ge__}
    texts = {"contains": "__contains__", "startswith": "startswith", "endswith": "endswith"}
    return bool(tests[op](right) if op in {"lt", "le", "gt", "ge"} else getattr(left, texts[op])(right))


@settings(max_examples=60)
@given(_TREES)
def test_columns_and_single_rows_agree(tree: Any) -> None:
    """The vectorised evaluation of a filter agrees with the naive one."""
    rows = Rows(APP, report(ROWS), APP_COLUMNS, ("app_id",))
    kept = set(rows.where(written(tree)).frame["app_id"])
    assert kept == {row["app_id"] for row in ROWS if holds(tree, row)}


_WORDS = st.sampled_from(
    [
        *("riskScore", "tags", "displayName", "appInfo/vendor", "category", "and", "or", "not", "eq", "ne", "in", "le"),
        *("(", ")", ",", "'", "''", "'x'", "null", "true", "4", "-4", "4.5", "2024-01-01", "any(", "tags/any(t:", "t"),
        *(
            "contains(",
            "tolower(",
            "/",
            ":",
            " ",
            "$count",
            "P7D",
            "9" * 40,
            "é",
            "\x00",
            "all",
            "has",
            "duration'P1D'",
        ),
        *("lastSeenDateTime", "ge", "0001-01-01T00:00:00Z", "9999-12-31", "appInfo/dataTypes", "1e400"),
    ]
)


@settings(max_examples=300)
@given(st.one_of(st.lists(_WORDS, max_size=14).map(" ".join), st.lists(_WORDS, max_size=14).map("".join), st.text()))
def test_no_filter_is_more_than_refused(text: str) -> None:
    """Any client input filters rows or is rejected."""
    rows = Rows(APP, report(ROWS), APP_COLUMNS, ("app_id",))
    with suppress(BadRequest):
        assert rows.where(text).frame.height <= len(ROWS)
