"""Files are attached to tasks: whole, by who may, within bounds; and what came to nothing leaves nothing."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from dirty_equals import IsDatetime
from fastapi import FastAPI

from taskapi.core.http import middleware
from taskapi.core.storage.errors import StorageUnavailable
from taskapi.core.storage.storage import Storage
from taskapi.models import ProjectRole
from tests.conftest import ClientFor
from tests.support.answers import problem
from tests.support.change_log import entries
from tests.support.factory import Factory, MadeProject
from tests.support.files import PNG, WEB_1_FILES, attach, content_of, sent, stored

pytestmark = pytest.mark.usefixtures("task", "own_storage")


@pytest.fixture
def no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is thrown away after an answer has left would be counted, too."""
    monkeypatch.setattr(middleware, "_LINGERING_BYTES", 0)


@contextmanager
def settings(app: FastAPI, **changed: int) -> Iterator[None]:
    """The application's, for a moment."""
    parts = app.state.parts
    before = parts.settings
    storage = before.storage.model_copy(update=changed)
    object.__setattr__(parts, "settings", before.model_copy(update={"storage": storage}))
    try:
        yield
    finally:
        object.__setattr__(parts, "settings", before)


async def test_a_file_is_attached_and_comes_back(
    owner: httpx.AsyncClient, web: MadeProject, task: dict[str, Any], tables: Any
) -> None:
    made = await owner.post(WEB_1_FILES, files=sent(("view1.png", PNG)))
    [attachment] = made.json()["items"]
    assert (made.status_code, attachment) == (
        201,
        {
            "id": attachment["id"],
            "task_id": task["id"],
            "name": "view1.png",
            "size": len(PNG),
            "media_type": "image/png",
            "sha256": hashlib.sha256(PNG).hexdigest(),
            "created_by": str(web.owner.id),
            "created_at": IsDatetime(iso_string=True),
            "version": 1,
        },
    )
    found = await owner.get(content_of(attachment))
    assert (found.status_code, found.content) == (200, PNG)
    assert (await owner.get(f"/api/v1/attachments/{attachment['id']}")).json() == attachment
    assert (await owner.get(WEB_1_FILES)).json()["items"] == [attachment]
    [created] = await entries(tables, attachment["id"])
    assert (created.kind, created.project_id, created.subject_key) == ("attachment.created", web.id, "WEB-1")
    assert {name: after for name, (_, after) in created.changes.items()} == attachment


async def test_several_are_attached_in_the_order_they_come(owner: httpx.AsyncClient) -> None:
    made = await owner.post(WEB_1_FILES, files=sent(("b.txt", b"b"), ("a.txt", b"a"), ("c.txt", b"")))
    assert [(item["name"], item["size"]) for item in made.json()["items"]] == [("b.txt", 1), ("a.txt", 1), ("c.txt", 0)]
    names = [item["name"] for item in (await owner.get(WEB_1_FILES, params={"sort": "name"})).json()["items"]]
    assert names == ["a.txt", "b.txt", "c.txt"]
    empty = made.json()["items"][2]
    assert (await owner.get(content_of(empty))).content == b""


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([("file", ("a", b"x")), ("other", ("b", b"x"))], "extra_forbidden"),
        ([("file", ("a", b"x")), ("file", (None, b"x"))], "extra_forbidden"),
        ([("file", (str(number), b"x")) for number in range(11)], "too_long"),
    ],
    ids=["another field", "no file", "eleven"],
)
async def test_a_form_that_is_not_as_described_attaches_nothing(
    owner: httpx.AsyncClient, app: FastAPI, files: Any, code: str
) -> None:
    refused = await owner.post(WEB_1_FILES, files=files)
    assert problem(refused) == (422, "validation_error")
    assert refused.json()["errors"][0]["code"] == code
    assert (await owner.get(WEB_1_FILES)).json()["items"] == []
    assert await stored(app) == set()


async def test_a_form_without_a_file_is_refused(owner: httpx.AsyncClient) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    assert problem(await owner.post(WEB_1_FILES, content=b"--b--\r\n", headers=head)) == (422, "validation_error")
    assert problem(await owner.post(WEB_1_FILES, json={})) == (415, "unsupported_media_type")
    assert problem(await owner.post(WEB_1_FILES)) == (415, "unsupported_media_type")


