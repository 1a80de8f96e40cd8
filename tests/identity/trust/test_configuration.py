"""Configuration of an issuer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opencasb.identity.trust.configuration import MOST_AUDIENCES, MOST_MAPPINGS, Given, configured, record
from opencasb.model.permissions import MDCA
from tests.identity.trust.directory import APP, DIRECTORY, Directory


def test_what_is_given_is_kept_in_one_form() -> None:
    """Guids in lower case, no duplicates, the public cloud by default."""
    given = Given(
        f" {DIRECTORY.upper()} ",
        audiences=[APP.upper(), APP, f"api://{APP}", "https://casb.example/x"],
        graph_audiences=[APP],
        role_mapping=["UPN: Ann@Contoso.Example = Security Reader", "upn:ann@contoso.example=security-reader"],
        keys=json.dumps(Directory().jwks()),
    )
    assert record(configured(1, given)) == {
        "issuer": DIRECTORY,
        "authority": "login.microsoftonline.com",
        "audiences": [APP, f"api://{APP}", "https://casb.example/x"],
        "graph_audiences": [APP],
        "directory_roles": False,
        "vendor_audience": False,
        "role_mapping": ["upn:ann@contoso.example=security-reader"],
        "pinned_keys": True,
        "private_addresses": False,
        "created": 0,
    }


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"issuer": "contoso.example"}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"authority": "https://login.microsoftonline.com"}, "authority"),
        ({"authority": "a/../b"}, "authority"),
        ({"authority": "a@b"}, "authority"),
        ({"authority": "x" * 300}, "authority"),
        ({"audiences": []}, "audiences"),
        ({"audiences": ["a b"]}, "audiences"),
        ({"audiences": [""]}, "audiences"),
        ({"audiences": [f"urn:{number}" for number in range(MOST_AUDIENCES + 1)]}, "audiences: at most"),
        ({"audiences": [MDCA.app_id.upper()]}, "vendor audience"),
        ({"audiences": [f"api://{MDCA.app_id}"]}, "vendor audience"),
        ({"graph_audiences": ["https://graph.microsoft.com/"]}, "Microsoft Graph"),
        ({"audiences": ["00000003-0000-0000-c000-000000000000"]}, "Microsoft Graph"),
        ({"role_mapping": ["oid:x=security-reader"]}, "role_mapping"),
        ({"role_mapping": ["upn:ann=security-reader"]}, "role_mapping"),
        ({"role_mapping": ["mail:ann@contoso.example=security-reader"]}, "role_mapping"),
        ({"role_mapping": ["upn:ann@contoso.example"]}, "role"),
        ({"role_mapping": ["upn:ann@contoso.example=king"]}, "king"),
        ({"role_mapping": ["x"] * (MOST_MAPPINGS + 1)}, "role_mapping: at most"),
        ({"keys": "{}"}, "keys"),
        ({"keys": '{"keys": []}'}, "keys"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], named: str) -> None:
    """With what is allowed."""
    with pytest.raises(ValueError, match=named):
        configured(1, Given(**{"issuer": DIRECTORY, "audiences": [APP], **changed}))


def test_an_application_id_stands_for_its_address() -> None:
    """A URI stands for itself; the two APIs are separate."""
    made = configured(1, Given(DIRECTORY, audiences=[APP], graph_audiences=["https://casb.example"]))
    assert made.accepted("mdca") == {APP, f"api://{APP}"}
    assert made.accepted("graph") == {"https://casb.example"}
