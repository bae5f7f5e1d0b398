"""Somebody new opens /docs, signs in, and tries routes out as they stand; /redoc is read; nothing fails."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.adversity.serving import Service
from tests.test_examples import EXAMPLES, NEED_AN_ID

_TAGS = {"projects", "tasks"}
_WHILE_REDOC_DRAWS = 180_000
# How often each is tried, in an order in which the steps before have made what the next one needs.
JOURNEY = {
    # Once: the key or the name of the example is taken then.
    "create_project": 1,
    "create_status": 1,
    "create_label": 1,
    "create_task": 2,
    "move_task": 2,
    "complete_task": 2,
    "reopen_task": 2,
    "delete_task": 1,
    "restore_task": 1,
    "delete_project": 1,
    "restore_project": 1,
}


def posts(document: dict[str, Any]) -> set[str]:
    return {
        operations["post"]["operationId"]
        for operations in document["paths"].values()
        if "post" in operations and _TAGS & set(operations["post"]["tags"])
    }


@pytest.fixture
async def complaints(page: Page) -> AsyncIterator[list[str]]:
    """What the page says went wrong, and what it asked others for."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda request: found.append(request.url) if "127.0.0.1" not in request.url else None)
    yield found
    assert [complaint for complaint in found if not complaint.startswith(("data:", "blob:"))] == []


@pytest.fixture
def document(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{service.url}/openapi.json").json()
    return found


@pytest.fixture
def account(service: Service, document: dict[str, Any]) -> dict[str, str]:
    """Made by the body that the document shows for it."""
    body: dict[str, str] = document["components"]["schemas"]["Register"]["examples"][0]
    assert httpx.post(f"{service.url}/api/v1/auth/register", json=body).status_code == 201
    return body


async def authorize(page: Page, account: dict[str, str]) -> None:
    await page.locator(".auth-wrapper .authorize").first.click()
    dialog = page.locator(".auth-container", has_text="OAuth2PasswordBearer")
    await dialog.locator("#oauth_username").fill(account["username"])
    await dialog.locator("#oauth_password").fill(account["password"])
    await dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
    await expect(dialog.get_by_role("button", name="Remove authorization")).to_be_visible()
    await page.locator(".dialog-ux .btn-done").first.click()


async def leave_open(page: Page, tags: set[str]) -> None:
    """The others are closed: with all of them the page takes seconds for each click."""
    for section in await page.locator("h3.opblock-tag").all():
        if await section.get_attribute("data-tag") not in tags:
            await section.click()


async def try_out(page: Page, operation: str, times: int) -> list[str]:
    """The statuses of the answers to the request that stands there. Closed again, for open ones make the page slow."""
    block = page.locator(f".opblock[id$='-{operation}']")
    heading = block.locator(".opblock-summary-control")
    status = block.locator(".live-responses-table .response .response-col_status")
    await heading.click()
    await block.locator(".try-out__btn").click()
    found = []
    for _ in range(times):
        await block.locator(".execute").click()
        await expect(status).to_have_text(re.compile(r"\d{3}"))
        found.append((await status.inner_text()).split()[0])
        await block.locator(".btn-clear").click()
        await expect(status).to_have_count(0)
    await heading.click()
    return found


async def test_every_post_of_projects_and_tasks_succeeds_as_it_stands(
    service: Service, page: Page, document: dict[str, Any], account: dict[str, str], complaints: list[str]
) -> None:
    assert posts(document) <= {*JOURNEY, *EXAMPLES, *NEED_AN_ID}, "try it here, or in tests/test_examples.py"
    await page.goto(f"{service.url}/docs")
    await authorize(page, account)
    await leave_open(page, _TAGS)
    for operation, times in JOURNEY.items():
        statuses = await try_out(page, operation, times)
        assert [status for status in statuses if status[0] != "2"] == [], operation


async def test_redoc_asks_nobody_else_for_anything(service: Service, page: Page, complaints: list[str]) -> None:
    await page.goto(f"{service.url}/redoc")
    # ReDoc draws every operation before it shows one: seconds on an idle machine, and many on a busy one.
    heading = page.get_by_role("heading", name="Sign in with a username or e-mail")
    await expect(heading).to_be_visible(timeout=_WHILE_REDOC_DRAWS)
    await page.wait_for_load_state("networkidle")
