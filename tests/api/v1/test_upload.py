"""The upload endpoint: step 2 (api §12.1), including the Azure client's protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.upload import LARGEST_LIST, block_ids
from tests.api.answers import our_failure
from tests.api.v1.conftest import Client
from tests.api.v1.test_log_upload import DONE, LOG, URL, uploaded


def url_of(client: Client) -> str:
    """Return the URL from step 1."""
    return str(client.get(f"{URL}?filename=a.log&source=SQUID_NATIVE")["url"])


def put(client: Client, url: str, content: object = LOG, **headers: str) -> tuple[int, bytes]:
    """Upload a file without credentials."""
    answer = client.call("PUT", url, role=None, content=content, headers=headers)
    return answer.status_code, answer.content


def stored(client: Client) -> bytes:
    """Return the only stored file."""
    (folder,) = (client.casb.settings.data / "uploads").iterdir()
    upload = client.casb.uploads.get(client.known.tenant_id, folder.name)
    assert upload is not None
    return client.casb.intake.file(upload).read_bytes()


async def chunks() -> AsyncIterator[bytes]:
    """Yield the log in chunks of unknown number."""
    yield LOG[:10]
    yield b""
    yield LOG[10:]


def test_one_put_is_created_with_an_empty_body(client: Client) -> None:
    """With any content type and ``x-ms-*`` header; a second PUT before step 3 replaces the first."""
    url = url_of(client)
    assert put(client, url, b"other") == (201, b"")
    more = {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2025-01-05", "Content-Type": "application/octet-stream"}
    assert put(client, url, **more) == (201, b"")
    assert stored(client) == LOG


def test_a_file_comes_in_chunks_of_unknown_length(client: Client) -> None:
    """Chunked transfer encoding, as used for large files."""
    assert put(client, url_of(client), chunks()) == (201, b"")
    assert stored(client) == LOG


def test_the_log_does_not_tell_who_has_an_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone who knows it could upload another file."""
    url = url_of(client)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(client.casb.intake, "blob", fail)
    with capture_logs() as logs, our_failure():
        assert client.call("PUT", url, role=None, content=LOG).status_code == 500
    assert [entry["path"] for entry in logs] == ["/upload/…"]


def test_blocks_are_joined_by_their_list(client: Client) -> None:
    """Block ids in any order; the list decides."""
    url = url_of(client)
    assert put(client, f"{url}&comp=block&blockid=YjI%3D", LOG[40:])[0] == 201
    assert put(client, f"{url}&comp=block&blockid=YjE%3D", LOG[:40])[0] == 201
    xml = '<?xml version="1.0" encoding="utf-8"?>\n<BlockList><Latest>YjE=</Latest><Latest>YjI=</Latest></BlockList>'
    assert put(client, f"{url}&comp=blocklist", xml.encode()) == (201, b"")
    assert stored(client) == LOG
    assert client.post(DONE, {"uploadUrl": url})["success"] is True


def test_an_empty_list_is_an_empty_file(client: Client) -> None:
    """This is how the Azure client ends an empty stream of unknown length; unlisted blocks are deleted."""
    url, empty = url_of(client), b"<?xml version='1.0' encoding='utf-8'?>\n<BlockList />"
    for _ in range(2):
        assert put(client, f"{url}&comp=blocklist", empty) == (201, b"")
        assert stored(client) == b""
    assert put(client, f"{url}&comp=block&blockid=YjE%3D", LOG)[0] == 201
    put(client, url)
    assert put(client, f"{url}&comp=blocklist", empty) == (201, b"")
    assert stored(client) == b""
    assert put(client, f"{url}&comp=blocklist", b"<BlockList><Latest>YjE=</Latest></BlockList>")[0] == 400
    assert client.post(DONE, {"uploadUrl": url})["success"] is True


def test_a_plus_in_the_id_of_a_block_needs_no_escape(client: Client) -> None:
    """Base64 has no blanks, so a blank is an unescaped plus."""
    url = url_of(client)
    assert put(client, f"{url}&comp=block&blockid=a+b/++8=", LOG)[0] == 201
    assert put(client, f"{url}&comp=blocklist", b"<BlockList><Latest>a+b/++8=</Latest></BlockList>") == (201, b"")
    assert stored(client) == LOG


