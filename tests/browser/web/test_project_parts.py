"""The parts of a project's settings that no worker is needed for: columns, fields, links, and the ways out of it."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service
from tests.support import pages
from tests.support.databases import connect
from tests.support.factory import PASSWORD, Factory, MadeProject
from tests.support.pages import Complaints
from tests.support.project_settings import open_part, rows

pytestmark = pytest.mark.usefixtures("built")
TYPES = {
    "text": "Text",
    "number": "Number",
    "date": "Date",
    "select": "One of a list",
    "multi_select": "Some of a list",
    "user": "Person",
    "url": "Web address",
    "checkbox": "Yes or no",
}


async def test_a_status_is_dragged_by_the_keyboard_and_given_a_limit(
    page: Page, service: Service, project: MadeProject
) -> None:
    await open_part(page, service, project, "statuses")
    names = page.get_by_role("list", name="Statuses").get_by_role("textbox", name="Status ")
    first, second = await names.nth(0).input_value(), await names.nth(1).input_value()
    await page.get_by_role("button", name=f"Drag {first}").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name=f"Drag {first}")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("ArrowDown")
    await expect(names.nth(0)).to_have_value(second)
    async with page.expect_response("**/statuses/*") as written:
        await page.keyboard.press("Enter")
    assert (await written.value).ok
    await expect(page.get_by_role("status").filter(has_text=f"{first} is now 2 of")).to_be_attached()

    limit = page.get_by_label(f"Limit of {first}")
    # The dragged one flies to its place, and until it is there it stands there twice.
    await expect(limit).to_have_count(1)
    await limit.fill("some")
    await limit.press("Enter")
    await expect(limit).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("This is no number.")).to_be_visible()
    await limit.fill("3")
    async with page.expect_response("**/statuses/*") as limited:
        await limit.press("Enter")
    assert (await (await limited.value).json())["wip_limit"] == 3
    await page.reload()
    await expect(limit).to_have_value("3")
    await expect(names.nth(1)).to_have_value(first)


async def test_a_field_of_each_kind_is_made_and_its_choices_changed(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await open_part(page, service, project, "fields")
    for place, (kind, label) in enumerate(TYPES.items(), 1):
        await page.get_by_label("Name", exact=True).fill(f"My {label}")
        await page.get_by_label("Kind").select_option(kind)
        if "select" in kind:
            await page.get_by_label("Choices", exact=True).fill("Small\nLarge")
        await page.get_by_role("button", name="Add a field").click()
        await expect(rows(page, "Fields")).to_have_count(place)
        await expect(rows(page, "Fields").nth(place - 1)).to_contain_text(label)
    await page.get_by_label("Name", exact=True).fill("My Text")
    await page.get_by_role("button", name="Add a field").click()
    await expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")

    choices = page.get_by_role("group", name="Choices of My One of a list")
    await choices.get_by_label("Another choice of").fill("Huge")
    await choices.get_by_role("button", name="Add", exact=True).click()
    await expect(choices.get_by_role("textbox", name="Choice Huge of")).to_be_visible()
    await choices.get_by_role("button", name="Delete Choice Small of").click()
    await expect(choices.get_by_role("textbox", name="Choice Small of")).to_be_hidden()
    await page.get_by_role("button", name="Delete My Number").click()
    await expect(rows(page, "Fields")).to_have_count(len(TYPES) - 1)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Field My Number")).to_be_visible()


async def attach(service: Service, project: MadeProject, task: dict[str, Any]) -> None:
    """To the service itself, which has a folder of its own."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        person = {"username": project.owner.username, "password": PASSWORD}
        granted = (await client.post("/api/v1/auth/login", json=person)).json()
        answer = await client.post(
            f"/api/v1/tasks/{task['id']}/attachments",
            headers={"Authorization": f"Bearer {granted['access_token']}"},
            files={"file": ("plan.txt", b"beds and paths", "text/plain")},
        )
        assert answer.status_code == 201, answer.text


