"""Authentication and HTTP details of the report feeds."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from opencasb.api.reporting.app import ReportApi
from opencasb.model.roles import Role
from tests.api.v1.installation import bearer
from tests.conftest import NOW
from tests.reporting.house import TODAY, House, Used, basic

APPS = "/odata/v1/apps"
DAY = 86_400_000


def test_a_report_credential_reads_feeds_and_nothing_else(house: House) -> None:
    """By Basic with any user name and by Token; every other API rejects it."""
    house.fill(days=3)
    secret = house.credential()
    for authorization in (basic("anything", secret), basic("", secret), f"Token {secret}", f"token  {secret}"):
        assert house.get(APPS, authorization).status_code == 200
        for path in ("/api/v1/discovery/streams/", "/feed/v1/usage", "/admin/v1/report-credentials", "/api/discovery/"):
            assert house.get(path, authorization).status_code == 401, path
        graph = house.get("/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams", authorization)
        assert graph.status_code == 401
        assert house.call("POST", "/api/v1/discovery/block_scripts/", authorization).status_code in {401, 404}
    assert house.get(APPS, f"Bearer {secret}").status_code == 401
    assert house.get(APPS, secret).status_code == 401


def test_users_are_shown_to_credentials_with_the_right_only(house: House) -> None:
    """Without it, requests for users are rejected, and no row has a name; pseudonyms are not resolved."""
    hidden = Used(TODAY, house.firewall.stream_id, 10489, "User_c2VhbGVk", "10.0.0.1", None, 1, 1)
    house.add([hidden])
    plain, full = basic("x", house.credential()), basic("x", house.credential(user_data=True))
    for path in ("/odata/v1/daily_usage?users=true", "/export/v1/daily_usage.csv?users=1"):
        refused = house.get(path, plain)
        assert refused.status_code == 403
        assert "does not show users" in refused.json()["error"]["message"]
        assert "User_c2VhbGVk" in house.get(path, full).text
    for path in ("/odata/v1/daily_usage", "/export/v1/daily_usage.csv"):
        assert "User_" not in house.get(path, plain).text


def test_credentials_end(house: House) -> None:
    """On revocation at once, and on expiry; both give 401 with a challenge."""
    house.fill(days=2)
    short, revoked = house.credential(days=1), house.credential()
    assert house.get(APPS, f"Token {short}").status_code == 200
    kept = house.casb.identity.report_credentials
    (gone,) = [each for each in kept.all(house.tenant_id) if each.expires > NOW + DAY]
    assert kept.revoke(house.tenant_id, gone.credential_id)
    answer = house.get(APPS, f"Token {revoked}")
    assert answer.status_code == 401
    house.casb.now = NOW + DAY
    expired = house.get(APPS, f"Token {short}")
    assert "has expired" in expired.json()["error"]["message"]
    for refusal in (answer, expired, house.get(APPS, None)):
        assert refusal.status_code == 401
        basic, token, bearer = refusal.headers.get_list("www-authenticate")
        assert (basic, token) == ('Basic realm="OpenCASB reports", charset="UTF-8"', "Token")
        assert bearer.startswith('Bearer realm="", authorization_uri="https://')


def test_every_other_way_in(house: House) -> None:
    """API tokens, applications by their secrets, and bearer tokens for Graph and the REST API."""
    house.fill(days=2)
    tenant_id, reader = house.tenant_id, house.token(Role.SECURITY_READER)
    client_id, secret = house.application("CloudApp-Discovery.Read.All")
    other_id, other_secret = house.application("settings.read")
    good = [
        f"Token {reader}",
        basic("me@contoso.example", reader),
        basic(client_id, secret),
        basic(client_id.upper(), secret),
        basic(client_id, f" {secret}\n"),
        basic("", f"{house.credential(user_data=True)}\r\n"),
        "Bearer " + bearer(house.casb, tenant_id, "discovery.read"),
    ]
    for authorization in good:
        assert house.get(APPS, authorization).status_code == 200
        assert house.get("/odata/v1/daily_usage?users=true", authorization).status_code == 200
    forbidden = [
        basic(other_id, other_secret),
        f"Token {house.token(Role.POWER_BI_ADMINISTRATOR)}",
        "Bearer " + bearer(house.casb, tenant_id, "investigation.read"),
    ]
    for authorization in forbidden:
        answer = house.get(APPS, authorization)
        assert answer.status_code == 403
        assert "insufficient privileges" in answer.json()["error"]["message"]
    wrong = [
        basic(client_id, other_secret),
        basic(client_id, reader),
        basic(other_id, ""),
        "Basic x",
        "Basic",
        "Digest x",
    ]
    for authorization in wrong:
        assert house.get(APPS, authorization).status_code == 401, authorization
    house.casb.identity.applications.set_enabled(tenant_id, client_id, enabled=False)
    assert house.get(APPS, basic(client_id, secret)).status_code == 401


def test_a_permission_of_another_name_opens_nothing(house: House) -> None:
    """An application registered elsewhere may happen to use our permission names."""
    house.fill(days=2)
    client_id, secret = house.application("https://graph.microsoft.com/Reports.Read")
    assert house.get(APPS, basic(client_id, secret)).status_code == 403


def test_guessing_the_secret_of_an_application_is_slowed_down(house: House) -> None:
    """The limits are those of the token endpoint."""
    client_id, secret = house.application("discovery.read")
    answers = [house.get(APPS, basic(client_id, f"wrong{number}")).status_code for number in range(21)]
    assert answers == [401] * 20 + [429]
    assert int(house.get(APPS, basic(client_id, secret)).headers["retry-after"]) > 0


def test_tenants_see_their_own(house: House) -> None:
    """No filter reveals another tenant's rows."""
    house.fill(days=3)
    other = basic("x", house.credential(tenant_id=house.other.tenant_id, user_data=True))
    for name in house.casb.report_tables.all:
        assert house.rows(name, authorization=other) == []
    assert house.rows(f"streams?$filter=StreamId eq '{house.firewall.stream_id}' or true", authorization=other) == []
    stream = house.casb.streams.create(house.other.tenant_id, "theirs", house.firewall.stream_type)
    house.add([Used(TODAY, stream.stream_id, 10980, "other", "10.1.1.1", None, 1, 7)], house.other.tenant_id)
    assert [row["TotalBytes"] for row in house.rows("app_usage?$filter=Period eq 'P7D'", authorization=other)] == [21]
    assert all(row["UserName"] != "other" for row in house.rows("daily_usage?users=true"))


