"""Mentions are found when a text is written, for a username may be somebody else's later."""

from collections.abc import Sequence
from uuid import UUID

from taskapi.core import markdown
from taskapi.core.db.session import DbSession
from taskapi.tasks.mentions import queries


async def names_in(text: str | None) -> list[str]:
    """What a text names, asked before a connection is held: long texts wait for each other."""
    return await markdown.mentioned(text) if text else []


async def members_named(session: DbSession, project_id: UUID, names: Sequence[str]) -> list[UUID]:
    """In the order of the names; no names ask nothing."""
    if not names:
        return []
    return await session.fetch_values(queries.MEMBERS_NAMED, project_id=project_id, names=list(names))
