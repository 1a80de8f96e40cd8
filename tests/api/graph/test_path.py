"""Parsing of paths."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.path import Kind, Target, parse

S = "65a1f0c2d4b7e8a901234567"
U = "/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
F = f"{U}/{S}/aggregatedAppsDetails(period=duration'P30D')"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("", Target(Kind.SERVICE)),
        ("/", Target(Kind.SERVICE)),
        ("/Security/", Target(Kind.SECURITY)),
        ("/security/dataDiscovery", Target(Kind.ROOT)),
        ("/security/dataDiscovery/cloudAppDiscovery", Target(Kind.REPORT)),
        (U, Target(Kind.STREAMS)),
        (f"{U}/$count", Target(Kind.STREAMS, count=True)),
        (f"{U}/%24count", Target(Kind.STREAMS, count=True)),
        (f"{U}/{S}", Target(Kind.STREAM, S)),
        (F, Target(Kind.APPS, S, 30)),
        (f"{F}/$count", Target(Kind.APPS, S, 30, count=True)),
        (f"{F}/11627", Target(Kind.APP, S, 30, "11627")),
        (f"{F}/11627/appInfo", Target(Kind.APP_INFO, S, 30, "11627")),
        (f"{F}/11627/users", Target(Kind.ROWS, S, 30, "11627", "users")),
        (f"{F}/11627/users/$count", Target(Kind.ROWS, S, 30, "11627", "users", count=True)),
        (f"{F}/11627/users/jane%40contoso.example", Target(Kind.ROW, S, 30, "11627", "users", "jane@contoso.example")),
        (f"{F}/11627/users/CONTOSO%2Fjane", Target(Kind.ROW, S, 30, "11627", "users", "CONTOSO/jane")),
        (f"{F}/11627/ipAddresses", Target(Kind.ROWS, S, 30, "11627", "ipAddresses")),
        (f"{F}/11627/ipAddress", Target(Kind.ROWS, S, 30, "11627", "ipAddresses")),
        (f"{F}/11627/ipAddresses/2001:db8::7", Target(Kind.ROW, S, 30, "11627", "ipAddresses", "2001:db8::7")),
        (f"{F}/11627/devices", Target(Kind.ROWS, S, 30, "11627", "devices")),
        (f"{F}/11627/name", Target(Kind.ROWS, S, 30, "11627", "devices")),
        (f"{F}/11627/devices/laptop%201", Target(Kind.ROW, S, 30, "11627", "devices", "laptop 1")),
        ("/$metadata", Target(Kind.METADATA)),
        ("/%24metadata", Target(Kind.METADATA)),
        ("/$batch", Target(Kind.BATCH)),
    ],
)
def test_each_canonical_path_leads_to_its_resource(path: str, target: Target) -> None:
    """Every row in the table of endpoints."""
    assert parse(path) == target


@pytest.mark.parametrize(
    "path",
    [
        F.removeprefix("/security"),
        f"{F}/",
        f"{F}//",
        F.upper().replace(S.upper(), S),
        F.replace("'", "%27"),
        F.replace("(", "%28").replace(")", "%29"),
        F.replace("aggregated", "microsoft.graph.security.aggregated"),
        F.replace("(period", " (period"),
        F.replace("(period", "%20(period"),
        F.replace("duration", "duration%20"),
        F.replace(f"/{S}", f"/%20{S}%20"),
        f"{F}%20",
        f"/%20{F}",
    ],
)
def test_aliases_mean_the_same(path: str) -> None:
    """Without /security, in any case, percent-encoded, with blanks and empty segments."""
    assert parse(path) == parse(F)


@pytest.mark.parametrize(
    ("path", "same"),
    [
        (f"{U}('{S}')", f"{U}/{S}"),
        (f"{U}(%27{S}%27)", f"{U}/{S}"),
        (f"{U}%28%27{S}%27%29/", f"{U}/{S}"),
        (f"{U.upper()} ( '{S}' )", f"{U}/{S}"),
        (F.replace(f"/{S}", f"('{S}')"), F),
        (f"{F}('11627')", f"{F}/11627"),
        (f"{U}('{S}')/aggregatedAppsDetails(period=P30D)('11627')/appInfo", f"{F}/11627/appInfo"),
        (f"{F}/11627/users('jane%40contoso.example')", f"{F}/11627/users/jane@contoso.example"),
        (f"{F}/11627/users('CONTOSO%2FO''Brien')", f"{F}/11627/users/CONTOSO%2FO'Brien"),
        (f"{F}('11627')/ipAddresses('2001:db8::7')", f"{F}/11627/ipAddresses/2001:db8::7"),
        (f"{F}('11627')/name('laptop (1)')", f"{F}/11627/devices/laptop (1)"),
    ],
)
def test_a_key_may_stand_in_parentheses(path: str, same: str) -> None:
    """As OData writes keys, quoted, after every collection; an apostrophe is doubled."""
    assert parse(path) == parse(same)


def test_a_key_with_parentheses_of_its_own_is_one_key() -> None:
    """Only the name of a collection is followed by a key."""
    assert parse(f"{F}/11627/devices/lab('1')").key == "lab('1')"


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/security/alerts_v2", "'alerts_v2'"),
        ("/me", "'me'"),
        (f"{U}/{S}/apps", "'apps'"),
        (f"{U}/{S}/$count", r"'\$count'"),
        (f"{F}/11627/owners", "'owners'"),
        (f"{F}/11627/owners/1", "'owners'"),
        (f"{F}/11627/appInfo/vendor", "'vendor'"),
        (f"{F}/11627/appInfo/$count", r"'\$count'"),
        (f"{F}/11627/users/jane/mail", "'mail'"),
        (f"{F}/11627/users('jane')/mail", "'mail'"),
        (f"{U}('{S}')/$count", r"'\$count'"),
        ("/security/dataDiscovery('1')", r"'dataDiscovery\('1'\)'"),
        ("/security/$batch", r"'\$batch'"),
    ],
)
def test_a_path_that_leads_nowhere_names_the_segment(path: str, segment: str) -> None:
    """The error names the unknown segment."""
    with pytest.raises(BadRequest, match=f"Resource not found for the segment {segment}"):
        parse(path)


@given(
    st.lists(
        st.sampled_from(
            [*F.split("/"), "$count", "users", "name", "appInfo", "%ff", "%", " ", "x", "users('x')", "name()"]
        ),
        max_size=12,
    )
)
def test_any_path_means_something_or_is_refused(segments: list[str]) -> None:
    """Only the rejection is raised."""
    with suppress(BadRequest):
        parse("/".join(segments))


@pytest.mark.parametrize("pump", [" ", "a ", "(", "( ", "('", "('''('"])
def test_a_hostile_path_takes_linear_time(pump: str) -> None:
    """Strangers may send one: nothing is tried again and again."""
    with pytest.raises(BadRequest):
        parse(f"/security/a{pump * 50_000}!")
