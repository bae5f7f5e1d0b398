"""The command, as processes of its own: it starts, says what it needs to be told, and leaves nothing behind."""

import asyncio
import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import taskapi
from taskapi.cli import contract
from taskapi.core.db import migrations
from taskapi.core.urls import url_of
from taskapi.seed.people import PEOPLE
from taskapi.seed.stories import STORIES
from tests.support.databases import Template, connect
from tests.support.post_office import post_office
from tests.support.redis import RedisServer
from tests.support.shell import Running, Shell, free_port, is_alive, wait_until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
SECRET_KEY = "6d1e1a2b9f0c4d7e8a5b3c6f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a392817"
PASSWORD = "a password of the tests"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, bytecode: Path | None) -> Iterator[tuple[Shell, Running, str]]:
    """`taskapi run` on new data, and its address."""
    shell, port = Shell(tmp_path_factory.mktemp("house"), bytecode), free_port()
    with shell.start("run", "--port", str(port)) as running:
        url = f"http://127.0.0.1:{port}"
        running.wait_for(f"{url}/health/ready")
        yield shell, running, url


def login(url: str, username: str, password: str) -> httpx.Response:
    return httpx.post(f"{url}/api/v1/auth/login", json={"username": username, "password": password})


def postmaster(shell: Shell) -> int:
    return int((shell.data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def printed_password(output: str) -> str:
    found: list[str] = re.findall(r"username admin, password (\S+) \(shown this once\)", output)
    assert len(found) == 1
    return found[0]


def test_help_and_version_import_nothing_heavy(shell: Shell) -> None:
    imported = shell.python("import sys, taskapi.cli; print(*sys.modules)").split()
    assert {"fastapi", "pydantic", "sqlalchemy", "alembic"}.isdisjoint(imported)
    assert shell.run("--version").stdout == f"taskapi {taskapi.__version__}\n"
    listed = shell.run("--help").stdout
    assert all(command in listed for command in ("run", "serve", "worker", "migrate", "create-admin", "doctor", "seed"))


def test_the_committed_contract_is_the_one_that_is_served() -> None:
    assert (ROOT / "openapi.json").read_text(encoding="utf-8") == contract.document(), (
        "write it anew: taskapi openapi -o openapi.json"
    )


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("fe80::1", "http://[fe80::1]:80"),
    ],
)
def test_a_server_that_listens_everywhere_is_found_on_this_machine(host: str, url: str) -> None:
    assert url_of(host, 80) == url


