"""What the database says of itself."""

from typing import TypedDict

from sqlalchemy import Boolean, ColumnElement, Select, Text, literal_column, select, table

from taskapi.core.db.statements import One, prepare


class Readiness(TypedDict):
    applied: str | None
    writes: bool


_applied: Select[str] = select(literal_column("version_num", Text)).select_from(table("alembic_version"))
APPLIED_MIGRATION = prepare(_applied, row=One[str])
# A standby says "on" as well, whatever its settings are.
_read_only: ColumnElement[bool] = literal_column("current_setting('transaction_read_only')::boolean", Boolean)
READINESS = prepare(select(_applied.scalar_subquery().label("applied"), (~_read_only).label("writes")), row=Readiness)
SERVER_VERSION = prepare(select(literal_column("current_setting('server_version')")), row=One[str])
