"""PostgreSQL 15 is the oldest that will do: it runs all migrations, and sorts texts as the newest does."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from taskapi.core.db import migrations, reachability, servers
from taskapi.core.db.database import Database
from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.search.texts import TEXTS
from tests.support import databases
from tests.support.answers import titles
from tests.support.databases import Template
from tests.support.factory import Factory
from tests.support.oldest import oldest_server
from tests.tasks.test_text_order import AS_READ

pytestmark = pytest.mark.slow

COLLATIONS = "SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace"
# Letters of several scripts and what is special about their case, as far as Unicode 14 knows them.
WORDS = [*AS_READ, "ΣΊΣΥΦΟΣ", "Øre", "İstanbul", "ISTANBUL", "ǅ", "\u1e9e", "Ａ１", "ﬁn", "Ⅻ", "ﷺ", "Ծով", "Ⴀ", "𐐀"]  # noqa: RUF001


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The maintenance database of a PostgreSQL 15."""
    with oldest_server(tmp_path_factory.mktemp("oldest")) as url:
        yield url


@pytest.fixture(scope="module")
def oldest_template(oldest: str) -> Iterator[Template]:
    with databases.template(oldest) as made:
        yield made


async def ask(url: str, statement: str, *values: object) -> list[Any]:
    connection = await databases.connect(url)
    try:
        return [row[0] for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def test_migrations_go_up_and_down_on_the_oldest_and_leave_no_collation(oldest_template: Template) -> None:
    async with oldest_template.cloned("down") as url:
        assert await ask(url, COLLATIONS) == []
        await migrations.downgrade(url, "0012")
        assert await ask(url, COLLATIONS) == ["pg_c_utf8"]
        await migrations.downgrade(url, "base")
        assert await ask(url, COLLATIONS) == []
        await migrations.upgrade(url)
        assert await ask(url, "SELECT version_num FROM alembic_version") == [migrations.newest()]


async def test_texts_sort_on_the_oldest_as_on_this_one(oldest_template: Template, template: Template) -> None:
    statement = "SELECT reading_order(word) FROM unnest($1::text[]) WITH ORDINALITY AS w (word, n) ORDER BY n"
    async with oldest_template.cloned("words") as old, template.cloned("words") as new:
        assert await ask(old, statement, WORDS) == await ask(new, statement, WORDS)


async def test_texts_are_found_on_the_oldest_as_on_this_one(oldest_template: Template, template: Template) -> None:
    statement = "SELECT search_document(t, '')::text || search_query(left(t, 200))::text FROM unnest($1::text[]) AS t"
    texts = [*TEXTS, "東京都の天気 Ærø Łódź İstanbul हिन्दी 서버를 ﬁnal Проверить ﷺ ½ Ⅷ ΣΑΣ"]
    async with oldest_template.cloned("search") as old, template.cloned("search") as new:
        assert await ask(old, statement, texts) == await ask(new, statement, texts)


async def test_the_api_sorts_titles_on_the_oldest(oldest_template: Template, quick_passwords: Passwords) -> None:
    async with oldest_template.cloned("api") as url:
        settings = databases.settings_for(url)
        await reachability.require_database(settings)
        database = Database(settings)
        make = Factory(create_app(Settings(), database, quick_passwords))
        web = await make.project(key="WEB")
        for title in random.Random(1).sample(AS_READ, len(AS_READ)):
            await make.task(web, title)
        async with make.client(web.owner) as client:
            found = await client.get("/api/v1/projects/WEB/tasks", params={"sort": "title"})
        await database.dispose()
    assert titles(found) == AS_READ


async def test_a_dump_of_the_oldest_is_filled_without_a_search_path(oldest_template: Template) -> None:
    """As pg_restore does; a generated column that finds its collation along the path would fail."""
    async with oldest_template.cloned("dump") as url:
        connection = await databases.connect(url)
        await connection.execute("SET search_path = ''")
        added = await connection.fetchval(
            "INSERT INTO public.users (id, username, created_at, updated_at)"
            " VALUES (gen_random_uuid(), 'Ärger9', now(), now()) RETURNING username_order"
        )
        await connection.close()
    assert added == "arger000000000000009"


async def test_an_old_server_without_icu_is_refused_in_a_line(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_FIRST_WITH_BUILTIN_COLLATION", 99)
    monkeypatch.setattr(servers, "_HAS_ICU", text("SELECT false"))
    async with template.empty() as url:
        with pytest.raises(Refused, match=r"with ICU, and this server was built without it: .* 17 or newer$"):
            await migrations.upgrade(url)


async def test_a_server_that_is_too_old_is_refused_in_a_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "OLDEST", 99)
    with pytest.raises(Refused, match=r"^PostgreSQL \d+ is too old: taskapi needs PostgreSQL 99 or newer$"):
        await reachability.wait_for_database(databases.settings_for(database_url))


def test_the_oldest_will_do_and_the_one_before_will_not() -> None:
    assert servers.fault_of(15) is None
    assert servers.fault_of(14) == "PostgreSQL 14 is too old: taskapi needs PostgreSQL 15 or newer"
