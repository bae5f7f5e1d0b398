"""A project whose people write markup and scripts wherever a text is taken: the page shows text, and runs none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from taskapi.core.change_log.readers import behind, read_to_the_end, register
from taskapi.core.change_log.tail import Tail
from taskapi.models import ProjectRole
from taskapi.notifications.reactions import READER
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")

TODAY = datetime.now(UTC).date().isoformat()
RUN = "parent.ran=true;alert(1)"
TAGS = f'"\'><img src=x onerror="{RUN}"><script>{RUN}</script>'
MARKDOWN = (
    f"{TAGS}\n\n<svg onload={RUN}><iframe srcdoc='<script>{RUN}</script>'></iframe>\n\n"
    "[a](javascript:alert(1)) [b](data:text/html,<script>alert(1)</script>) <javascript:alert(1)> "
    '[c](https://x.example/"onmouseover="alert(1)) ![d](https://elsewhere.example/pixel.png)'
)
# What follows it is read from the right, if nothing holds it.
BACKWARDS = "\u202egnp.exe"
VIEWS = ("board", "list?group=label", "calendar", "timeline", "analytics", "files", "activity", "trash")
PARTS = ("general", "members", "share-links", "statuses", "labels", "fields", "plans", "templates", "rules", "webhooks")
MORE = ("/", "/inbox", "/projects", "/search?q=onerror")
# What a text must not have become, wherever it is shown.
MADE = 'img[src="x"], img[src^="http"], script:not([src]), iframe, svg[onload], a[href^="javascript"], a[href^="data:"]'

# Texts that are written from the right and have others behind them on the same line, which they would turn around.
TURNED_AROUND = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const { data, parentElement: around } = texts.currentNode;
        if (!data.includes("\\u202e")) continue;
        const { display, unicodeBidi } = getComputedStyle(around);
        const isAlone = around.textContent === data && display !== "inline";
        if (!isAlone && !unicodeBidi.startsWith("isolate")) found.push(around.outerHTML);
    }
    return found;
}"""


@dataclass(frozen=True)
class Nasty:
    project: MadeProject
    reader: Person
    task: str
    share: str


@pytest.fixture
async def nasty(people: Factory) -> Nasty:
    """By its owner, for somebody who manages it, too, and looks at all of it."""
    project = await people.project(await people.user(full_name=f"Ana {TAGS} {BACKWARDS}"), name=f"Shop {TAGS}")
    reader = await people.member(project, ProjectRole.ADMIN)
    await register(people.app.state.parts.database, Tail(), [READER])
    async with people.client(project.owner) as client:

        async def make(path: str, **body: Any) -> dict[str, Any]:
            response = await client.post(f"/api/v1{path}", json=body)
            assert response.is_success, response.text
            made: dict[str, Any] = response.json()
            return made

        root = f"/projects/{project.key}"
        label = await make(f"{root}/labels", name=f"L {TAGS}"[:50], color="#aa0000")
        await make(f"{root}/statuses", key="nasty", name=f"S {TAGS}"[:50], category="started")
        await make(f"{root}/fields", key="where", name=f"F {TAGS}"[:50], type="text")
        task = await make(
            f"{root}/tasks",
            title=f"T {TAGS} {BACKWARDS}",
            description=MARKDOWN,
            label_ids=[label["id"]],
            start_on=TODAY,
            due_on=TODAY,
            fields={"where": TAGS},
            assignee_ids=[str(reader.id)],
        )
        key: str = task["key"]
        gone = await make(f"{root}/tasks", title=f"Gone {TAGS}")
        assert (await client.delete(f"/api/v1/tasks/{gone['key']}")).is_success
        await make(f"/tasks/{key}/comments", body=f"@{reader.username} {MARKDOWN}")
        await make(f"/tasks/{key}/checklist", text=TAGS)
        await make("/views", name=f"V {TAGS}"[:50], filter="is:open", project=project.key, shared=True)
        await make(f"{root}/templates", name=f"P {TAGS}"[:50], title=TAGS, description=MARKDOWN)
        await make(f"{root}/milestones", name=f"M {TAGS}"[:50], description=TAGS)
        await make(f"{root}/webhooks", url=f"https://8.8.8.8/{TAGS}", events=["task.created"], description=TAGS)
        await make(
            f"{root}/rules",
            name=f"R {TAGS}"[:50],
            kinds=["task.created"],
            actions=[{"type": "comment", "body": TAGS}],
        )
        file = {"file": (f"{TAGS}.png", b"<script>", "image/png")}
        assert (await client.post(f"/api/v1/tasks/{key}/attachments", files=file)).is_success
        link = await make(f"{root}/share-links", label=TAGS[:50], attachments=True)
    return Nasty(project, reader, key, str(link["url"]))