@pytest.mark.usefixtures("no_lingering")
async def test_nobody_sends_a_byte_for_nothing(
    make: Factory, web: MadeProject, client: httpx.AsyncClient, client_for: ClientFor, owner: httpx.AsyncClient
) -> None:
    async def asked(who: httpx.AsyncClient, path: str = WEB_1_FILES) -> tuple[int, str]:
        read = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal read
            read += 1
            yield b"--b\r\n"

        head = {"Content-Type": "multipart/form-data; boundary=b"}
        refused = problem(await who.post(path, content=body(), headers=head))
        assert read == 0
        return refused

    assert (await asked(client))[0] == 401
    assert (await asked(client_for(await make.user())))[0] == 404
    assert await asked(client_for(await make.member(web, ProjectRole.VIEWER))) == (403, "forbidden")
    assert await asked(owner, "/api/v1/tasks/WEB-9/attachments") == (404, "not_found")
    await owner.delete("/api/v1/tasks/WEB-1")
    assert await asked(owner) == (404, "not_found")
    await owner.post("/api/v1/tasks/WEB-1/restore")
    await owner.patch("/api/v1/projects/WEB", json={"archived": True})
    assert await asked(owner) == (409, "project_archived")


async def test_a_commenter_attaches_and_deletes_their_own(
    make: Factory, web: MadeProject, client_for: ClientFor, owner: httpx.AsyncClient
) -> None:
    commenter = client_for(await make.member(web, ProjectRole.COMMENTER))
    editor = client_for(await make.member(web, ProjectRole.EDITOR))
    theirs, another = await attach(commenter), await attach(commenter)
    assert problem(await editor.delete(f"/api/v1/attachments/{theirs['id']}")) == (403, "forbidden")
    assert problem(await editor.patch(f"/api/v1/attachments/{theirs['id']}", json={"name": "a"})) == (403, "forbidden")
    assert (await commenter.delete(f"/api/v1/attachments/{theirs['id']}")).status_code == 204
    assert (await owner.delete(f"/api/v1/attachments/{another['id']}")).status_code == 204
    assert problem(await owner.delete(f"/api/v1/attachments/{another['id']}")) == (404, "not_found")
    assert problem(await owner.get(content_of(another))) == (404, "not_found")


async def test_a_file_is_renamed(owner: httpx.AsyncClient, tables: Any) -> None:
    attachment = await attach(owner)
    path = f"/api/v1/attachments/{attachment['id']}"
    renamed = await owner.patch(path, json={"name": "Ärger.png"}, headers={"If-Match": '"1"'})
    assert renamed.json() == {**attachment, "name": "Ärger.png", "version": 2}
    assert problem(await owner.patch(path, json={"name": "b"}, headers={"If-Match": '"1"'}))[0] == 412
    for bad in ("", "a/b", "..", "a\nb", "a" * 256, None, "\u202egnp.exe"):
        assert problem(await owner.patch(path, json={"name": bad})) == (422, "validation_error")
    assert (await owner.patch(path, json={})).json()["version"] == 2
    _, updated = await entries(tables, attachment["id"])
    assert (updated.kind, updated.changes["name"]) == ("attachment.updated", ["view1.png", "Ärger.png"])


@pytest.mark.parametrize(
    ("limits", "code", "status"),
    [
        ({"file_max_bytes": 99}, "file_too_large", 413),
        ({"files_per_task": 1}, "task_files_full", 507),
        ({"file_bytes_per_task": 199}, "task_files_full", 507),
        ({"file_bytes_per_project": 199}, "project_files_full", 507),
        ({"file_bytes_per_user": 199}, "user_files_full", 507),
    ],
)
async def test_each_bound_says_which_it_is(
    owner: httpx.AsyncClient, app: FastAPI, limits: dict[str, int], code: str, status: int
) -> None:
    await attach(owner, b"x" * 100, "first")
    before = await stored(app)
    with settings(app, **limits):
        refused = await owner.post(WEB_1_FILES, files=sent(("second", b"x" * 100)))
        assert problem(refused) == (status, code)
        assert await stored(app) == before
    just = {name: bound + 1 for name, bound in limits.items()}
    with settings(app, **just):
        assert (await owner.post(WEB_1_FILES, files=sent(("second", b"x" * 100)))).status_code == 201


