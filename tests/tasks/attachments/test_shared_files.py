"""By a share link that was made to show them, files are read as members read them; by any other link none is there."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.conftest import ClientFor
from tests.support.answers import faults, problem, walk
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.files import PNG, WEB_1_FILES, attach, content_of, sent

pytestmark = pytest.mark.usefixtures("task", "own_storage")
LINKS = "/api/v1/projects/WEB/share-links"
PASSWORD = "open sesame, please"


async def share(owner: httpx.AsyncClient, **body: Any) -> str:
    made = await owner.post(LINKS, json={"attachments": True, **body})
    assert made.status_code == 201, made.text
    return f"/api/v1/shared/{made.json()['token']}"


def paths(attachment: dict[str, Any]) -> tuple[str, str, str]:
    """Below a link."""
    below = f"/attachments/{attachment['id']}"
    return ("/tasks/WEB-1/attachments", f"{below}/content", f"{below}/preview")


async def test_a_link_says_whether_it_shows_files(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, tables: Any
) -> None:
    for body, shows in (({}, False), ({"attachments": True}, True)):
        link = (await owner.post(LINKS, json=body)).json()
        assert link["attachments"] is shows
        assert (await owner.get(f"{LINKS}/{link['id']}")).json()["attachments"] is shows
        assert (await client.get(f"/api/v1/shared/{link['token']}")).json()["attachments"] is shows
        [told] = await entries(tables, link["id"])
        assert told.changes["attachments"] == [None, shows]
    refused = await owner.post(LINKS, json={"attachments": None})
    assert faults(refused) == [("/attachments", "bool_type")]


async def test_files_are_what_members_see(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, task: dict[str, Any]
) -> None:
    attachment = await attach(owner, PNG, "Ärger.png")
    await owner.post(WEB_1_FILES, files=sent(("a.txt", b"a"), ("b.html", b"<script>")))
    link = await share(owner)
    for name in ("WEB-1", task["id"]):
        listed = await client.get(f"{link}/tasks/{name}/attachments", params={"include": "total"})
        assert listed.json() == (await owner.get(WEB_1_FILES, params={"include": "total"})).json()
        assert listed.headers["cache-control"] == "no-store"
    assert await walk(client, f"{link}/tasks/WEB-1/attachments", limit=1) == listed.json()["items"]
    assert (await client.get(f"{link}/tasks/WEB-1/attachments", params={"sort": "size"})).status_code == 422
    for item in listed.json()["items"]:
        for params in ({}, {"inline": "true"}):
            shown = await client.get(f"{link}/attachments/{item['id']}/content", params=params)
            own = await owner.get(content_of(item), params=params)
            assert (shown.status_code, shown.content) == (200, own.content)
            same = ("content-type", "content-disposition", "content-security-policy", "x-content-type-options", "etag")
            assert [shown.headers[name] for name in same] == [own.headers[name] for name in same]
            assert shown.headers["referrer-policy"] == "no-referrer"
    path = f"{link}{paths(attachment)[1]}"
    part = await client.get(path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, PNG[:4])
    assert (await client.get(path, headers={"If-None-Match": part.headers["etag"]})).status_code == 304
    assert (await client.head(path)).headers["content-length"] == str(len(PNG))
    assert problem(await client.get(f"{link}{paths(attachment)[2]}")) == (404, "no_preview")


async def test_a_link_that_shows_no_files_and_one_that_opens_nothing_are_404(
    owner: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    attachment = await attach(owner)
    without = await share(owner, attachments=False)
    made = (await owner.post(LINKS, json={"attachments": True})).json()
    assert (await owner.delete(f"{LINKS}/{made['id']}")).status_code == 204
    for link in (without, f"/api/v1/shared/{made['token']}", f"/api/v1/shared/{'A' * 43}", "/api/v1/shared/WEB"):
        for path in paths(attachment):
            refused = await client.get(f"{link}{path}")
            assert problem(refused) == (404, "not_found")
            assert made["token"] not in refused.text
            assert "view1" not in refused.text


async def test_files_of_other_projects_and_in_the_trash_are_not_shown(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, make: Factory, web: MadeProject
) -> None:
    link = await share(owner)
    other = await make.project(web.owner, key="APP")
    await make.task(other)
    elsewhere = await attach(owner, path="/api/v1/tasks/APP-1/attachments")
    assert problem(await client.get(f"{link}/tasks/APP-1/attachments")) == (404, "not_found")
    assert problem(await client.get(f"{link}{paths(elsewhere)[1]}")) == (404, "not_found")
    here = await attach(owner)
    for undo in ("/api/v1/tasks/WEB-1", "/api/v1/projects/WEB"):
        assert (await client.get(f"{link}{paths(here)[1]}")).status_code == 200
        await owner.delete(undo)
        for path in paths(here):
            assert problem(await client.get(f"{link}{path}")) == (404, "not_found")
        await owner.post(f"{undo}/restore")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert (await client.get(f"{link}{paths(here)[1]}")).status_code == 200
    await owner.patch("/api/v1/projects/WEB", json={"archived": False})
    await owner.post("/api/v1/tasks/WEB-1/move", json={"project": "APP"})
    for who in (client, owner):  # whom the key of today is nobody's to tell by a link
        assert problem(await who.get(f"{link}/tasks/WEB-1/attachments")) == (404, "not_found")
    assert problem(await client.get(f"{link}{paths(here)[1]}")) == (404, "not_found")


async def test_a_password_is_asked_for(owner: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    attachment = await attach(owner)
    link = await share(owner, password=PASSWORD)
    for path in paths(attachment)[:2]:
        assert problem(await client.get(f"{link}{path}")) == (401, "password_required")
        wrong = await client.get(f"{link}{path}", headers={"X-Share-Password": "open barley, please"})
        assert problem(wrong) == (401, "wrong_share_password")
        assert (await client.get(f"{link}{path}", headers={"X-Share-Password": PASSWORD})).status_code == 200


async def test_a_link_is_dark_while_its_maker_could_not_make_it(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, web: MadeProject, make: Factory, client_for: ClientFor
) -> None:
    attachment = await attach(owner)
    link = await share(owner)
    root = client_for(await make.user(admin=True))
    await root.patch(f"/api/v1/users/{web.owner.id}", json={"is_active": False})
    for path in paths(attachment):
        assert problem(await client.get(f"{link}{path}")) == (404, "not_found")


async def test_no_log_and_no_address_elsewhere_has_the_token(
    owner: httpx.AsyncClient, client: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where S3 gives the files, what is signed names the object alone."""
    attachment = await attach(owner)
    link = await share(owner)
    monkeypatch.setattr(app.state.parts.storage, "address", lambda key, _: f"https://s3.example.org/{key}?signed")
    sent_on = await client.get(f"{link}{paths(attachment)[1]}")
    assert sent_on.status_code == 302
    assert link.rpartition("/")[2] not in sent_on.headers["location"]
    for path in ("/attachments/x/content", "/tasks/NONE-1/attachments", "/attachments"):
        refused = await client.get(f"{link}{path}")
        assert refused.status_code >= 400
        assert link.rpartition("/")[2] not in refused.text
