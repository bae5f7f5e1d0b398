"""What is made, changed and removed is taken back, for each kind of it; and there is a line for every kind."""

from typing import Any

import httpx
import pytest

from taskapi.changes.reverting.service import NOT_REVERTIBLE, UNDO
from taskapi.core.access.permissions import Scope
from taskapi.core.change_log.kinds import ChangeKind
from taskapi.models import ProjectRole
from tests.changes.lives import call, ok
from tests.changes.reverting.undoing import changes, last, refused, revert
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.api_tokens import api_token, carrying
from tests.support.factory import Factory, MadeProject

WEB, WEB_1 = "/projects/WEB", "/tasks/WEB-1"
_BLUE = "#0000ff"
# Where they are made, of what, and what is changed of them.
RESOURCES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "label": (f"{WEB}/labels", {"name": "bug", "color": "#d73a4a"}, {"name": "defect"}),
    "milestone": (f"{WEB}/milestones", {"name": "1.0", "due_on": "2027-01-01"}, {"closed": True}),
    "cycle": (
        f"{WEB}/cycles",
        {"name": "One", "starts_on": "2027-01-01", "ends_on": "2027-01-14"},
        {"ends_on": "2027-01-21"},
    ),
    "status": (
        f"{WEB}/statuses",
        {"key": "review", "name": "Review", "category": "started", "position": 1, "wip_limit": 3},
        {"wip_limit": None, "position": 4},
    ),
    "field": (
        f"{WEB}/fields",
        {"key": "severity", "name": "Severity", "type": "select", "options": [{"name": "High", "color": _BLUE}]},
        {"options": [{"key": "high", "name": "Higher"}, {"name": "Low"}], "required": True},
    ),
    "view": ("/views", {"name": "Late", "filter": "is:overdue", "project": "WEB", "shared": True}, {"sort": "due"}),
    "comment": (f"{WEB_1}/comments", {"body": "Hello"}, {"body": "Good bye"}),
    "checklist_item": (f"{WEB_1}/checklist", {"text": "Item"}, {"done": True}),
    "time_entry": (
        f"{WEB_1}/time-entries",
        {"started_at": "2026-01-01T09:00:00Z", "seconds": 60, "note": "Work"},
        {"seconds": 120, "note": None},
    ),
    "link": (f"{WEB_1}/links", {"type": "blocks", "task_id": "WEB-2"}, {}),
}
_OF_THE_ROW = {"created_at", "updated_at", "edited_at", "version", "progress"}


@pytest.fixture(autouse=True)
async def tasks(make: Factory, web: MadeProject) -> None:
    for title in ("One", "Two"):
        await make.task(web, title)


def plain(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in _OF_THE_ROW}


async def made(owner: httpx.AsyncClient, name: str) -> tuple[str, dict[str, Any]]:
    path, body, _ = RESOURCES[name]
    found = await ok(owner, "POST", path, body)
    return f"{path}/{found['id']}", found


async def of(owner: httpx.AsyncClient, name: str, it: dict[str, Any]) -> dict[str, Any]:
    """The change of this one, and not of those that made room for it."""
    found = await changes(owner, WEB, f"{name}.updated")
    return next(change for change in found if change["subject_id"] == it["id"])


def test_each_kind_is_taken_back_or_there_is_a_reason_why_not() -> None:
    assert UNDO.keys() | NOT_REVERTIBLE.keys() == set(ChangeKind)
    assert UNDO.keys() & NOT_REVERTIBLE.keys() == set()
    tried = {kind.family for kind in UNDO} - {"task", "project"}
    assert tried == RESOURCES.keys()


@pytest.mark.parametrize("name", RESOURCES)
async def test_what_was_made_is_removed_and_made_again_with_its_id(owner: httpx.AsyncClient, name: str) -> None:
    path, before = await made(owner, name)
    gone = await revert(owner, await last(owner, WEB, f"{name}.created"))
    assert f"{name}.deleted" in {change["kind"] for change in gone}
    assert (await call(owner, "GET", path)).status_code == 404
    await revert(owner, await last(owner, WEB, f"{name}.deleted"))
    assert plain(await ok(owner, "GET", path)) == plain(before)
    assert problem(await refused(owner, await last(owner, WEB, f"{name}.deleted"))) == (409, "changed_since")


