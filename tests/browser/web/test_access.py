"""Open to everybody: each page and each dialog in both schemes, wide and on a phone, and what the keys do."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from taskapi.seed import demo
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.databases import connect
from tests.support.factory import Factory

pytestmark = pytest.mark.usefixtures("built")
_ROUTES = Path(__file__).parents[3] / "web" / "src" / "app" / "routes"
_WHO = "maya"
_TOKEN = "token=c29tZSBsb25nIHNlY3JldA"
_OVER = "[role=dialog]:visible, [role=menu]:visible, [role=listbox]:visible"
_NAMES = "buttons => buttons.map((button) => button.ariaLabel ?? button.textContent)"

# By route, so that a page that is added is missed by nobody; what is in brackets is filled in.
VISITOR = {
    "sign-in": ["/sign-in"],
    "create-account": ["/create-account"],
    "verify-email": [f"/verify-email?{_TOKEN}", "/verify-email"],
    "forgot-password": ["/forgot-password"],
    "reset-password": [f"/reset-password?{_TOKEN}"],
    "confirm-email": [f"/confirm-email?{_TOKEN}"],
    "undo-email-change": [f"/undo-email-change?{_TOKEN}"],
    "oidc/complete": ["/oidc/complete#error=email_not_proven"],
    "invitations/accept": [f"/invitations/accept?{_TOKEN}"],
    "shared/$token": [
        "/shared/[shared]",
        "/shared/[shared]?view=list",
        "/shared/[shared]?view=charts",
        "/shared/[locked]",
        "/shared/nothing",
    ],
}
MINE = {
    "/": ["/"],
    "inbox": ["/inbox"],
    "search": ["/search", "/search?q=the"],
    "projects": ["/projects"],
    "tasks/$task": ["/tasks/[task]"],
    "settings": ["/settings"],
    "settings/$part": ["/settings/[part]"],
    "admin": ["/admin"],
    "admin/$part": ["/admin/[part]"],
}
PROJECT = {
    "projects/$project": [],
    "/": [],
    "board": ["board", "board?group=assignee", "board?task=[task]", "board?task=SITE-9999"],
    "list": ["list", "list?group=priority"],
    "calendar": ["calendar"],
    "timeline": ["timeline"],
    "analytics": ["analytics", "analytics?report=burndown", "analytics?report=cycle-time"],
    "files": ["files"],
    "activity": ["activity"],
    "trash": ["trash"],
    "settings": ["settings"],
    "settings/$part": ["settings/[part]"],
}


@dataclass
class Walk:
    """Through the pages on one screen. What is found is told at the end, so that one page does not hide another."""

    page: Page
    base: str
    scheme: str
    width: int
    titles: dict[str, str] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)

    async def to(self, address: str, route: str) -> None:
        await self.page.goto(self.base + address)
        await self.settled()
        title = await self.page.title()
        if self.titles.setdefault(title, route) != route or title == "taskapi":
            self.found.append(f"{address}: its tab is called {title!r}, as that of {self.titles[title]}")
        await self.look(address)
        await self.open_each(address)

    async def settled(self) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        await expect(self.page.get_by_label("Loading")).to_have_count(0)
        await expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    async def look(self, at: str, within: str | None = None) -> None:
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.found.append(f"{at}: {wide} px wide")
        self.found += [f"{at}: {fault}" for fault in await pages.faults(self.page, self.scheme, within=within)]
        other = "light" if self.scheme == "dark" else "dark"
        self.found += [f"{at}: {fault}" for fault in await pages.faults(self.page, other, pages.OF_COLOURS, within)]

    async def open_each(self, address: str) -> None:
        """Whatever says that it opens something: a key opens it, Esc closes it, and the focus is back where it was."""
        buttons = self.page.locator("button[aria-haspopup]:visible")
        names: list[str] = await buttons.evaluate_all(_NAMES)
        for number, name in enumerate(names):
            if (kind := re.sub(r"[A-Z]+-\d+|:.*|“.*”", "", name)) in self.opened:
                continue
            self.opened.add(kind)
            await buttons.nth(number).focus()
            await self.page.keyboard.press("Enter")
            await expect(self.page.locator(_OVER).first, f"{address}: {name}").to_be_visible()
            await self.settled()
            # What lies beneath is partly covered; that what opens is in a landmark is seen from outside alone.
            await self.look(f"{address}, {name}", _OVER.replace(":visible", ""))
            self.found += [f"{name}: {fault}" for fault in await pages.faults(self.page, self.scheme, ("region",))]
            await self.page.keyboard.press("Escape")
            await expect(self.page.locator(_OVER), f"{address}: {name}").to_have_count(0)
            await expect(buttons.nth(number), f"{address}: {name}").to_be_focused()

    async def parts(self, address: str) -> list[str]:
        """The parts of settings that are offered there."""
        await self.page.goto(self.base + address)
        await self.settled()
        links = self.page.locator(f"main nav a[href*='{address}/']")
        found = [await link.get_attribute("href") or "" for link in await links.all()]
        assert len(found) > 3, f"{address} offers {found}"
        return [href.partition("?")[0] for href in found]


@dataclass(frozen=True)
class Seeded:
    """What the demo has, and what was made beside it."""

    task: str
    shared: str
    locked: str

    def filled(self, address: str) -> str:
        for name in ("task", "shared", "locked"):
            address = address.replace(f"[{name}]", getattr(self, name))
        return address


@pytest.fixture(scope="module")
async def seeded(service: Service, people: Factory, browsed_database: str) -> Seeded:
    """The demo, so that what is seen is no empty list, and what it lacks; one of its people is an administrator."""
    await demo.plant(people.app.state.parts, demo.PASSWORD)
    tables = await connect(browsed_database)
    await tables.execute("UPDATE users SET role = 'admin' WHERE username = $1", _WHO)
    await tables.close()
    async with httpx.AsyncClient(base_url=f"{service.url}/api/v1") as client:

        async def made(path: str, **body: object) -> dict[str, str]:
            answer = await client.post(path, json=body)
            answer.raise_for_status()
            read: dict[str, str] = answer.json()
            return read

        signed_in = await made("/auth/login", username=_WHO, password=demo.PASSWORD)
        client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        await made("/projects/SITE/templates", name="A bug")
        gone = await made("/projects/SITE/tasks", title="Not any more")
        (await client.delete(f"/tasks/{gone['key']}")).raise_for_status()
        shared = await made("/projects/SITE/share-links", label="Open to all")
        locked = await made("/projects/SITE/share-links", label="Behind a password", password="open-sesame")
    return Seeded(task="SITE-5", shared=shared["token"], locked=locked["token"])


# Colours are looked at in the other scheme, too; nothing else depends on it.
@pytest.fixture(params=[("light", 1300), ("dark", 390)], ids=["wide", "phone"])
async def walk(request: pytest.FixtureRequest, browser: Browser, service: Service) -> AsyncIterator[Walk]:
    scheme, width = request.param
    context = await browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        reduced_motion="reduce",
        is_mobile=width < 500,
        has_touch=width < 500,
    )
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    walk = Walk(await context.new_page(), service.url, scheme, width)
    yield walk
    await context.close()


def routes(file: str) -> set[str]:
    source = (_ROUTES / file).read_text()
    return set(re.findall(r'(?:\bpath: |^  page\()"([^"]+)"', source, re.MULTILINE))


def test_every_route_is_walked() -> None:
    assert routes("visitor.tsx") == set(VISITOR)
    assert routes("mine.tsx") == set(MINE)
    assert routes("project.tsx") == set(PROJECT)


async def test_every_page_is_open_to_everybody(walk: Walk, service: Service, seeded: Seeded) -> None:
    await walk.to("/nowhere", "nowhere")
    await everywhere(walk, VISITOR, "{}", seeded)
    await pages.sign_in(walk.page, service.url, _WHO, demo.PASSWORD)
    await everywhere(walk, MINE, "{}", seeded)
    await everywhere(walk, PROJECT, "/projects/SITE/{}", seeded)
    assert walk.found == []


async def test_what_opens_on_the_way_is_open_to_everybody(walk: Walk, service: Service, seeded: Seeded) -> None:
    """Dialogs behind a menu, and what a task shows only to who works on it."""
    page = walk.page
    await pages.sign_in(page, service.url, _WHO, demo.PASSWORD)
    await page.goto(service.url)
    await new_project(walk)
    await page.goto(f"{service.url}/projects/SITE/board?task={seeded.task}")
    await walk.settled()
    panel = page.get_by_role("complementary", name=seeded.task)
    for item, button in (("Move to a project…", "Move"), ("Merge into…", "Merge")):
        await panel.get_by_role("button", name="More", exact=True).click()
        await page.get_by_role("menuitem", name=item).click()
        await expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        # It lies over the panel: what is covered cannot be pressed.
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click(trial=True)
        await walk.look(item, "[role=dialog][aria-modal=true]")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)
        await expect(panel.get_by_role("button", name="More", exact=True)).to_be_focused()
    for name in ("History", "Time entries"):
        await panel.get_by_role("tab", name=name).click()
        await walk.settled()
        await walk.look(name)
    await conflict(walk, seeded.task)
    assert walk.found == []


async def new_project(walk: Walk) -> None:
    if walk.width < 500:
        await walk.page.get_by_role("button", name="Menu", exact=True).click()
    await walk.page.get_by_role("button", name="New project").click()
    dialog = walk.page.get_by_role("dialog", name="New project")
    await expect(dialog.get_by_label("Key")).to_be_visible()
    await walk.look("New project", "[role=dialog]")
    await walk.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def conflict(walk: Walk, task: str) -> None:
    """The editor with its preview, and the choice when somebody else was quicker."""
    page = walk.page
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("Description", exact=True).and_(page.locator("textarea")).fill("- [ ] my *own* words")
    await walk.look("the editor")
    await page.get_by_role("button", name="Preview", exact=True).first.click()
    await expect(page.get_by_role("region", name="Description, preview").get_by_role("img")).to_be_visible()
    await walk.look("the preview")
    async with httpx.AsyncClient(base_url=f"{walk.base}/api/v1") as client:
        signed_in = (await client.post("/auth/login", json={"username": "jonas", "password": demo.PASSWORD})).json()
        client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        body = {"description": f"Written on a screen of {walk.width} px."}
        (await client.patch(f"/tasks/{task}", json=body)).raise_for_status()
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await expect(page.get_by_role("button", name="Keep mine")).to_be_visible()
    await walk.look("two texts")


async def everywhere(walk: Walk, routes: dict[str, list[str]], base: str, seeded: Seeded) -> None:
    for route, addresses in routes.items():
        for address in map(base.format, addresses):
            if address.endswith("/[part]"):
                for part in await walk.parts(address.removesuffix("/[part]")):
                    await walk.to(part, part)
            else:
                await walk.to(seeded.filled(address), base.format(route))
