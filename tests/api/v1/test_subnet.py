"""IP ranges over HTTP (api §11)."""

from __future__ import annotations

import csv
import io
import json as standard
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.filters.test_parse import json

CREATE = "subnet/create_rule/"
TOR = "2dfa95cd7922d979d66fcff5"


def rule(name: str, *subnets: str, **more: Any) -> dict[str, Any]:
    """Return a body."""
    return {"name": name, "category": 1, "subnets": list(subnets), **more}


def names(client: Client, body: Any = None) -> list[str]:
    """Return the names in a list, in order."""
    return [each["name"] for each in client.post("subnet/", body)["data"]]


def test_a_range_is_made_fetched_listed_replaced_and_deleted(client: Client) -> None:
    """Every response is 200; creation returns just the id as a JSON string."""
    body = rule("Lisbon", "198.51.100.7/24", "2001:db8::/32", category="1", organization="Example Telecom")
    place = {"name": "Lisbon", "latitude": 38.7, "longitude": "-9.1", "countryCode": "PT", "countryName": "Portugal"}
    answer = client.call("POST", CREATE, json={**body, "location": {**place, "more": 1}, "tags": ["HQ", "Tor"]})
    assert answer.status_code == 200
    range_id = answer.text.strip('"')
    assert answer.text == f'"{range_id}"'
    made = client.get(f"subnet/{range_id}/")
    tags = made.pop("tags")
    assert made == {
        "_id": range_id,
        "name": "Lisbon",
        "subnets": [
            {
                "originalString": "198.51.100.7/24",
                "address": "0000:0000:0000:0000:0000:ffff:c633:6400",
                "mask": 120,
            },
            {
                "originalString": "2001:db8::/32",
                "address": "2001:0db8:0000:0000:0000:0000:0000:0000",
                "mask": 32,
            },
        ],
        "location": {**place, "longitude": -9.1},
        "organization": "Example Telecom",
        "category": 1,
        "lastModified": float(client.casb.now),
        "_tid": client.known.tenant_id,
    }
    assert [(tag["name"], tag["type"], tag["_tid"]) for tag in tags] == [
        ("HQ", 0, client.known.tenant_id),
        ("Tor", 2, 0),
    ]
    assert client.get("subnet/")["data"] == [{**made, "tags": tags}]
    client.casb.now += 5
    changed = client.post(f"subnet/{range_id}/update_rule/", rule("Lisbon", "198.51.100.0/24", category=4))
    assert changed == client.get(f"subnet/{range_id.upper()}")
    assert (changed["category"], changed["tags"], changed["location"], changed["organization"]) == (4, [], None, None)
    assert changed["lastModified"] == client.casb.now
    assert client.call("DELETE", f"subnet/{range_id}/").json() == {}
    for method in ("GET", "DELETE"):
        assert client.call(method, f"subnet/{range_id}/").status_code == 404
    assert client.refusal(404, f"subnet/{range_id}/update_rule/", body) == "Not found."


@pytest.mark.parametrize("path", ["/api/subnet/", "/cas/api/v1/subnet", "/cas/api/subnet/", "subnet/"])
def test_the_first_edition_creates_on_the_list_path(client: Client, path: str) -> None:
    """With a name and blocks under either name; without them the same path lists."""
    made = client.post(path, {"name": "Old", "category": 2, "subnetMasks": ["10.0.0.0/8"]})
    newer = client.post(path, rule("New", "172.16.0.0/12"))
    assert [each["_id"] for each in client.post(path, {"name": "Old"})["data"]] == [newer, made]
    assert client.refusal(403, path, rule("No", "192.0.2.1"), role=Role.GLOBAL_READER).startswith("You do not have")
    assert client.post(path, {}, role=Role.GLOBAL_READER)["total"] == 2


