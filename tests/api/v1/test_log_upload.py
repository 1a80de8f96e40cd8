"""Log upload, steps 1 and 3 (api §12.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.v1.conftest import Client

URL, DONE = "discovery/upload_url/", "discovery/done_upload/"
LOG = b"1763640000.123 5 10.0.0.1 TCP_MISS/200 10 GET http://box.com/ ana DIRECT/1.2.3.4 -\n"


def uploaded(client: Client, source: str = "SQUID_NATIVE") -> str:
    """Perform steps 1 and 2 of an upload and return its URL."""
    url = str(client.get(f"{URL}?filename=a.log&source={source}")["url"])
    assert client.call("PUT", url, role=None, content=LOG).status_code == 201
    return url


def names(client: Client) -> dict[str, str]:
    """Return stream id → display name."""
    return {each["_id"]: each["displayName"] for each in client.get("discovery/streams/")["streams"]}


@pytest.mark.parametrize(
    "source",
    ["SQUID_NATIVE", "squid_native", "155", "PALO_ALTO", "112", "OTHER", "CLAVISTER", "129", "SURICATA", "100"],
)
def test_a_source_is_a_name_or_a_number(client: Client, source: str) -> None:
    """Step 1 returns where to upload the file, and how."""
    answer = client.get(f"{URL}?filename=a.log&source={source}")
    assert answer["provider"] == "azure"
    assert answer["url"].startswith("https://localhost:8443/upload/")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "filename: this parameter is required"),
        ("filename=a", "source: this parameter is required"),
        ("filename=a&source=BANANA", "source: 'BANANA' is not a source type; allowed: OTHER, BLUECOAT"),
        ("filename=a&source=99999", "source: '99999' is not a source type"),
        (f"filename={'a' * 256}&source=SQUID", "filename: at most 255 printable characters"),
        ("filename=a%00b&source=SQUID", "filename: at most 255 printable characters"),
    ],
)
def test_both_parameters_are_required_and_checked(reader: Client, query: str, said: str) -> None:
    """400 with the parameter."""
    answer = reader.call("GET", f"{URL}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith(said)


@pytest.mark.parametrize(
    "request_",
    [
        lambda url: ("POST", DONE, {"json": {"uploadUrl": url, "inputStreamName": "proxy"}}),
        lambda url: ("POST", DONE, {"data": {"uploadUrl": url, "inputStreamName": "proxy"}}),
        lambda url: ("POST", DONE, {"content": f'{{"uploadUrl":"{url}","inputStreamName":"proxy"}}'}),
        lambda url: ("GET", f"{DONE}?uploadUrl={quote(url)}&inputStreamName=proxy", {}),
        lambda url: ("POST", DONE, {"json": {"uploadUrl": url, "inputStreamName": "proxy", "uploadAsSnapshot": None}}),
    ],
)
def test_step_three_comes_as_json_as_a_form_and_by_get(client: Client, request_: Any) -> None:
    """Success means queued: the governance log has a pending task."""
    method, path, more = request_(uploaded(client))
    answer = client.call(method, path, **more)
    assert answer.json() == {"success": True, "inputStreamId": client.known.proxy}
    (task,) = client.post("governance/", {"filters": {"status": {"eq": None}}})["data"]
    assert (task["taskName"], task["inputStreamId"]) == ("DiscoveryParseLogTask", client.known.proxy)
    assert task["createdBy"] == "global-administrator@contoso.example"
    assert client.casb.uploads.queued() == 1


def test_a_snapshot_is_a_new_report_under_the_name_given(client: Client) -> None:
    """Each is a separate report, even with the same name."""
    body = {"inputStreamName": "Branch", "uploadAsSnapshot": "true"}
    made = [client.post(DONE, {"uploadUrl": uploaded(client), **body})["inputStreamId"] for _ in range(2)]
    assert len(set(made)) == 2
    assert [names(client)[each] for each in made] == ["Branch", "Branch"]


@pytest.mark.parametrize("name", ["Global View", "GLOBAL VIEW", "global  view"])
def test_a_snapshot_is_not_called_as_the_global_report(client: Client, name: str) -> None:
    """Neither by the given name nor by that of its file; under another name it is created."""
    url = str(client.get(f"{URL}?filename={quote(name)}&source=SQUID_NATIVE")["url"])
    client.call("PUT", url, role=None, content=LOG)
    for body in ({"inputStreamName": name}, {}):
        said = client.refusal(400, DONE, {"uploadUrl": url, "uploadAsSnapshot": True, **body})
        assert said.startswith(f"inputStreamName: {name!r} is the name of the report over all data sources")
    made = client.post(DONE, {"uploadUrl": url, "uploadAsSnapshot": True, "inputStreamName": "Globe"})
    assert sorted(names(client).values()).count("Global View") == 1
    assert names(client)[made["inputStreamId"]] == "Globe"


def test_without_a_name_the_file_goes_to_the_source_for_uploads(client: Client) -> None:
    """It is created on first use; repeating step 3 returns the same stream and queues nothing."""
    url = uploaded(client)
    first = client.post(DONE, {"uploadUrl": url})
    assert names(client)[first["inputStreamId"]] == "API upload"
    assert client.post(DONE, {"uploadUrl": url}) == first
    assert client.casb.uploads.queued() == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "uploadUrl: this parameter is required"),
        ({"uploadUrl": "https://localhost:8443/upload/log/x?sv=1"}, "uploadUrl: this URL was not given out"),
        ({"uploadUrl": "http://[x"}, "uploadUrl: "),
        ({"uploadUrl": "{url}", "inputStreamName": "nothing"}, "inputStreamName: 'nothing' is not a data source"),
        ({"uploadUrl": "{url}", "uploadAsSnapshot": "maybe"}, "uploadAsSnapshot: true or false is expected"),
    ],
)
def test_what_is_wrong_with_step_three_is_named(client: Client, body: dict[str, str], said: str) -> None:
    """400; nothing is queued."""
    url = uploaded(client)
    filled = {name: value.replace("{url}", url) for name, value in body.items()}
    assert client.refusal(400, DONE, filled).startswith(said)
    assert client.casb.uploads.queued() == 0


def test_the_code_of_an_unknown_data_source_is_that_of_upstream(client: Client) -> None:
    """A client that ships logs as a form uses it to detect a wrong name in its settings."""
    answer = client.call("POST", DONE, data={"uploadUrl": uploaded(client), "inputStreamName": "nothing"})
    code = "CONSOLE_DISCOVERY_SETTINGS_PARSE_LOG_TASK_ERROR_NOT_FOUND_INPUT_STREAM"
    assert (answer.status_code, answer.json()["errorMessageCode"]) == (400, code)
    assert "errorMessageCode" not in client.call("POST", DONE, data={"uploadUrl": "x"}).json()


def test_a_file_that_never_came_cannot_be_done(client: Client) -> None:
    """Step 3 without step 2, and with another tenant's URL."""
    url = client.get(f"{URL}?filename=a&source=SQUID")["url"]
    assert "nothing has been uploaded" in client.refusal(400, DONE, {"uploadUrl": url})
    answer = client.call("POST", DONE, json={"uploadUrl": uploaded(client)}, by=client.known.stranger)
    assert answer.status_code == 400