@pytest.mark.parametrize(
    ("query", "body", "said"),
    [
        ("&comp=block", LOG, "blockid: 1 to 128 characters"),
        (f"&comp=block&blockid={'a' * 129}", LOG, "blockid: 1 to 128 characters"),
        ("&comp=metadata", LOG, "comp: 'metadata' is not supported"),
        ("&comp=blocklist", b"<BlockList><Latest>eA==</Latest></BlockList>", "block list: block 'eA==' has not"),
        ("&comp=blocklist", b"<BlockList><Newest>x</Newest></BlockList>", "body: a <BlockList> of <Latest> elements"),
        ("&comp=blocklist", b"not xml", "body: a block list in XML is expected"),
    ],
)
def test_what_is_wrong_with_blocks_is_named(client: Client, query: str, body: bytes, said: str) -> None:
    """400; the URL stays usable."""
    url = url_of(client)
    answer = client.call("PUT", url + query, role=None, content=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith(said)
    assert put(client, url)[0] == 201


@pytest.mark.parametrize(
    ("header", "value"),
    [("x-ms-copy-source", "https://store.contoso.example/log"), ("x-ms-structured-body", "XSM/1.0; properties=crc64")],
)
@pytest.mark.parametrize("query", ["", "&comp=block&blockid=YjE%3D"])
def test_a_body_that_is_not_the_file_is_refused(client: Client, header: str, value: str, query: str) -> None:
    """A copy from an address comes with an empty body, a structured one has checksums between its parts."""
    url = url_of(client)
    assert put(client, url) == (201, b"")
    answer = client.call("PUT", url + query, role=None, content=b"other", headers={header: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["error"].startswith(f"{header}: ")
    assert stored(client) == LOG


def test_a_url_is_good_until_step_three_and_for_a_day(client: Client) -> None:
    """Afterwards 403; an unknown one is 404."""
    used, old = uploaded(client), url_of(client)
    client.post(DONE, {"uploadUrl": used})
    assert put(client, used)[0] == 403
    client.casb.now += 24 * 3600_000
    assert put(client, old)[0] == 201
    client.casb.now += 1
    assert put(client, old)[0] == 403
    for unknown in ("/upload/unknown?sv=1", "/upload/", f"/upload/log/{'x' * 5000}", "/upload/log/%00"):
        assert client.call("PUT", unknown, role=None, content=LOG).status_code == 404


def test_only_put_is_for_files(client: Client) -> None:
    """Other methods are 405, even without credentials."""
    for method in ("GET", "POST", "DELETE"):
        answer = client.call(method, url_of(client), role=None)
        assert (answer.status_code, answer.headers["allow"]) == (405, "PUT")


def test_a_file_over_the_limit_is_413(open_client: Callable[..., Client]) -> None:
    """By its declared or actual size; nothing is left behind."""
    client = open_client(max_upload_bytes=50)
    url = url_of(client)
    assert put(client, url)[0] == 413
    assert put(client, url, chunks())[0] == 413
    assert put(client, url, **{"Content-Length": "9" * 40})[0] == 413
    assert [path for path in (client.casb.settings.data / "uploads").rglob("*") if path.is_file()] == []
    assert put(client, url, LOG[:50])[0] == 201


def test_blocks_over_the_limit_are_413_before_any_list(open_client: Callable[..., Client]) -> None:
    """The last one is not kept; a smaller one is."""
    client = open_client(max_upload_bytes=100)
    url = url_of(client)
    sent = [("a", 60), ("b", 60), ("a", 60), ("b", 40), ("c", 1)]
    statuses = [put(client, f"{url}&comp=block&blockid={name}", LOG[:size])[0] for name, size in sent]
    assert statuses == [201, 413, 201, 201, 413]
    xml = b"<BlockList><Latest>a</Latest><Latest>b</Latest></BlockList>"
    assert put(client, f"{url}&comp=blocklist", xml) == (201, b"")
    assert stored(client) == LOG[:60] + LOG[:40]


def test_uploads_are_not_throttled(open_client: Callable[..., Client]) -> None:
    """Step 2 does not count (api §5)."""
    client = open_client(requests_per_minute=1)
    url = url_of(client)
    assert [put(client, url)[0] for _ in range(5)] == [201] * 5
    assert client.call("POST", DONE, json={"uploadUrl": url}).status_code == 429


BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY c "&a;&a;">]><BlockList><Latest>&c;</Latest></BlockList>'
FILE = b'<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]><BlockList><Latest>&a;</Latest></BlockList>'


@pytest.mark.parametrize(
    "xml", [BOMB, FILE, b'<!DOCTYPE BlockList SYSTEM "x"><BlockList><Latest>x</Latest></BlockList>']
)
def test_no_entity_is_ever_expanded(xml: bytes) -> None:
    """A document type declaration is rejected."""
    with pytest.raises(BadRequest, match="a block list in XML"):
        block_ids(xml)


@pytest.mark.parametrize("xml", [b"<Other><Latest>x</Latest></Other>", b"<BlockList><Newest>x</Newest></BlockList>"])
def test_other_xml_is_no_block_list(xml: bytes) -> None:
    """The names must be those of the blob service."""
    with pytest.raises(BadRequest, match="<BlockList>"):
        block_ids(xml)
    assert block_ids(b"<BlockList/>") == []
    assert block_ids(b"<BlockList><Committed>a</Committed><Uncommitted> b </Uncommitted></BlockList>") == ["a", "b"]


@given(st.binary(max_size=80))
def test_any_bytes_are_a_list_or_refused(xml: bytes) -> None:
    """Only the rejection is raised."""
    for body in (xml, b"<BlockList>" + xml + b"</BlockList>", b'<?xml version="1.0" encoding="' + xml + b'"?><a/>'):
        try:
            assert all(isinstance(each, str) for each in block_ids(body))
        except BadRequest as error:
            assert str(error).startswith("body: ")  # noqa: PT017 -- either outcome is right


def test_a_block_list_has_an_end(client: Client) -> None:
    """A list larger than needed for 50,000 blocks is 413."""
    assert put(client, f"{url_of(client)}&comp=blocklist", b" " * (LARGEST_LIST + 1))[0] == 413