def test_an_old_page_updates_on_the_path_of_the_range(client: Client) -> None:
    """A POST without a body is not taken for a deletion, despite the page's name for it."""
    made = client.post(CREATE, rule("A", "10.0.0.0/8"))
    assert client.post(f"subnet/{made}/", rule("B", "10.0.0.0/9"))["name"] == "B"
    assert client.refusal(405, f"subnet/{made}/") == 'Method "POST" not allowed.'
    assert client.refusal(400, f"subnet/{made}/", {"name": "C"}).startswith("category: this parameter is required")
    assert names(client) == ["B"]


def test_22_to_25_what_clients_do(client: Client) -> None:
    """Update without ``_id`` and with the same name; tags as names, ids and objects; texts and order are kept."""
    made = client.post(CREATE, rule("A", "10.9.0.0/16", "10.1.2.3/16", tags=["One"]))
    first = client.get(f"subnet/{made}/")
    one = first["tags"][0]
    tags = [one["id"], {"text": "Two"}, {"id": None, "name": "Three"}, "ONE", one, {"_id": TOR}]
    again = client.post(f"subnet/{made}/update_rule/", rule("A", "10.9.0.0/16", "10.1.2.3/16", tags=tags))
    assert [tag["name"] for tag in again["tags"]] == ["One", "Two", "Three", "Tor"]
    assert [subnet["originalString"] for subnet in again["subnets"]] == ["10.9.0.0/16", "10.1.2.3/16"]
    assert client.post(f"subnet/{made}/update_rule/", {**again, "subnets": "10.9.0.0/16"})["tags"] == again["tags"]


def test_a_range_of_another_tenant_brings_its_tags_along(client: Client) -> None:
    """A record has new and existing tags, with ids that may be unknown here: the name decides then (api §11.2)."""
    body = rule("A", "10.9.0.0/16", tags=["HQ", "Tor"])
    made = client.post(CREATE, body, by=client.known.stranger)
    record = client.get(f"subnet/{made}/", by=client.known.stranger)
    tags = client.get(f"subnet/{client.post(CREATE, record)}/")["tags"]
    assert [(tag["name"], tag["type"], tag["_tid"]) for tag in tags] == [
        ("HQ", 0, client.known.tenant_id),
        ("Tor", 2, 0),
    ]
    assert tags[0]["id"] != record["tags"][0]["id"]
    again = rule("B", "10.10.0.0/16", tags=[{"id": tags[0]["id"].upper(), "name": "its old name"}])
    assert client.get(f"subnet/{client.post(CREATE, again)}/")["tags"] == tags[:1]


def test_a_form_sends_lists_field_by_field(client: Client) -> None:
    """Every block and tag counts, in a form and in multipart (api §3.1 c and d)."""
    blocks, tags = ["10.0.0.0/9", "10.128.0.0/9"], ["One", "Two"]
    body = {"name": "A", "category": "1.0", "subnets": blocks, "tags": tags}
    made = client.call("POST", CREATE, data=body).json()
    named = [
        ("name", "A"),
        ("category", "1"),
        *(("subnets", each) for each in blocks),
        *(("tags", each) for each in tags),
    ]
    parts = [(name, (None, text)) for name, text in named]
    changed = client.call("POST", f"subnet/{made}/update_rule/", files=parts).json()
    for each in (client.get(f"subnet/{made}/"), changed):
        assert [subnet["originalString"] for subnet in each["subnets"]] == blocks
        assert [tag["name"] for tag in each["tags"]] == tags
    single = {"name": "A", "category": 1, "subnetMasks": "10.0.0.0/9", "tags": '{"text": "Two"}'}
    assert [each["name"] for each in client.call("POST", f"subnet/{made}/", data=single).json()["tags"]] == ["Two"]


def test_cells_of_a_table_are_split_into_lists(client: Client) -> None:
    """Scripts that keep ranges in CSV send empty texts for empty cells and after a trailing separator."""
    body = rule("A", "10.0.0.1", "", organization="", tags=[""], category="1")
    made = client.get(f"subnet/{client.post(CREATE, body)}/")
    assert (len(made["subnets"]), made["tags"], made["organization"]) == (1, [], None)
    changed = client.post(f"subnet/{made['_id']}/update_rule/", {**body, "tags": ["HQ", " "]})
    assert [tag["name"] for tag in changed["tags"]] == ["HQ"]
    assert "are needed, not 0" in client.refusal(400, CREATE, rule("B", ""))


