"""What opens for somebody holds what is theirs, and nothing of anybody else's."""

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest

from tests.proof.requests import has_keys, operations, valid
from tests.proof.world import Kind, Persona, Place, World
from tests.support.answers import column
from tests.support.api_tokens import api_token, carrying

_PROJECT_LISTS = {"members": "member", "invitations": "invitation", "share-links": "link"}


@pytest.mark.parametrize("below", _PROJECT_LISTS)
async def test_a_list_of_a_project_is_of_that_project(below: str, world: World) -> None:
    answer = await world.client(Persona.OWNER).get(f"/api/v1/projects/{world.home.project}/{below}?include=total")
    shown = {item.get("id") or item["user"]["id"] for item in answer.json()["items"]}
    assert str(getattr(world.home, _PROJECT_LISTS[below])) in shown
    assert not shown & {str(getattr(place, _PROJECT_LISTS[below])) for place in (world.away, world.elsewhere)}
    assert answer.json()["total"] == len(shown)


@pytest.mark.parametrize(
    ("path", "what"), [("/auth/sessions", "session"), ("/auth/tokens", "api_token"), ("/users/me/feeds", "feed")]
)
async def test_a_list_of_ones_own_is_ones_own(path: str, what: str, world: World) -> None:
    for persona, own in world.own.items():
        answer = await world.client(persona).get(f"/api/v1{path}?include=total")
        others = {str(ids[what]) for other, ids in world.own.items() if other is not persona}
        assert str(own[what]) in column(answer, "id")
        assert not others & set(column(answer, "id"))
        assert answer.json()["total"] == len(column(answer, "id"))


async def test_a_share_link_shows_one_project(world: World) -> None:
    answer = await world.client(Persona.ANONYMOUS).get(f"/api/v1/shared/{world.home.link_token}/tasks?include=total")
    living = [str(world.home.task), str(world.home.other_task)]
    assert (column(answer, "id"), answer.json()["total"]) == (living, 2)


_STRANGERS = (Persona.ANONYMOUS, Persona.OUTSIDER, Persona.SHARE_LINK)


@pytest.mark.parametrize("persona", [*_STRANGERS, Persona.VIEWER, Persona.READ_ONLY_TOKEN])
async def test_what_is_said_is_read_by_members_and_shown_by_no_share_link(persona: Persona, world: World) -> None:
    """Whatever may be asked: with ids of the project for strangers, and with ids of others for members."""
    reads = [operation for operation in operations(world.app) if operation.method == "GET"]
    heard = set()
    for operation in reads:
        for kind in Kind:
            async with world.undone():
                request = await valid(world, operation, persona, kind)
                told = (await request.send(world.client(persona))).text
            secret = ["Said of AWAY", "Said of ELSE"] + (["Said of HOME"] if persona in _STRANGERS else [])
            assert not [text for text in secret if text in told], f"{operation.name}: {told[:300]}"
            if "Said of HOME" in told or "Said <mark>of</mark> HOME" in told:
                heard.add(operation.name)
    assert ("GET /search" in heard) is (persona not in _STRANGERS)
    assert bool(heard) is (persona not in _STRANGERS)


@pytest.mark.parametrize("end", ["revoked_at = now()", "expires_at = now()"])
async def test_a_share_link_that_has_ended_shows_nothing(end: str, world: World) -> None:
    async with world.undone():
        await world.tables.execute(f"UPDATE share_links SET {end} WHERE id = $1", world.home.link)
        for below in ("", "/tasks"):
            answer = await world.client(Persona.ANONYMOUS).get(f"/api/v1/shared/{world.home.link_token}{below}")
            assert answer.status_code == 404


async def test_a_newer_invitation_replaces_none_to_another_project(world: World) -> None:
    async with world.undone():
        answer = await world.client(Persona.OWNER).post(
            f"/api/v1/projects/{world.home.project}/invitations",
            json={"email": "guest@away.example", "role": "viewer"},
        )
        assert answer.status_code == 201
        state = await world.tables.fetchrow("SELECT * FROM invitations WHERE id = $1", world.away.invitation)
    assert state["revoked_at"] is None