async def test_a_share_link_shows_files_where_it_was_made_so_and_opens_nothing_once_revoked(
    page: Page, browser: Browser, service: Service, people: Factory, project: MadeProject
) -> None:
    await attach(service, project, await people.task(project, "Plan the garden"))
    await people.task(project, "Weed the beds")
    await open_part(page, service, project, "share-links")
    addresses = []
    for label in ("Bare", "Full"):
        await page.get_by_label("Label").fill(label)
        await page.get_by_label("Also the files on tasks").set_checked(label == "Full")
        await page.get_by_label("Opens until").fill("2090-12-31")
        await page.get_by_role("button", name="Create link").click()
        await expect(rows(page, "Share links").filter(has_text=label)).to_contain_text("until")
        addresses.append(await page.locator("pre").inner_text())
    await expect(rows(page, "Share links").filter(has_text="Full")).to_contain_text("with files")
    bare, full = (service.url + address[address.index("/shared/") :] for address in addresses)

    context = await browser.new_context()
    visitor = await context.new_page()
    await visitor.goto(bare)
    await expect(visitor.get_by_role("article", name="Plan the garden")).to_be_visible()
    await expect(visitor.get_by_role("button", name="Files of")).to_have_count(0)
    await visitor.goto(full)
    card = visitor.get_by_role("article", name="Plan the garden")
    await card.get_by_role("button", name="Files of").click()
    async with visitor.expect_download() as coming:
        await card.get_by_role("button", name="plan.txt").click()
    assert (await (await coming.value).path()).read_bytes() == b"beds and paths"
    await visitor.get_by_role("article", name="Weed the beds").get_by_role("button", name="Files of").click()
    await expect(visitor.get_by_text("No files")).to_be_visible()
    await pages.accessible(visitor)

    await page.get_by_role("button", name="Revoke Full").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(rows(page, "Share links")).to_have_count(1)
    await visitor.reload()
    await expect(visitor.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    await context.close()


async def test_who_has_confirmed_their_address_invites_and_takes_it_back(
    page: Page, service: Service, project: MadeProject, browsed_database: str
) -> None:
    await open_part(page, service, project, "members")
    await expect(page.get_by_role("link", name="Have the link mailed again")).to_be_visible()
    await expect(page.get_by_role("button", name="Invite", exact=True)).to_be_hidden()
    tables = await connect(browsed_database)
    await tables.execute("UPDATE users SET email_verified = true WHERE id = $1", project.owner.id)
    await tables.close()
    await page.reload()
    await page.get_by_label("E-mail").fill("petra@example.org")
    await page.get_by_role("button", name="Invite", exact=True).click()
    await expect(rows(page, "Open invitations")).to_contain_text("petra@example.org")
    await page.get_by_role("button", name="Take back the invitation of petra@example.org").click()
    await expect(page.get_by_text("No open invitations")).to_be_visible()


async def test_an_import_that_nobody_has_begun_with_is_cancelled(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    file = FilePayload(name="beds.csv", mimeType="text/csv", buffer=b"Title\nSow the carrots\n")
    bring, attempt = (page.get_by_role("button", name=name, exact=True) for name in ("Bring in", "Try it"))
    result = page.get_by_role("region", name="The import")
    await open_part(page, service, project, "import")
    await page.locator("input[type=file]").set_input_files([file])
    await page.get_by_role("button", name="Look at it").click()
    await bring.click()
    await expect(result).to_contain_text("Waits")
    await expect(bring).to_be_disabled()
    await expect(attempt).to_be_disabled()
    # A tab that does not know of it is told by the service.
    await page.reload()
    await page.locator("input[type=file]").set_input_files([file])
    await page.get_by_role("button", name="Look at it").click()
    await attempt.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(rows(page, "Earlier imports")).to_contain_text("Waits")
    await rows(page, "Earlier imports").get_by_role("button").click()
    await page.get_by_role("button", name="Cancel the import").click()
    await expect(result).to_contain_text("Cancelled")
    await expect(page.get_by_role("button", name="Cancel the import")).to_be_hidden()
    await expect(rows(page, "Earlier imports")).to_contain_text("Cancelled")
    await bring.click()
    await expect(rows(page, "Earlier imports")).to_have_count(2)


async def test_a_project_is_taken_along_in_each_format(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    await people.task(project, "Weed the beds", due_on="2026-12-24")
    await open_part(page, service, project, "export")
    for name, ending in (("CSV", "csv"), ("NDJSON", "ndjson"), ("ZIP", "zip"), ("iCalendar", "ics")):
        async with page.expect_download() as coming:
            await page.get_by_role("button", name=f"Download {name}").click()
        file = await coming.value
        assert file.suggested_filename.endswith(f".{ending}")
        content = (await file.path()).read_bytes()
        assert content.startswith(b"PK") if ending == "zip" else b"Weed the beds" in content

    async def refuse(route: Route) -> None:
        problem = {"status": 403, "code": "forbidden", "title": "No", "detail": "You have left the project"}
        await route.fulfill(status=403, json=problem, content_type="application/problem+json")

    flawless.expect("403")
    await page.route("**/export?format=csv", refuse)
    await page.get_by_role("button", name="Download CSV").click()
    await expect(page.get_by_role("status").filter(has_text="You have left the project")).to_be_visible()


async def test_a_copy_has_another_key_and_the_same_tasks(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await people.task(project, "Weed the beds")
    await open_part(page, service, project, "copy")
    await page.get_by_label("Key").fill(project.key)
    await page.get_by_role("button", name="Make the copy").click()
    await expect(page.get_by_label("Key")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Key").fill(f"{project.key}C")
    await page.get_by_role("button", name="Make the copy").click()
    await page.wait_for_url(f"**/projects/{project.key}C/board")
    await expect(page.get_by_role("heading", name="Garden (copy)")).to_be_visible()
    await expect(page.get_by_role("article", name="Weed the beds")).to_be_visible()


async def test_a_project_is_set_up_like_a_template(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await page.goto(service.url)
    await page.get_by_role("button", name="New project").first.click()
    await expect(page.get_by_role("button", name="Create project")).to_be_visible()
    await expect(page.get_by_label("Set up like")).to_be_hidden()
    await open_part(page, service, project, "statuses")
    await page.get_by_label("Name").fill("Watered")
    await page.get_by_role("button", name="Add a status").click()
    await expect(page.get_by_label("Status Watered")).to_be_visible()
    await open_part(page, service, project, "general")
    await page.get_by_label("A template: new projects are set up like it").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()

    await page.goto(f"{service.url}/projects")
    listed = page.get_by_role("table").get_by_role("link", name="Garden")
    await expect(page.get_by_role("button", name="Create the first project")).to_be_visible()
    await page.get_by_label("Templates").press("Space")
    await expect(listed).to_be_visible()
    await page.get_by_role("button", name="New project").first.click()
    dialog = page.get_by_role("dialog", name="New project")
    await dialog.get_by_label("Name").fill("Orchard")
    await dialog.get_by_label("Key").fill(project.key)
    await dialog.get_by_label("Set up like").select_option(label="Garden")
    await dialog.get_by_role("button", name="Create project").click()
    await expect(dialog.get_by_label("Key")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Key").fill(f"{project.key}O")
    await dialog.get_by_role("button", name="Create project").click()
    await page.wait_for_url(f"**/projects/{project.key}O/board")
    await expect(page.get_by_role("region", name="Watered")).to_be_visible()


async def test_a_task_is_made_of_a_template(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await open_part(page, service, project, "templates")
    rows = page.get_by_role("list", name="Templates").get_by_role("listitem")
    for _ in range(2):
        await page.get_by_label("Name", exact=True).fill("Sowing")
        await page.get_by_label("Title", exact=True).fill("Sow the carrots")
        await page.get_by_label("Checklist").fill("Rake\nWater")
        await page.get_by_role("button", name="Add a template").click()
        await expect(rows).to_have_count(1)
    await expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    await page.get_by_role("button", name="Make a task from Sowing").click()
    await expect(page.get_by_role("status").filter(has_text=f"{project.key}-1 made")).to_be_visible()
    await page.get_by_role("button", name="Edit Sowing").click()
    await page.get_by_label("Title", exact=True).fill("Sow the beans")
    await rows.get_by_role("button", name="Save").click()
    await expect(rows).to_contain_text("Sow the beans")
    await expect(rows).to_be_focused()
    await page.get_by_role("button", name="Delete Sowing").click()
    await expect(page.get_by_text("No templates")).to_be_focused()
    await page.get_by_role("button", name="Undo").click()
    await expect(rows).to_contain_text("Sow the beans")
    await page.goto(f"{service.url}/tasks/{project.key}-1")
    await expect(page.get_by_text("Rake")).to_be_visible()


async def test_who_owns_it_hands_it_over_before_they_leave(
    page: Page, service: Service, people: Factory, project: MadeProject
) -> None:
    await open_part(page, service, project, "leaving")
    await expect(page.get_by_text("You are its owner: hand it over before you leave.")).to_be_visible()
    await expect(page.get_by_role("button", name="Leave the project")).to_be_hidden()
    await expect(page.get_by_role("button", name="Hand over")).to_be_hidden()
    bo = await people.member(project, ProjectRole.VIEWER)
    await page.reload()
    await page.get_by_label("New owner").select_option(label=bo.username)
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.get_by_role("status").filter(has_text=f"{bo.username} is the owner now")).to_be_visible()
    await expect(page.get_by_role("button", name="Delete the project")).to_be_hidden()
    await page.get_by_role("button", name="Leave the project").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave the project").click()
    await page.wait_for_url("**/projects")
    await expect(page.get_by_role("link", name="Garden")).to_have_count(0)
