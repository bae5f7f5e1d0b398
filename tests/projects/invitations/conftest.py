"""A mailbox that collects what the requests of a test would have sent."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.support.mailbox import Mailbox, token_in

Invite = Callable[..., Awaitable[str]]
INVITATIONS = "/api/v1/projects/WEB/invitations"


@pytest.fixture
def mailbox(app: FastAPI, tables: Any) -> Mailbox:
    return Mailbox(app, tables)


@pytest.fixture
def invite(owner: httpx.AsyncClient, mailbox: Mailbox) -> Invite:
    """Have the owner invite an address to WEB; the token of the mail."""

    async def send(email: str, role: str = "editor", client: httpx.AsyncClient = owner) -> str:
        answer = await client.post(INVITATIONS, json={"email": email, "role": role})
        assert answer.status_code == 201, answer.text
        return token_in((await mailbox.collect())[-1])

    return send