def test_a_role_for_some_reports_sees_these_streams_only(house: House) -> None:
    """In every table."""
    house.fill(days=30)
    allowed = [house.firewall.stream_id]
    token = f"Token {house.token(Role.CLOUD_DISCOVERY_REPORT_ADMIN, stream_ids=allowed)}"
    assert [row["StreamId"] for row in house.rows("streams", authorization=token)] == allowed
    assert {row["StreamId"] for row in house.rows("app_usage_by_stream", authorization=token)} == set(allowed)
    truth = [row for row in house.truth if row.stream_id == house.firewall.stream_id]
    daily = house.rows("daily_usage", authorization=token)
    assert sum(row["TotalEvents"] for row in daily) == sum(row.transactions for row in truth)
    seen = {row["AppId"] for row in house.rows("apps", authorization=token)}
    assert seen == {row.app_id for row in truth}


def test_credentials_travel_encrypted(house: House) -> None:
    """In clear only on this machine, and never in a URL."""
    secret = house.credential()
    plain = house.get(APPS, basic("x", secret), base="http://casb.example", client="192.0.2.7")
    assert plain.status_code == 403
    assert "use https" in plain.json()["error"]["message"]
    for address in ("127.0.0.1", "::1"):
        assert house.get(APPS, basic("x", secret), base="http://localhost", client=address).status_code == 200
    assert house.get(f"{APPS}?token={secret}", None).status_code == 401


def test_answers_are_known_again(house: House) -> None:
    """By their ETag, compressed or not, until the content changes; HEAD has the headers of GET."""
    house.fill(days=3)
    for path in (APPS, "/odata/v1/$metadata", "/odata/v1/", "/export/v1/daily_usage.csv", "/export/v1/apps.parquet"):
        first = house.get(path)
        assert first.status_code == 200
        head = house.call("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert {name: head.headers.get(name) for name in ("etag", "content-type", "last-modified")} == {
            name: first.headers.get(name) for name in ("etag", "content-type", "last-modified")
        }
        known = house.get(path, If_None_Match=f'"other", {first.headers["etag"]}')
        assert (known.status_code, known.content) == (304, b"")
        packed = house.get(path, Accept_Encoding="br, gzip;q=0.5")
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == first.content
    etag = house.get("/export/v1/apps.csv").headers["etag"]
    house.casb.tags.add(house.tenant_id, 10489, "Unsanctioned")
    changed = house.get("/export/v1/apps.csv", If_None_Match=etag)
    assert changed.status_code == 200
    assert "Box,Cloud storage,cloudStorage,8,,United States,Unsanctioned" in changed.text


def test_gzip_is_left_out_where_it_is_not_wanted(filled: House) -> None:
    """A quality of zero excludes it."""
    answer = filled.get("/export/v1/apps.csv", Accept_Encoding="gzip;q=0")
    assert "content-encoding" not in answer.headers
    assert gzip.compress(b"")[:2] != answer.content[:2]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_feeds_are_for_reading(filled: House, method: str) -> None:
    """405 with the allowed methods."""
    answer = filled.call(method, APPS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/odata/v2/apps", "/odata", "/export/", "/export/v1"])
def test_other_paths_are_not_there(filled: House, path: str) -> None:
    """The error lists the existing ones."""
    assert filled.get(path).status_code == 404


def test_calls_are_counted(house: House) -> None:
    """By tenant, and by address without one."""
    house.casb.settings = replace(house.casb.settings, feed_requests_per_minute=2)
    house.app = ReportApi(house.casb)  # type: ignore[assignment]
    assert [house.get(APPS).status_code for _ in range(3)] == [200, 200, 429]
    assert [house.get(APPS, None).status_code for _ in range(3)] == [401, 401, 429]
