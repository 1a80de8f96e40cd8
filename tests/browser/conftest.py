"""A real Chromium, driven by Playwright, and a real server over TLS.

Both end after the last test in this folder: while Playwright runs, no other test in its thread can have an event loop.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.installation import Installation, furnish
from tests.server import running

PATIENCE = 30_000
"""Maximum time (ms) for a busy machine to show something."""
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of the distribution's Chromium; skips if it is missing, but never in CI."""
    found = shutil.which("chromium")
    if found:
        return found
    message = "Chromium is not installed: the tests in a browser are SKIPPED"
    if os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(pytest.PytestWarning(message), stacklevel=1)
    pytest.skip(message)


@pytest.fixture(scope="package")
def installation(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running server."""
    house, users, client_id = furnish(tmp_path_factory.mktemp("browser") / "data")
    admin, reader, _ = users
    with running(house) as server:
        yield Installation(server, admin, reader, client_id, users)


@pytest.fixture(scope="package")
def browser(chromium: str, installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A running browser that trusts the server's certificate and no other unknown one."""
    port = int(installation.server.base.rpartition(":")[2])
    certificate = x509.load_pem_x509_certificate(ssl.get_server_certificate(("localhost", port)).encode())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
    options = [f"--ignore-certificate-errors-spki-list={trusted}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # root cannot use the sandbox
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove CA settings from the environment: programs trust the CA they are given."""
    for name in os.environ:
        if name.endswith("_CA_BUNDLE") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A new browser context that connects only to this machine."""
    made = browser.new_context(locale="en-GB")
    made.set_default_timeout(PATIENCE)
    elsewhere: list[str] = []

    def note(address: str) -> None:
        if not address.startswith(("https://localhost:", "http://localhost:", "data:")):
            elsewhere.append(address)

    made.on("request", lambda request: note(request.url))
    yield made
    made.close()
    assert elsewhere == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of that context."""
    return context.new_page()


@pytest.fixture(scope="package")
def pictures() -> Path:
    """An empty folder for screenshots."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    return SCREENSHOTS
