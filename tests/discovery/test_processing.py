"""Every kind of file gets an actionable verdict, and exactly its usage is counted."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from opencasb.app import Casb
from opencasb.discovery import processing
from opencasb.discovery.processing import Postponed
from opencasb.lake.names import Pseudonyms
from opencasb.model.stream import Stream
from opencasb.settings import Settings
from opencasb.store.exclusions import Exclusion, Exclusions
from opencasb.store.governance import governance_tasks
from opencasb.store.uploads import MAX_ATTEMPTS, MAX_INTERRUPTIONS, SYSLOG
from tests.conftest import NOW
from tests.discovery.logs import squid, zipped
from tests.discovery.queue import enqueue, lease, run_next, source_of, transactions


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that limit the expansion of files."""
    return Settings(data=tmp_path, max_expanded_bytes=50_000_000)


def process(
    casb: Casb, content: bytes, stream: Stream | None = None, *, attempts: int = 0, interruptions: int = 0
) -> dict[str, Any]:
    """Process a file through the queue; return its parse task."""
    upload = enqueue(casb, content, stream)
    tried = {"attempts": attempts, "interruptions": interruptions}
    casb.uploads.change(upload.tenant_id, upload.upload_id, expect=("queued",), **tried)
    ended = run_next(casb)
    ((task,), _) = casb.governance_log.page(upload.tenant_id, [governance_tasks.c.task_id == ended.task_id])
    assert (ended.state == "done") is task["status"]["isSuccess"]
    assert not casb.intake.folder(upload).exists()
    return task


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "UNEXPECTED_FORMAT", "the file is empty"),
        (b"\n\n# only\n# comments\n", "UNEXPECTED_FORMAT", ""),
        (b"hello world\n" * 50, "UNEXPECTED_FORMAT", "50 of 50 lines do not fit SQUID_NATIVE"),
        (bytes(range(256)) * 800, "UNSUPPORTED_FILE_TYPE", "binary"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 1000, "UNSUPPORTED_FILE_TYPE", "image"),
        (zipped(("bomb", b"A" * 80_000_000)), "UNSUPPORTED_FILE_TYPE", ""),
        (squid(when=NOW / 1000 - 100 * 86_400), "TRANSACTIONS_TOO_OLD", "90 days"),
        (squid(when=NOW / 1000 + 40 * 86_400), "TRANSACTIONS_IN_FUTURE", "clock"),
        (squid(host="intranet"), "NO_RELEVANT_TRANSACTIONS", "public"),
    ],
)
def test_what_cannot_be_used_says_why(casb: Casb, content: bytes, code: str, said: str) -> None:
    """Nothing is stored, the reason is reported, and the next file is processed."""
    status = process(casb, content)["status"]
    assert status["isSuccess"] is False
    template, parameters = status["templateMessage"]["template"], status["templateMessage"]["parameters"]
    assert template == f"REPOOPER_COMPLETION_STATUS_BASELOGPARSER_{code}"
    assert said in parameters["message"]
    assert parameters.get("dataSource") == ("SQUID_NATIVE" if code == "UNEXPECTED_FORMAT" else None)
    assert transactions(casb) == 0
    assert process(casb, squid())["status"]["isSuccess"] is True
    assert transactions(casb) == 20


@pytest.mark.parametrize(
    ("attempts", "interruptions", "said"),
    [
        (MAX_ATTEMPTS, 0, f"in {MAX_ATTEMPTS} attempts"),
        (0, MAX_INTERRUPTIONS + 1, f"ended {MAX_INTERRUPTIONS} times"),
    ],
)
def test_a_file_is_given_up_that_may_be_to_blame(casb: Casb, attempts: int, interruptions: int, said: str) -> None:
    """Otherwise it would end workers or servers repeatedly; the result says so, one attempt before it is read."""
    status = process(casb, squid(), attempts=attempts, interruptions=interruptions)["status"]
    assert status["isSuccess"] is False
    assert status["templateMessage"]["template"].endswith("PROCESSING_FAILED")
    assert said in status["templateMessage"]["parameters"]["message"]
    assert transactions(casb) == 0
    process(casb, squid(), attempts=attempts - 1, interruptions=interruptions - 1)
    assert transactions(casb) == 20


