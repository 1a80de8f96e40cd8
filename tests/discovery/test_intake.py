"""Intake: three steps, pieces of any size, and only durable data is acknowledged."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from opencasb.discovery.blob import BlobClosed, IntakeError
from opencasb.discovery.intake import UnknownSourceType
from opencasb.model.stream import API_UPLOAD, StreamType
from tests.discovery.receiving import LOG, TENANT, House, secret_of


def test_the_three_steps_queue_the_file_for_its_data_source(house: House) -> None:
    """URL, PUT, done: the upload is queued with its digest, and the governance log has a pending parse task."""
    url = house.url()
    assert "?" in url
    house.put(url, LOG[:10], LOG[10:])
    stream = house.intake.done(TENANT, url, by="ana")
    assert stream.display_name == API_UPLOAD
    leased = house.uploads.lease("me")
    assert leased is not None
    assert leased.digest == hashlib.sha256(LOG).hexdigest()
    assert house.stored() == LOG
    records, total = house.governance_log.page(TENANT)
    assert total == 1
    assert records[0]["taskName"] == "DiscoveryParseLogTask"
    assert "status" not in records[0]


def test_done_again_names_the_same_stream_and_queues_nothing(house: House) -> None:
    """A client that missed the response may repeat step 3."""
    url = house.url()
    house.put(url, LOG)
    first = house.intake.done(TENANT, url, stream_name="Snap", snapshot=True)
    assert house.intake.done(TENANT, url, stream_name="Snap", snapshot=True) == first
    assert first.stream_type is StreamType.SNAPSHOT
    assert house.governance_log.page(TENANT)[1] == 1


def test_a_url_is_used_up_by_done_and_by_time(house: House) -> None:
    """After step 3, and after 24 hours, the URL accepts nothing."""
    url, old = house.url(), house.url()
    house.put(url, LOG)
    house.intake.done(TENANT, url)
    with pytest.raises(BlobClosed):
        house.intake.blob(secret_of(url))
    house.now += 24 * 3600 * 1000 + 1
    with pytest.raises(BlobClosed):
        house.intake.blob(secret_of(old))
    assert house.intake.blob("never given out") is None


@pytest.mark.parametrize(
    ("tenant", "url", "name", "said"),
    [
        (TENANT, "https://casb.example/upload/unknown?sv=1", None, "uploadUrl"),
        (TENANT + 1, None, None, "uploadUrl"),
        (TENANT, None, "No such source", "No such source"),
    ],
)
def test_a_wrong_step_three_says_what_is_wrong(
    house: House, tenant: int, url: str | None, name: str | None, said: str
) -> None:
    """An unknown URL, another tenant's URL and an unknown data source are named."""
    mine = house.url()
    house.put(mine, LOG)
    with pytest.raises(IntakeError, match=said):
        house.intake.done(tenant, url or mine, stream_name=name)
    with pytest.raises(IntakeError, match="nothing has been uploaded"):
        house.intake.done(TENANT, house.url())


def test_an_unknown_source_is_refused_with_the_allowed_ones(house: House) -> None:
    """The error has the value and what is allowed."""
    with pytest.raises(UnknownSourceType, match=r"'BANANA'.*SQUID_NATIVE"):
        house.intake.upload_url(TENANT, "a.log", "BANANA", "https://casb.example")


def test_a_segment_handed_over_twice_is_one_upload(house: House, tmp_path: Path) -> None:
    """A receiver killed between moving its segment and recording it repeats itself safely."""
    stream = house.streams.create(TENANT, "edge", StreamType.INPUT, source="SQUID_NATIVE")
    segment = tmp_path / ("a" * 24 + ".ready")
    for _ in range(2):
        segment.write_bytes(LOG)
        house.intake.enqueue(stream, segment, origin="syslog", filename="syslog", upload_id=segment.stem)
        assert not segment.exists()
    assert house.uploads.queued() == 1
    assert house.stored() == LOG


@pytest.mark.parametrize("step", [1, 2])
def test_a_segment_is_there_until_it_is_queued(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """If it ends before or after the bytes are received, a receiver finds its segment and hands it over again."""
    stream = house.streams.create(TENANT, "edge", StreamType.INPUT, source="SQUID_NATIVE")
    segment = tmp_path / ("a" * 24 + ".ready")
    segment.write_bytes(LOG)
    change, calls = house.uploads.change, 0

    def end(*arguments: Any, **values: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls == step:
            raise KeyboardInterrupt
        return change(*arguments, **values)

    with monkeypatch.context() as patched:
        patched.setattr(house.uploads, "change", end)
        with pytest.raises(KeyboardInterrupt):
            house.intake.enqueue(stream, segment, origin="syslog", filename="syslog", upload_id=segment.stem)
    assert segment.read_bytes() == LOG
    house.intake.enqueue(stream, segment, origin="syslog", filename="syslog", upload_id=segment.stem)
    leased = house.uploads.lease("me")
    assert leased is not None
    assert leased.digest == hashlib.sha256(LOG).hexdigest()
    assert not segment.exists()


def test_a_file_that_is_kept_stays_where_it_is(house: House, tmp_path: Path) -> None:
    """Later writes by its owner do not change the upload."""
    stream = house.streams.create(TENANT, "edge", StreamType.INPUT, source="SQUID_NATIVE")
    path = tmp_path / "a.log"
    path.write_bytes(LOG)
    house.intake.enqueue(stream, path, origin="cli", filename="a.log", keep=True)
    with path.open("ab") as file:
        file.write(b"more\n")
    assert house.stored() == LOG


def test_a_log_type_that_is_a_form_of_another_is_parsed_as_that(house: House, tmp_path: Path) -> None:
    """Formats know only the source types."""
    path = tmp_path / "a.log"
    path.write_bytes(LOG)
    stream = house.streams.create(TENANT, "edge", StreamType.INPUT, source="SQUID_SYSLOG")
    assert house.intake.enqueue(stream, path, origin="cli", filename="a.log").source == "SQUID"


def test_step_three_sent_twice_at_once_makes_one_report(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower of two equal calls returns the report of the faster one, and leaves none of its own."""
    url = house.url()
    house.put(url, LOG)
    create, answers = house.streams.create, []

    def slow(*arguments: Any, **fields: Any) -> Any:  # the other call comes in between
        made = create(*arguments, **fields)
        monkeypatch.undo()
        answers.append(house.intake.done(TENANT, url, stream_name="Snap", snapshot=True))
        return made

    monkeypatch.setattr(house.streams, "create", slow)
    answers.append(house.intake.done(TENANT, url, stream_name="Snap", snapshot=True))
    assert answers[0] == answers[1]
    assert house.streams.all(TENANT) == answers[:1]


def test_step_three_that_was_killed_makes_one_report(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When repeated, it continues with the report already created; no empty one with the same name is left."""
    url = house.url()
    house.put(url, LOG)
    with monkeypatch.context() as patch:
        patch.setattr(house.uploads, "change", killed)
        with pytest.raises(KeyboardInterrupt):
            house.intake.done(TENANT, url, stream_name="Snap", snapshot=True)
    stream = house.intake.done(TENANT, url, stream_name="Snap", snapshot=True)
    assert [each for each in house.streams.all(TENANT) if each.is_snapshot] == [stream]


def killed(*_: object, **__: object) -> None:
    """Stop where a kill would."""
    raise KeyboardInterrupt
