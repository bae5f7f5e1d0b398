"""Identities for tests that have no provider: linked as a sign-in does, with its fact."""

from uuid import UUID

import pydantic_core
from fastapi import FastAPI

from taskapi.auth.oidc import events, queries
from taskapi.core.change_log.publish import publish
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from taskapi.core.ids import new_id
from tests.support.factory import Person

ISSUER = "https://id.example"


async def link(app: FastAPI, person: Person, subject: str | None = None) -> UUID:
    identity_id, now = new_id(), utc_now()
    async with unit_of_work(app.state.parts.database) as session:
        linked = await session.only_value(
            queries.LINK,
            id=identity_id,
            user_id=person.id,
            issuer=ISSUER,
            subject=subject or str(person.id),
            email=person.email,
            created_at=now,
            last_used_at=now,
        )
        await publish(session, person.caller, events.identity_linked(identity_id, pydantic_core.from_json(linked)))
    return identity_id
