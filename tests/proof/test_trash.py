"""What is in the trash opens to nobody, by no route but those that bring it back or end it."""

import pytest

from tests.proof.requests import Operation, Request, fill, has_keys, operations, valid
from tests.proof.world import Kind, Persona, World

_PERSONAS = (Persona.OWNER, Persona.SYSTEM_ADMIN, Persona.READ_ONLY_TOKEN)
_FOR_TRASH = {
    "POST /tasks/{task}/restore",
    "POST /projects/{project}/restore",
    "DELETE /tasks/{task}?permanent=true",
}


@pytest.mark.parametrize("persona", _PERSONAS)
async def test_a_project_in_the_trash_is_gone_with_all_that_is_in_it(persona: Persona, world: World) -> None:
    async with world.undone():
        await world.tables.execute("UPDATE projects SET deleted_at = now() WHERE id = $1", world.home.project)
        for operation in operations(world.app):
            if has_keys(operation) and operation.name != "POST /projects/{project}/restore":
                for by_key in (False, True):
                    async with world.undone():
                        request = await valid(world, operation, persona, Kind.OWN, by_key=by_key)
                        await _gone(world, persona, request)
        for path in ("", "/tasks"):
            shared = await world.client(persona).get(f"/api/v1/shared/{world.home.link_token}{path}")
            assert shared.status_code == 404


@pytest.mark.parametrize("persona", _PERSONAS)
async def test_a_task_in_the_trash_is_restored_or_purged_and_nothing_else(persona: Persona, world: World) -> None:
    place = world.place(persona, Kind.OWN)
    asked = [one for one in operations(world.app) if "task" in one.parameters and one.name not in _FOR_TRASH]
    assert asked, "no route names a task any more"
    for operation in asked:
        for name in (place.trashed_task, place.trashed_task_key):
            async with world.undone():
                request = await valid(world, operation, persona, Kind.OWN)
                await _gone(world, persona, Request(operation, fill(operation, place, task=name), request.body))


async def test_only_what_is_in_the_trash_is_restored(world: World) -> None:
    restoring = [one for one in operations(world.app) if one.name in _FOR_TRASH and one.method == "POST"]
    assert restoring, "no route restores any more: _FOR_TRASH names what was"
    for operation in restoring:
        path = fill(operation, world.home, task=world.home.task, project=world.home.project)
        async with world.undone():
            answer = await Request(operation, path, None).send(world.client(Persona.OWNER))
            assert (answer.status_code, answer.json()["code"]) == (409, "not_in_trash"), operation.name


async def _gone(world: World, persona: Persona, request: Request) -> None:
    answer = await request.send(world.client(persona))
    where = f"{request.operation.name} as {persona}: {answer.text[:300]}"
    if persona is Persona.READ_ONLY_TOKEN and not _reads(request.operation):
        assert answer.json()["code"] == "insufficient_scope", where
    else:
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), where


def _reads(operation: Operation) -> bool:
    return operation.method == "GET"
