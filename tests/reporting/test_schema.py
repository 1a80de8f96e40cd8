"""The tables' stable schema: names, types and keys."""

from __future__ import annotations

import pytest

from opencasb.reporting import schema
from opencasb.reporting.schema import Table

TABLES = [value for value in vars(schema).values() if isinstance(value, Table)]
COUNTS = (
    "UserCount:Int64 IpAddressCount:Int64 DeviceCount:Int64? TransactionCount:Int64 UploadedBytes:Int64"
    " DownloadedBytes:Int64 TotalBytes:Int64 FirstSeenDate:Date LastSeenDate:Date"
)
PROMISED = {
    "streams": "StreamId:String StreamName:String IsSnapshot:Boolean LogDataProvider:String"
    " CreatedUtc:DateTimeOffset LastDataUtc:DateTimeOffset?",
    "apps": "AppId:Int64 AppName:String AppCategory:String CategoryKey:String RiskScore:Int16? Vendor:String?"
    " Headquarters:String? Sanction:String",
    "app_domains": "AppId:Int64 Domain:String",
    "app_tags": "AppId:Int64 Tag:String",
    "app_usage": f"AsOfDate:Date Period:String AppId:Int64 {COUNTS}",
    "app_usage_by_stream": f"AsOfDate:Date Period:String StreamId:String AppId:Int64 {COUNTS}",
    "daily_usage": "AsOfDate:Date RowId:String TimeGenerated:DateTimeOffset StreamId:String StreamName:String"
    " AppId:Int64 AppName:String AppCategory:String AppScore:Int16? UserName:String? EnrichedUserName:String?"
    " IpAddress:String? TotalEvents:Int64 BlockedEvents:Int64 UploadedBytes:Int64 DownloadedBytes:Int64"
    " TotalBytes:Int64",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_stay(table: Table) -> None:
    """Within a major version, new ones are only appended; ``?`` marks nullable ones."""
    found = [
        f"{column.name}:{column.type.value.removeprefix('Edm.')}{'?' * column.nullable}" for column in table.columns
    ]
    promised = PROMISED[table.name].split()
    assert found[: len(promised)] == promised


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_are_never_null_and_facts_have_a_day(table: Table) -> None:
    """Report tools require it."""
    assert not any(table.by_name[name].nullable for name in table.key)
    assert table.is_dated == ("usage" in table.name)
    assert list(table.polars_schema) == list(table.by_name)
    assert len(table.key_types) == len(table.key)


def test_every_table_is_promised() -> None:
    """A new table must be added to the list here."""
    assert {table.name for table in TABLES} == set(PROMISED)
