"""A cursor says nothing to whoever reads it in a log, however long what it stands for."""

import base64

import httpx
import pytest

from tests.support.answers import problem, titles
from tests.support.factory import Factory, MadeProject

TASKS = "/api/v1/projects/WEB/tasks"


async def test_a_cursor_hides_what_the_list_is_sorted_by(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for title in ("Alpha plans", "Beta plans"):
        await make.task(web, title)
    first, again = [await owner.get(TASKS, params={"sort": "title", "limit": 1}) for _ in range(2)]
    cursor = first.json()["next_cursor"]
    assert b"lpha" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).lower()
    assert again.json()["next_cursor"] != cursor, "equal positions would be told by equal cursors"
    assert titles(await owner.get(TASKS, params={"sort": "title", "cursor": cursor})) == ["Beta plans"]


@pytest.mark.parametrize("cursor", ["", "A", "AAAA", "é", "-" * 4000, base64.urlsafe_b64encode(b'["x","y"]').decode()])
async def test_what_is_no_cursor_of_ours_is_a_400(cursor: str, owner: httpx.AsyncClient) -> None:
    assert problem(await owner.get(TASKS, params={"cursor": cursor})) == (400, "invalid_cursor")


async def test_the_longest_title_has_a_cursor_that_is_taken(
    web: MadeProject, owner: httpx.AsyncClient, make: Factory
) -> None:
    for last in "ab":
        await make.task(web, "🚀" * 499 + last)
    first = await owner.get(TASKS, params={"sort": "title", "limit": 1})
    second = await owner.get(TASKS, params={"sort": "title", "limit": 1, "cursor": first.json()["next_cursor"]})
    assert titles(first) + titles(second) == ["🚀" * 499 + last for last in "ab"]