@pytest.mark.parametrize("name", [name for name, (_, _, patch) in RESOURCES.items() if patch])
async def test_what_was_changed_is_changed_back_and_forth(owner: httpx.AsyncClient, name: str) -> None:
    path, before = await made(owner, name)
    after = await ok(owner, "PATCH", path, RESOURCES[name][2])
    change = await of(owner, name, before)
    [undone, *_] = await revert(owner, change)
    assert plain(await ok(owner, "GET", path)) == plain(before)
    answer = await refused(owner, change)
    assert problem(answer) == (409, "changed_since")
    assert undone["id"] in {later["id"] for later in answer.json()["changes"]}
    await revert(owner, undone)
    assert plain(await ok(owner, "GET", path)) == plain(after)


@pytest.mark.parametrize("name", [name for name, (_, _, patch) in RESOURCES.items() if patch])
async def test_what_was_changed_or_removed_since_is_left_alone(owner: httpx.AsyncClient, name: str) -> None:
    path, it = await made(owner, name)
    created = await last(owner, WEB, f"{name}.created")
    await ok(owner, "PATCH", path, RESOURCES[name][2])
    changed = await of(owner, name, it)
    assert problem(await refused(owner, created)) == (409, "changed_since")
    await ok(owner, "DELETE", path)
    answer = await refused(owner, changed)
    assert problem(answer) == (409, "changed_since")
    assert f"{name}.deleted" in {later["kind"] for later in answer.json()["changes"]}


async def test_a_closed_milestone_comes_back_closed(owner: httpx.AsyncClient) -> None:
    path, _ = await made(owner, "milestone")
    await ok(owner, "PATCH", path, {"closed": True})
    await ok(owner, "DELETE", path)
    await revert(owner, await last(owner, WEB, "milestone.deleted"))
    assert (await ok(owner, "GET", path))["closed"] is True


async def test_a_timer_that_was_stopped_stays_stopped(owner: httpx.AsyncClient) -> None:
    await ok(owner, "POST", f"{WEB_1}/timer/start")
    await ok(owner, "POST", f"{WEB_1}/timer/stop")
    assert problem(await refused(owner, await last(owner, WEB_1, "time_entry.updated"))) == (409, "not_revertible")


@pytest.mark.parametrize("name", ["comment", "time_entry", "view"])
async def test_what_is_somebodys_own_is_made_again_by_them_alone(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject, name: str
) -> None:
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    path, _ = await made(editor, name)
    await ok(owner, "DELETE", path)
    deleted = await last(owner, WEB, f"{name}.deleted")
    assert problem(await refused(owner, deleted)) == (409, "not_revertible")
    await revert(editor, deleted)
    assert (await call(editor, "GET", path)).is_success


async def test_the_rights_of_each_resource_are_asked(
    make: Factory, owner: httpx.AsyncClient, client: httpx.AsyncClient, client_for: ClientFor, web: MadeProject
) -> None:
    path, _ = await made(owner, "comment")
    await ok(owner, "PATCH", path, {"body": "Good bye"})
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    for kind in ("comment.updated", "comment.created"):
        assert problem(await refused(editor, await last(owner, WEB, kind)))[0] in {403, 409}
    assert problem(await refused(editor, await last(owner, WEB, "comment.updated"))) == (403, "forbidden")
    await made(owner, "label")
    label = await last(owner, WEB, "label.created")
    commenter = client_for(await make.member(web, ProjectRole.COMMENTER))
    assert problem(await refused(commenter, label)) == (403, "forbidden")
    scopes = [Scope.TASKS_READ, Scope.TASKS_WRITE, Scope.PROJECTS_READ]
    token = await api_token(make, web.owner, *scopes)
    assert problem(await refused(carrying(client, token), label)) == (403, "insufficient_scope")
    token = await api_token(make, web.owner, *scopes, Scope.PROJECTS_WRITE)
    await revert(carrying(client, token), label)


