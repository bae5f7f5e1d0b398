"""How a project is set up: by whom, in which order, and what goes in and out of it."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from taskapi.models import ProjectRole
from tests.adversity.serving import Service, serve
from tests.support import boards, pages
from tests.support.errands import worker
from tests.support.factory import Factory, MadeProject
from tests.support.pages import Complaints
from tests.support.project_settings import open_part, rows
from tests.support.receiver import Receiver, receiving

pytestmark = pytest.mark.usefixtures("built")
PARTS = (
    "general",
    "members",
    "share-links",
    "statuses",
    "labels",
    "fields",
    "plans",
    "templates",
    "rules",
    "webhooks",
    "import",
    "export",
    "copy",
    "leaving",
)
CSV = "Title,Due,Estimate\nPaint the fence,2026-12-24,3\n,2026-12-25,\nMow the lawn,the day after,2\n"


@pytest.fixture(scope="module")
def service(browsed_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With its worker, and receivers of webhooks on this machine."""
    folder = tmp_path_factory.mktemp("setting-up")
    known = {"TASKAPI_RATE_LIMIT": "off", "TASKAPI_OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8"}
    with worker(browsed_database, folder, **known), serve(browsed_database, folder, **known) as served:
        yield served


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_every_part_is_open_to_everybody(page: Page, service: Service, project: MadeProject) -> None:
    headings = set()
    for part in PARTS:
        await open_part(page, service, project, part)
        await pages.accessible(page)
        headings.add(await page.get_by_role("heading", level=2).first.text_content())
    assert len(headings) == len(PARTS)


async def test_no_part_is_wider_than_a_phone(page: Page, service: Service, project: MadeProject) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    for part in PARTS:
        await open_part(page, service, project, part)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, part


async def test_a_viewer_is_offered_nothing_that_they_may_not(
    page: Page, service: Service, people: Factory, flawless: Complaints
) -> None:
    project = await people.project()
    viewer = await people.member(project, ProjectRole.VIEWER)
    await pages.sign_in(page, service.url, viewer)
    await open_part(page, service, project, "members")
    parts = page.get_by_role("navigation", name="Parts of the project's settings").get_by_role("link")
    await expect(parts).to_have_text(["Members", "Export", "Copy", "Leave or delete"])
    await expect(page.get_by_role("button", name="Remove")).to_be_hidden()
    await page.goto(f"{service.url}/projects/{project.key}/settings/webhooks")
    await expect(page.get_by_role("heading", name="Not found")).to_be_visible()


async def test_the_name_is_kept_and_an_empty_one_refused(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("422")
    await open_part(page, service, project, "general")
    await page.get_by_label("Name").fill("   ")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Name").fill("Kitchen garden")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Kitchen garden")).to_be_visible()


async def test_what_somebody_else_has_changed_meanwhile_stays(
    page: Page, service: Service, people: Factory, project: MadeProject
) -> None:
    await open_part(page, service, project, "general")
    address = f"/projects/{project.key}"
    await boards.asked(people, project.owner, "PATCH", address, description="Theirs", defaults={"priority": "high"})
    await page.get_by_label("Name", exact=True).fill("Orchard")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    stored = await boards.asked(people, project.owner, "GET", address)
    assert (stored["name"], stored["description"], stored["defaults"]["priority"]) == ("Orchard", "Theirs", "high")


async def test_statuses_are_put_in_order_by_buttons_and_spoken(
    page: Page, service: Service, project: MadeProject
) -> None:
    await open_part(page, service, project, "statuses")
    names = page.get_by_role("textbox", name=re.compile("^Status "))
    before = [await name.input_value() for name in await names.all()]
    async with page.expect_response("**/statuses/*") as written:
        await page.get_by_role("button", name=f"Move {before[0]} down").click()
    assert (await written.value).ok
    await expect(page.get_by_role("status").filter(has_text=f"{before[0]} is now 2 of")).to_be_attached()
    await page.reload()
    await expect(names.first).to_have_value(before[1])


