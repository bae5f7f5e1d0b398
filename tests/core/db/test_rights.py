"""A role that may not do what the service does is told so in a line, with what to do about it."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from tests.adversity.observing import execute
from tests.conftest import SECRET_KEY
from tests.support import databases
from tests.support.databases import Template
from tests.support.shell import Shell

pytestmark = pytest.mark.slow
ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


@pytest.fixture
def database_url(database_url: str) -> str:
    """Past a pooler: it knows but one role."""
    return databases.past_pooler(database_url)


@pytest.fixture
async def role(server: str) -> AsyncIterator[str]:
    """Somebody who may connect, and nothing else."""
    name = f"norights_{uuid4().hex[:8]}"
    await execute(server, f"CREATE ROLE {name} LOGIN PASSWORD 'none'")
    yield name
    await execute(server, f"DROP ROLE {name}")


def seen_by(role: str, url: str) -> str:
    return make_url(url).set(username=role, password="none").render_as_string(hide_password=False)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "doctor"])
async def test_a_role_without_rights_is_told_so_by_every_command(
    shell: Shell, database_url: str, role: str, command: str
) -> None:
    done = shell.run(command, DATABASE_URL=seen_by(role, database_url), TASKAPI_SECRET_KEY=SECRET_KEY)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert f"the role {role} lacks a right in the database (permission denied for table alembic_version)" in said
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, jobs TO "{role}"' in said
    if command != "doctor":
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)


async def test_who_may_not_make_tables_is_told_how_to_migrate(shell: Shell, template: Template, role: str) -> None:
    async with template.empty() as url:
        done = shell.run("migrate", DATABASE_URL=seen_by(role, url))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "permission denied for schema public" in done.stderr
    assert f'ALTER DATABASE "{make_url(url).database}" OWNER TO' in done.stderr


async def test_a_single_table_is_missed_before_the_first_request_needs_it(
    shell: Shell, database_url: str, role: str
) -> None:
    await execute(
        database_url,
        f"GRANT USAGE ON SCHEMA jobs TO {role}",
        f"GRANT {ALL_RIGHTS} ON ALL TABLES IN SCHEMA public, jobs TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO {role}",
        f"REVOKE UPDATE ON tasks FROM {role}",
        f"REVOKE UPDATE, DELETE ON events FROM {role}",
        "CREATE TABLE of_somebody_else (number int)",
    )
    known = {"DATABASE_URL": seen_by(role, database_url), "TASKAPI_SECRET_KEY": SECRET_KEY}
    refused = shell.run("serve", **known)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"the role {role} may not read and write public.tasks: " in refused.stderr
    report = json.loads(shell.run("doctor", "--json", **known).stdout)
    assert {check["check"] for check in report["checks"] if not check["ok"]} == {"rights"}
    await execute(database_url, f"GRANT UPDATE ON tasks TO {role}")
    assert shell.run("worker", "--once", **known).returncode == 0
    await execute(database_url, f"DROP OWNED BY {role}")


async def test_a_sequence_that_jobs_are_numbered_by_is_missed(shell: Shell, database_url: str, role: str) -> None:
    """Without it nothing could be mailed, and the first to notice would be whoever waits for a link."""
    await execute(
        database_url,
        f"GRANT USAGE ON SCHEMA jobs TO {role}",
        f"GRANT {ALL_RIGHTS} ON ALL TABLES IN SCHEMA public, jobs TO {role}",
    )
    known = {"DATABASE_URL": seen_by(role, database_url), "TASKAPI_SECRET_KEY": SECRET_KEY}
    refused = shell.run("serve", **known)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "jobs.pgqueuer_id_seq" in refused.stderr
    assert "GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs" in refused.stderr
    await execute(database_url, f"DROP OWNED BY {role}")
