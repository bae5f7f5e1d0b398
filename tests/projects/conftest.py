"""A project with the key WEB, and its owner's client."""

import httpx
import pytest

from tests.conftest import ClientFor
from tests.support.factory import Factory, MadeProject


@pytest.fixture
async def web(make: Factory) -> MadeProject:
    return await make.project(key="WEB", name="Website")


@pytest.fixture
async def owner(web: MadeProject, client_for: ClientFor) -> httpx.AsyncClient:
    return client_for(web.owner)
