"""The governance log: every task with its result (api §14). A task without a result is pending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from opencasb.store.database import metadata, new_id
from opencasb.store.repository import TimedRepository

governance_tasks = sa.Table(
    "governance_tasks",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.String(24), primary_key=True),
    sa.Column("task_name", sa.Text, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("update_timestamp", sa.BigInteger, nullable=False),
    sa.Column("stream_id", sa.String(24)),
    sa.Column("app_id", sa.Integer),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("is_success", sa.Boolean),
    sa.Column("template", sa.Text),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Index("ix_governance_tasks_timestamp", "tenant_id", "timestamp", "task_id"),
)

PRODUCT_APP_ID = 20595
"""The well-known app id of the product itself."""


class GovernanceLog(TimedRepository):
    """The tasks of each tenant."""

    def add(
        self,
        tenant_id: int,
        task_name: str,
        *,
        stream_id: str | None = None,
        app_id: int | None = PRODUCT_APP_ID,
        created_by: str = "",
        label: str = "",
        task_id: str | None = None,
    ) -> str:
        """Write a pending task and return its id; idempotent for a given ``task_id``."""
        task_id = task_id or new_id()
        task: dict[str, Any] = {"stream_id": stream_id, "app_id": app_id, "created_by": created_by, "label": label}
        row = self._new(tenant_id, task_id, task_name) | task | {"parameters": {}}
        with self._database.write() as connection:
            self._database.upsert(connection, governance_tasks, [row])
        return task_id

    def completed(
        self,
        tenant_id: int,
        task_name: str,
        *,
        template: str,
        parameters: Mapping[str, Any],  # JSON
        success: bool = True,
        app_id: int = PRODUCT_APP_ID,
        created_by: str,
        label: str = "",
    ) -> str:
        """Write a task that is already finished, with its result, and return its id."""
        task_id = new_id()
        task = {"app_id": app_id, "created_by": created_by, "label": label}
        result = {"is_success": success, "template": template, "parameters": dict(parameters)}
        self._write(sa.insert(governance_tasks).values(**self._new(tenant_id, task_id, task_name), **task, **result))
        return task_id

    def note(
        self,
        connection: sa.Connection,
        tenant_id: int,
        task_name: str,
        *,
        stream_id: str,
        label: str,
        template: str,
        parameters: Mapping[str, Any],  # JSON
    ) -> None:
        """Write a failed task for an error outside any task, in the caller's transaction."""
        task = {"stream_id": stream_id, "app_id": PRODUCT_APP_ID, "created_by": "", "label": label}
        result = {"is_success": False, "template": template, "parameters": dict(parameters)}
        row = self._new(tenant_id, new_id(), task_name) | task | result
        connection.execute(sa.insert(governance_tasks).values(**row))

    def finish(
        self,
        tenant_id: int,
        task_id: str,
        *,
        success: bool,
        template: str,
        parameters: Mapping[str, Any],  # JSON
    ) -> None:
        """Write the result of a task: the message template and its parameters (api §14)."""
        values = {"is_success": success, "template": template, "parameters": dict(parameters)}
        task = sa.update(governance_tasks).filter_by(tenant_id=tenant_id, task_id=task_id)
        self._write(task.values(update_timestamp=_after(governance_tasks.c.timestamp, self._clock()), **values))

    def wait(self, tenant_id: int, task_id: str, why: str) -> None:
        """Record why a pending task cannot run yet."""
        pending = sa.update(governance_tasks).filter_by(tenant_id=tenant_id, task_id=task_id, is_success=None)
        self._write(pending.values(parameters={"waitsFor": why}))

    def expire(self, tenant_id: int, before: int) -> int:
        """Delete the tasks written before ``before`` (ms), whatever their result; returns how many."""
        old = (governance_tasks.c.tenant_id == tenant_id, governance_tasks.c.timestamp < before)
        return self._write(sa.delete(governance_tasks).where(*old))

    def page(
        self,
        tenant_id: int,
        where: Sequence[sa.ColumnElement[bool]] = (),
        *,
        skip: int = 0,
        limit: int = 100,
        ascending: bool = False,
    ) -> tuple[list[dict[str, Any]], int]:  # wire records
        """Return one page of wire records, ordered by time and id, and the total number that match."""
        conditions = (governance_tasks.c.tenant_id == tenant_id, *where)
        key = (governance_tasks.c.timestamp, governance_tasks.c.task_id)
        order = [column.asc() if ascending else column.desc() for column in key]
        query = sa.select(governance_tasks).where(*conditions).order_by(*order).offset(skip).limit(limit)
        count = sa.select(sa.func.count()).select_from(governance_tasks).where(*conditions)
        with self._database.read() as connection:
            rows = [record(row) for row in connection.execute(query).mappings()]
            return rows, connection.execute(count).scalar_one()

    def _new(self, tenant_id: int, task_id: str, task_name: str) -> dict[str, Any]:  # of any column
        """Return the columns common to every new task row."""
        now = self._clock()
        key = {"tenant_id": tenant_id, "task_id": task_id, "task_name": task_name}
        return key | {"timestamp": now, "update_timestamp": now}


def _after(created: sa.ColumnElement[int], now: int) -> sa.ColumnElement[int]:
    """Return the time of a result: later than the task, so that a client that knows the pending one takes it anew."""
    return sa.case((created < now, now), else_=created + 1)


def record(row: sa.RowMapping | Mapping[str, Any]) -> dict[str, Any]:  # JSON
    """Return the wire record (api §14); a pending task has no ``status`` but may say why it waits."""
    made: dict[str, Any] = {
        "_id": row["task_id"],
        "taskName": row["task_name"],
        "timestamp": row["timestamp"],
        "updateTimestamp": row["update_timestamp"],
        "inputStreamId": row["stream_id"],
        "appId": row["app_id"],
        "instanceId": 0,  # tasks are of the product itself
        "policyId": None,  # no policy starts tasks
        "createdBy": row["created_by"],
        "isAutomatic": not row["created_by"],
        "targetObject": _target(row),
    }
    if row["is_success"] is None:
        made |= row["parameters"]
    else:
        message = {"template": row["template"], "parameters": row["parameters"]}
        made["status"] = {"isSuccess": row["is_success"], "templateMessage": message}
    return made


def _target(row: sa.RowMapping | Mapping[str, Any]) -> dict[str, Any]:  # JSON
    """Return the target of a task: the stream of a discovery task, else the app."""
    if row["stream_id"] is not None:
        return {"type": "discovery_stream", "id": row["stream_id"], "label": row["label"]}
    return {"type": "discovery_service", "id": row["app_id"], "label": row["label"]}
