"""What a board costs before it is seen: bytes and requests, which are the same on a quick machine and a slow one.

What is measured in milliseconds is measured by `make bench`.
"""

import asyncio
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, Request, expect

from taskapi.web.build import DIST
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject
from tests.support.following import CHANGES, kinds, since
from tests.support.optional import need

pytestmark = pytest.mark.usefixtures("built")

_FIRST_LOAD = 300_000
_LIBRARY = Path(__file__).parents[3] / "web" / "node_modules" / "@mantine" / "core" / "styles.css"
_HASHED = re.compile(r"\bm_[0-9a-f]{5,8}\b")
_API = "/api/v1/"
# Who it is, where the log stands before anything is loaded, and what comes after; what the frame around each page
# shows; and what the project is made of, which all its views share: asked for once, together with the cards.
_BESIDE = (
    *("auth/refresh", "changes", "changes/stream", "projects", "notifications", "projects/KEY", "views"),
    *(f"projects/KEY/{part}" for part in ("statuses", "labels", "members", "fields", "milestones", "cycles")),
)
# Each with a number or a page of its own, and asked for when it comes into sight.
_PARTS = ("attachments", "checklist", "comments", "links")


@pytest.fixture
async def owned(people: Factory, service: Service) -> MadeProject:
    """The service has told of all that made it: else a page may be told as well, and asks for everything once more."""
    owner = await people.user()
    async with httpx.AsyncClient(base_url=service.url, headers=owner.headers) as client:
        before = (await client.get(CHANGES)).json()["next_cursor"]
        project = await people.project(owner)
        for number in range(3):
            await people.task(project, f"Task {number}", status=("todo", "in_progress")[number % 2])
        while kinds(await since(client, before)).count("task.created") < 3:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.05)
    return project


@pytest.fixture
async def signed_in(page: Page, service: Service, owned: MadeProject) -> Page:
    """Nothing is open in it, and nothing under way."""
    await pages.sign_in(page, service.url, owned.owner)
    await page.goto("about:blank")
    return page


async def test_the_first_load_of_a_board_is_small(
    browser: Browser, service: Service, owned: MadeProject, signed_in: Page
) -> None:
    state = await signed_in.context.storage_state()
    context = await browser.new_context(storage_state=state)  # whose cache is empty
    page = await context.new_page()
    await page.goto(f"{service.url}/projects/{owned.key}/board")
    await expect(page.get_by_role("article")).to_have_count(3)
    await page.wait_for_load_state()
    sizes: dict[str, int] = await page.evaluate(
        """() => Object.fromEntries(
            ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
                .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize]))"""
    )
    await context.close()
    loaded = Counter({path: size for path, size in sizes.items() if not path.startswith("/api/")})
    named = "\n".join(f"{size:>8,}  {path}" for path, size in loaded.most_common())
    assert len(loaded) > 2, "nothing was seen to be loaded"
    assert min(loaded.values()) > 0, f"the size of a file is not told:\n{named}"
    assert loaded.total() <= _FIRST_LOAD, f"{loaded.total():,} bytes in {len(loaded)} files:\n{named}"


async def test_one_request_opens_a_board_and_one_a_task(service: Service, owned: MadeProject, signed_in: Page) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.extend(_asked(request, owned.key)))
    # The last that a page asks for, and what the bar at its side does, which is drawn afterwards.
    async with signed_in.expect_request("**/changes/stream*"), signed_in.expect_request("**/notifications*"):
        await signed_in.goto(f"{service.url}/projects/{owned.key}/board")
        await expect(signed_in.get_by_role("article")).to_have_count(3)
    first = Counter(asked)
    assert first.pop("projects/KEY/tasks by status") == 1
    assert first == dict.fromkeys(_BESIDE, 1)

    asked.clear()
    async with signed_in.expect_request("**/comments*"):  # the last part, at the end of the panel
        await signed_in.get_by_role("article", name="Task 1", exact=True).get_by_role("link").click()
        await expect(signed_in.get_by_role("complementary").get_by_role("heading", name="Task 1")).to_be_visible()
    then = Counter(asked)
    task = next(path for path in then if re.fullmatch(r"tasks/KEY-\d+", path))
    assert then.pop(task) == 1
    assert then == {"projects/KEY/tasks": 1} | {f"{task}/{part}": 1 for part in _PARTS}


def test_components_of_the_library_come_with_their_styles() -> None:
    need(_LIBRARY.is_file(), "the page was built elsewhere")
    styled = set(_HASHED.findall(_LIBRARY.read_text()))
    used = {name for file in DIST.rglob("*.js") for name in _HASHED.findall(file.read_text())} & styled
    there = {name for file in DIST.rglob("*.css") for name in _HASHED.findall(file.read_text())}
    assert len(used) > 100
    assert used - there == set(), "web/src/app/library.ts lacks the sheet that has these classes"


def _asked(request: Request, project: str) -> list[str]:
    address = urlsplit(request.url)
    if not address.path.startswith(_API):
        return []
    by = re.search(r"group_by=(\w+)", address.query)
    path = address.path.removeprefix(_API).replace(project, "KEY")
    return [path + (f" by {by[1]}" if by else "")]