def test_names_are_what_people_write(client: Client) -> None:
    """No-break spaces, and joined emoji, but no line breaks."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    place = {"name": "Rua\u00a0Nova"}
    body = rule(f"A\u00a0{family}", "10.0.0.1", organization="B\u00a0C", tags=[f"D\u00a0{family}"], location=place)
    made = client.get(f"subnet/{client.post(CREATE, body)}/")
    assert (made["name"], made["organization"], made["location"]) == (f"A\u00a0{family}", "B\u00a0C", place)
    assert made["tags"][0]["name"] == f"D\u00a0{family}"
    assert client.post("subnet/", {"filters": {"tags": {"eq": made["tags"][0]["id"]}}})["total"] == 1
    for wrong in ({"name": "a\nb"}, {"organization": "a\tb"}, {"tags": ["a\x07b"]}):
        assert "printable characters" in client.refusal(400, CREATE, {**rule("x", "10.0.0.2"), **wrong})


def test_overrides_that_are_off_survive_a_round_trip(client: Client) -> None:
    """They are the only keys beyond the documented ones."""
    body = rule("A", "10.0.0.1", organization="X", overrideOrganization="false", overrideLocation=True)
    made = client.get(f"subnet/{client.post(CREATE, body)}/")
    assert made["overrideOrganization"] is False
    assert "overrideLocation" not in made
    texts = [subnet["originalString"] for subnet in made["subnets"]]
    again = client.post(f"subnet/{made['_id']}/update_rule/", {**made, "subnets": texts})
    assert again == made


def test_a_record_may_be_sent_back_as_it_is(client: Client) -> None:
    """A shell client changes one key of a record and sends back all of it."""
    place = {"name": "Lisbon", "latitude": 38.7}
    body = rule("A", "10.1.2.3/16", "2001:db8::/32", organization="X", location=place, tags=["HQ", "Tor"])
    made = client.get(f"subnet/{client.post(CREATE, body)}/")
    again = client.post(f"subnet/{made['_id']}/update_rule/", {**made, "category": 2, "Identity": made["_id"]})
    assert again == {**made, "category": 2}
    for wrong in ({"address": "10.0.0.1"}, {"originalString": 1}, [1]):
        said = client.refusal(400, f"subnet/{made['_id']}/update_rule/", {**made, "subnets": [wrong]})
        assert said == "subnets: a list of texts is expected"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "category: this parameter is required"),
        ({"category": 1}, "name: this parameter is required"),
        ({"category": 1, "name": "x"}, "subnets: 1 to 10000 addresses or blocks are needed, not 0"),
        (rule("x", category="seven"), "category: a whole number is expected"),
        (rule("x", "10.0.0.1", category=7), "category: 7 must be 0 (none) to 6 (other)"),
        (rule("x", "10.0.0.1", category=True), "category: a whole number is expected"),
        (rule("x", "10.0.0.300"), "subnets: '10.0.0.300' is not an address or block"),
        ({"name": "x", "category": 1, "subnets": [1]}, "subnets: a list of texts is expected"),
        (rule("TAKEN", "10.0.0.1"), "name: 'TAKEN' is the name of another IP range"),
        (rule("x", "10.0.0.1", "192.0.2.128/25"), "subnets: '192.0.2.128/25' overlaps IP range 'Taken'"),
        (rule("x", "10.0.0.1", tags=["a" * 24]), "tags: 'aaaaaaaaaaaaaaaaaaaaaaaa' is not the id of a tag"),
        (rule("x", "10.0.0.1", tags=[1]), "tags: names, ids, or objects"),
        (rule("x", "10.0.0.1", tags=[{}]), "tags: names, ids, or objects"),
        (rule("x", "10.0.0.1", location=[1]), "location: an object is expected"),
        (rule("x", "10.0.0.1", location={"latitude": 91}), "location.latitude: a number from -90 to 90"),
        (rule("x", "10.0.0.1", location={"longitude": "east"}), "location.longitude: a number from -180"),
        (rule("x", "10.0.0.1", organization=[]), "organization: text is expected"),
        (rule("x", "10.0.0.1", overrideLocation="maybe"), "overrideLocation: true or false is expected"),
    ],
)
def test_what_is_wrong_is_named(client: Client, body: dict[str, Any], said: str) -> None:
    """400 in the format that clients read, on creation and update; nothing is stored."""
    taken = client.post(CREATE, rule("Taken", "192.0.2.0/24"))
    other = client.post(CREATE, rule("Other", "198.51.100.0/24"))
    assert client.refusal(400, CREATE, body).startswith(said)
    assert client.refusal(400, f"subnet/{other}/update_rule/", body).startswith(said)
    assert [each["_id"] for each in client.get("subnet/")["data"]] == [other, taken]


def test_built_in_ranges_are_shown_when_asked_for_and_never_changed(client: Client) -> None:
    """Clients iterate over ``subnets``, which is an empty list."""
    client.post(CREATE, rule("Mine", "10.0.0.1"))
    assert names(client) == names(client, {"filters": {"builtIn": None}}) == ["Mine"]
    assert names(client, {"filters": {"builtIn": {}}}) == ["Mine"]
    shown = client.post("subnet/", {"filters": {"builtIn": {"eq": True}}})
    assert shown["total"] == 37
    assert all(each["subnets"] == [] and each["_tid"] == 0 for each in shown["data"])
    assert names(client, {"filters": {"BUILTIN": {"eq": [False]}}}) == ["Mine"]
    assert names(client, {"filters": {"builtIn": {"eq": True}, "category": {"eq": 3}}}) == [
        "Anonymous proxy",
        "Botnet",
        "Tor",
    ]
    assert names(client) == ["Mine"]
    assert client.get(f"subnet/{TOR}/")["name"] == "Tor"
    assert client.refusal(403, f"subnet/{TOR}/update_rule/", rule("x", "10.0.0.2")).startswith("You do not have")
    assert client.call("DELETE", f"subnet/{TOR}/").status_code == 403


def test_filters_and_sorting(client: Client) -> None:
    """By category, tag and name; ascending by name by default."""
    for number, name in enumerate(("beta", "Alpha", "gamma")):
        client.casb.now += 1
        client.post(CREATE, rule(name, f"10.0.0.{number}", category=3 - number, tags=[f"t{number}", "all"]))
    assert names(client) == ["Alpha", "beta", "gamma"]
    assert names(client, {"sortField": "category", "sortDirection": "asc"}) == ["gamma", "Alpha", "beta"]
    assert names(client, {"sortField": "tags"}) == ["gamma", "Alpha", "beta"]
    assert names(client, {"sortField": "date", "sortDirection": "desc"}) == ["gamma", "Alpha", "beta"]
    assert names(client, {"filters": {"category": {"eq": [1, 2]}}}) == ["Alpha", "gamma"]
    assert names(client, {"filters": {"category": {"neq": "1"}}}) == ["Alpha", "beta"]
    assert names(client, {"filters": {"name": {"eq": "ALPHA"}}}) == ["Alpha"]
    tags = {tag["name"]: tag["id"] for tag in client.get("tags/?target=ip")["data"]}
    assert names(client, {"filters": {"tags": {"eq": tags["t1"]}}}) == ["Alpha"]
    assert names(client, {"filters": {"tags": {"neq": [tags["t1"], tags["t2"]]}}}) == ["beta"]
    assert client.refusal(400, "subnet/", {"filters": {"colour": {"eq": 1}}}).startswith("filter 'colour' is unknown")


bodies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("A") | json,
        "category": st.integers(-1, 7) | json,
        "subnets": st.lists(st.sampled_from(["10.0.0.0/8", "::1"]) | st.text(max_size=9), max_size=3) | json,
        "tags": st.lists(json, max_size=3) | json,
        "organization": json,
        "overrideOrganization": json,
        "location": st.dictionaries(st.sampled_from(["name", "latitude", "countryCode"]), json) | json,
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies | json)
def test_any_body_is_answered(reader: Client, body: Any) -> None:
    """What is created is valid, otherwise the error says why."""
    content = standard.dumps(body).encode()
    answer = reader.call("POST", CREATE, content=content)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        reader.get(f"subnet/{answer.json()}/")
        assert reader.call("POST", f"subnet/{answer.json()}/update_rule/", content=content).status_code == 200
        assert reader.call("DELETE", f"subnet/{answer.json()}/").status_code == 200


@pytest.mark.parametrize("role", [Role.SECURITY_OPERATOR, Role.SECURITY_READER, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN])
def test_some_roles_do_not_even_see_ranges(reader: Client, role: Role) -> None:
    """As documented, whatever else they may read."""
    assert reader.call("GET", "subnet/", role=role).status_code == 403


def test_readers_see_and_do_not_change(client: Client) -> None:
    """The same paths require another permission; other tenants' ranges are invisible."""
    made = client.post(CREATE, rule("A", "10.0.0.1"))
    role = Role.GLOBAL_READER
    assert client.get(f"subnet/{made}/", role=role)["name"] == "A"
    for method, path in (("POST", CREATE), ("POST", f"subnet/{made}/update_rule/"), ("DELETE", f"subnet/{made}/")):
        assert client.call(method, path, json=rule("B", "10.0.0.2"), role=role).status_code == 403
    assert client.call("GET", f"subnet/{made}/", by=client.known.stranger).status_code == 404
    assert client.call("DELETE", f"subnet/{made}/", by=client.known.stranger).status_code == 404