async def test_on_a_task_in_the_trash_nothing_is_taken_back(owner: httpx.AsyncClient) -> None:
    for name in ("comment", "checklist_item"):
        await made(owner, name)
    await ok(owner, "DELETE", WEB_1)
    for name in ("comment", "checklist_item"):
        assert problem(await refused(owner, await last(owner, WEB, f"{name}.created"))) == (404, "not_found")


async def test_a_name_that_is_taken_by_now_is_no_way_back(owner: httpx.AsyncClient) -> None:
    path, _ = await made(owner, "label")
    await ok(owner, "DELETE", path)
    await made(owner, "label")
    assert problem(await refused(owner, await last(owner, WEB, "label.deleted"))) == (409, "label_name_taken")


async def test_a_project_is_changed_back_and_comes_out_of_the_trash(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject
) -> None:
    before = await ok(owner, "GET", WEB)
    for body in ({"name": "Other", "defaults": {"priority": "high"}}, {"archived": True}):
        await ok(owner, "PATCH", WEB, body)
    await revert(owner, await last(owner, WEB, "project.archived"))
    updated = await last(owner, WEB, "project.updated")
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    assert problem(await refused(editor, updated)) == (403, "forbidden")
    await revert(owner, updated)
    assert plain(await ok(owner, "GET", WEB)) == plain(before)
    assert problem(await refused(owner, updated)) == (409, "changed_since")
    created = await last(owner, WEB, "project.created")
    [deleted] = await revert(owner, created)
    assert (await call(owner, "GET", WEB)).status_code == 404
    assert problem(await refused(editor, deleted)) == (403, "forbidden")
    [restored] = await revert(owner, deleted)
    assert restored["kind"] == "project.restored"
    assert plain(await ok(owner, "GET", WEB)) == plain(before)


async def test_who_may_not_change_a_project_is_told_so_whatever_became_of_it(
    make: Factory, owner: httpx.AsyncClient, client_for: ClientFor, web: MadeProject
) -> None:
    for name in ("Other", "Another"):
        await ok(owner, "PATCH", WEB, {"name": name})
    await ok(owner, "DELETE", WEB)
    await ok(owner, "POST", f"{WEB}/restore")
    for role, kind in (
        (ProjectRole.EDITOR, "project.updated"),
        (ProjectRole.ADMIN, "project.created"),
        (ProjectRole.ADMIN, "project.deleted"),
    ):
        client = client_for(await make.member(web, role))
        change = (await changes(owner, WEB, kind))[-1]
        assert problem(await refused(client, change)) == (403, "forbidden")
        assert problem(await refused(owner, change)) == (409, "changed_since")


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("POST", f"{WEB}/invitations", {"email": "new@example.com", "role": "viewer"}, "invitation.created"),
        ("POST", f"{WEB}/share-links", {"label": "Link"}, "share_link.created"),
        ("PUT", f"{WEB_1}/watch", None, "watcher.added"),
    ],
)
async def test_who_may_do_what_is_not_taken_back_here(
    owner: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None, kind: str
) -> None:
    await ok(owner, method, path, body)
    assert problem(await refused(owner, await last(owner, WEB, kind))) == (409, "not_revertible")


async def test_what_no_member_reads_is_not_found(owner: httpx.AsyncClient, tables: Any) -> None:
    await ok(owner, "POST", f"{WEB_1}/reminders", {"at": "2999-01-01T09:00:00Z"})
    for kind in ("reminder.created", "user.registered"):
        change_id = await tables.fetchval("SELECT id FROM events WHERE kind = $1 LIMIT 1", kind)
        assert problem(await refused(owner, {"id": change_id})) == (404, "not_found")
