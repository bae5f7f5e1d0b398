"""A backup brings everything back: every row and every file, for the program and for those who follow the log."""

import os
import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from taskapi.audit.seals import service as seals
from taskapi.background import READERS
from taskapi.cli.backup import saving
from taskapi.core.change_log import readers
from taskapi.core.db import migrations
from taskapi.core.db.database import Database
from taskapi.core.refused import Refused
from taskapi.core.secrets.passwords import Passwords
from taskapi.main import create_app
from taskapi.settings import Settings
from tests.adversity.observing import execute
from tests.backup.conftest import Place
from tests.support import databases
from tests.support.answers import problem
from tests.support.databases import Template
from tests.support.factory import Factory
from tests.support.following import CHANGES, kinds, now, settled, since
from tests.support.small_disk import small_disk

pytestmark = pytest.mark.slow
LARGE = os.urandom(2_500_000)
FILES = {"attachments/a_B-1": LARGE, "attachments/nothing": b"", "previews/a/small": b"an image"}
AWKWARD = "tab\there \\. and \\N\n\\.\nquote ' and \x7f Ünïcôde \U0001f40d"


def serving(place: Place, passwords: Passwords) -> Factory:
    return Factory(create_app(Settings(), Database(place.settings.database), passwords))


async def closed(service: Factory) -> None:
    """Nobody is connected any more, as a restore wants it."""
    await service.app.state.parts.database.dispose()


async def test_every_row_and_every_file_comes_back(
    live: Factory, source: Place, empty: Place, quick_passwords: Passwords, tmp_path: Path
) -> None:
    team = await live.project(key="WEB")
    task = await live.task(team, "A task", description=AWKWARD)
    async with live.client(team.owner) as owner:
        await owner.post(f"/api/v1/tasks/{task['key']}/comments", json={"body": AWKWARD})
    await source.put(FILES)
    file = tmp_path / "all.backup"
    said = await source.back_up(file)
    assert "3 files" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {found for found in os.listdir(tmp_path) if found.endswith(".part")} == set()  # noqa: PTH208

    assert "3 files" in await empty.restore(file)
    assert await empty.contents() == await source.contents()
    assert await empty.files() == FILES
    again = serving(empty, quick_passwords)
    async with again.client(team.owner) as owner:
        found = (await owner.get(f"/api/v1/tasks/{task['key']}")).json()
        assert (found["title"], found["description"]) == ("A task", AWKWARD)
        made = await owner.post(team.tasks_path, json={"title": "The next"})
        assert made.json()["key"] == "WEB-2"
    await closed(again)


async def test_an_older_schema_is_migrated_and_a_backup_of_the_next_one_is_left_alone(
    template: Template, empty: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "older.backup"
    async with template.cloned("older") as url:
        await migrations.downgrade(databases.past_pooler(url), "-1")
        await Place.at(url, tmp_path / "older").back_up(file)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "is_known", lambda _: False)
        with pytest.raises(Refused, match="newer than this program"):
            await empty.restore(file)
    await empty.restore(file)
    assert not (await migrations.standing(empty.url)).is_behind


async def test_who_follows_the_log_goes_on_or_is_told_to_load_anew(
    live: Factory, source: Place, quick_passwords: Passwords, tmp_path: Path
) -> None:
    team = await live.project(key="WEB")
    auditor = await live.user(admin=True)
    async with live.client(team.owner) as owner:
        before = await now(live, owner)
        await live.task(team, "Kept")
        await live.task(team, "Kept too")
        await settled(live)
        halfway = (await owner.get(CHANGES, params={"since": before, "limit": 1})).json()["next_cursor"]
        await source.back_up(tmp_path / "b")
        await live.task(team, "Lost")
        after = await now(live, owner)
    await closed(live)
    await source.restore(tmp_path / "b", replace=True)

    again = serving(source, quick_passwords)
    async with again.client(team.owner) as owner, again.client(auditor) as admin:
        await again.task(team, "New")
        await settled(again)
        told = [item["changes"]["title"][1] for item in await since(owner, before)]
        assert told == ["Kept", "Kept too", "New"]
        assert kinds(await since(owner, halfway)) == ["task.created", "task.created"]
        assert problem(await owner.get(CHANGES, params={"since": after})) == (410, "cursor_expired")
        fresh = await now(again, owner)
        await again.task(team, "Newer")
        await settled(again)
        assert kinds(await since(owner, fresh)) == ["task.created"]
        [told_of] = (await admin.get("/api/v1/audit", params={"kind": "backup.restored"})).json()["items"]
        assert told_of["changes"]["taken_at"][0] is None
    await closed(again)


async def test_readers_of_the_log_go_on_and_its_seals_are_whole(
    live: Factory, source: Place, empty: Place, quick_passwords: Passwords, tmp_path: Path
) -> None:
    team = await live.project(key="WEB")
    await _read_all(live)
    await live.task(team)
    await settled(live)
    await source.back_up(tmp_path / "b")
    await empty.restore(tmp_path / "b")
    again = serving(empty, quick_passwords)
    await again.task(team)
    await settled(again)
    await _read_all(again)
    report = await seals.verify(again.app.state.parts.database)
    assert (report.fault, report.unsealed) == (None, 0)
    assert report.begins_with == 1
    await closed(again)