async def test_an_export_is_of_one_person(world: World) -> None:
    """Of a viewer, who is assigned to a task of each project, and has left all of them but one."""
    async with world.undone():
        await world.tables.execute("UPDATE tasks SET assignee_ids = ARRAY[$1::uuid]", world.person(Persona.VIEWER).id)
        archive = await world.client(Persona.VIEWER).get("/api/v1/users/me/export")
    viewer, own = world.person(Persona.VIEWER), world.own[Persona.VIEWER]
    parts = _parts(archive.content)
    assert [line["id"] for line in parts["profile"]] == [str(viewer.id)]
    assert [line["id"] for line in parts["sessions"]] == [str(own["session"])]
    assert [line["id"] for line in parts["api_tokens"]] == [str(own["api_token"])]
    assert [line["id"] for line in parts["identities"]] == [str(own["identity"])]
    assert {line["role"] for line in parts["memberships"]} == {"viewer"}
    assert {line["id"] for line in parts["tasks"]} == {str(task) for task in _tasks(world.home)}
    assert all(line["actor_id"] == str(viewer.id) for line in parts["changes_by_me"])
    assert all(line["subject_id"] == str(viewer.id) for line in parts["changes_to_me"])


async def test_the_parts_of_the_service_are_for_administrators(world: World) -> None:
    for persona in Persona:
        answer = await world.client(persona).get("/health")
        assert ("components" in answer.json()) is (persona is Persona.SYSTEM_ADMIN), persona


async def test_whatever_an_administrator_does_in_a_project_of_others_leaves_one_fact(world: World) -> None:
    told = 0
    # By a link they look as anybody does.
    looked_into = [one for one in operations(world.app) if has_keys(one) and "token" not in one.parameters]
    for operation in looked_into:
        async with world.undone():
            request = await valid(world, operation, Persona.SYSTEM_ADMIN, Kind.OWN)
            await request.send(world.client(Persona.SYSTEM_ADMIN))
            facts = await world.tables.fetch("SELECT actor_id, project_id FROM events WHERE kind = 'admin.access'")
        assert len(facts) == 1, operation.name
        assert facts[0]["actor_id"] == world.person(Persona.SYSTEM_ADMIN).id
        told += 1
    assert told


async def test_an_api_token_of_an_administrator_reaches_no_further_than_anybodys(world: World) -> None:
    async with world.undone():
        token = await api_token(world.make, world.person(Persona.SYSTEM_ADMIN), "tasks:read", "projects:read")
        script = carrying(world.make.client(), token)
        for path in (f"/tasks/{world.home.task}", f"/projects/{world.home.project}"):
            assert (await script.get(f"/api/v1{path}")).status_code == 404
        await script.aclose()


async def test_a_status_of_another_project_is_none(world: World) -> None:
    """To create with, to change into, to move to; and to move to in a project of one's own."""
    owner = world.client(Persona.OWNER)
    async with world.undone():
        await world.tables.execute(
            "INSERT INTO statuses (id, project_id, key, name, category, position)"
            " VALUES ($1, $2, 'theirs', 'Theirs', 'done', 9)",
            *(uuid4(), world.away.project),
        )
        second = await world.make.project(world.person(Persona.OWNER), "SECOND")
        task = f"/api/v1/tasks/{world.home.task}"
        for answer in (
            await owner.post(f"/api/v1/projects/{world.home.project}/tasks", json={"title": "x", "status": "theirs"}),
            await owner.patch(task, json={"status": "theirs"}),
            await owner.post(f"{task}/move", json={"status": "theirs"}),
            await owner.post(f"{task}/move", json={"status": "theirs", "project": second.key}),
        ):
            assert answer.status_code == 422, answer.text


async def test_what_is_kept_of_another_project_stays_when_ones_own_member_goes(world: World) -> None:
    """Removing somebody touches neither their other memberships nor what they are assigned to elsewhere."""
    editor, owner = world.person(Persona.EDITOR), world.client(Persona.OWNER)
    async with world.undone():
        await world.tables.execute("UPDATE tasks SET assignee_ids = ARRAY[$1::uuid]", editor.id)
        answer = await owner.delete(f"/api/v1/projects/{world.home.project}/members/{editor.id}")
        assert answer.status_code == 204
        left = await world.tables.fetch("SELECT project_id FROM members WHERE user_id = $1", editor.id)
        assigned = await world.tables.fetch("SELECT id FROM tasks WHERE $1 = ANY (assignee_ids)", editor.id)
    assert world.elsewhere.project in {row["project_id"] for row in left}
    assert world.home.project not in {row["project_id"] for row in left}
    assert {row["id"] for row in assigned} == _tasks(world.away) | _tasks(world.elsewhere)


def _tasks(place: Place) -> set[Any]:
    return {place.task, place.trashed_task, place.other_task}


def _parts(archive: bytes) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return {
            name.removesuffix(".ndjson"): [json.loads(line) for line in files.read(name).splitlines()]
            for name in files.namelist()
        }
