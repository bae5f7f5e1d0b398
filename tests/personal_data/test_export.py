"""Everything that is held about somebody, as a ZIP of NDJSON."""

import io
import json
import zipfile
from typing import Any

import httpx

from taskapi.models import ProjectRole
from taskapi.personal_data.export import queries
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD, Factory, Person
from tests.support.people import ME
from tests.support.statements import Counting

EXPORT = f"{ME}/export"
Parts = dict[str, list[dict[str, Any]]]


def unpacked(response: httpx.Response) -> Parts:
    assert response.status_code == 200, response.text
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.testzip() is None
    return {
        info.filename.removesuffix(".ndjson"): [json.loads(line) for line in archive.read(info).splitlines()]
        for info in archive.infolist()
    }


async def test_it_holds_all_that_is_about_me(
    ana: Person, mine: httpx.AsyncClient, admin: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project(ana, key="WEB")
    made = (await mine.post(project.tasks_path, json={"title": "Mine"})).json()
    others = await make.project(key="OPS")
    await make.member(others, ProjectRole.EDITOR, ana)
    assigned = await make.task(others, "For me", assignee_ids=[str(ana.id)])
    await make.task(others, "For others")
    said = (await mine.post("/api/v1/tasks/WEB-1/comments", json={"body": "Said by me"})).json()
    await mine.put(f"/api/v1/tasks/WEB-1/comments/{said['id']}/reactions/\N{THUMBS UP SIGN}")
    await mine.delete("/api/v1/tasks/WEB-1/watch")
    named = client_for(others.owner)
    await named.post("/api/v1/tasks/OPS-1/comments", json={"body": f"For @{ana.username}"})
    await named.post("/api/v1/tasks/OPS-2/comments", json={"body": "For others"})
    token = {"name": "script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    await mine.post("/api/v1/auth/tokens", json=token)
    await admin.patch(f"/api/v1/users/{ana.id}", json={"role": "admin"})

    response = await mine.get(EXPORT)
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"] == 'attachment; filename="taskapi-export.zip"'
    parts = unpacked(response)
    assert list(parts) == list(queries.PARTS)
    assert parts["profile"] == [(await mine.get(ME)).json()]
    assert [session["user_agent"] for session in parts["sessions"]] == ["tests"]
    assert [(token["name"], token["scopes"]) for token in parts["api_tokens"]] == [("script", ["tasks:read"])]
    assert [(m["project_key"], m["role"]) for m in parts["memberships"]] == [("WEB", "owner"), ("OPS", "editor")]
    assert parts["tasks"] == [made, assigned]
    about = [(line["task_key"], line["body"]) for line in parts["comments"]]
    assert about == [("WEB-1", "Said by me"), ("OPS-1", f"For @{ana.username}")]
    assert [(line["comment_id"], line["emoji"]) for line in parts["reactions"]] == [(said["id"], "\N{THUMBS UP SIGN}")]
    assert parts["watching"] == [{"task_id": made["id"], "watching": False}]
    assert {"project.created", "task.created", "session.started"} <= {c["kind"] for c in parts["changes_by_me"]}
    assert [c["kind"] for c in parts["changes_to_me"]] == ["user.registered", "member.added", "user.updated"]


async def test_it_holds_nothing_of_others(
    ana: Person, mine: httpx.AsyncClient, make: Factory, client_for: ClientFor
) -> None:
    project = await make.project(key="OPS")
    await make.member(project, ProjectRole.EDITOR, ana)
    await mine.post(project.tasks_path, json={"title": "Written while I was there"})
    await mine.post("/api/v1/tasks/OPS-1/comments", json={"body": "Said while I was there"})
    await client_for(project.owner).delete(f"/api/v1/projects/OPS/members/{ana.id}")
    await client_for(project.owner).patch("/api/v1/tasks/OPS-1", json={"title": "Written after I left"})
    response = await mine.get(EXPORT)
    parts = unpacked(response)
    assert (parts["memberships"], parts["tasks"], parts["comments"]) == ([], [], [])
    assert "after I left" not in json.dumps(parts)
    assert project.owner.email not in json.dumps(parts)


async def test_it_holds_no_secret(mine: httpx.AsyncClient, tables: Any) -> None:
    app = await set_up(mine)
    token = {"name": "script", "scopes": ["tasks:read"], "expires_at": "2027-01-01T00:00:00Z"}
    secret = (await mine.post("/api/v1/auth/tokens", json=token)).json()["token"]
    text = json.dumps(unpacked(await mine.get(EXPORT)))
    for kept in (secret, app.secret, *app.recovery_codes, "argon2", "secret_hash", "password_hash"):
        assert kept not in text


async def test_it_is_read_page_by_page(
    ana: Person, mine: httpx.AsyncClient, tables: Any, count_statements: Counting
) -> None:
    await tables.execute(
        "INSERT INTO sessions (id, user_id, rotated_at, created_at, expires_at)"
        " SELECT gen_random_uuid(), $1, now(), now(), now() FROM generate_series(1, 999)",
        ana.id,
    )
    await mine.get(ME)  # who it is, is known from here on
    async with count_statements() as seen:
        parts = unpacked(await mine.get(EXPORT))
    assert len({session["id"] for session in parts["sessions"]}) == 1000
    pages = 1000 // queries.PAGE + 1
    assert len([sql for sql in seen if sql.startswith("SELECT")]) == len(queries.PARTS) - 1 + pages


async def test_nobody_is_nobody(client: httpx.AsyncClient) -> None:
    assert problem(await client.get(EXPORT)) == (401, "unauthorized")


async def test_an_api_token_does_not_get_it(mine: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    token = {"name": "script", "scopes": ["users:read"], "expires_at": "2027-01-01T00:00:00Z"}
    secret = (await mine.post("/api/v1/auth/tokens", json=token)).json()["token"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert problem(await client.get(EXPORT, headers=headers)) == (403, "insufficient_scope")
    body = {"password": PASSWORD}
    deleted = await client.request("DELETE", ME, json=body, headers=headers)
    assert problem(deleted) == (403, "insufficient_scope")
