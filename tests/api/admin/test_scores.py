"""Scores over the administration API."""

from __future__ import annotations

from typing import Final

import polars as pl
import pytest

from opencasb.model.factors import SCORED
from opencasb.model.stream import StreamType
from opencasb.store.audit_log import AuditLog
from tests.api.admin.conftest import House
from tests.catalog.scored import BOX, DROPBOX, SAML, TEAMS, catalog
from tests.lake.rows import names, usage

SETTINGS, OVERRIDES, HISTORY = "catalog/score-settings", "catalog/score-overrides", "catalog/score-history"


@pytest.fixture
def scored(house: House) -> House:
    """A house with a scored catalog, whose users used Box and Dropbox."""
    house.casb.__dict__["catalog"] = catalog()
    tenant = house.contoso.tenant_id
    source = house.casb.streams.create(tenant, "edge", StreamType.INPUT)
    rows = usage(stream_id=source.stream_id).with_columns(pl.lit(tenant, pl.Int32).alias("tenant_id"))
    house.casb.lake.append(tenant, rows, names(), "first")
    return house


def test_settings_are_changed_and_reset(scored: House) -> None:
    """By any name of a factor; omitted values and other tenants are unaffected; the audit log has the author."""
    before = scored.ok("GET", SETTINGS)
    assert len(before["factors"]) == len(SCORED)
    given = {"factors": {"isSupportsSaml": "Very High"}, "groups": {"Legal": "low"}, "include_na": {SAML: True}}
    after = scored.ok("PATCH", SETTINGS, given)
    (saml,) = [each for each in after["factors"] if each["factor"] == SAML]
    assert (saml["importance"], saml["include_na"]) == ("very high", True)
    assert scored.ok("PATCH", SETTINGS, {"groups": {"general": "high"}})["factors"] == after["factors"]
    foreign = scored.token(tenant_id=scored.fabrikam.tenant_id)
    assert scored.ok("GET", SETTINGS, token=foreign) == before
    assert scored.ok("DELETE", SETTINGS) == before
    entries = AuditLog(scored.casb.database, scored.casb.clock).latest(scored.contoso.tenant_id)
    assert {entry.action for entry in entries} >= {"score.weigh", "score.reset_weights"}


def test_an_override_is_put_listed_and_removed(scored: House) -> None:
    """It is the score everywhere until removed; other tenants' overrides are invisible."""
    made = scored.ok("POST", f"{OVERRIDES}/{BOX}", {"score": 2, "note": "no contract"})
    assert (made["app_id"], made["score"], made["note"]) == (BOX, 2, "no contract")
    assert scored.ok("GET", OVERRIDES) == {"overrides": [made]}
    told = scored.ok("GET", f"catalog/scores/{BOX}")
    assert (told["score"], told["score_from"], told["override"]) == (2, "override", made)
    foreign = scored.token(tenant_id=scored.fabrikam.tenant_id)
    assert scored.ok("GET", OVERRIDES, token=foreign) == {"overrides": []}
    assert scored.ok("DELETE", f"{OVERRIDES}/{BOX}") == {}
    assert scored.refusal(404, "DELETE", f"{OVERRIDES}/{BOX}") == "Not found."
    assert scored.ok("GET", f"catalog/scores/{BOX}")["score"] == 6


def test_a_score_is_explained(scored: House) -> None:
    """An unscored app has an explanation, too."""
    told = scored.ok("GET", f"catalog/scores/{DROPBOX}")
    assert (told["score"], told["score_from"], told["known"], told["low_evidence"]) == (8, "facts", 4, True)
    assert sum(line["contribution"] for line in told["factors"]) == pytest.approx(told["total"])
    unscored = scored.ok("GET", f"catalog/scores/{TEAMS}")
    assert unscored["unscored_because"] == "only 1 fact is known that can count; 3 are needed"
    assert unscored["information"][0]["value"] == ["IE", "NL"]
    assert scored.refusal(404, "GET", "catalog/scores/1") == "Not found."


def test_the_history_is_paged(scored: House) -> None:
    """Newest first, of all apps or one."""
    for score in (1, 2, 3):
        scored.ok("POST", f"{OVERRIDES}/{BOX}", {"score": score})
    scored.ok("PATCH", SETTINGS, {"factors": {SAML: "ignored"}})
    every = scored.ok("GET", HISTORY)
    assert every["next"] is None
    assert {each["cause"] for each in every["changes"]} == {"override", "weights changed"}
    assert len(every["changes"]) == 4
    assert len(scored.ok("GET", f"{HISTORY}?app_id={BOX}")["changes"]) == 3
    first = scored.ok("GET", f"{HISTORY}?limit=3")
    rest = scored.ok("GET", f"{HISTORY}?before={first['next']}")
    assert [*first["changes"], *rest["changes"]] == every["changes"]


WRONG: Final[list[tuple[str, str, object, str]]] = [
    ("PATCH", SETTINGS, {"factors": {"colour": "low"}}, "factors: 'colour' is not a risk factor that counts"),
    ("PATCH", SETTINGS, {"factors": {SAML: "huge"}}, "factors: 'huge' is not an importance; allowed: ignored"),
    ("PATCH", SETTINGS, {"factors": [SAML]}, "factors: an object is expected"),
    ("PATCH", SETTINGS, {"groups": {"extra": "low"}}, "groups: 'extra' is not a group"),
    ("PATCH", SETTINGS, {"include_na": {SAML: "maybe"}}, "include_na: 'maybe' must be true or false"),
    ("PATCH", SETTINGS, {}, "nothing to change; give factors, groups or include_na"),
    ("POST", f"{OVERRIDES}/{BOX}", {}, "score: this parameter is required"),
    ("POST", f"{OVERRIDES}/{BOX}", {"score": 11}, "score 11 must be 0 (risky) to 10 (safe)"),
    (
        "POST",
        f"{OVERRIDES}/{BOX}",
        {"score": 1, "note": "\x07"},
        "note: at most 2000 printable",
    ),
    ("GET", f"{HISTORY}?limit=0", None, "limit: 0 is not allowed; allowed: 1 to 1000"),
    ("GET", f"{HISTORY}?before=x", None, "before: 'x' is not the id of a change"),
]


def test_what_is_wrong_is_named(scored: House) -> None:
    """In one sentence; nothing changes."""
    for method, path, given, told in WRONG:
        assert told in scored.refusal(400, method, path, given)
    assert not scored.casb.tenant_catalogs.scoring(scored.contoso.tenant_id)
