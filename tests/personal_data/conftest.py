"""The mails of a test, and somebody who goes."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import ClientFor
from tests.support.factory import Factory, Person
from tests.support.mailbox import Mailbox


@pytest.fixture
def mailbox(app: FastAPI, tables: Any) -> Mailbox:
    return Mailbox(app, tables)


@pytest.fixture
async def ana(make: Factory) -> Person:
    return await make.user("ana", full_name="Ana Example")


@pytest.fixture
def mine(ana: Person, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(ana)


@pytest.fixture
async def admin(make: Factory, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(await make.user("root", admin=True))
