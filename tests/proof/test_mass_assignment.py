"""Every column of the database offered to every route that writes: unknown to it, or none of its business (G6, T17)."""

from typing import Any

from taskapi.core.errors import MAX_FAULTS
from taskapi.models import Base
from tests.proof.requests import Operation, Request, operations, valid
from tests.proof.world import Kind, Persona, World

_COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.columns})
# The plain words by which privileges go elsewhere.
_PRIVILEGES = ["admin", "is_admin", "is_superuser", "owner", "permissions", "project_role", "scope", "user", "verified"]
# A problem lists no more faults than that, and what is missing in a valid body may be among them.
_AT_ONCE = MAX_FAULTS - 5
_WHO = Persona.SYSTEM_ADMIN  # who may send a body to every route that takes one


def _fields(operation: Operation, world: World) -> set[str]:
    content = operation.document["requestBody"]["content"][operation.media_type]["schema"]
    schema: dict[str, Any] = world.app.openapi()["components"]["schemas"][content["$ref"].rpartition("/")[2]]
    return set(schema["properties"])


async def test_no_body_takes_a_column_that_the_contract_does_not_name(world: World) -> None:
    for operation in operations(world.app):
        if operation.media_type != "application/json":
            continue
        offered = sorted({*_COLUMNS, *_PRIVILEGES} - _fields(operation, world))
        async with world.undone():
            request = await valid(world, operation, _WHO, Kind.OWN)
            for begin in range(0, len(offered), _AT_ONCE):
                some = offered[begin : begin + _AT_ONCE]
                body = {**(request.body or {}), **dict.fromkeys(some, "1")}
                answer = await Request(operation, request.path, body).send(world.client(_WHO))
                assert answer.status_code == 422, f"{operation.name}: {answer.text[:300]}"
                faults = {fault["pointer"].removeprefix("/") for fault in answer.json()["errors"]}
                assert set(some) <= faults, f"{operation.name} takes {set(some) - faults}"


async def test_one_such_field_is_enough(world: World) -> None:
    """Among valid ones, whichever it is, and nothing is written."""
    for operation in operations(world.app):
        if operation.media_type != "application/json":
            continue
        for field in {"role", "owner_id", "is_active", "version", "created_by", "project_id"} - _fields(
            operation, world
        ):
            async with world.undone():
                request = await valid(world, operation, _WHO, Kind.OWN)
                body = {**(request.body or {}), field: "owner"}
                answer = await Request(operation, request.path, body).send(world.client(_WHO))
            assert answer.status_code == 422, f"{operation.name} {field}: {answer.text[:300]}"
            assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{field}"]


async def test_what_the_contract_names_like_a_column_gives_no_more_than_it_says(world: World) -> None:
    """Roles are the one privilege in a body: what may be given is below or at the giver's own."""
    roles = {
        (operation.name, "role")
        for operation in operations(world.app)
        if operation.media_type == "application/json" and "role" in _fields(operation, world)
    }
    assert roles == {
        ("POST /projects/{project}/members", "role"),
        ("PATCH /projects/{project}/members/{user_id}", "role"),
        ("POST /projects/{project}/invitations", "role"),
        ("PATCH /users/{user_id}", "role"),
    }
    for operation in operations(world.app):
        if (operation.name, "role") not in roles or operation.name == "PATCH /users/{user_id}":
            continue
        async with world.undone():
            request = await valid(world, operation, Persona.ADMIN, Kind.OWN)
            raised = {**(request.body or {}), "role": "owner"}
            answer = await Request(operation, request.path, raised).send(world.client(Persona.ADMIN))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), operation.name
    for name in ("PATCH", "DELETE"):
        [operation] = [
            o for o in operations(world.app) if o.name == f"{name} /projects/{{project}}/members/{{user_id}}"
        ]
        path = f"/api/v1/projects/{world.home.project}/members/{world.person(Persona.OWNER).id}"
        body: dict[str, Any] | None = {"role": "viewer"} if name == "PATCH" else None
        async with world.undone():  # a second owner, so that it is not the last one's protection that answers
            await world.tables.execute(
                "UPDATE members SET role = 'owner' WHERE project_id = $1 AND user_id = $2",
                *(world.home.project, world.home.member),
            )
            answer = await Request(operation, path, body).send(world.client(Persona.ADMIN))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), operation.name
