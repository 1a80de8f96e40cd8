"""Deliveries over HTTP."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.app import LARGEST_BODY
from opencasb.api.v1.ingest import LARGEST
from opencasb.model.roles import FULL_ACCESS, Role
from tests.activities.example import wire
from tests.api.v1.conftest import Client
from tests.api.v1.test_fuzz import FUZZ
from tests.filters.test_parse import json as json_values

LOGIN = {"id": "n1", "app": "okta", "rawOperation": "user.session.start", "timestamp": "2025-11-20T11:00:00Z"}

KEYS = [*wire(), *LOGIN, "user", "ip", "objects", "name", "owner", "collaborators", "accounts", "status", "lastSeen"]
records = st.builds(
    lambda base, changes: base | changes,
    st.sampled_from([{}, wire(1), LOGIN, {"id": "ana@example.org", "appId": 10489}]),
    st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4),
)


def ndjson(*records: Any) -> bytes:
    """Return records as NDJSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


def deliver(client: Client, content: bytes, kind: str = "activities", **more: Any) -> Any:
    """Deliver records and return the report."""
    answer = client.call("POST", f"ingest/{kind}/", content=content, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return read, accepted, repeated, rejected."""
    return report["read"], report["accepted"], report["repeated"], report["rejected"]


def test_delivered_activities_are_listed(client: Client) -> None:
    """A normalised record and a wire record, once however often they are delivered."""
    delivery = ndjson(wire(1), LOGIN)
    assert deliver(client, delivery) == {"read": 2, "accepted": 2, "repeated": 0, "rejected": 0, "errors": []}
    assert counts(deliver(client, delivery)) == (2, 0, 2, 0)
    page = client.post("activities/")
    assert [record["_id"] for record in page["data"]] == [wire(1)["_id"], "n1"]
    assert {record["tenantId"] for record in page["data"]} == {client.known.tenant_id}
    tenant = client.casb.tenants.get(client.known.tenant_id)
    assert tenant is not None
    assert {record["aadTenantId"] for record in page["data"]} == {tenant.guid}


def test_an_exported_activity_keeps_its_directory(client: Client) -> None:
    """Unlike its number, which is that of the receiving tenant."""
    directory = "5b6f0e52-0000-4000-8000-00000000000c"
    deliver(client, ndjson(wire(1, aadTenantId=directory)))
    assert client.post("activities/")["data"][0]["aadTenantId"] == directory


@pytest.mark.parametrize(
    "changes", [{"raw": {"text": "x" * (2**20 - 500)}}, {"objects": [{"name": f"b-{n}"} for n in range(9000)]}]
)
def test_a_large_activity_is_taken_again_as_exported(client: Client, changes: dict[str, Any]) -> None:
    """What is added to it on the way does not make it too long."""
    assert counts(deliver(client, ndjson({**LOGIN, **changes}))) == (1, 1, 0, 0)
    exported = client.call("POST", "activities/").content
    assert counts(deliver(client, exported)) == (1, 0, 1, 0)


def test_an_activity_that_becomes_too_large_to_be_taken_again_is_rejected(client: Client) -> None:
    """A list of small objects grows fifty times in wire format."""
    report = deliver(client, ndjson({**LOGIN, "objects": [{}] * 90_000}, LOGIN))
    assert counts(report) == (2, 1, 0, 1)
    assert report["errors"][0]["error"].endswith("bytes in wire format is not valid; allowed: 3145728 bytes")


@pytest.mark.parametrize(("name", "other"), [("MODIFY_FILE", "EDIT_FILE"), ("UPLOAD_FILE", "CREATE_FILE")])
def test_categories_are_found_by_all_their_names(client: Client, name: str, other: str) -> None:
    """Whichever of them was delivered (connectors §4)."""
    own, alias = (f"EVENT_CATEGORY_{each}" for each in (name, other))
    deliver(client, ndjson({**LOGIN, "eventTypeName": alias}, wire(1, eventTypeName=alias), wire(2, eventTypeName=own)))
    for asked in (own, alias):
        assert client.post("activities/", {"filters": {"activity.eventType": {"eq": [asked]}}})["total"] == 3
        assert client.post("activities/", {"filters": {"activity.eventType": {"neq": asked}}})["total"] == 0


def test_the_content_type_does_not_matter(client: Client) -> None:
    """Clients set arbitrary labels."""
    for number, kind in enumerate(("application/x-ndjson", "application/json", "multipart/form-data", "")):
        content = ndjson(wire(2 * number), wire(2 * number + 1))
        assert counts(deliver(client, content, headers={"Content-Type": kind})) == (2, 2, 0, 0)


def test_an_export_imports_as_it_is(client: Client) -> None:
    """A list response, and an array, can be delivered, so that records move between installations."""
    deliver(client, json.dumps([wire(1), wire(2)]).encode())
    exported = client.call("POST", "activities/").content
    assert counts(deliver(client, exported, by=client.known.stranger)) == (2, 2, 0, 0)
    found = client.post("activities/", by=client.known.stranger)["data"]
    assert [record["_id"] for record in found] == [wire(1)["_id"], wire(2)["_id"]]
    assert client.known.tenant_id not in {record["tenantId"] for record in found}


@pytest.mark.parametrize(("pack", "coding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_a_delivery_may_be_compressed(client: Client, pack: Callable[[bytes], bytes], coding: str) -> None:
    """Detected by its first bytes, because not every sender declares it; damage gives 400, excessive expansion 413."""
    for number, headers in enumerate(({}, {"Content-Encoding": coding})):
        content = pack(ndjson(wire(2 * number), wire(2 * number + 1)))
        assert counts(deliver(client, content, headers=headers)) == (2, 2, 0, 0)
    odd = b"\x1b" + ndjson(wire(9))  # Brotli
    for content, status in ((pack(ndjson(wire(9)))[:-9], 400), (pack(b" " * (LARGEST + 1)), 413), (odd, 400)):
        assert client.call("POST", "ingest/activities/", content=content).status_code == status
    assert client.post("activities/")["total"] == 4


def test_a_delivery_may_be_in_utf_16(client: Client) -> None:
    """With its byte order mark, as written by PowerShell."""
    content = ndjson(wire(1), wire(2)).decode().replace("\n", "\r\n").encode("utf-16")
    assert counts(deliver(client, content)) == (2, 2, 0, 0)


def test_files_go_by_own_domains(client: Client) -> None:
    """Sharing with an address in another domain makes them external."""
    client.casb.own_domains.add(client.known.tenant_id, "contoso.example", by="test")
    file = {"id": "f1", "appId": 10489, "name": "Plan.xlsx", "collaborators": ["eve@else.example"]}
    assert counts(deliver(client, ndjson(file), "files")) == (1, 1, 0, 0)
    assert client.post("files/", {"filters": {"sharing": {"eq": [2]}}})["total"] == 1


def test_pages_one_after_another_are_one_delivery(client: Client) -> None:
    """A file of appended list responses has this form."""
    pages = ndjson({"data": [wire(1), wire(2)], "hasNext": True}, {"data": [wire(3)], "hasNext": False})
    assert counts(deliver(client, pages)) == (3, 3, 0, 0)


def test_bad_lines_are_told_and_lose_nothing(client: Client) -> None:
    """Line number, field, value, and what is allowed."""
    report = deliver(client, ndjson(wire(1)) + b"{\n\n" + ndjson(wire(2, timestamp="soon"), wire(3)))
    assert counts(report) == (4, 2, 0, 2)
    first, second = report["errors"]
    assert (first["line"], second["line"]) == (2, 4)
    assert first["error"].startswith("record: this is not JSON")
    assert second["error"].startswith("timestamp: soon is not valid")


def test_who_did_it_becomes_an_entity(client: Client) -> None:
    """An account inferred from activity, until a scan confirms it (connectors §7)."""
    deliver(client, ndjson(LOGIN | {"user": "ana@example.org", "userId": "00u1"}))
    accounts = client.casb.entities.page(client.known.tenant_id, order="last_seen", ascending=True)
    documents = [json.loads(row.document) for row in accounts]
    assert {(each["id"], each["isFake"]) for each in documents} >= {("00u1", True)}


def test_entities_are_taken(client: Client) -> None:
    """Flat records and wire records; duplicates are stored once."""
    delivery = ndjson({"id": "ana@example.org", "appId": 11161, "displayName": "Ana", "sctime": 1}, {"appId": 1})
    assert counts(deliver(client, delivery, "entities")) == (2, 1, 0, 1)
    deliver(client, delivery, "entities")
    found = client.casb.entities.page(client.known.tenant_id, order="last_seen", ascending=True)
    assert sum(json.loads(row.document)["type"] == 1 for row in found) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b'{"data": []}'])
def test_an_empty_delivery_is_accepted(reader: Client, content: bytes) -> None:
    """Pollers deliver whatever they have."""
    assert counts(deliver(reader, content)) == (0, 0, 0, 0)


def test_a_broken_array_is_refused(reader: Client) -> None:
    """Its records cannot be separated."""
    answer = reader.call("POST", "ingest/activities/", content=b'[{"a":1}')
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith("body: this begins like a JSON array but is not one")


@pytest.mark.parametrize("odd", [b'{"a":"\\ud83d"}', b'{"a":' + b"[" * 1100 + b"]" * 1100 + b"}", b'{"a":"\xff"}'])
@pytest.mark.parametrize("around", [b"[%s,%s]", b'{"data":[%s,%s]}'])
def test_an_odd_element_loses_no_other(reader: Client, around: bytes, odd: bytes) -> None:
    """It is rejected alone."""
    assert counts(deliver(reader, around % (odd, json.dumps(wire(1)).encode())))[::3] == (2, 1)


def test_a_delivery_may_be_larger_than_other_bodies(client: Client) -> None:
    """Up to its own limit; beyond it 413, and nothing is stored."""
    large = ndjson(wire(1, rawDataJson={"x": "y" * 900_000}))
    many = large * (LARGEST_BODY // len(large) + 1)
    assert counts(deliver(client, many))[1] == 1
    answer = client.call("POST", "ingest/activities/", content=ndjson(wire(2)) + b" " * LARGEST)
    assert (answer.status_code, answer.json()) == (413, {"detail": "Request entity too large."})
    assert client.post("activities/")["total"] == 1


def test_a_stranger_sends_nothing(reader: Client) -> None:
    """The body of a caller without permission is not read."""
    read: list[int] = []

    async def body() -> Any:
        read.append(1)
        yield b"{}"

    def post(**more: Any) -> httpx.Response:
        return reader.call("POST", "ingest/activities/", content=body(), **more)

    assert post(role=None).status_code == 401
    assert post(role=Role.SECURITY_READER).status_code == 403
    assert read == []
    assert post().status_code == 200
    assert read == [1]


def test_roles_with_full_access_deliver(reader: Client) -> None:
    """Those who judge the evidence cannot write it."""
    for role in Role:
        answer = reader.call("POST", "ingest/activities/", role=role)
        assert answer.status_code == (200 if role in FULL_ACCESS else 403)


def test_an_application_delivers_with_manage(reader: Client) -> None:
    """The permission of a collector (api §2.3)."""
    for permission, status in (("investigation.manage", 200), ("investigation.read", 403), ("settings.manage", 403)):
        assert reader.call("POST", "ingest/files/", by=reader.bearer(permission)).status_code == status


def test_deliveries_are_posted(reader: Client) -> None:
    """Other methods get 405."""
    for method in ("GET", "PUT", "DELETE"):
        assert reader.call(method, "ingest/activities/").status_code == 405


@FUZZ
@given(
    st.sampled_from(["activities", "entities", "files"]),
    st.binary(max_size=60) | st.lists(json_values | records).map(lambda given_: ndjson(*given_)),
)
def test_any_bytes_are_answered(reader: Client, kind: str, content: bytes) -> None:
    """Any delivery is stored or rejected with a reason, and stored records match the contract."""
    answer = reader.call("POST", f"ingest/{kind}/", content=content)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        report = answer.json()
        assert report["read"] == report["accepted"] + report["repeated"] + report["rejected"]
    assert reader.call("POST", "activities/").status_code == 200


def test_a_full_database_is_507_and_what_did_not_fit_comes_later(client: Client) -> None:
    """The error matches the contract; reading still works, and with free space the same delivery is accepted."""
    engine = client.casb.database.engine

    def pages(most: int) -> None:
        engine.dispose()
        sa.event.listen(engine, "connect", lambda each, _: each.execute(f"PRAGMA max_page_count={most}"))

    delivery = ndjson(*(wire(number) for number in range(500)))
    pages(1)  # its present number
    refused = client.call("POST", "ingest/activities/", content=delivery)
    assert (refused.status_code, refused.json()["detail"].partition(";")[0]) == (
        507,
        "the disk of the database is full",
    )
    assert client.post("activities/", {"limit": 1})["total"] == 0
    pages(1_000_000)
    assert deliver(client, delivery)["accepted"] == 500
