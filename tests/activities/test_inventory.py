"""Files inferred from activities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opencasb.activities import entity_columns
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_columns import record
from opencasb.activities.file_sightings import file_sightings
from opencasb.activities.file_wire import file_from
from opencasb.activities.inventory import Inventory, files_after
from opencasb.activities.normalised import to_wire
from opencasb.activities.personal_sites import SiteOwners
from opencasb.store.database import Database
from opencasb.store.entities import Entities
from opencasb.store.files import Files
from opencasb.store.records import Record
from tests.activities.anything import damaged
from tests.activities.example import wire
from tests.activities.normalised_example import normalised
from tests.conftest import NOW

TENANT = 81_000_001
FILE = {"type": "file", "id": "f-1", "name": "Plan.xlsx"}
BEN = {"type": "user", "name": "ben@example.org", "role": "parameter"}
EVE = {"type": "emailAddress", "name": "eve@else.example", "role": "parameter"}
LINK = {
    "type": "group",
    "name": "SharingLinks.0d3f1f3e-0000-4000-8000-0000000000f1.{}.9b2c6a3e-0000-4000-8000-0000000000f2",
}
TEAM = {"type": "group", "id": "g-1", "name": "Team", "role": "parameter"}
PRIVATE, INTERNAL, EXTERNAL, PUBLIC = range(4)


def did(category: str, *objects: dict[str, Any], at: int = 0, **changes: Any) -> dict[str, Any]:
    """Return Ana's wire activity with the file, ``at`` seconds after NOW."""
    made = {
        "app": "sharepoint",
        "appId": ...,
        "timestamp": NOW + at * 1000,
        "eventTypeName": f"EVENT_CATEGORY_{category}",
        "objects": [FILE, *objects],
        "raw": {},
        **changes,
    }
    return to_wire(normalised(**made), TENANT, NOW)


def files_in(activities: Iterable[dict[str, Any]], known: Mapping[str, Any]) -> list[Record]:
    """Return inferred files that are new or differ from known ones."""
    return files_after(file_sightings(activities, TENANT), TENANT, known, NOW)


