"""Each id of a request in turn replaced by one of another project, with all rights in one's own (G3, T15, T16, T20)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.proof.requests import VALUES, Operation, Request, fill, operations, valid
from tests.proof.snapshots import snapshot
from tests.proof.world import Kind, Persona, Place, World

# Fields of bodies that name something, with what of a place; a field that may name something has to be here or below.
_NAMING: dict[str, dict[str, str]] = {
    "POST /projects/{project}/tasks": {
        "parent_id": "task",
        "assignee_ids": "member",
        "label_ids": "label",
        "milestone_id": "milestone",
        "cycle_id": "cycle",
        "template_id": "template",
        "id": "task",
    },
    "PATCH /tasks/{task}": {
        "parent_id": "task",
        "assignee_ids": "member",
        "label_ids": "label",
        "milestone_id": "milestone",
        "cycle_id": "cycle",
    },
    "POST /tasks/{task}/move": {"project": "project", "before": "task", "after": "task"},
    "POST /tasks/{task}/duplicate": {"project": "project"},
    "POST /tasks/{task}/merge": {"into": "task"},
    "POST /tasks/{task}/links": {"task_id": "task", "id": "task_link"},
    "POST /tasks/{task}/checklist": {"id": "item"},
    "POST /tasks/{task}/comments": {"id": "comment"},
    "POST /tasks/bulk": {"ids": "task"},
    "POST /tasks/quick": {"project": "project"},
    "POST /projects": {"id": "project", "parent_id": "project"},
    "POST /projects/{project}/duplicate": {"id": "project"},
    "POST /projects/order": {"project_ids": "project"},
    "PATCH /projects/{project}": {"parent_id": "project"},
    "POST /projects/{project}/invitations": {"id": "invitation"},
    "POST /projects/{project}/fields": {"id": "field"},
    "POST /projects/{project}/labels": {"id": "label"},
    "POST /projects/{project}/templates": {"assignee_ids": "member", "label_ids": "label", "id": "template"},
    "PATCH /projects/{project}/templates/{template_id}": {"assignee_ids": "member", "label_ids": "label"},
    "POST /projects/{project}/templates/{template_id}/apply": {"id": "task"},
    "POST /projects/{project}/rules": {"id": "rule"},
    "POST /projects/{project}/milestones": {"id": "milestone"},
    "POST /projects/{project}/cycles": {"id": "cycle"},
    "POST /projects/{project}/cycles/{cycle_id}/roll-over": {"to": "cycle"},
    "POST /projects/{project}/share-links": {"id": "link"},
    "POST /projects/{project}/webhooks": {"id": "webhook"},
    "POST /projects/{project}/statuses": {"id": "status"},
    "POST /tasks/{task}/reminders": {"id": "reminder"},
    "POST /tasks/{task}/time-entries": {"id": "entry"},
    "POST /projects/{project}/transfer": {"user_id": "member"},
    "POST /users/me/feeds": {"project": "project", "id": "feed"},
    "POST /views": {"project": "project", "id": "view"},
    "POST /auth/tokens": {"project_ids": "project"},
}
# What is not one's own is passed over, whatever it is; and an instant.
_PASSED_OVER = {("POST /notifications/read", "ids"), ("POST /notifications/read", "before")}
# Whoever is added to a project comes from outside of it.
_FROM_ANYWHERE = {("POST /projects/{project}/members", "user_id")}
# Ids that clients choose for what they make: one that is taken is told as such, and nothing of whose it is.
_CHOSEN = {(name, "id") for name, fields in _NAMING.items() if "id" in fields}
# What a request is about, as if it stood in its path.
_SUBJECTS = {"project", "ids", "into"}
_TEXTS_THAT_NAME = {"project", "before", "after", "task_id", "into"}


def _naming_fields(operation: Operation, world: World) -> Iterator[str]:
    if operation.media_type is None:
        return
    schemas = world.app.openapi()["components"]["schemas"]
    content = operation.document["requestBody"]["content"][operation.media_type]["schema"]
    for name, schema in schemas[content["$ref"].rpartition("/")[2]]["properties"].items():
        if "'uuid'" in str(schema) or name in _TEXTS_THAT_NAME:
            yield name


def test_every_field_that_names_something_is_swapped(world: World) -> None:
    found = {(o.name, field) for o in operations(world.app) for field in _naming_fields(o, world)}
    assert (
        found == {(name, field) for name, fields in _NAMING.items() for field in fields} | _FROM_ANYWHERE | _PASSED_OVER
    )


async def test_an_id_of_another_project_in_a_path_reads_and_changes_nothing(world: World) -> None:
    swapped = 0
    for operation in operations(world.app):
        # What names nothing that is anybody's does not count; a share link alone names its own project.
        naming = set(operation.parameters) - set(VALUES)
        if len(operation.parameters) < 2 or naming == {"token"}:
            continue
        for parameter in naming:
            async with world.undone():
                request = await valid(world, operation, Persona.OWNER, Kind.OWN)
                theirs = fill(operation, world.away).split("/"), fill(operation, world.home).split("/")
                place = operation.path.split("/").index(f"{{{parameter}}}")
                path = "/".join([*theirs[1][:place], theirs[0][place], *theirs[1][place + 1 :]])
                # A link that opens was used, whatever was asked by it; that is noted once a minute.
                await world.tables.execute("UPDATE share_links SET last_used_at = clock_timestamp()")
                await _refused(world, Request(operation, path, request.body), {404})
                swapped += 1
    assert swapped


@pytest.mark.parametrize("name", _NAMING)
async def test_an_id_of_another_project_in_a_body_reads_and_changes_nothing(name: str, world: World) -> None:
    [operation] = [operation for operation in operations(world.app) if operation.name == name]
    for field, what in _NAMING[name].items():
        statuses = {409} if (name, field) in _CHOSEN else {404} if field in _SUBJECTS else {422}
        refusals = []
        for place in (world.away, world.nowhere):
            if place is world.nowhere and (name, field) in _CHOSEN:
                continue
            async with world.undone():
                request = await valid(world, operation, Persona.OWNER, Kind.OWN)
                body = {**(request.body or {}), field: _value(field, place, what)}
                told = await _refused(world, Request(operation, request.path, body), statuses)
                refusals.append({**told, "request_id": None})
        assert all(refusal == refusals[0] for refusal in refusals), "a foreign id can be told from a missing one"


async def test_moving_a_task_needs_the_right_to_write_where_it_goes(world: World) -> None:
    """To see the project is not enough."""
    async with world.undone():
        owner = world.person(Persona.OWNER)
        await world.tables.execute(
            "INSERT INTO members (project_id, user_id, role, joined_at) VALUES ($1, $2, 'viewer', now())",
            *(world.away.project, owner.id),
        )
        [move] = [operation for operation in operations(world.app) if operation.name == "POST /tasks/{task}/move"]
        request = await valid(world, move, Persona.OWNER, Kind.OWN, body={"project": world.away.project_key})
        assert "task:write" in (await _refused(world, request, {403}))["detail"]


def _value(field: str, place: Place, what: str) -> Any:
    value = str(getattr(place, what))
    return [value] if field.endswith("ids") else value


async def _refused(world: World, request: Request, statuses: set[int]) -> dict[str, Any]:
    before = await snapshot(world.tables)
    answer = await request.send(world.client(Persona.OWNER))
    where = f"{request.operation.name} {request.path} {request.body}: {answer.text[:300]}"
    assert answer.status_code in statuses, where
    assert await snapshot(world.tables) == before, where
    told: dict[str, Any] = answer.json()
    for secret in ("Of AWAY", world.away.project_key, world.away.task_key):
        assert secret not in answer.text.replace(str(told["instance"]), ""), where
    return told
