"""What belongs to a task: comments, files, steps, links and time."""

import re
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.adversity.serving import Service
from tests.support import pages
from tests.support.factory import Factory, MadeProject
from tests.support.open_tasks import Ask, until
from tests.support.pages import Complaints

pytestmark = pytest.mark.usefixtures("built")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
DROP = """(name) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], name, { type: "text/plain" }));
    const target = document.querySelector("[data-task-content]");
    for (const kind of ["dragover", "drop"])
        target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""
PASTE = """async ([name, type]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["pasted"], name, { type }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


async def test_a_comment_names_people_and_is_answered_with_an_emoji(
    opened: Page, ask: Ask, task: dict[str, Any], shop: MadeProject
) -> None:
    field = opened.get_by_label("Write a comment")
    await field.press_sequentially("Seen, @olg")
    await expect(opened.get_by_role("option", name="Olga Ivanova")).to_be_visible()
    await field.press("Enter")
    await expect(field).to_have_value("Seen, @olga ")
    await opened.get_by_role("button", name="Comment", exact=True).click()
    comment = opened.get_by_role("article", name="Comment by Emil Berg")
    await expect(comment).to_contain_text("Seen, @olga")
    [said] = (await ask("GET", f"/tasks/{task['key']}/comments"))["items"]
    assert said["mentions"] == [str(shop.owner.id)]
    await comment.get_by_role("button", name="React", exact=True).click()
    await opened.get_by_role("button", name="React with 👍").click()
    await expect(comment.get_by_role("button", name="👍 1")).to_have_attribute("aria-pressed", "true")
    await comment.get_by_role("button", name="What to do with the comment").click()
    await opened.get_by_role("menuitem", name="Edit").click()
    await opened.get_by_label("Text of the comment").fill("Seen twice")
    await opened.get_by_role("button", name="Save").click()
    await expect(comment).to_contain_text("edited")
    # The comment goes while the page still waits for what its task counts: the way back has to be offered all the same.
    counted = pages.Held(also_reads=True)
    await opened.route(re.compile(rf"/tasks/{task['key']}\?"), counted.hold)
    await comment.get_by_role("button", name="What to do with the comment").click()
    await opened.get_by_role("menuitem", name="Delete").click()
    await expect(comment).to_have_count(0)
    await opened.get_by_role("status").get_by_role("button", name="Undo").click()
    counted.release()
    await expect(comment).to_contain_text("Seen twice")


async def test_files_are_chosen_pasted_renamed_and_deleted(
    opened: Page, ask: Ask, task: dict[str, Any], service: Service
) -> None:
    async with opened.expect_file_chooser() as choosing:
        await opened.get_by_role("button", name="Attach files").click()
    picture = FilePayload(name="view.png", mimeType="image/png", buffer=PIXEL)
    log = FilePayload(name="log.txt", mimeType="text/plain", buffer=b"a line")
    await (await choosing.value).set_files([picture, log])
    await expect(opened.get_by_role("button", name="view.png", exact=True)).to_be_visible()
    await expect(opened.get_by_role("button", name="log.txt", exact=True)).to_be_visible()
    await opened.evaluate(PASTE, ["note.txt", "text/plain"])
    await expect(opened.get_by_role("button", name="note.txt", exact=True)).to_be_visible()
    await opened.get_by_role("button", name="What to do with log.txt").click()
    await opened.get_by_role("menuitem", name="Rename").click()
    await opened.get_by_label("New name of log.txt").fill("server.log")
    await opened.get_by_label("New name of log.txt").press("Enter")
    await expect(opened.get_by_role("button", name="server.log", exact=True)).to_be_visible()
    await opened.get_by_role("button", name="What to do with note.txt").click()
    await opened.get_by_role("menuitem", name="Delete").click()
    await expect(opened.get_by_role("button", name="note.txt", exact=True)).to_have_count(0)
    toast = opened.get_by_role("status").filter(has_text="note.txt deleted")
    await toast.get_by_role("button", name="Undo").click()
    await expect(opened.get_by_role("button", name="note.txt", exact=True)).to_be_visible()
    names = {file["name"] for file in (await ask("GET", f"/tasks/{task['key']}/attachments"))["items"]}
    assert names == {"view.png", "server.log", "note.txt"}
    await opened.get_by_role("button", name="view.png", exact=True).click()
    await expect(opened.get_by_role("dialog").get_by_role("img", name="view.png")).to_be_visible()
    await opened.goto(f"{service.url}/projects/WEB/files")
    await expect(opened.get_by_role("button", name="Download server.log")).to_be_visible()
    async with opened.expect_download() as downloading:
        await opened.get_by_role("button", name="Download server.log").click()
    assert (await downloading.value).suggested_filename == "server.log"


async def test_of_many_files_six_are_shown_until_all_are_asked_for(opened: Page) -> None:
    async with opened.expect_file_chooser() as choosing:
        await opened.get_by_role("button", name="Attach files").click()
    many = [FilePayload(name=f"page-{number}.txt", mimeType="text/plain", buffer=b"-") for number in range(8)]
    await (await choosing.value).set_files(many)
    files = opened.get_by_role("button", name=re.compile(r"^page-\d"))
    await expect(opened.get_by_role("button", name="Show all 8")).to_be_visible()
    await expect(files).to_have_count(6)
    await opened.get_by_role("button", name="Show all 8").click()
    await expect(files).to_have_count(8)


async def test_a_list_of_tasks_in_a_text_has_boxes(opened: Page, ask: Ask, task: dict[str, Any]) -> None:
    text = "- [x] swept\n- [ ] painted\n- [link](https://example.org)\n\n`- [ ] code`"
    await ask("PATCH", f"/tasks/{task['key']}", description=text)
    boxes = opened.get_by_role("listitem").get_by_role("img", name=re.compile("one$"))
    await expect(boxes).to_have_count(2)
    assert [await box.get_attribute("aria-label") for box in await boxes.all()] == ["Done", "Not done"]
    await expect(opened.get_by_role("listitem").filter(has_text="swept")).to_have_text("swept")
    await expect(opened.get_by_text("- [ ] code")).to_be_visible()


async def test_a_checklist_is_ticked_and_grows_into_subtasks(opened: Page, ask: Ask, task: dict[str, Any]) -> None:
    line = opened.get_by_label("Add a step")
    for step in ("First", "Second"):
        await line.fill(step)
        await line.press("Enter")
        await expect(opened.get_by_label(step, exact=True)).to_be_visible()
    await opened.get_by_label("First", exact=True).check()
    await expect(opened.get_by_role("region", name="Checklist")).to_contain_text("1 of 2")
    await opened.get_by_role("button", name="What to do with “Second”").click()
    await opened.get_by_role("menuitem", name="Move up").click()
    await expect(opened.get_by_role("region", name="Checklist").get_by_role("checkbox").first).not_to_be_checked()
    await opened.get_by_role("button", name="What to do with “Second”").click()
    await opened.get_by_role("menuitem", name="Make it a subtask").click()
    subtasks = opened.get_by_role("region", name="Subtasks")
    await expect(subtasks).to_contain_text("Second")
    await opened.get_by_label("Add a subtask").fill("Third")
    await opened.get_by_label("Add a subtask").press("Enter")
    await expect(subtasks).to_contain_text("Third")
    await subtasks.get_by_role("checkbox").first.check()
    await expect(subtasks).to_contain_text("1 of 2")


async def test_links_are_found_by_words_and_never_go_in_a_circle(
    opened: Page, ask: Ask, task: dict[str, Any], people: Factory, shop: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    other = await people.task(shop, "Quaxify the frobnicator")
    await opened.get_by_label("How it is linked").select_option("blocks")
    await opened.get_by_label("Find a task to link").fill("frobnicator")
    await opened.get_by_role("option", name=other["key"]).click()
    await expect(opened.get_by_role("list", name="Blocks", exact=True)).to_contain_text(other["key"])
    await opened.get_by_label("How it is linked").select_option("blockedBy")
    await opened.get_by_label("Find a task to link").fill(other["key"])
    await opened.get_by_role("option", name=other["key"]).click()
    await expect(opened.get_by_role("region", name="Links").get_by_role("alert")).to_be_visible()
    await opened.get_by_role("button", name=f"Remove the link to {other['key']}").click()
    await expect(opened.get_by_role("list", name="Blocks", exact=True)).to_have_count(0)


async def test_there_is_one_timer(
    opened: Page, task: dict[str, Any], people: Factory, shop: MadeProject, service: Service, flawless: Complaints
) -> None:
    flawless.expect("409")
    other = await people.task(shop, "Other work")
    await opened.get_by_role("button", name="Start timer").click()
    await expect(opened.get_by_role("timer")).to_be_visible()
    await opened.goto(f"{service.url}/tasks/{other['key']}")
    await opened.get_by_role("button", name="Start timer").click()
    await opened.get_by_role("button", name="Stop it and start here").click()
    await expect(opened.get_by_role("timer")).to_be_visible()
    await opened.get_by_role("button", name="Stop timer").click()
    await expect(opened.get_by_role("timer")).to_have_count(0)
    await opened.get_by_role("tab", name="Time entries").click()
    await opened.get_by_label("Length").fill("1h 30m")
    await opened.get_by_role("button", name="Add", exact=True).click()
    await expect(opened.get_by_text("Emil Berg: 1h 30m")).to_be_visible()


async def test_steps_are_put_in_order_by_drag_and_by_arrows(opened: Page, ask: Ask, task: dict[str, Any]) -> None:
    for text in ("First", "Second", "Third"):
        await ask("POST", f"/tasks/{task['key']}/checklist", text=text)
    steps = opened.get_by_role("region", name="Checklist")
    handles = steps.get_by_role("button", name="drag it, or press an arrow")
    await expect(handles).to_have_count(3)

    async def order() -> list[str]:
        return [item["text"] for item in (await ask("GET", f"/tasks/{task['key']}/checklist"))["items"]]

    first = steps.get_by_role("button", name="Move “First”")
    await first.focus()
    for _ in range(3):
        await opened.keyboard.press("ArrowDown")
        await expect(first).to_be_focused()
    await expect(steps.get_by_role("status")).to_have_text("“First” is now 3 of 3")
    await until(order, ["Second", "Third", "First"])
    await expect(steps.get_by_role("listitem").last).to_contain_text("First")
    box, goal = await handles.nth(2).bounding_box(), await handles.nth(0).bounding_box()
    assert box is not None
    assert goal is not None
    await opened.mouse.move(box["x"] + 10, box["y"] + 10)
    await opened.mouse.down()
    await opened.mouse.move(box["x"] + 10, box["y"] - 5, steps=3)
    await opened.mouse.move(goal["x"] + 10, goal["y"] + 2, steps=8)
    await opened.mouse.up()
    await expect(steps.get_by_role("status")).to_have_text("“First” is now 1 of 3")
    await until(order, ["First", "Second", "Third"])


async def test_a_time_entry_is_put_right_and_two_who_do_so_are_told(
    opened: Page, ask: Ask, task: dict[str, Any], flawless: Complaints
) -> None:
    await opened.get_by_role("tab", name="Time entries").click()
    await opened.get_by_label("Length").fill("1h 30m")
    await opened.get_by_role("button", name="Add", exact=True).click()
    await opened.get_by_role("button", name="Change 1h 30m of Emil Berg").click()
    form = opened.get_by_role("form", name="Change of Emil Berg: 1h 30m")
    await expect(form.get_by_label("Length")).to_be_focused()
    await expect(form.get_by_label("Length")).to_have_value("1:30")
    await form.get_by_label("Length").fill("long")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_text("Such as 1h 30m")).to_be_visible()
    await form.get_by_label("Length").fill("2h")
    await form.get_by_label("From").fill("08:15")
    await form.get_by_label("Note").fill("Read the log")
    await form.get_by_role("button", name="Save").click()
    await expect(opened.get_by_text("Emil Berg: 2h")).to_be_visible()
    await expect(opened.get_by_text("Read the log")).to_be_visible()
    await expect(opened.get_by_role("button", name="Change 2h of Emil Berg")).to_be_focused()
    [entry] = (await ask("GET", f"/tasks/{task['key']}/time-entries"))["items"]
    assert (entry["seconds"], entry["started_at"][14:16]) == (7200, "15")

    flawless.expect("412")
    await opened.keyboard.press("Enter")
    note = opened.get_by_role("form").get_by_label("Note")
    await note.fill("Mine")
    await ask("PATCH", f"/tasks/{task['key']}/time-entries/{entry['id']}", note="Theirs")
    await note.press("Enter")
    await expect(opened.get_by_role("form").get_by_role("alert")).to_contain_text("changed meanwhile")
    await expect(note).to_have_value("Mine")
    await until(lambda: _note(ask, task), "Theirs")
    await opened.get_by_role("form").get_by_role("button", name="Save").click()
    await expect(opened.get_by_text("Mine")).to_be_visible()


async def _note(ask: Ask, task: dict[str, Any]) -> str:
    [entry] = (await ask("GET", f"/tasks/{task['key']}/time-entries"))["items"]
    return str(entry["note"])


async def test_files_are_dropped_and_one_that_is_refused_can_be_sent_again(
    opened: Page, task: dict[str, Any], flawless: Complaints
) -> None:
    flawless.expect("503")
    # As it is written to: the list has parameters.
    address = f"**/tasks/{task['key']}/attachments"
    await opened.route(address, lambda route: route.fulfill(status=503, body=""))
    await opened.evaluate(DROP, "dropped.txt")
    await expect(opened.get_by_role("region", name="Files").get_by_role("alert")).to_be_visible()
    await opened.unroute(address)
    await opened.get_by_role("button", name="Try again").click()
    await expect(opened.get_by_role("button", name="dropped.txt", exact=True)).to_be_visible()