def after(*activities: dict[str, Any], stored: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the only file after activities delivered one by one."""
    known = {} if stored is None else {stored["_id"]: stored}
    for activity in activities:
        known |= {each.record_id: dict(each.document) for each in files_in([activity], known)}
    (found,) = known.values()
    return found


def test_a_file_is_known_from_an_activity() -> None:
    """It has the fields for its page: name, type, app, place, owner (connectors §8)."""
    site = "https://contoso-my.sharepoint.example/personal/ana_example_org"
    raw = {"SiteUrl": site, "ObjectId": f"{site}/Plan.xlsx", "SourceRelativeUrl": "Documents"}
    found = after(did("UPLOAD_FILE", raw=raw))
    assert (found["id"], found["name"], found["ftype"], found["appId"], found["saasId"]) == (
        *("f-1", "Plan.xlsx", 2, 20892),
        20892,
    )
    assert (found["createdDate"], found["modifiedDate"], found["facl"], found["fstat"]) == (NOW, NOW, PRIVATE, 0)
    assert (found["sitePath"], found["filePath"], found["alternateLink"]) == (site, "Documents", f"{site}/Plan.xlsx")
    assert (found["ownerAddress"], found["scanVersion"]) == ("ana@example.org", 0)
    assert after(did("ACCESS_FILE", raw={"owner": "ben@example.org"}))["ownerAddress"] == "ben@example.org"
    assert after(did("ACCESS_FILE"))["createdDate"] is None


BENS = [{"name": "doc_id", "value": "f-1"}, {"name": "owner", "value": "ben@example.org"}]


@pytest.mark.parametrize(
    ("raw", "owner"),
    [
        ({"parameters": {"owner": "ben@example.org"}}, "ben@example.org"),
        ({"parameters": BENS}, "ben@example.org"),
        ({"events": [{"parameters": BENS}, {"parameters": {"owner": "ben@example.org"}}, 7]}, "ben@example.org"),
        ({"events": [{"parameters": BENS}, {"parameters": {"owner": "eve@else.example"}}]}, None),
        ({"parameters": {"owner": "Team drive"}}, None),
        ({"parameters": [["owner"]], "events": {"owner": 1}}, None),
    ],
)
def test_the_owner_may_stand_in_the_parameters_of_events(raw: dict[str, Any], owner: str | None) -> None:
    """Google's logs have it there; with several owners it is unknown, and a shared drive is no person."""
    assert after(did("ACCESS_FILE", app="google_drive", raw=raw))["ownerAddress"] == owner


@pytest.mark.parametrize(
    ("people", "raw", "owner"),
    [
        ([BEN], {}, "ben@example.org"),
        ([], {"parameters": {"owner": "ana@example.org", "new_owner": "Ben@example.org"}}, "Ben@example.org"),
        ([BEN, EVE], {"owner": "eve@else.example"}, "ana@example.org"),
        ([TEAM], {}, "ana@example.org"),
    ],
)
def test_a_file_belongs_to_whom_it_was_handed_over(people: list[Any], raw: dict[str, Any], owner: str) -> None:
    """The record of a transfer tells the earlier owner; of several people, nobody knows who the new one is."""
    before = did("UPLOAD_FILE", raw={"owner": "ana@example.org"})
    handed_over = did("TRANSFER_OWNERSHIP", *people, at=1, raw=raw)
    for order in ((before, handed_over), (handed_over, before)):
        assert after(*order)["ownerAddress"] == owner


def test_a_folder_stays_with_its_owner_when_a_file_in_it_is_handed_over() -> None:
    """The activity names it only because the file is in it."""
    folder = {"type": "folder", "id": "d-1", "name": "Plans", "role": "parameter"}
    raw = {"owner": "ana@example.org"}
    activities = [did("ACCESS_FILE", folder, raw=raw), did("TRANSFER_OWNERSHIP", folder, BEN, at=1, raw=raw)]
    found = {each.document["id"]: each.document["ownerAddress"] for each in files_in(activities, {})}
    assert found == {"f-1": "ben@example.org", "d-1": "ana@example.org"}


@pytest.mark.parametrize(
    ("activities", "level"),
    [
        ([did("SHARE_FILE", BEN)], INTERNAL),
        ([did("SHARE_FILE", EVE)], EXTERNAL),
        ([did("SHARE_FILE", EVE, user="system account")], INTERNAL),
        ([did("SHARE_FILE", BEN, sharing="external")], EXTERNAL),
        ([did("SHARE_FILE", TEAM)], INTERNAL),
        ([did("SHARE_FILE", sharing="public")], PUBLIC),
        ([did("CHANGE_STORAGE_PERMISSIONS", sharing="public")], PUBLIC),
        ([did("CHANGE_STORAGE_PERMISSIONS")], PRIVATE),
        ([did("CREATE_COMPANY_LINK")], INTERNAL),
        ([did("CREATE_ANONYMOUS_LINK")], PUBLIC),
        ([did("VIEW_REPORT", rawOperation="PublishToWebReport")], 4),
        ([did("SHARE_FILE", EVE), did("SHARE_FILE", BEN, at=1)], EXTERNAL),
        ([did("SHARE_FILE", EVE, BEN), did("UNSHARE_FILE", EVE, at=1)], INTERNAL),
        ([did("SHARE_FILE", EVE), did("UNSHARE_FILE", EVE, at=1)], PRIVATE),
        ([did("SHARE_FILE", EVE, at=1), did("UNSHARE_FILE", EVE)], EXTERNAL),
        ([did("CREATE_ANONYMOUS_LINK"), did("SHARE_FILE", BEN), did("UNSHARE_FILE", BEN, at=1)], PUBLIC),
        ([did("CREATE_ANONYMOUS_LINK"), did("SHARE_FILE", BEN), did("UNSHARE_FILE", at=1)], INTERNAL),
        ([did("SHARE_FILE", EVE, isSuccess=False), did("ACCESS_FILE")], PRIVATE),
    ],
)
def test_shares_raise_the_level_and_their_end_lowers_it(activities: list[dict[str, Any]], level: int) -> None:
    """The level is that of the remaining shares (connectors §8)."""
    found = after(*activities)
    assert (found["facl"], found["fileAccessLevel"][0]) == (level, level)


def link_group(kind: str) -> dict[str, Any]:
    """Return the group that SharePoint makes for a link of a kind."""
    return {**LINK, "name": LINK["name"].format(kind), "role": "parameter"}


@pytest.mark.parametrize(
    ("activities", "level"),
    [
        ([did("SHARE_FILE", link_group("OrganizationEdit"))], INTERNAL),
        ([did("SHARE_FILE", link_group("AnonymousView"))], PUBLIC),
        ([did("SHARE_FILE", link_group("Flexible"))], PRIVATE),
        ([did("SHARE_FILE", link_group("Flexible"), sharing="external")], EXTERNAL),
        ([did("SHARE_FILE", link_group("Flexible")), did("SHARE_FILE", EVE, at=1)], EXTERNAL),
        ([did("CREATE_ANONYMOUS_LINK"), did("UNSHARE_FILE", link_group("OrganizationView"), at=1)], PUBLIC),
        ([did("CREATE_ANONYMOUS_LINK"), did("UNSHARE_FILE", link_group("AnonymousEdit"), at=1)], PRIVATE),
        ([did("SHARE_FILE", link_group("AnonymousEdit"), at=1), did("UNSHARE_FILE", at=2)], PRIVATE),
    ],
)
def test_groups_that_stand_for_links_are_links(activities: list[dict[str, Any]], level: int) -> None:
    """SharePoint's records name them as the groups that were given access; nobody is in them by name."""
    found = after(*activities)
    assert found["facl"] == level
    assert [each["id"] for each in found["collaborators"] if "SharingLinks" in each["id"]] == found["groups"] == []


def test_a_guest_goes_by_the_own_address() -> None:
    """Sharing with a guest is external, however the app spells the name, and whoever shares (connectors §3.2)."""
    spellings = ("eve_else.example#EXT#@contoso.onmicrosoft.example", "urn:spo:guest#Eve@else.example")
    for spelled, by in product(spellings, ("ana@contoso.onmicrosoft.example", "SHAREPOINT\\system")):
        found = after(did("SHARE_FILE", {**EVE, "name": spelled}, user=by))
        assert (found["facl"], found["domains"]) == (EXTERNAL, ["else.example"])
        assert [each["id"] for each in found["collaborators"]] == ["eve@else.example"]


def test_a_recipient_goes_by_the_address_wherever_it_stands() -> None:
    """A display name identifies nobody (connectors §3.2); a group goes by its name."""
    eve = {"type": "user", "id": "eve@else.example", "name": "Eve Kay", "role": "parameter"}
    team = {**TEAM, "id": "team@else.example"}
    found = after(did("SHARE_FILE", eve, team))
    assert [each["id"] for each in found["collaborators"]] == ["eve@else.example", "Team"]
    assert (found["facl"], found["externalShares"]) == (EXTERNAL, ["eve@else.example"])


def test_a_recipient_of_an_export_has_only_an_object_type() -> None:
    """The actor has one, too; a group or container without a kind is nobody (api §7.4)."""
    shared = did("SHARE_FILE")
    actor = {"objType": 23, "role": 4, "id": "guid", "name": "ana@example.org"}
    ben, eve = ({"objType": kind, "role": 3, "id": name, "name": ""} for kind, name in ((21, BEN["name"]), (2, "eve")))
    team = {"objType": 1, "role": 3, "id": "g-1", "name": "Team"}
    shared["mainInfo"]["eventObjects"] += [actor, ben, eve, team]
    found = after(shared)
    assert [(each["id"], each["type"]) for each in found["collaborators"]] == [("ben@example.org", 1), ("eve", 1)]


def test_a_file_of_an_export_is_known_by_the_last_word_of_its_kind() -> None:
    """Upstream names the app before the kind; a site collection is no file."""
    kinds = {"OneDrive File": FILE, "OneDrive Folder": {"id": "d-1", "name": "Plans"}, "OneDrive Site Collection": {}}
    uploaded = did("UPLOAD_FILE")
    uploaded["mainInfo"]["eventObjects"] = [
        {"objType": 1, "role": 3, "tags": [], "id": "s-1", "name": "s", **each, "serviceObjectType": sort}
        for sort, each in kinds.items()
    ]
    found = {each.document["id"]: each.document for each in files_in([uploaded], {})}
    assert {name: each["isFolder"] for name, each in found.items()} == {"f-1": False, "d-1": True}
    assert found["f-1"]["parentId"] == "d-1"


def test_nobody_shares_with_oneself() -> None:
    """Exports list the actor's own accounts as related, in role 5."""
    shared = did("SHARE_FILE", EVE)
    for name in ("ana@example.org", "3B0F4C3E-0000-4000-8000-0000000000AA"):
        shared["mainInfo"]["eventObjects"].append({"objType": 23, "role": 5, "id": name, "name": "Ana Silva"})
    assert [each["id"] for each in after(shared)["collaborators"]] == ["eve@else.example"]


def test_sharing_inside_reaches_all_own_domains(database: Database, clock: Callable[[], int]) -> None:
    """The owner's domain does not matter; without own domains, only the owner's domain is internal."""
    for own, level in (({"example.org", "else.example"}, INTERNAL), ({"example.org"}, EXTERNAL), (set(), EXTERNAL)):
        tenant, files = TENANT + len(own), Files(database)
        with files.writing() as connection:
            Inventory(files, clock).seen(tenant, [did("SHARE_FILE", EVE)], own, connection)
        (row,) = files.page(tenant, order="modified", ascending=True)
        found = files.get(tenant, row.record_id)
        assert found is not None
        assert (found["facl"], found["externalShares"] == []) == (level, level == INTERNAL)


def test_the_owner_is_external_outside_of_the_own_domains() -> None:
    """The owner that an activity states (connectors §8); it is unknown without own domains."""
    activity = did("MODIFY_FILE", raw={"owner": "eve@else.example"})
    for own, expected in (({"example.org"}, True), ({"else.example"}, False), (set(), None)):
        (found,) = files_after(file_sightings([activity], TENANT), TENANT, {}, NOW, own)
        assert found.document["ownerExternal"] is expected


def test_sharing_is_flattened() -> None:
    """Collaborators appear in every field about sharing."""
    found = after(did("SHARE_FILE", EVE, BEN, TEAM))
    assert found["emails"] == ["eve@else.example", "ben@example.org"]
    assert (found["domains"], found["externalShares"]) == (["else.example", "example.org"], ["eve@else.example"])
    assert found["groups"] == ["Team"]


@pytest.mark.parametrize(
    ("activities", "status"),
    [
        ([did("DELETE_FILE")], 1),
        ([did("DELETE_FILE", rawOperation="FileDeletedSecondStageRecycleBin")], 2),
        ([did("DELETE_FILE"), did("UNSPECIFIED", rawOperation="FileRestored", at=1)], 0),
        ([did("DELETE_FILE"), did("MODIFY_FILE", at=1)], 0),
        ([did("DELETE_FILE"), did("ACCESS_FILE", at=1)], 1),
        ([did("DELETE_FILE", at=1), did("MODIFY_FILE")], 1),
        ([did("ACCESS_FILE"), did("DELETE_FILE", isSuccess=False, at=1)], 0),
    ],
)
def test_the_newest_event_decides_whether_it_is_there(activities: list[dict[str, Any]], status: int) -> None:
    """The order of arrival does not matter."""
    assert after(*activities)["fstat"] == status


def test_times_are_those_of_changes() -> None:
    """The newest change and the oldest upload, in any order of arrival."""
    found = after(
        did("MODIFY_FILE", at=5), did("UPLOAD_FILE", at=2), did("UPLOAD_FILE", at=3), did("ACCESS_FILE", at=9)
    )
    assert (found["modifiedDate"], found["createdDate"]) == (NOW + 5000, NOW + 2000)
    assert found["timestamp"] == found["modifiedDate"]
    assert found["lastNrtTimestamp"] == NOW + 9000


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_a_file_that_was_never_written_is_as_old_as_its_first_activity(order: tuple[int, ...]) -> None:
    """The order of arrival does not matter; once it is written, that time counts."""
    activities = [did("ACCESS_FILE", at=at) for at in (1, 4, 9)]
    found = after(*(activities[number] for number in order))
    assert (found["modifiedDate"], found["timestamp"]) == (NOW + 1000, NOW + 1000)
    assert after(did("MODIFY_FILE", at=6), stored=found)["modifiedDate"] == NOW + 6000
    late = after(did("ACCESS_FILE", at=6), did("MODIFY_FILE", at=3), did("ACCESS_FILE", at=1))
    assert late["modifiedDate"] == NOW + 3000


def test_a_new_name_comes_with_the_first_event_after_the_renaming() -> None:
    """Its extension gives the new type; an older event does not restore the old name."""
    renamed = {**FILE, "name": "Plan.pdf"}
    found = after(did("RENAME_FILE", at=1), did("ACCESS_FILE", at=3, objects=[renamed]), did("ACCESS_FILE", at=2))
    assert (found["name"], found["ftype"], found["fileExtension"]) == ("Plan.pdf", 1, "pdf")


def test_a_new_place_comes_with_the_first_event_after_the_move() -> None:
    """The order of arrival does not matter; the move event itself may have either place."""

    def seen(category: str, folder: str, at: int) -> dict[str, Any]:
        raw = {"SourceRelativeUrl": folder, "ObjectId": f"https://contoso.example/{folder}/Plan.xlsx"}
        return did(category, {"type": "folder", "id": folder, "name": folder}, at=at, raw=raw)

    events = [seen("UPLOAD_FILE", "Old", 0), seen("MOVE_FILE", "Old", 1), seen("ACCESS_FILE", "New", 2)]
    for order in (events, events[::-1]):
        known: dict[str, Any] = {}
        for event in order:
            known |= {each.record_id: dict(each.document) for each in files_in([event], known)}
        (found,) = (each for each in known.values() if each["id"] == "f-1")
        assert (found["parentId"], found["filePath"]) == ("New", "New")
        assert found["alternateLink"] == "https://contoso.example/New/Plan.xlsx"


def test_a_file_without_an_id_is_known_by_its_path() -> None:
    """Its bucket is a folder."""
    objects = [{"type": "file", "name": "a/b.csv"}, {"type": "bucket", "name": "data"}]
    made = files_in([did("ACCESS_FILE", app="aws", objects=objects)], {})
    found = {each.document["id"]: each.document for each in made}
    assert found.keys() == {"data/a/b.csv", "data"}
    assert (found["data/a/b.csv"]["name"], found["data/a/b.csv"]["ftype"]) == ("b.csv", 4)
    assert (found["data"]["isFolder"], found["data"]["ftype"]) == (True, 6)
    assert (found["data/a/b.csv"]["parentId"], found["data"]["parentId"]) == ("data", None)


def test_a_folder_without_an_id_is_that_of_its_site() -> None:
    """Otherwise everyone's documents would share one folder, owned by whoever was seen first."""
    sites = [f"https://contoso-my.sharepoint.example/personal/{name}_example_org" for name in ("ana", "ben")]
    objects = [{"type": "folder", "name": "Documents", "role": "parameter"}]
    known: dict[str, Any] = {}
    for number, site in enumerate(sites):
        raw = {"SiteUrl": f"{site}/", "SourceRelativeUrl": "Documents"}
        opened = did("ACCESS_FILE", objects=[{**FILE, "id": f"f-{number}"}, *objects], raw=raw)
        known |= {each.record_id: dict(each.document) for each in files_in([opened], known)}
    parents = {each["id"]: each["parentId"] for each in known.values() if not each["isFolder"]}
    assert parents == {f"f-{number}": f"{site}|Documents" for number, site in enumerate(sites)}
    assert {each["id"] for each in known.values() if each["isFolder"]} == set(parents.values())


PLACE = {"type": "folder", "id": "d-1", "name": "Plans", "role": "parameter"}


@pytest.mark.parametrize(
    ("category", "raw"),
    [
        ("DELETE_FILE", {}),
        ("SHARE_FILE", {}),
        ("CREATE_ANONYMOUS_LINK", {}),
        ("RENAME_FILE", {"DestinationFileName": "New.xlsx", "ObjectId": "https://contoso.example/Plans/Plan.xlsx"}),
    ],
)
def test_what_happens_to_a_file_does_not_happen_to_its_folder(category: str, raw: dict[str, str]) -> None:
    """Its bucket or folder is only where it is."""
    for place in (PLACE, {**PLACE, "type": "bucket"}):
        made = files_in([did(category, EVE, place, raw=raw)], {})
        (folder,) = (each.document for each in made if each.document["isFolder"])
        (file,) = (each.document for each in made if not each.document["isFolder"])
        assert (folder["name"], folder["fstat"], folder["facl"]) == ("Plans", 0, PRIVATE)
        assert (folder["collaborators"], folder["alternateLink"], file["parentId"]) == ([], None, "d-1")


def test_a_folder_is_named_before_the_folder_that_it_is_in() -> None:
    """What happens to a folder happens to the first of two."""
    inner, outer = {**PLACE, "role": "target"}, {**PLACE, "id": "d-0", "name": "All"}
    made = {each.document["id"]: each.document for each in files_in([did("DELETE_FOLDER", objects=[inner, outer])], {})}
    assert {name: each["fstat"] for name, each in made.items()} == {"d-1": 1, "d-0": 0}
    assert (made["d-1"]["parentId"], made["d-0"]["parentId"]) == ("d-0", None)


def test_a_scan_is_changed_by_events_only() -> None:
    """Name, owner and place remain; sharing and status change starting from the scan."""
    scanned = file_from(
        {"id": "f-1", "appId": 20892, "name": "Scanned.docx", "owner": "ben@example.org", "sharing": "public"},
        TENANT,
        NOW,
    )
    found = after(did("ACCESS_FILE", at=1), did("DELETE_FILE", at=-1), stored=scanned)
    assert (found["name"], found["ownerAddress"], found["facl"], found["fstat"]) == (
        *("Scanned.docx", "ben@example.org", PUBLIC),
        0,
    )
    found = after(did("SHARE_FILE", BEN), did("UNSHARE_FILE", BEN, at=1), did("DELETE_FILE", at=2), stored=scanned)
    assert (found["facl"], found["fstat"]) == (PUBLIC, 1)


def test_activities_mean_those_whom_a_scan_knows_by_other_ids() -> None:
    """People are matched by address, groups by name: nobody is duplicated, and removal works."""
    eve = {"id": "41", "name": "Eve Kay", "email": "Eve@else.example", "accessLevel": EXTERNAL}
    people = [eve, {"id": "g-9", "name": "Team", "type": 2}, {"id": "42", "name": "Ben"}]
    scanned = file_from({"id": "f-1", "appId": 20892, "collaborators": people}, TENANT, NOW)
    shared = after(did("SHARE_FILE", EVE, TEAM), stored=scanned)
    assert [each["id"] for each in shared["collaborators"]] == ["41", "g-9", "42"]
    found = after(did("UNSHARE_FILE", EVE, TEAM, at=1), stored=shared)
    assert ([each["id"] for each in found["collaborators"]], found["facl"]) == (["42"], INTERNAL)
    assert (found["emails"], found["groups"]) == ([], [])


def test_repetition_changes_nothing() -> None:
    """The same activities again give the same file."""
    activities = [did("UPLOAD_FILE"), did("SHARE_FILE", EVE, at=1), did("DELETE_FILE", at=2)]
    found = after(*activities)
    assert after(*activities, stored=found) == found


def event_of(category: str, *people: dict[str, Any], **changes: Any) -> Callable[[int], dict[str, Any]]:
    """Return a function that creates such an event at a time in seconds."""
    name = changes.pop("name", "Plan.xlsx")
    return lambda at: did(category, *people, at=at, **{**changes, "objects": [{**FILE, "name": name}, *people]})


EVENTS = [
    event_of("UPLOAD_FILE", raw={"SourceRelativeUrl": "Old", "owner": "ana@example.org"}),
    event_of("ACCESS_FILE", name="Plan.pdf", raw={"SourceRelativeUrl": "New", "owner": "ben@example.org"}),
    event_of("MODIFY_FILE"),
    event_of("RENAME_FILE"),
    event_of("RENAME_FILE", raw={"DestinationFileName": "Plan.pdf"}),
    event_of("MOVE_FILE", raw={"SourceRelativeUrl": "Old"}),
    event_of("DELETE_FILE"),
    event_of("UNSPECIFIED", rawOperation="FileRestored"),
    event_of("SHARE_FILE", EVE),
    event_of("SHARE_FILE", BEN, EVE, sharing="internal"),
    event_of("SHARE_FILE", sharing="external"),
    event_of("CREATE_ANONYMOUS_LINK"),
    event_of("UNSHARE_FILE", EVE),
    event_of("UNSHARE_FILE"),
    event_of("TRANSFER_OWNERSHIP", BEN),
    event_of("SHARE_FILE", {**LINK, "name": LINK["name"].format("AnonymousEdit")}),
    event_of("UNSHARE_FILE", {**LINK, "name": LINK["name"].format("AnonymousView")}),
]


@given(
    st.lists(st.sampled_from(EVENTS), min_size=2, max_size=6),
    st.randoms(use_true_random=False),
    st.sampled_from([1, 7]),
)
def test_the_order_of_delivery_does_not_matter(kinds: list[Any], random: Any, size: int) -> None:
    """The number of batches does not matter either, nor does a repetition."""
    activities = [make(at) for at, make in enumerate(kinds)]
    shuffled = [*activities, activities[0]]
    random.shuffle(shuffled)
    known: dict[str, Any] = {}
    for start in range(0, len(shuffled), size):
        known |= {each.record_id: dict(each.document) for each in files_in(shuffled[start : start + size], known)}
    (found,) = known.values()
    assert found == after(*activities)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_late_end_does_not_take_away_a_newer_link(order: tuple[int, int]) -> None:
    """Otherwise a file that everyone can open would seem private."""
    events = did("UNSHARE_FILE"), did("CREATE_ANONYMOUS_LINK", at=1)
    assert after(*(events[number] for number in order))["facl"] == PUBLIC


def test_a_scan_knows_of_the_ends_before_it() -> None:
    """They may be delivered after it."""
    scanned = file_from({"id": "f-1", "appId": 20892, "sharing": "public"}, TENANT, NOW)
    assert after(did("UNSHARE_FILE", at=-1), stored=scanned)["facl"] == PUBLIC
    assert after(did("UNSHARE_FILE", at=1), stored=scanned)["facl"] == PRIVATE


def test_the_path_is_that_of_the_folder() -> None:
    """In sharing events it includes the file's name."""
    raw = {"SourceRelativeUrl": "Documents/Plan.xlsx", "SourceFileName": "Plan.xlsx"}
    assert after(did("SHARE_FILE", EVE, raw=raw))["filePath"] == "Documents"
    assert after(did("ACCESS_FILE", raw={**raw, "SourceRelativeUrl": "Documents"}))["filePath"] == "Documents"


def test_a_renaming_may_tell_the_new_name_itself() -> None:
    """A move may have the new place, as in SharePoint's events; no other event is then needed."""
    renamed = {"SourceFileName": "Plan.xlsx", "DestinationFileName": "Plan.pdf", "SourceRelativeUrl": "Documents"}
    moved = {"SourceRelativeUrl": "Documents", "DestinationRelativeUrl": "Archive", "DestinationFileName": "Plan.pdf"}
    found = after(did("UPLOAD_FILE"), did("RENAME_FILE", at=1, raw=renamed), did("MOVE_FILE", at=2, raw=moved))
    assert (found["name"], found["fileExtension"], found["filePath"]) == ("Plan.pdf", "pdf", "Archive")


def test_an_exported_file_comes_back_as_it_was() -> None:
    """It has the times of known facts, except invalid ones."""
    found = after(did("UPLOAD_FILE"), did("SHARE_FILE", EVE, at=1), did("UNSHARE_FILE", EVE, at=2))
    assert file_from(found, TENANT, NOW + 9) == found
    assert file_from({**found, "told": {"name": "x"}, "ended": []}, TENANT, NOW + 9)["told"] == {}


@example([{**did("SHARE_FILE", EVE), "eventTypeName": []}])
@given(st.lists(damaged(wire()) | damaged(did("SHARE_FILE", EVE)), max_size=3))
def test_files_of_activities_of_any_shape_can_be_stored(activities: list[dict[str, Any]]) -> None:
    """For activities of any shape, the files can be stored."""
    for each in files_in(activities, {}):
        assert record(each.document).record_id == each.record_id


def test_files_are_kept_in_step(database: Database, clock: Callable[[], int]) -> None:
    """They are updated in the activities' transaction and tenant; activities without files change nothing."""
    files = Files(database)
    inventory = Inventory(files, clock)
    for activity in (did("UPLOAD_FILE"), did("SHARE_FILE", EVE, at=1), did("LOGIN", objects=[])):
        with files.writing() as connection:
            inventory.seen(TENANT, [activity], (), connection)
    (row,) = files.page(TENANT, order="modified", ascending=True)
    found = files.get(TENANT, row.record_id)
    assert found is not None
    assert (found["facl"], found["createdDate"]) == (EXTERNAL, NOW)
    assert [change.seq for change in files.since(TENANT, 0, 10)] == [2]
    assert files.count(TENANT + 1) == (0, False)


def test_personal_sites_belong_to_known_accounts(database: Database, clock: Callable[[], int]) -> None:
    """Another user may open a file there; a folder matching two accounts has no owner."""
    entities, files = Entities(database, clock), Files(database)
    for number, address in enumerate(("ana.b-silva@example.org", "li.wu@example.org", "li_wu@example.org")):
        given_ = {"id": f"u-{number}", "appId": 11161, "email": address}
        entities.put(TENANT, [entity_columns.record(entities_from(given_, TENANT, NOW))])
    inventory = Inventory(files, clock, SiteOwners(entities))
    for number, folder in enumerate(("ana_b_silva_example_org", "li_wu_example_org", "eve_else_example")):
        raw = {"SiteUrl": f"https://contoso-my.sharepoint.example/personal/{folder}/"}
        with files.writing() as connection:
            opened = did("ACCESS_FILE", user="ben@example.org", objects=[{**FILE, "id": f"f-{number}"}], raw=raw)
            inventory.seen(TENANT, [opened], (), connection)
    found = files.many(TENANT, [row.record_id for row in files.page(TENANT, order="modified", ascending=True)])
    assert {each["id"]: each["ownerAddress"] for each in found.values()} == {
        "f-0": "ana.b-silva@example.org",
        "f-1": None,
        "f-2": None,
    }
