"""Paginate a frame in a total order: by sort column, then app id (api §4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from opencasb.api.v1.cursor import ChangedCursor, Cursor
from opencasb.api.v1.lists import ListRequest


@dataclass(frozen=True, slots=True)
class FramePage:
    """The rows of one page, the total count, and the next page's filters if there is one."""

    rows: list[dict[str, Any]]  # values of any column
    total: int
    has_next: bool
    next_filters: dict[str, Any] | None  # JSON


def frame_page(frame: pl.DataFrame, request: ListRequest) -> FramePage:
    """Return the page that ``request`` asks for; rows without a sort value come last."""
    keyed = frame.with_columns(_key(request.column).alias("sort_key"))
    ordered = keyed.sort(
        "sort_key",
        "app_id",
        descending=not request.ascending,
        nulls_last=True,
    )
    if request.cursor is not None:
        _check(request.cursor, ordered.schema["sort_key"] == pl.String)
        ordered = ordered.filter(_behind(request.cursor))
    rows = ordered.slice(request.skip, request.limit + 1).to_dicts()
    page, has_next = request.page(rows, lambda row: row["sort_key"])
    last = page[-1] if has_next else None
    following = request.after(last["sort_key"], last["app_id"], rows[-1]["sort_key"]) if last else None
    return FramePage(list(page), frame.height, has_next, following)


def _key(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase() if column in {"name", "category"} else pl.col(column)


def _behind(cursor: Cursor) -> pl.Expr:
    key, app_id = pl.col("sort_key"), pl.col("app_id")
    later = app_id > cursor.record_id if cursor.ascending else app_id < cursor.record_id
    if cursor.key is None:
        return key.is_null() & later
    beyond = key > cursor.key if cursor.ascending else key < cursor.key
    return beyond | ((key == cursor.key) & later) | key.is_null()


def _check(cursor: Cursor, text: bool) -> None:
    fits = cursor.key is None or isinstance(cursor.key, str) == text
    if not fits or not isinstance(cursor.record_id, int):
        raise ChangedCursor