class TestRun:
    def test_prints_where_it_is_and_a_password_that_signs_in(self, house: tuple[Shell, Running, str]) -> None:
        _, running, url = house
        assert f"{url}/api/v1\n" in running.output
        assert f"{url}/docs\n" in running.output
        answer = login(url, "admin", printed_password(running.output))
        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == "admin"

    def test_keeps_its_secret_to_its_owner(self, house: tuple[Shell, Running, str]) -> None:
        shell, _, _ = house
        secret = shell.data_dir / "secret_key"
        assert secret.stat().st_mode & 0o777 == 0o600
        assert len(secret.read_text().strip()) == 64

    def test_refuses_a_second_start_in_one_line(self, house: tuple[Shell, Running, str]) -> None:
        shell, running, _ = house
        second = shell.run("run")
        assert second.returncode == 1
        assert second.stderr.count("\n") == 1
        assert f"is in use by process {running.process.pid}: stop that one first" in second.stderr

    def test_is_well(self, house: tuple[Shell, Running, str]) -> None:
        shell, running, url = house
        running.wait_for_output("worker.started")
        assert shell.run("healthcheck", PORT=url.rpartition(":")[2]).returncode == 0
        assert shell.run("healthcheck", "--worker").returncode == 0
        assert shell.run("healthcheck", "--any", PORT=url.rpartition(":")[2]).returncode == 0
        assert shell.run("healthcheck", "--any", PORT=str(free_port())).returncode == 0
        doctor = shell.run("doctor", "--json")
        report = json.loads(doctor.stdout)
        assert (doctor.returncode, report["ok"]) == (0, True), report
        assert [check["check"] for check in report["checks"]][:4] == ["settings", "secret key", "database", "schema"]

    def test_is_backed_up_as_it_runs_and_comes_back_elsewhere(
        self, house: tuple[Shell, Running, str], tmp_path: Path
    ) -> None:
        shell, running, _ = house
        made = shell.run("backup", str(tmp_path / "b"))
        assert (made.returncode, made.stderr) == (0, "")
        assert f"{tmp_path}/b is whole: " in made.stdout
        in_use = shell.run("restore", str(tmp_path / "b"), "--replace")
        assert in_use.returncode == 1
        assert f"is in use by process {running.process.pid}: stop that one first" in in_use.stderr
        elsewhere = Shell(tmp_path, shell.bytecode)
        restored = elsewhere.run("restore", str(tmp_path / "b"))
        assert restored.returncode == 0, restored.stderr
        assert f": {made.stdout.partition(': ')[2].partition(' at ')[0]}" in restored.stdout
        assert "The secret key is another one than that of the backup" in restored.stdout

    def test_takes_further_administrators(self, house: tuple[Shell, Running, str]) -> None:
        shell, _, url = house
        arguments = ("create-admin", "--username", "second", "--email", "second@example.org", "--password-stdin")
        assert shell.run(*arguments, typed=f"{PASSWORD}\n").returncode == 0
        assert login(url, "second", PASSWORD).json()["user"]["role"] == "admin"
        weak = shell.run(*arguments, typed="password\n")
        assert (weak.returncode, weak.stderr.count("\n")) == (1, 1)

    def test_lets_somebody_whom_no_mail_reaches_set_a_password(self, house: tuple[Shell, Running, str]) -> None:
        """With the secret that only its data directory knows."""
        shell, _, url = house
        arguments = ("create-admin", "--username", "third", "--email", "third@example.org", "--password-stdin")
        assert shell.run(*arguments, typed=f"{PASSWORD}\n").returncode == 0
        made = shell.run("user", "reset-link", "third")
        body = {"token": made.stdout.strip().partition("?token=")[2], "password": "set by a link, once"}
        assert httpx.post(f"{url}/api/v1/auth/password/reset", json=body).status_code == 204
        assert login(url, "third", body["password"]).status_code == 200

    def test_is_seeded_once_however_often_it_is_asked(self, house: tuple[Shell, Running, str]) -> None:
        shell, _, url = house
        # Beside those of the stories four that an import brings.
        tasks = sum(len(story.chores) for story in STORIES) + 4
        assert f"Added {len(PEOPLE)} people, {len(STORIES)} projects and {tasks} tasks" in shell.run("seed").stdout
        second = shell.run("seed").stdout
        assert "Added 0 people, 0 projects and 0 tasks" in second
        token = login(url, PEOPLE[0].username, second.rpartition("password ")[2].strip()).json()["access_token"]
        found = httpx.get(
            f"{url}/api/v1/tasks", params={"overdue": "true"}, headers={"Authorization": f"Bearer {token}"}
        )
        assert {"SITE-15", "RIDE-14"} <= {task["key"] for task in found.json()["items"]}

    def test_ends_whole_keeps_its_data_and_leaves_nobody_behind_when_killed(
        self, tmp_path_factory: pytest.TempPathFactory, bytecode: Path | None
    ) -> None:
        # A short name: the path of a socket has at most 107 bytes.
        shell, port = Shell(tmp_path_factory.mktemp("end"), bytecode), str(free_port())
        url = f"http://127.0.0.1:{port}"
        with shell.start("run", PORT=port) as first:
            first.wait_for(f"{url}/health/ready")
            first.wait_for_output("worker.started")
            family = first.family()
            assert len(family) > 2
            assert first.stop(signal.SIGINT) == 0
            assert not any(is_alive(pid) for pid in family)
            password = printed_password(first.output)
        with shell.start("run", PORT=port) as second:
            second.wait_for(f"{url}/health/ready")
            assert "administrator" not in second.output
            assert login(url, "admin", password).status_code == 200
            second.wait_for_output("worker.started")
            family = second.family()
            second.kill()
            wait_until(lambda: not any(is_alive(pid) for pid in family), "somebody outlived it")

    def test_starts_a_postgres_that_dies_again_and_ends_with_a_line_where_that_does_not_help(
        self, tmp_path_factory: pytest.TempPathFactory, bytecode: Path | None
    ) -> None:
        shell, port = Shell(tmp_path_factory.mktemp("die"), bytecode), free_port()
        url = f"http://127.0.0.1:{port}"
        with shell.start("run", PORT=str(port)) as running:
            running.wait_for(f"{url}/health/ready")
            password = printed_password(running.output)
            for death in (1, 2, 3):
                os.kill(postmaster(shell), signal.SIGKILL)
                wait_until(lambda: running.output.count("postgres.started_again") == death, "nobody started it again")  # noqa: B023 - asked at once
                running.wait_for(f"{url}/health/ready")
                assert running.output.count("postgres.died") == death
            assert login(url, "admin", password).status_code == 200
            family = running.family()
            os.kill(postmaster(shell), signal.SIGKILL)
            wait_until(lambda: running.process.poll() is not None, "it does not end")
            assert running.process.returncode == 1
            last = running.output.splitlines()[-1]
            assert "taskapi: the embedded PostgreSQL died 4 times within 10 minutes: look into" in last
            wait_until(lambda: not any(is_alive(pid) for pid in family), "somebody outlived it")


