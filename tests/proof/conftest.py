"""One world a run, in one transaction: each request is undone by a savepoint."""

from collections.abc import AsyncIterator

import pytest

from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.proof.world import World, build
from tests.support import databases
from tests.support.databases import RolledBackDatabase, Template


@pytest.fixture(scope="session")
async def world(template: Template, quick_passwords: Passwords) -> AsyncIterator[World]:
    async with template.cloned("proof") as url:
        database = RolledBackDatabase(databases.settings_for(url))
        async with database.rolled_back() as tables:
            # Signed in once, for as long as a slow machine takes for the whole run.
            patient = Settings(security={"access_token_minutes": 60})
            made = await build(create_app(patient, database, quick_passwords), tables)
            yield made
            await made.close()
        await database.dispose()
