"""`taskapi user …`: what administrators do, from a shell, with the same rules and the same traces."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import pytest
from typer.testing import CliRunner

from taskapi import cli
from taskapi.core.observing import logs
from taskapi.core.refused import Refused
from taskapi.models import ProjectRole
from tests.support.api_tokens import pass_time
from tests.support.authenticator import set_up
from tests.support.databases import connect, ways_to
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.shell import Shell

pytestmark = pytest.mark.slow

NEW_PASSWORD = "quite another horse"


@dataclass(frozen=True)
class Said:
    exit_code: int
    output: str
    refusal: str = ""


Command = Callable[..., Awaitable[Said]]


@pytest.fixture
def taskapi(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on `live`'s database, in this process and a loop of its own."""
    environment = {**ways_to(database_url), "TASKAPI_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
    # Loggers keep the stream of their first line, and this command's ends with it.
    monkeypatch.setattr(logs, "configure", lambda *_: None)

    def run(arguments: tuple[str, ...], settings: dict[str, str]) -> Said:
        result = CliRunner().invoke(cli.app, ["user", *arguments], env=environment | settings)
        if isinstance(result.exception, Refused):
            return Said(result.exception.exit_code, result.stdout, str(result.exception))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Said(result.exit_code, result.stdout)

    async def taskapi(*arguments: str, **settings: str) -> Said:
        return await asyncio.to_thread(run, arguments, settings)

    return taskapi


@pytest.fixture
async def ana(live: Factory) -> Person:
    return await live.user("ana", full_name="Ana Díaz")


async def acts(database_url: str, user_id: UUID) -> list[asyncpg.Record]:
    """What the log tells of an account since it was made, and by whom."""
    connection = await connect(database_url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(
            "SELECT kind, actor_kind, actor_id FROM events WHERE subject_id = $1 ORDER BY xid, seq", user_id
        )
    finally:
        await connection.close()
    assert rows[0]["kind"] == "user.registered"
    return rows[1:]


async def rename(database_url: str, person: Person, username: str) -> None:
    connection = await connect(database_url)
    await connection.execute("UPDATE users SET username = $1 WHERE id = $2", username, person.id)
    await connection.close()


async def status_of(live: Factory, person: Person) -> int:
    async with live.client(person) as client:
        return (await client.get("/api/v1/users/me")).status_code


async def login(live: Factory, username: str, password: str) -> int:
    async with live.client() as client:
        body = {"username": username, "password": password}
        return (await client.post("/api/v1/auth/login", json=body)).status_code


async def test_lists_everybody_by_name(taskapi: Command, live: Factory, ana: Person) -> None:
    await live.user("Zoe", admin=True)
    await live.user("bo")
    said = await taskapi("list")
    assert [line.split()[:4] for line in said.output.splitlines()] == [
        ["username", "email", "role", "state"],
        ["ana", "ana@example.com", "user", "active"],
        ["bo", "bo@example.com", "user", "active"],
        ["Zoe", "zoe@example.com", "admin", "active"],
    ]
    found = json.loads((await taskapi("list", "--json", "--search", "ana")).output)
    assert [(person["id"], person["full_name"]) for person in found] == [(str(ana.id), "Ana Díaz")]


async def test_lists_more_people_than_one_page_holds(
    taskapi: Command, database_url: str, monkeypatch: pytest.MonkeyPatch, live: Factory
) -> None:
    monkeypatch.setattr("taskapi.cli.user.acts.MAX_LIMIT", 2)
    for name in ("ana", "bo", "cy", "di", "ed"):
        await live.user(name)
    found = json.loads((await taskapi("list", "--json")).output)
    assert [person["username"] for person in found] == ["ana", "bo", "cy", "di", "ed"]


async def test_lists_only_those_who_were_asked_for(taskapi: Command, live: Factory, ana: Person) -> None:
    await live.user("root", admin=True)
    await taskapi("disable", "ana")

    async def names(*options: str) -> list[str]:
        return [person["username"] for person in json.loads((await taskapi("list", "--json", *options)).output)]

    assert await names("--role", "admin") == ["root"]
    assert await names("--disabled") == ["ana"]
    assert await names("--active") == ["root"]


@pytest.mark.parametrize("text", ["", "x" * 201, "a\nb"])
async def test_what_nobody_can_be_called_is_refused_in_a_line(taskapi: Command, live: Factory, text: str) -> None:
    said = await taskapi("list", "--search", text)
    assert (said.exit_code, said.refusal) == (2, "--search takes one line of up to 200 characters")


@pytest.mark.parametrize("name", ["ana", "ANA", "ana@example.com", "Ana@Example.com"])
async def test_shows_somebody_by_name_or_address(taskapi: Command, ana: Person, name: str) -> None:
    shown = json.loads((await taskapi("show", name, "--json")).output)
    assert (shown["id"], shown["email"], shown["role"]) == (str(ana.id), "ana@example.com", "user")
    assert "password" not in json.dumps(shown)


async def test_shows_somebody_by_id_in_lines(taskapi: Command, ana: Person) -> None:
    lines = (await taskapi("show", str(ana.id))).output.splitlines()
    assert {"username        ana", "full_name       Ana Díaz", "is_active       True"} <= set(lines)


async def test_an_authenticator_app_is_taken_off(
    taskapi: Command, live: Factory, ana: Person, database_url: str
) -> None:
    async with live.client(ana) as mine:
        await set_up(mine)
    assert await login(live, "ana", PASSWORD) == 401
    assert (await taskapi("totp-off", "ana")).output == "ana signs in without an authenticator app\n"
    assert await login(live, "ana", PASSWORD) == 200
    told = await acts(database_url, ana.id)
    assert [(row["kind"], row["actor_kind"]) for row in told][-1] == ("user.totp_disabled", "system")


async def test_a_change_of_address_is_undone(taskapi: Command, live: Factory, ana: Person, database_url: str) -> None:
    async with live.client(ana) as mine:
        change = {"email": "thief@example.com", "current_password": PASSWORD}
        assert (await mine.patch("/api/v1/users/me", json=change)).status_code == 200
    assert (await taskapi("undo-email-change", "ana")).exit_code == 0
    pass_time(live.app)
    assert await status_of(live, ana) == 401
    told = [(row["kind"], row["actor_kind"]) for row in await acts(database_url, ana.id)]
    assert ("user.email_change_undone", "system") in told


async def test_disabled_is_out_and_enabled_may_come_back(
    taskapi: Command, live: Factory, ana: Person, database_url: str
) -> None:
    assert (await taskapi("disable", "ana")).output == "ana is disabled, and signed out everywhere\n"
    assert await status_of(live, ana) == 401
    assert (await taskapi("enable", "ana")).output == "ana can sign in\n"
    assert await status_of(live, ana) == 401  # what has ended stays so
    told = await acts(database_url, ana.id)
    assert [row["kind"] for row in told] == ["user.updated", "user.updated"]
    assert {(row["actor_kind"], row["actor_id"]) for row in told} == {("system", None)}


async def test_a_role_is_given_and_taken(taskapi: Command, live: Factory, ana: Person) -> None:
    assert (await taskapi("role", "ana", "admin")).output == "ana is an administrator\n"
    async with live.client(ana) as client:
        assert (await client.get("/api/v1/auth/validate-admin")).status_code == 200
    await live.user("root", admin=True)
    assert (await taskapi("role", "ana", "user")).output == "ana is an ordinary user\n"


@pytest.mark.usefixtures("ana")
async def test_a_role_that_there_is_not_is_a_mistake(taskapi: Command) -> None:
    assert (await taskapi("role", "ana", "emperor")).exit_code == 2


@pytest.mark.parametrize("act", [("disable",), ("role", "user"), ("delete", "--yes")])
async def test_the_last_administrator_stays(
    taskapi: Command, live: Factory, act: tuple[str, ...], database_url: str
) -> None:
    root = await live.user("root", admin=True)
    said = await taskapi(act[0], "root", *act[1:])
    assert (said.exit_code, said.output) == (1, "")
    assert said.refusal == "There would be no administrator left: Make somebody else an administrator first"
    assert await status_of(live, root) == 200
    assert await acts(database_url, root.id) == []


async def test_signed_out_everywhere(taskapi: Command, live: Factory, ana: Person, database_url: str) -> None:
    assert (await taskapi("sign-out", "ana")).exit_code == 0
    assert await status_of(live, ana) == 401
    connection = await connect(database_url)
    ended = await connection.fetch("SELECT actor_kind, actor_id FROM events WHERE kind = 'session.ended'")
    await connection.close()
    assert [tuple(row) for row in ended] == [("system", None)]


async def test_a_deleted_account_is_gone(taskapi: Command, live: Factory, ana: Person, database_url: str) -> None:
    assert (await taskapi("delete", "ana", "--yes")).output == "ana is deleted\n"
    assert await status_of(live, ana) == 401
    assert (await taskapi("show", "ana")).refusal == "there is no user ana"
    assert (await taskapi("show", str(ana.id))).exit_code == 1
    assert [tuple(row) for row in await acts(database_url, ana.id)] == [("user.deleted", "system", None)]


async def test_deleting_is_asked_for_on_a_terminal(taskapi: Command, live: Factory, ana: Person) -> None:
    said = await taskapi("delete", "ana")
    assert said.exit_code == 2
    assert "--yes" in said.refusal
    assert await status_of(live, ana) == 200


async def test_whoever_owns_a_project_with_others_is_not_deleted(taskapi: Command, live: Factory, ana: Person) -> None:
    project = await live.project(ana, "WEB")
    await live.member(project, ProjectRole.VIEWER)
    said = await taskapi("delete", "ana", "--yes")
    assert (said.exit_code, "WEB" in said.refusal, said.refusal.count("\n")) == (1, True, 0)


@pytest.mark.parametrize("act", [("show",), ("disable",), ("role", "user"), ("sign-out",), ("reset-link",)])
@pytest.mark.parametrize("name", ["nobody", "01890000-0000-7000-8000-000000000000"])
async def test_nobody_is_told_in_one_line(taskapi: Command, live: Factory, act: tuple[str, ...], name: str) -> None:
    said = await taskapi(act[0], name, *act[1:])
    assert (said.exit_code, said.output, said.refusal.count("\n")) == (1, "", 0)
    assert said.refusal


class TestResetLink:
    async def test_sets_a_password_once_and_proves_no_address(
        self, taskapi: Command, live: Factory, ana: Person, database_url: str
    ) -> None:
        said = await taskapi("reset-link", "ana", TASKAPI_PUBLIC_URL="https://tasks.example.org")
        [link] = said.output.splitlines()
        assert link.startswith("https://tasks.example.org/reset-password?token=")
        body = {"token": parse_qs(urlsplit(link).query)["token"][0], "password": NEW_PASSWORD}
        async with live.client() as client:
            assert (await client.post("/api/v1/auth/password/reset", json=body)).status_code == 204
            assert (await client.post("/api/v1/auth/password/reset", json=body)).status_code == 400
        assert await status_of(live, ana) == 401
        assert await login(live, "ana", NEW_PASSWORD) == 200
        assert json.loads((await taskapi("show", "ana", "--json")).output)["email_verified"] is False
        told = await acts(database_url, ana.id)
        assert [(row["kind"], row["actor_kind"]) for row in told] == [
            ("user.password_reset_link_made", "system"),
            ("user.password_reset", "user"),
        ]

    @pytest.mark.usefixtures("ana")
    async def test_is_not_made_for_a_disabled_account(self, taskapi: Command) -> None:
        await taskapi("disable", "ana")
        said = await taskapi("reset-link", "ana")
        assert (said.exit_code, said.output) == (1, "")

    @pytest.mark.usefixtures("ana")
    async def test_needs_the_key_of_the_service(self, taskapi: Command) -> None:
        said = await taskapi("reset-link", "ana", TASKAPI_SECRET_KEY="")
        assert (said.exit_code, said.output) == (2, "")
        assert said.refusal.startswith("TASKAPI_SECRET_KEY is not set")

    @pytest.mark.usefixtures("ana")
    async def test_is_made_with_the_key_that_run_keeps(self, taskapi: Command, tmp_path: Path) -> None:
        (tmp_path / "secret_key").write_text("5e" * 32)
        assert "token=" in (await taskapi("reset-link", "ana", TASKAPI_SECRET_KEY="")).output


async def test_a_process_of_its_own_says_what_was_asked_and_nothing_else(
    live: Factory, ana: Person, database_url: str, tmp_path: Path
) -> None:
    shell = Shell(tmp_path)
    signed_out = await asyncio.to_thread(shell.run, "user", "sign-out", "ana", DATABASE_URL=database_url)
    assert (signed_out.returncode, signed_out.stdout) == (
        0,
        "ana is signed out everywhere; their API tokens are revoked\n",
    )
    assert await status_of(live, ana) == 401
    refused = await asyncio.to_thread(shell.run, "user", "show", "nobody", DATABASE_URL=database_url)
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", "taskapi: there is no user nobody\n")


async def test_without_a_service_there_is_nobody_to_see_to(tmp_path: Path) -> None:
    refused = await asyncio.to_thread(Shell(tmp_path).run, "user", "list")
    assert (refused.returncode != 0, refused.stdout, refused.stderr.count("\n")) == (True, "", 1)


@pytest.mark.parametrize("act", [["disable"], ["delete", "--yes"], ["reset-link"], ["role", "admin"]])
@pytest.mark.parametrize("form", ["{}", "{.hex}"])
async def test_a_name_that_is_somebody_elses_id_is_refused(
    act: list[str], form: str, taskapi: Command, live: Factory, ana: Person, database_url: str
) -> None:
    """Nobody can choose such a name any more; but somebody may have one from before."""
    thief = await live.user("thief")
    name = form.format(ana.id)
    await rename(database_url, thief, name)
    verb, *rest = act
    said = await taskapi(verb, name, *rest)
    assert said.exit_code == 1
    assert said.refusal == f"{name} is the id of one person and the username of another: give an e-mail address"
    for person in (ana, thief):
        assert await status_of(live, person) == 200
        assert all(fact["kind"] == "session.started" for fact in await acts(database_url, person.id))
    assert (await taskapi("disable", "thief@example.com")).exit_code == 0
    found = json.loads((await taskapi("list", "--json", "--disabled")).output)
    assert [person["username"] for person in found] == [name]


async def test_a_name_that_is_nobodys_id_is_a_name(
    taskapi: Command, live: Factory, ana: Person, database_url: str
) -> None:
    await rename(database_url, ana, "01a1fe15-2f19-73f5-b500-e06a3fe08d04")
    assert (await taskapi("disable", "01a1fe15-2f19-73f5-b500-e06a3fe08d04")).exit_code == 0
    assert json.loads((await taskapi("show", ana.email, "--json")).output)["is_active"] is False


async def test_the_shell_makes_no_such_name_either(shell: Shell, database_url: str) -> None:
    options = ("--username", "deleted-x", "--email", "x@example.com", "--password-stdin")
    refused = shell.run("create-admin", *options, DATABASE_URL=database_url)
    assert refused.returncode != 0
    assert "username: must not begin with deleted-" in refused.stderr
