"""Resources and audiences: the documented table and the forms that clients send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.errors import OAuthError
from opencasb.identity.resources import Resources
from opencasb.model.permissions import GRAPH, MDCA

RESOURCES = Resources(["casb.example", "localhost", "::1"])
URI = "https://graph.microsoft.com"


@pytest.mark.parametrize(
    ("requested", "key", "audience"),
    [
        (MDCA.app_id, "mdca", MDCA.app_id),
        (MDCA.app_id.upper(), "mdca", MDCA.app_id),
        (f"{MDCA.app_id}/", "mdca", MDCA.app_id),
        (f"api://{MDCA.app_id}", "mdca", MDCA.app_id),
        (URI, "graph", URI),
        (f"{URI}/", "graph", f"{URI}/"),
        ("https://Graph.Microsoft.com", "graph", URI),
        (GRAPH.app_id, "graph", GRAPH.app_id),
        ("https://casb.example", "graph", URI),
        ("https://CASB.example/", "graph", URI),
        ("https://localhost:8443", "graph", URI),
        ("https://[::1]:8443", "graph", URI),
        ("https://casb.example/v1.0", "graph", URI),
        ("https://casb.example/api", "mdca", MDCA.app_id),
        ("https://casb.example:8443/cas/", "mdca", MDCA.app_id),
    ],
)
def test_a_resource_is_resolved_by_each_of_its_names(requested: str, key: str, audience: str) -> None:
    """Both endpoints resolve it, and every issued audience is accepted."""
    v1 = RESOURCES.for_v1({"resource": requested, "scope": "ignored/x"})
    v2 = RESOURCES.for_v2({"scope": f"{requested}/.default"})
    assert (v1.resource.key, v1.audience, v1.requested) == (key, audience, requested)
    assert v2 == v1
    assert audience in RESOURCES.audiences(v1.resource.key)


def test_no_audience_belongs_to_two_resources() -> None:
    """A token for one API is never valid for the other."""
    assert RESOURCES.audiences("mdca").isdisjoint(RESOURCES.audiences("graph"))


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        (f"{MDCA.app_id}/.default", "mdca"),
        (f"  {MDCA.app_id}/.DEFAULT  {MDCA.app_id}/.default", "mdca"),
        (f"{URI}//.default", "graph"),
        (".default", "graph"),
        (f"{MDCA.app_id}/.default openid offline_access profile", "mdca"),
        (f"OpenID {MDCA.app_id}/.default Email", "mdca"),
    ],
)
def test_default_scopes_are_read_leniently(scope: str, key: str) -> None:
    """The last slash separates, repetition is ignored, and a scope without a resource is Graph's.

    MSAL for Go and Java adds the OpenID Connect scopes to every request.
    """
    assert RESOURCES.for_v2({"scope": scope}).resource.key == key


@pytest.mark.parametrize("scope", [f"{MDCA.app_id}/Investigation.read", f"{MDCA.app_id}/.default openid"])
def test_v1_takes_the_resource_from_a_scope(scope: str) -> None:
    """A v1 request without a resource is accepted if its scope has one."""
    assert RESOURCES.for_v1({"scope": scope}).resource is MDCA


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("", 900144),
        ("  ", 900144),
        (f"{MDCA.app_id}/Discovery.read", 1002012),
        (MDCA.app_id, 1002012),
        ("User.Read", 1002012),
        ("openid profile", 1002012),
        (f"{MDCA.app_id}/.default {MDCA.app_id}/Discovery.read", 70011),
        (f"{MDCA.app_id}/.default {MDCA.app_id}/Discovery.read openid", 70011),
        (f"{MDCA.app_id}/.default {URI}/.default", 700022),
        (f"{MDCA.app_id}/.default User.Read", 700022),
        ("https://elsewhere.example/.default", 500011),
        ("ftp://casb.example/.default", 500011),
        ("/.default", 500011),
        ("https://[/.default", 500011),
    ],
)
def test_other_v2_scopes_are_refused_with_their_code(scope: str, code: int) -> None:
    """Each mistake has its error number."""
    with pytest.raises(OAuthError) as refusal:
        RESOURCES.for_v2({"scope": scope})
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 900144),
        ({"scope": "openid"}, 900144),
        ({"resource": "unknown"}, 500011),
        ({"resource": f"{MDCA.app_id}x"}, 500011),
        ({"scope": f"{MDCA.app_id}/a {URI}/b"}, 700022),
    ],
)
def test_other_v1_requests_are_refused_with_their_code(form: dict[str, str], code: int) -> None:
    """No resource and no scope with one; an unknown one; two."""
    with pytest.raises(OAuthError) as refusal:
        RESOURCES.for_v1(form)
    assert refusal.value.code == code


@given(st.text())
def test_any_text_is_a_resource_or_a_refusal(text: str) -> None:
    """It is resolved or rejected."""
    for resolve in (RESOURCES.for_v1, RESOURCES.for_v2):
        try:
            target = resolve({"resource": text, "scope": text})
        except OAuthError:
            continue
        assert target.audience in RESOURCES.audiences(target.resource.key)
