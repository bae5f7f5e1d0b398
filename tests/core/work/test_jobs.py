"""Jobs are stored with the change that caused them or not at all, with arguments that are right."""

import asyncio
import json
import os
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from pgqueuer import AsyncpgDriver, Queries
from pydantic import ValidationError

from taskapi.core.db.database import unit_of_work
from taskapi.core.mail.mailers import ConsoleMailer
from taskapi.core.work.jobs import JobContext, JobPriority, job
from taskapi.settings import Settings
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.factory import Factory

pytestmark = pytest.mark.slow

_ROWS = "SELECT *, execute_after - created AS delay FROM jobs.pgqueuer ORDER BY id"


@job("tests.greet", priority=JobPriority.URGENT)
async def greet(context: JobContext, *, user_id: UUID, words: list[str], loud: bool = False) -> None:
    greetings.append((user_id, words, loud))


greetings: list[tuple[UUID, list[str], bool]] = []


class Regret(Exception):
    """After the job was enqueued."""


async def test_a_job_is_stored_with_its_arguments_and_priority(app: FastAPI, tables: Any) -> None:
    somebody = uuid4()
    async with unit_of_work(app.state.parts.database) as session:
        await greet.enqueue(session, user_id=somebody, words=["good", "morning"])
    [row] = await tables.fetch(_ROWS)
    assert (row["entrypoint"], row["priority"], row["status"]) == ("tests.greet", 20, "queued")
    assert json.loads(row["payload"]) == {"user_id": str(somebody), "words": ["good", "morning"], "loud": False}
    assert row["delay"] == timedelta(0)


_STORED = """
SELECT to_jsonb(job) - 'id' AS job, to_jsonb(entry) - '{id,job_id}'::text[] AS entry
FROM jobs.pgqueuer AS job JOIN jobs.pgqueuer_log AS entry ON entry.job_id = job.id ORDER BY job.id"""


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(days=2, milliseconds=5)])
async def test_what_is_stored_is_to_the_byte_what_the_engine_would_store(
    app: FastAPI, tables: Any, delay: timedelta
) -> None:
    """All in one transaction, in which it is always the same time."""
    somebody = uuid4()
    async with unit_of_work(app.state.parts.database) as session:
        await greet.enqueue_in(session, delay, user_id=somebody, words=["ä", '"'])
    payload = await tables.fetchval("SELECT payload FROM jobs.pgqueuer")
    await Queries(AsyncpgDriver(tables)).enqueue("tests.greet", payload, 20, delay or None)
    ours, the_engines = map(dict, await tables.fetch(_STORED))
    assert ours == the_engines
    assert payload == greet.arguments(user_id=somebody, words=["ä", '"']).model_dump_json().encode()


_ENQUEUES = """
import asyncio, sys
from taskapi.core.db.database import unit_of_work
from taskapi.core.mail.sending import send_mail
from taskapi.main import create_app
from taskapi.settings import Settings

async def main():
    app = create_app(Settings())
    async with unit_of_work(app.state.parts.database) as session:
        await send_mail.enqueue(session, template="verify_email", to="maria@example.com", values={})
    await app.state.parts.database.dispose()
    app.state.parts.passwords.close()

asyncio.run(main())
print([name for name in ("pgqueuer", "jinja2", "aiosmtplib") if name in sys.modules])
"""


async def test_a_process_that_only_enqueues_does_not_import_what_works_jobs_off(
    database_url: str,
) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _ENQUEUES),
        env={**os.environ, "TASKAPI_DATABASE_URL": database_url},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await program.communicate()
    assert out.decode().strip() == "[]"


async def test_it_runs_with_what_was_stored(app: FastAPI, tables: Any) -> None:
    somebody = uuid4()
    async with unit_of_work(app.state.parts.database) as session:
        await greet.enqueue(session, user_id=somebody, words=["hello"], loud=True)
    [row] = await tables.fetch(_ROWS)
    await greet.perform(JobContext(app.state.parts.database, Settings(), ConsoleMailer()), row["payload"])
    assert greetings == [(somebody, ["hello"], True)]


async def test_it_may_wait_for_a_while(app: FastAPI, tables: Any) -> None:
    async with unit_of_work(app.state.parts.database) as session:
        await greet.enqueue_in(session, timedelta(hours=2), user_id=uuid4(), words=[])
    [row] = await tables.fetch(_ROWS)
    assert row["delay"] == timedelta(hours=2)


async def test_a_transaction_that_is_rolled_back_enqueues_nothing(app: FastAPI, tables: Any) -> None:
    async def regret() -> None:
        async with unit_of_work(app.state.parts.database) as session:
            await greet.enqueue(session, user_id=uuid4(), words=[])
            raise Regret

    with pytest.raises(Regret):
        await regret()
    assert await tables.fetch(_ROWS) == []


async def test_neither_does_a_savepoint_that_is_rolled_back(app: FastAPI, tables: Any) -> None:
    async with unit_of_work(app.state.parts.database) as session:
        driver = await session.open()
        await greet.enqueue(session, user_id=uuid4(), words=["kept"])
        await driver.execute("SAVEPOINT inner_one")
        await greet.enqueue(session, user_id=uuid4(), words=["regretted"])
        await driver.execute("ROLLBACK TO SAVEPOINT inner_one")
    [row] = await tables.fetch(_ROWS)
    assert json.loads(row["payload"])["words"] == ["kept"]


async def test_a_request_that_is_refused_enqueues_nothing(make: Factory, client_for: ClientFor, tables: Any) -> None:
    """The mail of a registration goes with the account; there is none for the one that came second."""
    await make.user("maria")
    await tables.execute("DELETE FROM jobs.pgqueuer")
    account = {"username": "maria", "email": "second@example.com", "password": "correct horse battery"}
    assert problem(await client_for(None).post("/api/v1/auth/register", json=account))[0] == 409
    assert await tables.fetch(_ROWS) == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"words": []},
        {"user_id": "nobody", "words": []},
        {"user_id": uuid4(), "words": "good morning"},
        {"user_id": uuid4(), "words": [], "sound": 11},
    ],
    ids=["missing", "no UUID", "no list", "unknown"],
)
async def test_arguments_that_are_wrong_are_not_stored(app: FastAPI, tables: Any, arguments: dict[str, Any]) -> None:
    async with unit_of_work(app.state.parts.database) as session:
        with pytest.raises(ValidationError):
            await greet.enqueue(session, **arguments)
    assert await tables.fetch(_ROWS) == []


def test_arguments_without_a_name_are_refused_where_the_job_is_declared() -> None:
    """`enqueue` could only drop them."""

    async def shout(context: JobContext, word: str = "") -> None:
        greetings.append((uuid4(), [word], True))

    with pytest.raises(TypeError, match="put \\* before them"):
        job("tests.shout")(shout)
