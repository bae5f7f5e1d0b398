"""A task that is open on the page: its fields by their names, and what of it has reached the service."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Locator, Page

Ask = Callable[..., Awaitable[Any]]


async def until(read: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """What the page shows at once reaches the service a moment later."""
    seen = None
    for _ in range(600):
        seen = await read()
        if seen == wanted:
            return
        await asyncio.sleep(0.05)
    assert seen == wanted


def row(page: Page, name: str) -> Locator:
    return page.locator("dl > div").filter(has=page.get_by_text(name, exact=True))


async def pick(page: Page, field: str, option: str) -> None:
    await row(page, field).get_by_role("button").first.click()
    await page.get_by_role("option", name=option).click()