async def test_a_bound_of_several_files_holds_for_all_of_them(owner: httpx.AsyncClient, app: FastAPI) -> None:
    with settings(app, file_bytes_per_task=150):
        refused = await owner.post(WEB_1_FILES, files=sent(("a", b"x" * 100), ("b", b"x" * 51)))
        assert problem(refused) == (507, "task_files_full")
    with settings(app, files_per_task=1):
        refused = await owner.post(WEB_1_FILES, files=sent(("a", b"x"), ("b", b"x")))
        assert problem(refused) == (507, "task_files_full")
    assert await stored(app) == set()


@pytest.mark.usefixtures("no_lingering")
async def test_what_is_too_large_is_refused_before_the_rest_is_read(owner: httpx.AsyncClient, app: FastAPI) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while read < 100 * 1024 * 1024:
            read += 1024
            yield b"x" * 1024

    head = {"Content-Type": "multipart/form-data; boundary=b"}
    with settings(app, file_max_bytes=100_000):
        assert problem(await owner.post(WEB_1_FILES, content=body(), headers=head)) == (413, "file_too_large")
    assert read < 100_000 + 64 * 1024
    assert await stored(app) == set()


async def test_a_length_that_is_too_large_is_refused_at_once(owner: httpx.AsyncClient, app: FastAPI) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(1 << 40)}
    assert problem(await owner.post(WEB_1_FILES, content=b"", headers=head)) == (413, "too_large")


async def test_a_repeat_with_the_same_key_attaches_once(owner: httpx.AsyncClient, app: FastAPI) -> None:
    head = {"Idempotency-Key": uuid4().hex}
    first = await owner.post(WEB_1_FILES, files=sent(("a", b"x")), headers=head)
    kept = await stored(app)
    again = await owner.post(WEB_1_FILES, files=sent(("a", b"x")), headers=head)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await owner.post(WEB_1_FILES, files=sent(("a", b"y")), headers=head)
    assert problem(other) == (422, "idempotency_key_reused")
    assert len((await owner.get(WEB_1_FILES)).json()["items"]) == 1
    assert await stored(app) == kept


async def test_a_try_attaches_nothing(owner: httpx.AsyncClient, app: FastAPI) -> None:
    tried = await owner.post(WEB_1_FILES, files=sent(("a", b"x")), headers={"Prefer": "validate-only"})
    assert (tried.status_code, tried.headers["preference-applied"]) == (201, "validate-only")
    assert (await owner.get(WEB_1_FILES)).json()["items"] == []
    assert await stored(app) == set()


async def test_a_storage_that_is_gone_takes_files_alone_down(
    owner: httpx.AsyncClient, own_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    attachment = await attach(owner)

    async def gone(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(own_storage, "_reach", gone)
    monkeypatch.setattr(own_storage, "_ask", gone)
    unavailable = (503, "file_storage_unavailable")
    assert problem(await owner.post(WEB_1_FILES, files=sent(("a", b"x")))) == unavailable
    assert problem(await owner.get(content_of(attachment))) == unavailable
    assert (await owner.get("/api/v1/tasks/WEB-1")).status_code == 200
    assert (await owner.get("/health/ready")).status_code == 200


async def test_content_that_is_missing_is_said_to_be(owner: httpx.AsyncClient, own_storage: Storage) -> None:
    attachment = await attach(owner)
    await own_storage.delete([stored.key async for stored in own_storage.list("attachments")])
    assert problem(await owner.get(content_of(attachment))) == (404, "content_missing")
    assert (await owner.get(f"/api/v1/attachments/{attachment['id']}")).status_code == 200


@pytest.mark.slow
async def test_two_at_once_do_not_share_the_last_room(live: Factory) -> None:
    project = await live.project(key="WEB")
    await live.task(project)
    async with live.client(project.owner) as owner:
        with settings(live.app, file_bytes_per_project=1000):
            made = await asyncio.gather(
                *(owner.post(WEB_1_FILES, files=sent((str(number), b"x" * 300))) for number in range(8))
            )
    assert sorted(answer.status_code for answer in made) == [201] * 3 + [507] * 5


async def test_who_has_left_reads_no_more(
    make: Factory, web: MadeProject, client_for: ClientFor, owner: httpx.AsyncClient
) -> None:
    person = await make.member(web, ProjectRole.COMMENTER)
    commenter = client_for(person)
    theirs = await attach(commenter)
    await owner.delete(f"/api/v1/projects/WEB/members/{person.id}")
    assert problem(await commenter.get(content_of(theirs))) == (404, "not_found")
    assert (await owner.get(content_of(theirs))).content == PNG
