"""What is written and chosen about a task: its texts, its fields, when it is due, and its history."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject, Person
from tests.support.open_tasks import Ask, pick, row, until
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")


async def test_each_field_is_saved_when_it_is_changed(
    opened: Page, ask: Ask, task: dict[str, Any], editor: Person, shop: MadeProject
) -> None:
    await pick(opened, "Status", "In progress")
    await pick(opened, "Priority", "Urgent")
    await pick(opened, "Assignees", "Emil Berg")
    await opened.keyboard.press("Escape")
    await row(opened, "Labels").get_by_role("button").click()
    await opened.get_by_placeholder("Labels").fill("bug")
    await opened.get_by_role("option", name="Create “bug”").click()
    await expect(row(opened, "Labels").get_by_text("bug")).to_be_visible()
    await opened.keyboard.press("Escape")
    await row(opened, "Due").get_by_role("button").click()
    await opened.get_by_role("dialog", name="Due").get_by_role("button", name="Tomorrow").click()
    await opened.get_by_label("Estimate in points").fill("2,5")
    await opened.get_by_label("Estimate in points").press("Enter")

    async def saved() -> list[Any]:
        now = await ask("GET", f"/tasks/{task['key']}")
        return [
            now["status"],
            now["priority"],
            now["assignee_ids"],
            len(now["label_ids"]),
            now["due_on"] is not None,
            now["estimate"],
        ]

    await until(saved, ["in_progress", "urgent", [str(editor.id)], 1, True, 2.5])
    await expect(row(opened, "Status")).to_contain_text("In progress")
    await expect(row(opened, "Due").get_by_role("button", name="Due:")).not_to_contain_text("No date")
    await pages.accessible(opened)


async def test_a_time_makes_the_due_day_a_moment(opened: Page, ask: Ask, task: dict[str, Any]) -> None:
    await row(opened, "Due").get_by_role("button").click()
    dialog = opened.get_by_role("dialog", name="Due")
    await expect(dialog.get_by_role("button", name="28")).to_be_visible()
    await pages.accessible(opened)
    await dialog.get_by_label("Time").fill("17:05")
    await dialog.get_by_role("button", name="28").first.click()
    await dialog.get_by_role("button", name="Set", exact=True).click()

    async def minutes() -> str:
        return str((await ask("GET", f"/tasks/{task['key']}"))["due_at"])[14:16]

    await until(minutes, "05")
    assert (await ask("GET", f"/tasks/{task['key']}"))["due_on"] is None


async def test_custom_fields_of_every_type(page: Page, service: Service, people: Factory, flawless: Complaints) -> None:
    owner = await people.user()
    project = await people.project(owner)
    task = await people.task(project, "Fields")
    options = [{"name": "Low"}, {"name": "High"}]
    kinds = ("text", "number", "date", "select", "multi_select", "user", "url", "checkbox")
    async with httpx.AsyncClient(base_url=f"{service.url}/api/v1", headers=owner.headers) as client:
        for kind in kinds:
            body: dict[str, Any] = {"key": kind, "name": f"My {kind}", "type": kind}
            if kind.endswith("select"):
                body["options"] = options
            (await client.post(f"/projects/{project.key}/fields", json=body)).raise_for_status()
        await pages.sign_in(page, service.url, owner)
        await page.goto(f"{service.url}/tasks/{task['key']}")
        await page.get_by_label("My text").fill("words")
        await page.get_by_label("My text").press("Enter")
        await page.get_by_label("My number").fill("7")
        await page.get_by_label("My number").press("Enter")
        await page.get_by_label("My url").fill("https://example.com/a")
        await page.get_by_label("My url").press("Enter")
        await page.get_by_label("My checkbox").check()
        await pick(page, "My select", "High")
        await pick(page, "My multi_select", "Low")
        await page.keyboard.press("Escape")
        await pick(page, "My user", owner.username)
        await row(page, "My date").get_by_role("button").click()
        await page.get_by_role("dialog", name="My date").get_by_role("button", name="Today").click()
        await expect(page.get_by_role("link", name="example.com/a")).to_be_visible()

        async def fields() -> Any:
            found = (await client.get(f"/tasks/{task['key']}")).json()["fields"]
            return {name: value for name, value in found.items() if name != "date"}, "date" in found

        wanted = {
            "text": "words",
            "number": 7,
            "url": "https://example.com/a",
            "checkbox": True,
            "select": "high",
            "multi_select": ["low"],
            "user": str(owner.id),
        }
        await until(fields, (wanted, True))
    await page.get_by_label("My number").fill("seven")
    await expect(page.get_by_text("This is not a number")).to_be_visible()
    flawless.expect("422")
    await page.get_by_label("My url").fill("not an address")
    await page.get_by_label("My url").press("Enter")
    await expect(page.get_by_label("My url")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("My url")).to_have_value("not an address")


async def test_a_change_of_another_field_is_no_conflict(
    opened: Page, ask: Ask, task: dict[str, Any], flawless: Complaints
) -> None:
    flawless.expect("412")
    await opened.get_by_role("heading", level=1).click()
    await opened.get_by_label("Title").fill("Fix the sign-in")
    await ask("PATCH", f"/tasks/{task['key']}", priority="high")
    await opened.get_by_label("Title").press("Enter")
    await expect(opened.get_by_role("heading", name="Fix the sign-in", level=1)).to_be_visible()
    assert (await ask("GET", f"/tasks/{task['key']}"))["title"] == "Fix the sign-in"


async def test_a_draft_that_is_discarded_is_gone(opened: Page) -> None:
    await opened.get_by_role("button", name="Describe it").click()
    await opened.get_by_label("Description", exact=True).fill("Half a thou")
    await opened.reload()
    await expect(opened.get_by_label("Description", exact=True)).to_have_value("Half a thou")
    await opened.get_by_role("button", name="Discard").click()
    await opened.reload()
    await expect(opened.get_by_text("Nothing is written here yet.")).to_be_visible()
    await expect(opened.get_by_label("Description", exact=True)).to_have_count(0)


async def test_markdown_is_previewed_and_shown(opened: Page) -> None:
    await opened.get_by_role("button", name="Describe it").click()
    await opened.get_by_label("Description", exact=True).fill("# Big\n\n**Bold** <img src=x onerror=alert(1)>")
    await opened.get_by_role("button", name="Preview").first.click()
    preview = opened.get_by_role("region", name="Description, preview")
    await expect(preview.locator("strong")).to_have_text("Bold")
    await expect(preview.locator("img")).to_have_count(0)
    await expect(preview.get_by_role("heading", name="Big", level=3)).to_be_visible()
    await opened.get_by_role("button", name="Save").click()
    await expect(opened.locator("section").filter(has_text="Description").locator("strong")).to_have_text("Bold")
    # The page has one heading of the first order, whatever is written in it.
    await expect(opened.get_by_role("heading", level=1)).to_have_text("Fix the login")


async def test_reminders_repetition_and_its_next_days(
    opened: Page, ask: Ask, task: dict[str, Any], flawless: Complaints
) -> None:
    flawless.expect("422")
    await row(opened, "Due").get_by_role("button").click()
    await opened.get_by_role("dialog", name="Due").get_by_role("button", name="Today").click()
    await row(opened, "Reminders").get_by_role("button").click()
    await opened.get_by_label("Before it is due").select_option("60")
    reminder = opened.get_by_role("button", name="Delete the reminder: An hour before")
    await reminder.click()
    await expect(reminder).to_have_count(0)
    await opened.get_by_role("status").get_by_role("button", name="Undo").click()
    await expect(opened.get_by_label("Before it is due")).to_have_count(0)
    await row(opened, "Reminders").get_by_role("button").click()
    await expect(reminder).to_be_visible()
    await opened.keyboard.press("Escape")
    await row(opened, "Repeats").get_by_role("button").click()
    dialog = opened.get_by_role("dialog", name="Repeats")
    await dialog.get_by_text("Mon", exact=True).click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("group", name="The next days").get_by_role("listitem")).to_have_count(5)
    assert (await ask("GET", f"/tasks/{task['key']}"))["recurrence"]["rule"] == "FREQ=WEEKLY;BYDAY=MO"
    await pages.accessible(opened)
    await dialog.get_by_role("button", name="Write the rule").click()
    await dialog.get_by_label("Rule").fill("FREQ=SOMETIMES")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_be_visible()
    await dialog.get_by_role("button", name="End it").click()
    await expect(row(opened, "Repeats").get_by_role("button", name="Repeats: Never")).to_be_visible()


async def test_history_tells_from_what_to_what_and_takes_it_back(
    opened: Page, ask: Ask, task: dict[str, Any], flawless: Complaints
) -> None:
    flawless.expect("409")
    await ask("PATCH", f"/tasks/{task['key']}", priority="high")
    await opened.get_by_role("tab", name="History").click()
    line = opened.get_by_role("listitem").filter(has_text="Priority: No priority → High")
    await line.get_by_role("button", name="Undo this").click()
    await expect(opened.get_by_text("Priority: High → No priority")).to_be_visible()
    assert (await ask("GET", f"/tasks/{task['key']}"))["priority"] == "none"
    await ask("PATCH", f"/tasks/{task['key']}", priority="urgent")
    await line.get_by_role("button", name="Undo this").click()
    await expect(line.get_by_role("alert")).to_contain_text("Changed again by Olga Ivanova")