async def test_migrate_says_what_is_pending_and_does_it(template: Template, shell: Shell) -> None:
    async with template.empty() as url:
        checked = shell.run("migrate", "--check", DATABASE_URL=url)
        assert (checked.returncode, checked.stderr) == (
            3,
            "taskapi: the database has no schema yet: run `taskapi migrate`\n",
        )
        refused = shell.run("serve", DATABASE_URL=url, TASKAPI_SECRET_KEY=SECRET_KEY)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "run `taskapi migrate` first" in refused.stderr
        newest = migrations.newest()
        assert shell.run("migrate", DATABASE_URL=url).stdout == f"The schema went from nothing to {newest}\n"
        again = f"Nothing to do: the schema is at {newest}, as this program needs it\n"
        assert shell.run("migrate", DATABASE_URL=url).stdout == again


async def test_a_schema_newer_than_the_program_is_called_that_and_stops_nobody(shell: Shell, database_url: str) -> None:
    driver = await connect(database_url)
    await driver.execute("UPDATE alembic_version SET version_num = '9999'")
    await driver.close()
    known = {"DATABASE_URL": database_url, "TASKAPI_SECRET_KEY": SECRET_KEY}
    for arguments in (("migrate",), ("migrate", "--check")):
        done = shell.run(*arguments, **known)
        assert (done.returncode, done.stderr) == (0, "")
        assert "Nothing to do: the schema is at 9999, newer than this program" in done.stdout
    checks = {check["check"]: check for check in json.loads(shell.run("doctor", "--json", **known).stdout)["checks"]}
    assert checks["schema"]["ok"]
    assert "newer than this program" in checks["schema"]["detail"]
    worked = shell.run("worker", "--once", **known)
    assert worked.returncode == 0, worked.stderr
    assert "schema.ahead" in worked.stdout
    port = free_port()
    with shell.start("serve", "--port", str(port), **known) as serving:
        ready = serving.wait_for(f"http://127.0.0.1:{port}/health/ready").json()
        assert ready["checks"]["migrations"] == "ahead"
        assert serving.output.count("schema.ahead") == 1
        assert serving.stop() == 0


def test_an_unsafe_start_is_refused_without_a_traceback(shell: Shell) -> None:
    refused = shell.run("serve", TASKAPI_SECRET_KEY="changeme", DATABASE_URL="postgresql://127.0.0.1:1/taskapi")
    assert refused.returncode == 2
    assert refused.stderr == (
        "taskapi: TASKAPI_SECRET_KEY has 8 bytes and needs 32: `openssl rand -hex 32` makes a good one\n"
    )


def test_a_setting_whose_extra_is_not_installed_is_refused_in_a_line(shell: Shell) -> None:
    (shell.folder / "sitecustomize.py").write_text("import sys; sys.modules['redis'] = None")
    known = {"TASKAPI_SECRET_KEY": SECRET_KEY, "REDIS_URL": "redis://127.0.0.1:1", "PYTHONPATH": str(shell.folder)}
    for command, told in (("serve", ""), ("run", "Starting taskapi\n")):
        refused = shell.run(command, **known)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, told, 1)
        assert "TASKAPI_REDIS_URL needs the Redis client: pip install 'taskapi[redis]'" in refused.stderr


def test_a_misspelt_setting_is_named_at_the_start(shell: Shell) -> None:
    known = {
        "TASKAPI_SECRET_KEY": SECRET_KEY,
        "TASKAPI_DATABASE_WIAT": "9",
        "DATABASE_URL": "postgresql://127.0.0.1:1/x",
    }
    for command in ("serve", "worker", "migrate"):
        started = shell.run(command, TASKAPI_DATABASE_WAIT="0", **known)
        said = started.stdout + started.stderr
        assert "setting.unknown" in said
        assert "TASKAPI_DATABASE_WIAT" in said
        assert "TASKAPI_DATABASE_WAIT" in said
        assert "no database at" in said


