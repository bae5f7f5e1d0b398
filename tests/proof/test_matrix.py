"""Every route answers every persona as access_matrix.yaml says, whosever the ids are (G1, G2, T14)."""

import httpx
import pytest

from tests.proof import matrix
from tests.proof.requests import Operation, has_keys, operations, valid
from tests.proof.world import Kind, Persona, World
from tests.support import answers

MATRIX = matrix.read()


@pytest.fixture(scope="session")
def by_name(world: World) -> dict[str, Operation]:
    return {operation.name: operation for operation in operations(world.app)}


def test_the_matrix_lists_every_route_and_no_other(by_name: dict[str, Operation]) -> None:
    assert not set(by_name) - set(MATRIX), "say in tests/access_matrix.yaml who may do this"
    assert not set(MATRIX) - set(by_name), "there is no such route"


def test_whatever_takes_an_id_says_what_becomes_of_foreign_and_missing_ones(by_name: dict[str, Operation]) -> None:
    for name, line in MATRIX.items():
        kinds = set(Kind) if by_name[name].parameters else {Kind.OWN}
        assert set(line.answers) == kinds, name


@pytest.mark.parametrize("name", MATRIX)
async def test_the_route_answers_as_the_matrix_says(name: str, world: World, by_name: dict[str, Operation]) -> None:
    operation, line, wrong = by_name[name], MATRIX[name], []
    for persona in Persona:
        for by_key in (False, True) if has_keys(operation) else (False,):
            found: dict[Kind, httpx.Response] = {}
            for kind in line.answers:
                async with world.undone():
                    request = await valid(world, operation, persona, kind, by_key=by_key)
                    found[kind] = await request.send(world.client(persona))
                wrong.append(line.check(operation, persona, kind, found[kind]))
            # An administrator finds any project, and hears of it what a member would.
            if persona is not Persona.SYSTEM_ADMIN or not has_keys(operation):
                wrong.append(_told_apart(persona, found))
    assert not any(wrong), f"{name}\n" + "\n".join(filter(None, wrong))


def _told_apart(persona: Persona, found: dict[Kind, httpx.Response]) -> str | None:
    """Whether somebody can tell what they must not see from what is not there."""
    if Kind.FOREIGN not in found or min(found[kind].status_code for kind in (Kind.FOREIGN, Kind.MISSING)) < 400:
        return None
    foreign, missing = (
        (answers.headers(found[kind]), {**found[kind].json(), "instance": None, "request_id": None})
        for kind in (Kind.FOREIGN, Kind.MISSING)
    )
    return None if foreign == missing else f"{persona} can tell a foreign id from a missing one: {foreign} {missing}"
