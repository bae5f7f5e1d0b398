"""Runs the migrations: on the connection it is given, or on its own to the database of the settings."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names

from taskapi.core.db import servers
from taskapi.core.db.connections import engine_of
from taskapi.models import Base
from taskapi.models.events import TransactionId
from taskapi.settings import Settings

ischema_names["xid8"] = TransactionId  # SQLAlchemy does not know it, and would warn at each comparison


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with servers.borrowed_collation(connection), context.begin_transaction():
        context.run_migrations()


async def migrate_by_url(url: str) -> None:
    engine = engine_of(url)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = context.config.attributes.get("url") or Settings().database.session_url
    if not url:
        raise SystemExit("Set DATABASE_URL to the database that shall be migrated")
    asyncio.run(migrate_by_url(url))
