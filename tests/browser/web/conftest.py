"""What is open on the page: a task of a project with two people, the settings of another, a board of three tasks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import boards, pages
from tests.support.boards import card
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


@pytest.fixture
async def project(page: Page, service: Service, people: Factory, flawless: Complaints) -> MadeProject:
    """Of somebody who is signed in."""
    project = await people.project(name="Garden")
    await pages.sign_in(page, service.url, project.owner)
    return project


@pytest.fixture
async def owned(people: Factory) -> MadeProject:
    return await people.project(await people.user(full_name="Ana Lima"))


@pytest.fixture
async def board(page: Page, service: Service, people: Factory, owned: MadeProject, flawless: Complaints) -> Page:
    """Of a project whose owner is signed in, with the tasks a, b and c to do."""
    for title in ("a", "b", "c"):
        await people.task(owned, title)
    await boards.opened(page, service, owned)
    await expect(card(page, "c")).to_be_visible()
    return page
