"""What an API was asked before any worker had started is told once one does."""

import pytest

from taskapi.background import READERS
from taskapi.cli import everything
from taskapi.core.db.database import Database
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.models import ProjectRole
from taskapi.settings import Settings
from tests.notifications.conftest import Worker, told
from tests.support.databases import Template, connect, settings_for
from tests.support.factory import Factory
from tests.support.shell import Shell

pytestmark = pytest.mark.slow


async def readers(url: str) -> set[str]:
    tables = await connect(url)
    try:
        return {row["name"] for row in await tables.fetch("SELECT name FROM consumers")}
    finally:
        await tables.close()


async def test_run_has_its_readers_before_the_first_request(template: Template) -> None:
    async with template.empty() as url:
        await everything._prepare(Settings(database=settings_for(url)))
        assert await readers(url) == {reader.name for reader in READERS}


async def test_a_new_database_misses_nothing_before_its_first_worker(
    template: Template, shell: Shell, quick_passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskapi.core.change_log.tail._PATIENCE", -1.0)  # for other tests' transactions
    async with template.empty() as url:
        assert shell.run("migrate", DATABASE_URL=url).returncode == 0
        assert await readers(url) == {reader.name for reader in READERS}
        database, tables = Database(settings_for(url)), await connect(url)
        try:
            make = Factory(create_app(Settings(), database, quick_passwords))
            project = await make.project()
            ana = await make.member(project, ProjectRole.EDITOR)
            await make.task(project, "Mend the till", assignee_ids=[str(ana.id)])
            await Worker(make, tables).read()
            async with make.client(ana) as client:
                assert [kind for kind, _ in await told(client)] == ["assigned", "invited"]
        finally:
            await tables.close()
            await database.dispose()
