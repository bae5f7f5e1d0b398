"""A project with two people, and one of its tasks that is open on the page."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person
from tests.support.open_tasks import Ask
from tests.support.pages import Complaints


@pytest.fixture(scope="module")
async def shop(people: Factory) -> MadeProject:
    return await people.project(await people.user("olga", full_name="Olga Ivanova"), key="WEB", name="Web shop")


@pytest.fixture(scope="module")
async def editor(people: Factory, shop: MadeProject) -> Person:
    return await people.member(shop, ProjectRole.EDITOR, await people.user("emil", full_name="Emil Berg"))


@pytest.fixture
async def ask(service: Service, shop: MadeProject) -> AsyncIterator[Ask]:
    """The API as the project's owner uses it."""
    async with httpx.AsyncClient(base_url=f"{service.url}/api/v1", headers=shop.owner.headers) as client:

        async def asked(method: str, path: str, **body: Any) -> Any:
            response = await client.request(method, path, json=body or None)
            response.raise_for_status()
            return response.json() if response.content else None

        yield asked


@pytest.fixture
async def task(people: Factory, shop: MadeProject) -> dict[str, Any]:
    return await people.task(shop, "Fix the login")


@pytest.fixture
async def opened(page: Page, service: Service, editor: Person, task: dict[str, Any], flawless: Complaints) -> Page:
    """The page of the task, for an editor."""
    await pages.sign_in(page, service.url, editor)
    await page.goto(f"{service.url}/tasks/{task['key']}")
    await expect(page.get_by_role("heading", name="Fix the login", level=1)).to_be_visible()
    return page