@pytest.fixture
async def looking(page: Page, flawless: Complaints) -> AsyncIterator[Page]:
    """No dialog opens, and nothing of what was written has run."""
    opened: list[str] = []
    page.on("dialog", lambda dialog: opened.append(dialog.message))
    yield page
    assert opened == []


async def harmless(page: Page) -> None:
    await expect(page.get_by_label("Loading")).to_have_count(0)
    assert await page.locator(MADE).count() == 0, page.url
    assert await page.evaluate("window.ran") is None, page.url
    for address in await page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        assert address.startswith(("/", "#", "?", "http", "mailto:")), page.url
    assert await page.evaluate(TURNED_AROUND) == [], page.url


async def informed(people: Factory, person: Person) -> None:
    """What a worker makes of the log, for who was named in it."""
    database, tail = people.app.state.parts.database, Tail()
    async with asyncio.timeout(15), people.client(person) as client:
        while (await client.get("/api/v1/notifications")).json()["unread_count"] == 0:
            await behind(database, tail, [READER])
            await read_to_the_end(database, tail, READER)


async def test_what_people_write_is_text_on_every_page(
    looking: Page, service: Service, people: Factory, nasty: Nasty
) -> None:
    await informed(people, nasty.reader)
    await pages.sign_in(looking, service.url, nasty.reader)
    root = f"/projects/{nasty.project.key}"
    paths = [f"{root}/{view}" for view in VIEWS]
    paths += [f"{root}/settings/{part}" for part in PARTS]
    paths += [f"/tasks/{nasty.task}", *MORE]
    for path in paths:
        await looking.goto(service.url + path)
        await expect(looking.get_by_role("heading", level=1).first).to_be_visible()
        await expect(looking.get_by_text("<img src=x onerror=").first).to_be_attached()
        await harmless(looking)

    # What is drawn here and not by the service: the preview, the palette, a toast, what is found for a link.
    await looking.goto(f"{service.url}/tasks/{nasty.task}")
    await looking.get_by_role("button", name="Edit", exact=True).first.click()
    await looking.get_by_role("button", name="Preview").first.click()
    await expect(looking.get_by_role("region", name="Description, preview")).to_contain_text("<img src=x")
    await harmless(looking)
    await looking.keyboard.press("Control+k")
    await looking.get_by_role("textbox", name="Commands and projects").fill("onerror")
    await expect(looking.get_by_role("dialog").get_by_text("<img src=x").first).to_be_visible()
    await harmless(looking)
    await looking.goto(f"{service.url}{root}/settings/labels")
    await looking.get_by_role("button", name="Delete").first.click()
    await expect(looking.get_by_role("status").filter(has_text="<img src=x")).to_be_visible()
    await harmless(looking)


async def test_a_visitor_of_a_share_link_is_safe_as_well(looking: Page, service: Service, nasty: Nasty) -> None:
    for view in ("", "?view=list", "?view=charts"):
        await looking.goto(service.url + nasty.share[nasty.share.index("/shared/") :] + view)
        await expect(looking.get_by_role("heading", level=1)).to_contain_text("<img src=x")
        await harmless(looking)


async def test_a_script_that_got_in_would_not_run(page: Page, service: Service, flawless: Complaints) -> None:
    flawless.expect("Content Security Policy")
    async with page.expect_response(f"{service.url}/sign-in") as answered:
        await page.goto(f"{service.url}/sign-in")
    policy = (await (await answered.value).all_headers())["content-security-policy"]
    assert "script-src 'self';" in policy
    async with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        await page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                document.body.insertAdjacentHTML("beforeend", '<b onclick="window.ran = true">Press</b>');
            }"""
        )
    await page.get_by_text("Press", exact=True).click()
    assert await page.evaluate("window.ran") is None
