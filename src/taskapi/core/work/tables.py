"""The job engine's own tables, which a migration made: the columns that we read and write."""

from typing import Final

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, Text, Uuid, column, table
from sqlalchemy.dialects.postgresql import ENUM, JSONB

SCHEMA: Final = "jobs"
STATUS: Final = ENUM(name="pgqueuer_status", schema=SCHEMA, create_type=False)
_INSTANT: Final = DateTime(timezone=True)

JOBS: Final = table(
    "pgqueuer",
    column("id", BigInteger),
    column("priority", Integer),
    column("queue_manager_id", Uuid),
    column("created", _INSTANT),
    column("updated", _INSTANT),
    column("heartbeat", _INSTANT),
    column("execute_after", _INSTANT),
    column("status", STATUS),
    column("entrypoint", Text),
    column("dedupe_key", Text),
    column("headers", JSONB),
    column("payload", LargeBinary),
    column("attempts", Integer),
    schema=SCHEMA,
)
LOG: Final = table(
    "pgqueuer_log",
    column("id", BigInteger),
    column("created", _INSTANT),
    column("job_id", BigInteger),
    column("status", STATUS),
    column("priority", Integer),
    column("entrypoint", Text),
    column("traceback", JSONB),
    schema=SCHEMA,
)