def test_a_data_directory_that_cannot_be_written_to_is_named(shell: Shell) -> None:
    shell.data_dir.write_text("a file, and no directory")
    refused = shell.run("run")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert f"cannot write to the data directory {shell.data_dir} (" in refused.stderr
    assert "TASKAPI_DATA_DIR" in refused.stderr


def test_the_doctor_names_a_remedy_for_each_failure(shell: Shell) -> None:
    ill = shell.run("doctor", "--json", TASKAPI_SECRET_KEY="changeme", DATABASE_URL="postgresql://127.0.0.1:1/taskapi")
    assert ill.returncode == 1
    remedies = {check["check"]: check["remedy"] for check in json.loads(ill.stdout)["checks"] if not check["ok"]}
    assert remedies.keys() == {"secret key", "database"}
    assert all(remedies.values())


def doctors_report(shell: Shell, **settings: str) -> dict[str, dict[str, Any]]:
    report = json.loads(shell.run("doctor", "--json", **settings).stdout)
    return {check["check"]: check for check in report["checks"]}


def test_the_doctor_asks_the_neighbours(shell: Shell) -> None:
    dead = "127.0.0.1:1"
    ill = doctors_report(
        shell,
        TASKAPI_REDIS_URL=f"redis://:hunter2@{dead}/0",
        TASKAPI_SMTP_URL=f"smtp://postman:hunter2@{dead}",
        TASKAPI_PUBLIC_URL=f"http://{dead}",
        TASKAPI_DATABSE_URL="postgresql://nobody@nowhere/x",
    )
    for check in ("redis", "mail", "public address", "settings"):
        assert not ill[check]["ok"], ill[check]
        assert ill[check]["remedy"]
    assert "did you mean TASKAPI_DATABASE_URL?" in ill["settings"]["detail"]
    assert "hunter2" not in str(ill)
    assert not doctors_report(shell, TASKAPI_PUBLIC_URL="tasks.example.org")["public address"]["ok"]


async def test_the_doctor_finds_neighbours_that_are_well(shell: Shell, house: tuple[Shell, Running, str]) -> None:
    redis = RedisServer()
    redis.start()
    try:
        async with post_office() as office:
            well = await asyncio.to_thread(
                doctors_report,
                shell,
                TASKAPI_REDIS_URL=redis.url,
                TASKAPI_SMTP_URL=office.url,
                TASKAPI_PUBLIC_URL=f"{house[2]}/",
            )
    finally:
        redis.stop()
    for check in ("redis", "mail", "public address"):
        assert well[check]["ok"], well[check]
    assert office.received == []


def test_the_doctor_looks_at_the_disk_of_the_embedded_server_only_where_there_is_one(shell: Shell) -> None:
    production = {"TASKAPI_ENVIRONMENT": "production", "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    assert {"disk space", "data directory"}.isdisjoint(doctors_report(shell, **production))
    assert {"disk space", "data directory"} <= doctors_report(shell).keys()


def test_demo_people_do_not_come_to_production_unasked(shell: Shell) -> None:
    refused = shell.run("seed", TASKAPI_ENVIRONMENT="production")
    assert (refused.returncode, refused.stdout) == (2, "")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_leaves_says_so_and_ends_what_it_has_begun(
    shell: Shell, database_url: str, workers: int
) -> None:
    port = free_port()
    ready = f"http://127.0.0.1:{port}/health/ready"
    arguments = ("serve", "--port", str(port), "--workers", str(workers))
    with shell.start(*arguments, DATABASE_URL=database_url, TASKAPI_SECRET_KEY=SECRET_KEY) as serving:
        serving.wait_for(ready)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(
                b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nContent-Length: 40\r\n\r\n{"
            )
            serving.wait_for(ready)  # by now it has begun to read
            serving.process.send_signal(signal.SIGTERM)
            assert serving.wait_for(ready, 503).json()["status"] == "draining"
            client.sendall(b'"username": "nobody", "password": "none"')
            assert client.recv(100).startswith(b"HTTP/1.1 4")
        assert serving.process.wait(10) == 0
