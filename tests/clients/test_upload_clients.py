"""Unmodified upload clients against a real server over TLS."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server import Server, eventually

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


def log(lines: int, host: str) -> bytes:
    """Return a Squid log from an hour ago."""
    start = time.time() - 3600
    return "".join(
        f"{start + n / 100:.3f} 5 10.0.0.{n % 200} TCP_MISS/200 {n} GET http://{host}/{n} user{n % 50}"
        " HIER_DIRECT/93.184.216.34 text/html\n"
        for n in range(lines)
    ).encode()


def curl(server: Server, *arguments: str, authorized: bool = True) -> str:
    """Run curl as documented and return its output."""
    header = ["-H", f"Authorization: Token {server.house.token}"] if authorized else []
    command = ["curl", "-sS", "--fail-with-body", "--cacert", str(server.ca), *header, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def app(server: Server, stream_id: str, domain: str) -> dict[str, Any] | None:
    """Return a domain's app in a report."""
    question = json.dumps({"streamId": stream_id, "timeframe": 30})
    page = json.loads(curl(server, "-d", question, f"{server.base}/api/v1/discovery/discovered_apps/"))
    return next((each for each in page["data"] if domain in each["domains"]), None)


def test_curl_takes_a_log_through_the_three_documented_steps(server: Server, tmp_path: Path) -> None:
    """The commands are those of the user guide, unchanged."""
    (tmp_path / "access.log").write_bytes(log(500, "www.curl-upload.com"))
    query = "filename=access.log&source=SQUID_NATIVE"
    url = json.loads(curl(server, "-XGET", f"{server.base}/api/v1/discovery/upload_url/?{query}"))["url"]
    curl(server, "-T", str(tmp_path / "access.log"), "-H", "x-ms-blob-type: BlockBlob", url, authorized=False)
    body = json.dumps({"uploadUrl": url})
    done = json.loads(curl(server, "-XPOST", "-d", body, f"{server.base}/api/v1/discovery/done_upload/"))
    found = eventually(lambda: app(server, done["inputStreamId"], "curl-upload.com"))
    assert (found["trafficTotalEvents"], found["usersCount"], found["listed"]) == (500, 50, False)


def test_a_forwarder_wraps_its_log_in_a_form(server: Server, tmp_path: Path) -> None:
    """It sends CEF as a form part, unlike for a blob service, and completes with a form, too."""
    now = int(time.time() * 1000)
    cef = (
        "CEF:0|Forwarder|proxy|NULL|page|NULL|Low|rt={} src=10.1.1.{} suser=user{} request=https://www.form-upload.com/"
    )
    lines = [cef.format(now - 1000 * n, n % 50, n % 7) + " act=allow out=1200 in=300" for n in range(200)]
    (tmp_path / "events.txt").write_text("\n".join(lines), encoding="ascii")
    query = "filename=events.txt&source=GENERIC_CEF"
    url = json.loads(curl(server, f"{server.base}/api/v1/discovery/upload_url/?{query}"))["url"]
    part = f"file=@{tmp_path / 'events.txt'}"
    curl(server, "-XPUT", "-F", part, "-H", "x-ms-blob-type: BlockBlob", url, authorized=False)
    form = ("--data-urlencode", f"uploadUrl={url}")
    done = json.loads(curl(server, *form, f"{server.base}/api/v1/discovery/done_upload/"))
    found = eventually(lambda: app(server, done["inputStreamId"], "form-upload.com"))
    assert (found["trafficTotalEvents"], found["usersCount"]) == (200, 7)


def test_the_azure_client_uploads_a_stream_with_nothing_in_it(server: Server) -> None:
    """The length is unknown, so it finishes with an empty block list, without any block."""
    from azure.storage.blob import BlobClient

    query = "filename=empty.log&source=SQUID_NATIVE"
    url = json.loads(curl(server, f"{server.base}/api/v1/discovery/upload_url/?{query}"))["url"]
    with BlobClient.from_blob_url(url, connection_verify=str(server.ca)) as client:
        client.upload_blob((piece for piece in [b""]), overwrite=True)
    body = json.dumps({"uploadUrl": url})
    done = json.loads(curl(server, "-d", body, f"{server.base}/api/v1/discovery/done_upload/"))
    assert done["success"] is True


def test_the_azure_client_uploads_in_blocks(server: Server) -> None:
    """azure-storage-blob puts blocks and a block list to the unmodified upload URL."""
    from azure.storage.blob import BlobClient

    query = "filename=big.log&source=SQUID_NATIVE"
    url = json.loads(curl(server, f"{server.base}/api/v1/discovery/upload_url/?{query}"))["url"]
    client = BlobClient.from_blob_url(
        url, connection_verify=str(server.ca), max_single_put_size=64 * 1024, max_block_size=64 * 1024
    )
    body = log(5_000, "www.azure-upload.com")
    with client:
        client.upload_blob(body, overwrite=True, length=len(body))
    done = json.loads(
        curl(
            server,
            "-d",
            json.dumps({"uploadUrl": url, "uploadAsSnapshot": True, "inputStreamName": "A snapshot"}),
            f"{server.base}/api/v1/discovery/done_upload/",
        )
    )
    found = eventually(lambda: app(server, done["inputStreamId"], "azure-upload.com"))
    assert found["trafficTotalEvents"] == 5_000
