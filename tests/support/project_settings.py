"""How a project is set up, as people see it: parts, each with its lists."""

from playwright.async_api import Locator, Page, expect

from tests.adversity.serving import Service
from tests.support.factory import MadeProject


async def open_part(page: Page, service: Service, project: MadeProject, part: str) -> None:
    await page.goto(f"{service.url}/projects/{project.key}/settings/{part}")
    await expect(page.get_by_role("heading", level=2).first).to_be_visible()


def rows(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name=name, exact=True).get_by_role("listitem")
