"""Where old changes were taken out of the log, what looks back says from when on it knows everything."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from taskapi.core.clock import utc_now
from taskapi.core.fields import rfc3339
from tests.changes.lives import ok
from tests.support.answers import problem
from tests.support.factory import Factory, MadeProject

WEB_1, WEB = "/tasks/WEB-1", "/projects/WEB"
COMMENTS = f"{WEB_1}/comments"


@pytest.fixture(autouse=True)
async def task(make: Factory, web: MadeProject) -> dict[str, Any]:
    return await make.task(web)


async def cut(tables: Any) -> str:
    """Take away all that was told so far, as the sweep does; when the latest of it happened."""
    gone = "WITH gone AS (DELETE FROM events RETURNING xid, seq, at), last AS (SELECT max(at) AS at FROM gone)"
    at: datetime = await tables.fetchval(
        f"{gone} INSERT INTO log_floor (xid, seq, at) SELECT xid, seq, last.at FROM gone, last"
        " ORDER BY xid DESC, seq DESC LIMIT 1 RETURNING at"
    )
    return rfc3339(at)


async def complete_since(client: httpx.AsyncClient, path: str) -> object:
    return (await ok(client, "GET", path))["complete_since"]


async def test_who_has_the_whole_log_has_everything(owner: httpx.AsyncClient) -> None:
    comment = await ok(owner, "POST", COMMENTS, {"body": "one"})
    for path in (f"{WEB_1}/history", f"{WEB}/history", f"{COMMENTS}/{comment['id']}/revisions"):
        assert await complete_since(owner, path) is None


async def test_histories_and_revisions_say_from_when_on_they_are_complete(
    owner: httpx.AsyncClient, tables: Any
) -> None:
    old = await ok(owner, "POST", COMMENTS, {"body": "one"})
    since = await cut(tables)
    path = f"{COMMENTS}/{old['id']}"
    nothing = await ok(owner, "GET", f"{path}/revisions")
    assert (nothing["items"], nothing["complete_since"]) == ([], since)
    await ok(owner, "PATCH", path, {"body": "two"})
    revisions = await ok(owner, "GET", f"{path}/revisions")
    assert [one["body"] for one in revisions["items"]] == ["two"]
    for there in (f"{path}/revisions", f"{WEB_1}/history", f"{WEB}/history"):
        assert await complete_since(owner, there) == since


async def test_what_was_made_later_is_complete(
    make: Factory, web: MadeProject, owner: httpx.AsyncClient, tables: Any
) -> None:
    since = await cut(tables)
    await make.task(web)
    young = await ok(owner, "POST", COMMENTS, {"body": "one"})
    assert await complete_since(owner, "/tasks/WEB-2/history") is None
    assert await complete_since(owner, f"{COMMENTS}/{young['id']}/revisions") is None
    assert await complete_since(owner, f"{WEB_1}/history") == since


@pytest.mark.parametrize("path", [WEB_1, WEB])
async def test_a_moment_that_the_log_does_not_know_is_told_apart_from_one_before_it_was_made(
    owner: httpx.AsyncClient, tables: Any, path: str
) -> None:
    early = {"at": rfc3339(utc_now() - timedelta(days=1))}
    before = await owner.get(f"/api/v1{path}", params=early)
    assert problem(before) == (404, "not_found")
    assert "complete_since" not in before.json()
    since = await cut(tables)
    gone = await owner.get(f"/api/v1{path}", params=early)
    assert problem(gone) == (404, "not_found")
    assert gone.json()["complete_since"] == since
