"""The board of a project as people see it: columns are regions, cards are articles."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person


async def opened(page: Page, service: Service, project: MadeProject, person: Person | None = None) -> None:
    """For whoever owns the project, unless it is for somebody else."""
    await pages.sign_in(page, service.url, person or project.owner)
    await page.goto(f"{service.url}/projects/{project.key}/board")
    await expect(column(page, "To do")).to_be_attached()


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def card(where: Page | Locator, title: str) -> Locator:
    return where.get_by_role("article", name=title, exact=True)


async def titles(where: Locator) -> list[str | None]:
    return [await one.get_attribute("aria-label") for one in await where.get_by_role("article").all()]


async def asked(people: Factory, person: Person, method: str, path: str, **body: Any) -> Any:
    """What the API answers to somebody beside the page."""
    async with people.client(person) as client:
        response = await client.request(method, f"/api/v1{path}", json=body or None)
        response.raise_for_status()
        return response.json() if response.content else None


async def stored(people: Factory, person: Person, key: str) -> dict[str, Any]:
    found: dict[str, Any] = await asked(people, person, "GET", f"/tasks/{key}")
    return found


async def drag(page: Page, what: Locator, to: Locator) -> None:
    """To the lower end of a column."""
    box, goal = await what.bounding_box(), await to.bounding_box()
    assert box is not None
    assert goal is not None
    await page.mouse.move(box["x"] + 40, box["y"] + 30)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 50, box["y"] + 40, steps=3)
    await page.mouse.move(
        goal["x"] + goal["width"] / 2, goal["y"] + max(goal["height"] - 60, goal["height"] / 2), steps=8
    )
    await page.mouse.up()