@pytest.mark.parametrize(
    "content",
    [
        squid(),
        squid().replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + squid(),
        gzip.compress(squid(), mtime=0),
        gzip.compress(squid(10), mtime=0) + gzip.compress(squid(10, when=NOW / 1000 - 30), mtime=0),
        zipped(("a", squid(10)), ("b", squid(10, when=NOW / 1000 - 30))),
        squid() + b"a broken line\n",
        squid() + b"x" * 3_000_000 + b"\n",
        squid()[:-1],
    ],
    ids=["plain", "crlf", "bom", "gzip", "members", "zip", "broken-line", "long-line", "no-last-newline"],
)
def test_every_wrapping_yields_the_same_twenty_transactions(casb: Casb, content: bytes) -> None:
    """Compression, line ends, byte order marks and single bad lines do not change the count."""
    task = process(casb, content)
    message, parameters = task["status"]["templateMessage"], task["status"]["templateMessage"]["parameters"]
    assert message["template"] == "REPOOPER_COMPLETION_STATUS_BASELOGPARSER_PARSED_LOG_FILE_ALL_RELEVANT"
    assert (parameters["transactionsCount"], parameters["cloudServicesCount"]) == (20, 1)
    assert transactions(casb) == 20


def test_a_cut_off_archive_counts_up_to_the_cut_and_says_so(casb: Casb) -> None:
    """Everything before the damage is counted; the message names the damage."""
    whole = gzip.compress(squid(5000), 1)
    parameters = process(casb, whole[: len(whole) // 2])["status"]["templateMessage"]["parameters"]
    assert 0 < parameters["transactionsCount"] < 5000
    assert "gzip" in parameters["message"]
    assert transactions(casb) == parameters["transactionsCount"]


def test_line_counts_are_kept_with_samples_of_what_was_rejected(casb: Casb) -> None:
    """Read, used, ignored by rule, rejected by reason: they add up."""
    noise = b"1763639000.1 5 10.0.0.1 TCP_DENIED/407 1 GET http://a.com/ - HIER_NONE/- -\nbroken\n"
    counts = process(casb, squid() + noise)["status"]["templateMessage"]["parameters"]
    assert counts["linesRead"] == 22 == counts["linesUsed"] + counts["linesIgnored"] + counts["linesRejected"]
    assert (counts["linesUsed"], sum(counts["ignoredByRule"].values())) == (20, 1)
    assert [sample["text"] for sample in counts["rejectedSamples"]] == ["broken"]


@pytest.mark.parametrize(("good", "state"), [(1, "done"), (0, "failed")])
def test_a_segment_of_syslog_counts_line_by_line(casb: Casb, good: int, state: str) -> None:
    """It is a file only by our own clock: noise around a good line is an error of the source and costs no line."""
    stream = source_of(casb, receiver="syslog-tcp", port=5514)
    enqueue(casb, b"noise\n" + squid(good) + b"noise\nnoise\n", stream, SYSLOG)
    ended = run_next(casb)
    assert ended.result is not None
    assert (ended.state, ended.result["linesUsed"], transactions(casb)) == (state, good, good)
    said = f"3 of {3 + good} lines do not fit SQUID_NATIVE"
    assert said in ended.result["text"]
    told = casb.receiver_counters.get(stream.tenant_id, stream.stream_id)
    assert (told.errors, said in told.last_error) == (1, True)


@pytest.mark.parametrize(("origin", "hours"), [(SYSLOG, 1), ("api", 400 * 24)])
def test_the_lake_knows_a_segment_for_hours_and_a_file_for_a_year(casb: Casb, origin: str, hours: int) -> None:
    """Its key is back-dated so that it expires in that time."""
    stream = source_of(casb, receiver="syslog-tcp", port=5514)
    enqueue(casb, squid(), stream, origin)
    run_next(casb)
    commits = Path(casb.lake.location(stream.tenant_id, "usage"), "_delta_log").glob("*.json")
    actions = [json.loads(line) for commit in commits for line in commit.read_text().splitlines()]
    (key,) = [action["txn"] for action in actions if "txn" in action]
    age = time.time() * 1000 - key["lastUpdated"]
    assert age / 3_600_000 == pytest.approx(400 * 24 - hours, abs=0.1)


@pytest.mark.parametrize("checkpoints", [False, True])
def test_a_segment_counts_once_though_its_key_is_forgotten(
    casb: Casb, monkeypatch: pytest.MonkeyPatch, *, checkpoints: bool
) -> None:
    """A server killed before the end of the upload, and restarted much later, finds it in the lake's log."""
    monkeypatch.setattr(processing, "SEGMENT_KEPT_MS", 0)
    stream = source_of(casb, receiver="syslog-tcp", port=5514)
    for _ in range(2):
        enqueue(casb, squid(), stream, SYSLOG)
    with monkeypatch.context() as killed:
        killed.setattr(casb.uploads, "finish", _kill)
        with pytest.raises(KeyboardInterrupt):
            run_next(casb)
    assert transactions(casb) == 20
    table = casb.lake.snapshot(stream.tenant_id, "usage")
    assert table is not None
    if checkpoints:
        table.create_checkpoint()
    casb.uploads.release(lambda _: True)
    run_next(casb)
    run_next(casb)
    assert casb.uploads.lease("me") is None
    assert transactions(casb) == 40


def test_a_file_that_only_its_own_attempt_stored_is_not_counted_before(
    casb: Casb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was killed between storing the usage and telling the result."""
    enqueue(casb, squid())
    with monkeypatch.context() as killed:
        killed.setattr(casb.uploads, "finish", _kill)
        with pytest.raises(KeyboardInterrupt):
            run_next(casb)
    casb.uploads.release(lambda _: True)
    ended = run_next(casb)
    assert (ended.result or {})["text"] == "20 transactions to 1 cloud app"


def _kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_anonymised_source_keeps_no_name(casb: Casb) -> None:
    """Users appear by pseudonym in every report; the tenant's key resolves them."""
    stream = source_of(casb, anonymize_users=True)
    process(casb, squid(), stream)
    users = casb.reports.entities(stream.tenant_id, stream.stream_id, 30, 11627, "user")
    assert len(users) == 5
    assert all(user.startswith("User_") for user in users)
    pseudonyms = Pseudonyms(casb.pseudonym_keys.of(stream.tenant_id))
    assert sorted(pseudonyms.reveal("user", user) for user in users) == [f"user{n}" for n in range(5)]
    names = casb.lake.names(stream.tenant_id)
    assert "user1" not in names.collect()["name"].to_list()


def test_an_anonymised_source_waits_for_a_lost_key_file(casb: Casb) -> None:
    """With another key people would get other pseudonyms; what waits is counted once the file is back."""
    stream, vault = source_of(casb, anonymize_users=True), casb.settings.data / "keys" / "vault"
    casb.pseudonym_keys.seal(casb.identity.vault)
    kept = vault.read_bytes()
    vault.write_bytes(bytes(32))
    without = Casb(casb.settings, casb.clock)
    with pytest.raises(Postponed, match="the data directory lacks a file"):
        process(without, squid(), stream)
    vault.write_bytes(kept)
    without.close()
    process(casb, squid(19), stream)
    users = casb.reports.entities(stream.tenant_id, stream.stream_id, 30, 11627, "user")
    assert len(users) == 5


def test_excluded_users_and_addresses_are_left_out(casb: Casb) -> None:
    """An exclusion takes effect on the next file."""
    stream = source_of(casb)
    casb.exclusions.add(stream.tenant_id, "user", "USER1")
    parameters = process(casb, squid())["status"]["templateMessage"]["parameters"]
    assert parameters["transactionsCount"] == 16
    assert parameters["ignoredByRule"]["excluded"] == 4


def test_a_file_whose_source_is_deleted_counts_nothing(casb: Casb) -> None:
    """If deleted while the file waits or is read, the source has no usage, and the task says why."""
    for number in range(2):
        stream = source_of(casb)
        enqueue(casb, squid(20 + number), stream)
        leased = lease(casb)
        processing = casb.processing
        if number == 0:
            casb.streams.delete(stream.tenant_id, stream.stream_id)
        else:
            processing = replace(processing, exclusions=_Deleting(casb, stream))
        processing.run(leased)
        ended = casb.uploads.get(stream.tenant_id, leased.upload_id)
        assert ended is not None
        assert (ended.state, ended.finished) == ("failed", NOW)
        ((task,), _) = casb.governance_log.page(stream.tenant_id, [governance_tasks.c.task_id == ended.task_id])
        assert "was deleted" in task["status"]["templateMessage"]["parameters"]["message"]
        assert not casb.intake.folder(leased).exists()
        assert transactions(casb) == 0


class _Deleting(Exclusions):
    """Deletes a data source when a worker looks up the exclusions for its file."""

    def __init__(self, casb: Casb, stream: Stream) -> None:
        super().__init__(casb.database, casb.clock)
        self._casb = casb
        self._stream = stream

    def all(self, tenant_id: int) -> list[Exclusion]:
        self._casb.streams.delete(tenant_id, self._stream.stream_id)
        return super().all(tenant_id)


@pytest.mark.parametrize("source", ["OTHER", "SURICATA"])
def test_a_source_that_is_not_parsed_says_so(casb: Casb, source: str) -> None:
    """A source whose logs are only stored says that they are not parsed."""
    template = process(casb, squid(), source_of(casb, source=source))["status"]["templateMessage"]["template"]
    assert template.endswith("UNSUPPORTED_LOG_TYPE")


def test_the_counts_of_the_source_grow(casb: Casb) -> None:
    """Files and failures are counted, and the source's attributes are recorded."""
    process(casb, squid())
    process(casb, b"hello\n")
    stream = source_of(casb)
    assert (stream.log_files, stream.failed_log_files, stream.has_users, stream.has_uploaded_bytes) == (
        1,
        1,
        True,
        False,
    )
    assert stream.last_data_received == NOW
