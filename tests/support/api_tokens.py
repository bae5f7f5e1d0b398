"""API tokens for tests, and the five seconds after which a revocation holds everywhere."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from taskapi.auth.api_tokens import service
from taskapi.auth.api_tokens.schemas import ApiTokenCreate
from taskapi.core.access.known_callers import KnownCallers
from taskapi.core.clock import utc_now
from taskapi.core.db.database import unit_of_work
from tests.support.factory import Factory, Person


def wanted(*scopes: str, project_ids: list[UUID] | None = None, days: float = 30) -> dict[str, Any]:
    """A body for POST /auth/tokens."""
    return {
        "name": "A script",
        "scopes": list(scopes),
        "project_ids": None if project_ids is None else [str(project_id) for project_id in project_ids],
        "expires_at": (utc_now() + timedelta(days=days)).isoformat(),
    }


async def api_token(make: Factory, person: Person, *scopes: str, project_ids: list[UUID] | None = None) -> str:
    async with unit_of_work(make.app.state.parts.database) as session:
        data = ApiTokenCreate.model_validate(wanted(*scopes, project_ids=project_ids))
        return (await service.create_token(session, person.caller, data)).secret


def carrying(client: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def pass_time(app: FastAPI, seconds: float = 5) -> None:
    """What this process remembers of callers is that much older now."""
    known: KnownCallers = app.state.parts.known_callers
    known._known = {token: (caller, until - seconds) for token, (caller, until) in known._known.items()}
