"""What the database says of itself."""

from sqlalchemy import literal_column, select, table

from taskapi.core.db.statements import One, prepare

APPLIED_MIGRATION = prepare(select(literal_column("version_num")).select_from(table("alembic_version")), row=One[str])
TRANSACTION_READ_ONLY = prepare(select(literal_column("current_setting('transaction_read_only')")), row=One[str])
SERVER_VERSION = prepare(select(literal_column("current_setting('server_version')")), row=One[str])