def scanned(client: Client) -> Iterator[dict[str, Any]]:
    """List in scan mode, like the documented script."""
    body: dict[str, Any] = {"filters": {}, "isScan": True, "limit": 2}
    while True:
        page = client.post("subnet/", body)
        yield from page["data"]
        if not page["hasNext"]:
            return
        body["filters"] = page["nextQueryFilters"]


def synchronise(client: Client, text: str) -> None:
    """Synchronise the ranges with a CSV text, like the documented script: plain calls, each answered with 200."""
    known = {each["name"]: each["_id"] for each in scanned(client)}
    for row in csv.DictReader(io.StringIO(text)):
        body = {"name": row["name"], "subnets": row["subnets"].split(), "category": row["category"]}
        body["tags"] = row["tags"].split()
        if row["name"] in known:
            client.post(f"subnet/{known.pop(row['name'])}/update_rule/", body)
        else:
            client.post(CREATE, body)
    for range_id in known.values():
        assert client.call("DELETE", f"subnet/{quote(range_id)}/").status_code == 200


def test_the_documented_script_synchronises_ranges_with_a_file(client: Client) -> None:
    """List in scan mode, create, update and delete; a second run changes nothing."""
    head = "name,category,subnets,tags\n"
    synchronise(client, head + "".join(f"office {at},1,10.{at}.0.0/16,office\n" for at in range(7)))
    assert len(list(scanned(client))) == 7
    assert client.post("subnet/", {"isScan": True, "limit": 2})["hasNext"]
    wanted = head + "office 1,4,10.1.0.0/16 10.2.0.1/16,\noffice 9,6,10.9.0.0/16,office Tor\n"
    client.call("DELETE", f"subnet/{next(each['_id'] for each in scanned(client) if each['name'] == 'office 2')}/")
    for _ in range(2):
        synchronise(client, wanted)
        found = [
            (each["name"], each["category"], len(each["subnets"]), [tag["name"] for tag in each["tags"]])
            for each in scanned(client)
        ]
        assert found == [("office 1", 4, 2, []), ("office 9", 6, 1, ["office", "Tor"])]