async def test_a_status_with_tasks_asks_where_they_go(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await people.task(project, "Weed the beds", status="in_progress")
    await open_part(page, service, project, "statuses")
    await page.get_by_role("button", name="Delete In progress").click()
    await page.get_by_label("Its tasks go to").select_option(label="To do")
    await page.get_by_role("button", name="Move and delete").click()
    await expect(page.get_by_label("Status In progress")).to_be_hidden()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Status In progress")).to_be_visible()


async def test_a_label_is_made_once_deleted_and_brought_back(
    page: Page, service: Service, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("409")
    await open_part(page, service, project, "labels")
    for _ in range(2):
        await page.get_by_label("Name").fill("urgent-ish")
        await page.get_by_role("button", name="Add a label").click()
        await expect(rows(page, "Labels")).to_have_count(1)
    await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    await page.get_by_role("button", name="Delete urgent-ish").click()
    await expect(page.get_by_text("No labels")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Label urgent-ish")).to_be_visible()


async def test_a_member_is_added_and_removed_and_nobody_unknown(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("422")
    flawless.expect("404")
    bo = await people.user()
    await open_part(page, service, project, "members")
    await page.get_by_label("Username").fill("nobody.at.all")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_label("Username")).to_have_value("nobody.at.all")
    await page.get_by_label("Username").fill(bo.username)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(rows(page, "Members")).to_have_count(2)
    await page.get_by_role("button", name=f"Remove {bo.username}").click()
    await expect(rows(page, "Members")).to_have_count(1)
    await page.get_by_role("button", name="Undo").click()
    await expect(rows(page, "Members")).to_have_count(2)


async def test_a_share_link_opens_for_who_has_its_password(
    page: Page, browser: Browser, service: Service, people: Factory, project: MadeProject
) -> None:
    await people.task(project, "Water the roses")
    await open_part(page, service, project, "share-links")
    await page.get_by_label("Label").fill("For the neighbours")
    await page.get_by_label("Password").fill("open-sesame")
    await page.get_by_role("button", name="Create link").click()
    address = await page.locator("pre").inner_text()
    context = await browser.new_context()
    visitor = await context.new_page()
    await visitor.goto(service.url + address[address.index("/shared/") :])
    await visitor.get_by_label("Password").and_(visitor.locator("input")).fill("open-pepper")
    await visitor.get_by_role("button", name="Open").click()
    await expect(visitor.get_by_role("alert")).to_be_visible()
    await visitor.get_by_label("Password").and_(visitor.locator("input")).fill("open-sesame")
    await visitor.get_by_role("button", name="Open").click()
    await expect(visitor.get_by_role("article", name="Water the roses")).to_be_visible()
    await pages.accessible(visitor)
    await visitor.get_by_role("link", name="Charts").click()
    await expect(visitor.get_by_role("img", name="Done a week")).to_be_visible()
    await visitor.goto(f"{service.url}/shared/no-such-token")
    await expect(visitor.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    await context.close()


async def test_a_webhook_is_pinged_and_shows_what_it_sent(
    page: Page, service: Service, project: MadeProject, receiver: Receiver, flawless: Complaints
) -> None:
    flawless.expect("422")
    await open_part(page, service, project, "webhooks")
    await page.get_by_label("Address").fill("http://192.0.2.1/hook")
    await page.get_by_role("button", name="Create webhook").click()
    await expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Address").fill(receiver.url)
    await page.get_by_role("button", name="Create webhook").click()
    secret = await page.locator("pre").inner_text()
    await page.get_by_role("button", name="Ping").click()
    await receiver.has(1)
    assert receiver.came[0].verified(secret)["type"] == "webhook.ping"
    await page.get_by_role("button", name="Request and answer of webhook.ping").filter(has_text="Answer 200").click()
    await expect(page.locator("pre").filter(has_text="webhook-signature")).to_be_visible()


async def test_a_rule_is_tried_and_kept(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("422")
    await people.task(project, "Repair the gate")
    await open_part(page, service, project, "rules")
    await page.get_by_label("Name").fill("All is urgent")
    await page.get_by_label("Where the task fits").fill("priority:")
    await page.get_by_role("button", name="Add an action").click()
    await page.get_by_label("Action 1", exact=True).select_option("priority")
    await page.get_by_label("Set the priority: which").select_option("urgent")
    await page.get_by_role("button", name="Try it on what has happened").click()
    await expect(page.get_by_label("Where the task fits")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Where the task fits").fill("title:gate")
    await page.get_by_role("button", name="Try it on what has happened").click()
    await expect(page.get_by_role("status").filter(has_text="1 fit")).to_be_visible()
    await page.get_by_role("button", name="Add a rule").click()
    await expect(rows(page, "Rules")).to_have_count(1)


async def test_a_file_is_looked_at_tried_and_brought_in(page: Page, service: Service, project: MadeProject) -> None:
    await open_part(page, service, project, "import")
    file = FilePayload(name="garden.csv", mimeType="text/csv", buffer=CSV.encode())
    await page.locator("input[type=file]").set_input_files([file])
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_label("Column Due")).to_have_value("due")
    await page.get_by_role("button", name="Try it", exact=True).click()
    trial = page.get_by_role("region", name="The trial")
    await expect(trial).to_contain_text("2 problems")
    await expect(trial.get_by_role("table").get_by_role("row")).to_have_count(3)
    await page.get_by_role("button", name="Bring in").click()
    result = page.get_by_role("region", name="The import")
    await expect(result).to_contain_text("Done. 2 created, 0 changed, 0 as they were, 1 failed.")
    await result.get_by_role("link", name="See the tasks").click()
    await expect(page.get_by_role("article", name="Paint the fence")).to_be_visible()


async def test_a_column_is_left_out_though_its_name_is_known(
    page: Page, service: Service, people: Factory, project: MadeProject, flawless: Complaints
) -> None:
    flawless.expect("422")
    await open_part(page, service, project, "import")
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_role("alert")).to_have_text("Choose a file first.")
    nothing = FilePayload(name="scan.csv", mimeType="text/csv", buffer=b"%PDF-1.7\n" + bytes(100))
    await page.locator("input[type=file]").set_input_files([nothing])
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_role("alert")).not_to_have_text("Choose a file first.")
    content = b"Title,Priority,Labels,Bed,Tool\nSow the carrots,urgent,spring,North,Rake\n"
    await page.locator("input[type=file]").set_input_files(
        [FilePayload(name="beds.csv", mimeType="text/csv", buffer=content)]
    )
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_label("Column Bed")).to_have_value("")
    await page.get_by_label("Make text fields of columns that are not known").check()
    await expect(page.get_by_label("Column Bed")).to_have_value("own")
    for column in ("Priority", "Tool"):
        await page.get_by_label(f"Column {column}").select_option(label="Left out")
    await page.get_by_role("button", name="Bring in").click()
    await expect(page.get_by_role("region", name="The import")).to_contain_text("Done. 1 created")
    async with people.client(project.owner) as owner:
        [task] = (await owner.get(project.tasks_path)).json()["items"]
    assert (task["priority"], task["fields"], len(task["label_ids"])) == ("none", {"bed": "North"}, 1)


async def test_a_webhook_sends_elsewhere_and_once_more(
    page: Page, service: Service, project: MadeProject, receiver: Receiver, flawless: Complaints
) -> None:
    flawless.expect("422")
    await open_part(page, service, project, "webhooks")
    await page.get_by_label("Address").fill("http://127.0.0.1:9/nobody")
    await page.get_by_role("button", name="Create webhook").click()
    await page.get_by_role("button", name="Edit http://127.0.0.1:9/nobody").click()
    await page.get_by_label("Address").fill("http://192.0.2.1/hook")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Address").fill(receiver.url)
    await page.get_by_role("button", name="Save").click()
    await expect(rows(page, "Webhooks")).to_contain_text(receiver.url)
    receiver.says(500)
    await page.get_by_role("button", name=f"Ping {receiver.url}").click()
    deliveries = rows(page, f"Deliveries to {receiver.url}")
    await expect(deliveries).to_contain_text("Answer 500")
    receiver.says(200)
    await page.get_by_role("button", name="Send webhook.ping again").click()
    await expect(deliveries.filter(has_text="Delivered")).to_have_count(1)
    assert [came.id for came in receiver.came].count(receiver.came[0].id) == 2


async def test_a_rule_acts_and_tells_what_it_did(
    page: Page, service: Service, people: Factory, project: MadeProject
) -> None:
    await open_part(page, service, project, "rules")
    await page.get_by_label("Name").fill("Fences first")
    await page.get_by_label("Where the task fits").fill("title:fence")
    await page.get_by_role("button", name="Add an action").click()
    await page.get_by_label("Action 1", exact=True).select_option("priority")
    await page.get_by_label("Set the priority: which").select_option("high")
    await page.get_by_role("button", name="Add a rule").click()
    await page.get_by_role("button", name="What Fences first did").click()
    await expect(page.get_by_text("It has done nothing in the last 30 days.")).to_be_visible()
    await page.goto(f"{service.url}/projects/{project.key}/board")
    await people.task(project, "Mend the fence")
    card = page.get_by_role("article", name="Mend the fence")
    await expect(card.get_by_label("High")).to_be_visible()
    await open_part(page, service, project, "rules")
    await page.get_by_role("button", name="What Fences first did").click()
    await expect(page.get_by_role("table", name="What Fences first did")).to_contain_text("Done")
    async with page.expect_response("**/rules/*") as rested:
        await page.get_by_label("Fences first is on").press("Space")
    assert not (await (await rested.value).json())["is_active"]
    await page.get_by_role("button", name="Delete Fences first").click()
    await expect(page.get_by_text("No rules")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_label("Fences first is on")).not_to_be_checked()
