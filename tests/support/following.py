"""Until what was written is settled, and where a client stands then."""

import asyncio
from contextlib import suppress
from typing import Any

import httpx

from taskapi.core.db.statements import One, prepare_text
from taskapi.core.errors import Unavailable
from tests.support.factory import Factory

CHANGES = "/api/v1/changes"
_NEWEST = prepare_text("SELECT coalesce(max(xid)::text::bigint, 0) FROM events", row=One[int])


async def settled(live: Factory) -> None:
    """Until no transaction of anybody else holds up what was written, such as those of other tests on this server."""
    parts = live.app.state.parts
    while True:
        with suppress(Unavailable):  # a connection of the pool may have been killed by the test
            async with parts.database.autocommit() as session:
                end = await parts.tail.settle(session)
                if end.xid > await session.only_value(_NEWEST):
                    return
        await asyncio.sleep(0.02)


async def now(live: Factory, client: httpx.AsyncClient, **params: Any) -> str:
    await settled(live)
    answer = await client.get(CHANGES, params=params)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert (page["items"], page["has_more"]) == ([], False)
    return str(page["next_cursor"])


async def since(client: httpx.AsyncClient, cursor: str, **params: Any) -> list[dict[str, Any]]:
    """All that came after a cursor, page by page."""
    items: list[dict[str, Any]] = []
    more = True
    while more:
        answer = await client.get(CHANGES, params={"since": cursor, **params})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        cursor, more = page["next_cursor"], page["has_more"]
    return items


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return [item["kind"] for item in items]
