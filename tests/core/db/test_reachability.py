"""A database that is starting is waited for; one that will never answer is refused at once."""

import pytest
from sqlalchemy import make_url

from taskapi.core.db import migrations, reachability
from taskapi.core.refused import Refused
from taskapi.settings import DatabaseSettings
from tests.support.databases import Template, connect, settings_for

NOBODY = "postgresql://taskapi:hunter2@127.0.0.1:1/taskapi"


async def test_no_database_is_refused() -> None:
    with pytest.raises(Refused, match=r"set TASKAPI_DATABASE_URL, or use `taskapi run`"):
        await reachability.require_database(DatabaseSettings())


async def test_pending_migrations_are_refused_until_they_are_done(template: Template) -> None:
    async with template.empty() as url:
        with pytest.raises(Refused, match="no schema yet: run `taskapi migrate` first"):
            await reachability.require_database(settings_for(url))
        await migrations.upgrade(url, "0007")
        with pytest.raises(Refused, match=r"at 0007, older than this program, .*: run `taskapi migrate` first"):
            await reachability.require_database(settings_for(url))
        await migrations.upgrade(url)
        await reachability.require_database(settings_for(url))


async def test_a_schema_of_a_newer_version_is_served_on_with_a_warning(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = await connect(database_url)
    await driver.execute("UPDATE alembic_version SET version_num = '9999'")
    await driver.close()
    warned: list[migrations.Standing] = []
    monkeypatch.setattr(migrations, "warn_of", warned.append)
    await reachability.require_database(settings_for(database_url))
    assert [(found.applied, found.is_ahead) for found in warned] == [("9999", True)]


async def test_after_its_patience_it_says_where_nobody_answered_and_no_password() -> None:
    with pytest.raises(Refused, match=r"no database at 127\.0\.0\.1:1/taskapi after 0\.2 s .*start it") as refused:
        await reachability.wait_for_database(settings_for(NOBODY, TASKAPI_DATABASE_WAIT=0.2))
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_it_waits_for_a_server_that_is_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([ConnectionRefusedError(), TimeoutError(), None])

    async def knock(*_: object) -> None:
        if (answer := next(answers)) is not None:
            raise answer

    monkeypatch.setattr(reachability, "_knock", knock)
    settings = settings_for(NOBODY)
    assert await reachability.wait_for_database(settings) == settings.url


async def test_nobody_waits_for_a_database_that_does_not_exist(server: str) -> None:
    missing = make_url(server).set(database="no_such_database").render_as_string(hide_password=False)
    with pytest.raises(Refused, match='database "no_such_database" does not exist'):
        await reachability.wait_for_database(settings_for(missing))


async def test_a_parameter_the_driver_does_not_know_is_named() -> None:
    with pytest.raises(Refused, match="channel_binding"):
        await reachability.wait_for_database(settings_for(f"{NOBODY}?channel_binding=require"))