async def _read_all(service: Factory) -> None:
    parts = service.app.state.parts
    await settled(service)
    await readers.register(parts.database, parts.tail, READERS)
    for reader in READERS:
        await readers.read_to_the_end(parts.database, parts.tail, reader)


async def test_what_is_in_use_or_not_empty_is_not_replaced(
    live: Factory, source: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = await live.project(key="WEB")
    await source.back_up(tmp_path / "b")
    await live.task(team, "Later")
    was = await source.contents()
    with pytest.raises(Refused, match="--replace"):
        await source.restore(tmp_path / "b")
    monkeypatch.setattr("taskapi.cli.backup.restoring._LOOKS", 1)
    with pytest.raises(Refused, match=r"others are connected to the database \(taskapi\)"):
        await source.restore(tmp_path / "b", replace=True)
    await closed(live)
    connection = await databases.connect(source.url)
    await connection.execute("CREATE TABLE payroll (salary integer)")
    await connection.close()
    with pytest.raises(Refused, match=r"not of this taskapi \(payroll\)"):
        await source.restore(tmp_path / "b", replace=True)
    assert was == {name: hashed for name, hashed in (await source.contents()).items() if name != "public.payroll"}


async def test_what_fails_halfway_leaves_what_was_there(
    live: Factory, source: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = await live.project(key="WEB")
    await source.back_up(tmp_path / "b")
    await live.task(team, "Later")
    await closed(live)
    was = await source.contents()

    async def fail(*_: object) -> None:
        raise Refused("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr("taskapi.cli.backup.emptying.grant_again", fail)
        with pytest.raises(Refused, match="the power is gone"):
            await source.restore(tmp_path / "b", replace=True)
    assert await source.contents() == was
    await source.restore(tmp_path / "b", replace=True)
    assert await source.contents() != was


async def test_a_role_that_owns_nothing_but_the_database_restores_and_who_served_may_go_on(
    live: Factory, source: Place, server: str, template: Template, tmp_path: Path
) -> None:
    await live.project(key="WEB")
    await source.back_up(tmp_path / "b")
    owner, serves = (f"{what}_{uuid4().hex[:8]}" for what in ("owner", "serves"))
    await execute(server, f"CREATE ROLE {owner} LOGIN; CREATE ROLE {serves} LOGIN")
    try:
        async with template.empty() as url:
            name = make_url(url).database
            await execute(server, f'ALTER DATABASE "{name}" OWNER TO {owner}')
            place = Place.at(make_url(url).set(username=owner).render_as_string(hide_password=False), tmp_path / "data")
            await place.restore(tmp_path / "b")
            await execute(url, f"GRANT USAGE ON SCHEMA jobs TO {serves}; GRANT SELECT, INSERT ON users TO {serves}")
            await place.restore(tmp_path / "b", replace=True)
            connection = await databases.connect(url)
            asked = "SELECT has_table_privilege($1, 'users', 'INSERT'), has_schema_privilege($1, 'jobs', 'USAGE')"
            assert tuple(await connection.fetchrow(asked, serves)) == (True, True)
            assert await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'users'") == owner
            await connection.close()
    finally:
        await execute(server, f"DROP ROLE {owner}; DROP ROLE {serves}")


async def test_a_full_disk_leaves_the_backup_of_before(source: Place, tmp_path: Path) -> None:
    await source.put(FILES)
    with small_disk(tmp_path / "disk", 1) as disk:
        file = disk / "b"
        file.write_bytes(b"the one of yesterday")
        with pytest.raises(Refused, match="No space left on device"):
            await source.back_up(file)
        assert {path.name: path.read_bytes() for path in disk.iterdir()} == {"b": b"the one of yesterday"}


async def test_a_file_that_is_deleted_meanwhile_is_left_out(
    source: Place, empty: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await source.put(FILES)
    (source.settings.data_dir / "files" / "attachments" / "half#1").write_bytes(b"of an upload that was killed")
    gone = source.settings.data_dir / "files" / "attachments" / "a_B-1"
    added: list[bool] = []

    async def add_file(writer: object, storage: object, stored: object) -> bool:
        gone.unlink(missing_ok=True)
        added.append(await original(writer, storage, stored))
        return added[-1]

    original: Any = saving._add_file
    monkeypatch.setattr(saving, "_add_file", add_file)
    assert "2 files" in await source.back_up(tmp_path / "b")
    assert sorted(added) == [False, True, True]
    await empty.restore(tmp_path / "b")
    assert await empty.files() == {key: content for key, content in FILES.items() if not key.endswith("a_B-1")}


async def test_standard_output_carries_the_same(source: Place, empty: Place, tmp_path: Path, capfdbinary: Any) -> None:
    await source.put(FILES)
    assert (await saving.write(source.settings, "-")).startswith("Written: ")
    (tmp_path / "b").write_bytes(capfdbinary.readouterr().out)
    await empty.restore(tmp_path / "b")
    assert await empty.contents() == await source.contents()


async def test_what_cannot_be_written_to_is_named(source: Place, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no file"):
        await source.back_up(tmp_path)
    with pytest.raises(Refused, match="No such file or directory"):
        await source.back_up(tmp_path / "nowhere" / "b")
