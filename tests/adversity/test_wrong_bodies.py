"""Wrong bodies for every route that takes one, made from the OpenAPI document: refused with a problem, never a 5xx."""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from taskapi.cli import contract
from taskapi.models import NotificationKind
from taskapi.notifications.unsubscribing.links import Unsubscribing
from tests.adversity.wrong_bodies import CANARY, JSON, Body, WrongBody, filled
from tests.conftest import SECRET_KEY, ClientFor
from tests.support.answers import faults
from tests.support.factory import Factory

_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}
_WRITES = ("post", "put", "patch", "delete")
_FEWEST = 60


DOCUMENT: dict[str, Any] = json.loads(contract.document())
OPERATIONS: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation.get("requestBody", {}).get("content", {}))
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in _WRITES
}
JSON_ROUTES = [name for name, (_, _, content) in OPERATIONS.items() if JSON in content]
FORM_ROUTES = [name for name, (_, _, content) in OPERATIONS.items() if content and JSON not in content]
BARE_ROUTES = [name for name, (_, _, content) in OPERATIONS.items() if not content]


def needs_body(name: str) -> bool:
    """Where all of it is optional, nothing is a good body."""
    method, path, _ = OPERATIONS[name]
    return bool(DOCUMENT["paths"][path][method.lower()]["requestBody"].get("required", False))


def body_of(name: str) -> Body:
    return Body(DOCUMENT, OPERATIONS[name][2][JSON]["schema"])


async def target_of(make: Factory, name: str) -> tuple[httpx.AsyncClient, str, str]:
    """Somebody who may, and what is there: only the body is wrong."""
    person = await make.user(admin=True)
    task = await make.task(await make.project(person, key="WEB"))
    method, path, _ = OPERATIONS[name]
    return make.client(person), method, filled(path, project="WEB", task=task["key"], user_id=str(person.id))


async def send(client: httpx.AsyncClient, method: str, path: str, wrong: WrongBody) -> httpx.Response:
    headers = {} if wrong.content_type is None else {"Content-Type": wrong.content_type}
    return await client.request(method, path, content=wrong.content, headers=headers)


def assert_refused(response: httpx.Response, wrong: WrongBody) -> None:
    where = f"{wrong.name}: {response.status_code} {response.text[:300]}"
    assert response.status_code in wrong.statuses, where
    assert response.headers["content-type"] == "application/problem+json", where
    problem = response.json()
    assert problem.keys() >= _MEMBERS, where
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["status"] == response.status_code
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["x-request-id"]
    assert CANARY not in response.text + repr(response.headers), where
    if problem["code"] == "validation_error":
        assert all(fault.keys() == {"pointer", "code", "detail"} for fault in problem["errors"])
        assert problem["errors"]


def test_every_route_that_takes_a_body_is_known() -> None:
    assert set(FORM_ROUTES) == {"token", "unsubscribe", "attach_files", "begin_import", "preview_import"}
    assert len(JSON_ROUTES) >= 10


@pytest.mark.parametrize("name", JSON_ROUTES)
async def test_a_wrong_body_is_refused(make: Factory, name: str) -> None:
    client, method, path = await target_of(make, name)
    wrong = [body for body in body_of(name).wrong() if body.content or needs_body(name)]
    assert len(wrong) >= _FEWEST
    async with client:
        for body in wrong:
            assert_refused(await send(client, method, path, body), body)


@pytest.mark.parametrize("name", JSON_ROUTES)
async def test_repeated_names_are_refused(make: Factory, name: str) -> None:
    """RFC 8259 leaves open which one counts, so that a proxy in front may have judged by another than we act on."""
    client, method, path = await target_of(make, name)
    field = next(iter(body_of(name).fields))
    good = json.dumps(body_of(name).good.get(field, None))
    wrong = WrongBody("repeated", f'{{"{field}": {good}, "{field}": {good}}}'.encode(), statuses=frozenset({422}))
    async with client:
        refused = await send(client, method, path, wrong)
    assert_refused(refused, wrong)
    assert faults(refused) == [(f"/{field}", "duplicate_name")]


@pytest.mark.parametrize("name", JSON_ROUTES)
async def test_what_is_wrong_is_said_before_whether_there_is_such_a_thing(make: Factory, name: str) -> None:
    method, path, _ = OPERATIONS[name]
    missing = filled(path, project="NONE", task="NONE-1")
    async with make.client(await make.user(admin=True)) as client:
        response = await client.request(method, missing, json={"unheard_of": CANARY})
    assert_refused(response, WrongBody("missing", b"", statuses=frozenset({422})))


@pytest.mark.parametrize("name", BARE_ROUTES)
async def test_a_route_without_a_body_is_not_moved_by_one(make: Factory, name: str) -> None:
    client, method, path = await target_of(make, name)
    wrong = [*body_of("create_task")._not_json(), *body_of("create_task")._not_the_object()]
    async with client:
        for body in wrong:
            response = await send(client, method, path, body)
            assert response.status_code < 500, body.name
            assert CANARY not in response.text


_PART = b'--b\r\nContent-Disposition: form-data; name="username"'
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=b"
WRONG_FORMS = [
    WrongBody("nothing", b"", _FORM),
    WrongBody("no password", b"username=ann", _FORM),
    WrongBody("no username", f"password={CANARY}".encode(), _FORM),
    WrongBody("empty", b"username=&password=", _FORM),
    WrongBody("extra", f"username=a&password=b&admin={CANARY}".encode(), _FORM),
    WrongBody("NUL", f"username=%00{CANARY}&password=x".encode(), _FORM),
    WrongBody("NUL, raw", f"username=\0{CANARY}&password=x".encode(), _FORM),
    WrongBody("too long", f"username=a&password={CANARY}{'x' * 128}".encode(), _FORM),
    WrongBody("much too long", f"username=a&password={CANARY}{'x' * 1_000_000}".encode(), _FORM),
    WrongBody("another grant", f"grant_type={CANARY}&username=a&password=b".encode(), _FORM),
    WrongBody("JSON", b'{"username": "a", "password": "b"}', _FORM),
    WrongBody("brackets", b"username[]=a&password[x]=b", _FORM),
    WrongBody("thousands of fields", b"&".join(b"a%d=1" % i for i in range(5000)), _FORM),
    WrongBody("ampersands", b"&" * 100_000, _FORM),
    WrongBody("equals", b"=" * 100_000, _FORM),
    WrongBody("no boundary", _PART, "multipart/form-data"),
    WrongBody("empty boundary", _PART, "multipart/form-data; boundary="),
    WrongBody("long boundary", _PART, f"multipart/form-data; boundary={'b' * 5000}"),
    WrongBody("truncated", _PART, _MULTIPART),
    WrongBody("no end", _PART + b"\r\n\r\nann", _MULTIPART),
    WrongBody("no parts", b"--b--\r\n", _MULTIPART),
    WrongBody("no name", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", _MULTIPART),
    WrongBody("no disposition", b"--b\r\n\r\nx\r\n--b--\r\n", _MULTIPART),
    WrongBody("bad header", b"--b\r\n\0: x\r\n\r\nx\r\n--b--\r\n", _MULTIPART),
    WrongBody("a file", _PART + b'; filename="f"\r\n\r\nann\r\n--b--\r\n', _MULTIPART),
    WrongBody("long header", _PART + b"\r\nX: " + b"x" * 100_000 + b"\r\n\r\nann\r\n--b--\r\n", _MULTIPART),
    WrongBody("many headers", _PART + b"\r\nX: y" * 5000 + b"\r\n\r\nann\r\n--b--\r\n", _MULTIPART),
    WrongBody("many parts", (_PART + b"\r\n\r\na\r\n") * 3000 + b"--b--\r\n", _MULTIPART),
    WrongBody("many files", (_PART + b'; filename="f"\r\n\r\na\r\n') * 3000 + b"--b--\r\n", _MULTIPART),
    WrongBody("bad character set", _PART + b"\r\n\r\na\r\n--b--\r\n", f"{_MULTIPART}; charset=no-such"),
    WrongBody("nested", b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx", _MULTIPART),
    WrongBody("not a form at all", b"\xff" * 1000, _FORM),
    *(
        WrongBody(f"as {content_type}", b"username=a&password=b", content_type, frozenset({415}))
        for content_type in (JSON, "text/plain", "multipart/mixed; boundary=b", "application/xml", "", None)
    ),
]


@pytest.mark.parametrize("wrong", WRONG_FORMS, ids=lambda wrong: wrong.name)
async def test_a_wrong_form_is_refused(client_for: ClientFor, wrong: WrongBody) -> None:
    assert_refused(await send(client_for(None), "POST", "/api/v1/auth/token", wrong), wrong)


# The button of a mail program may come without a form, so that one in which no field comes whole is as good.
_NO_FIELDS = {"nothing", "ampersands", "equals", "no parts", "truncated", "no end"}


@pytest.mark.parametrize("wrong", [f for f in WRONG_FORMS if f.name not in _NO_FIELDS], ids=lambda wrong: wrong.name)
async def test_a_wrong_form_ends_no_mails(make: Factory, client_for: ClientFor, wrong: WrongBody) -> None:
    """With a link that is good: what is taken would be a 200."""
    token = Unsubscribing(SECRET_KEY).write((await make.user()).id, [NotificationKind.COMMENTED])
    path = f"/api/v1/notifications/unsubscribe?token={token}"
    assert_refused(await send(client_for(None), "POST", path, wrong), wrong)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"[[":', "}]")])
async def test_64_levels_are_read_and_no_more(client_for: ClientFor, opening: str, closing: str) -> None:
    levels = opening.count("[", 0, 1) + opening.count("{")
    for depth, code in ((64, "validation_error"), (64 + levels, "malformed_body")):
        text = opening * (depth // levels) + "1" + closing * (depth // levels)
        response = await client_for(None).post("/api/v1/auth/login", content=text, headers={"Content-Type": JSON})
        assert response.json()["code"] == code


@pytest.mark.alone
@pytest.mark.parametrize(
    "text", ["[" * 65 + '"' + r"\"" * 500_000, "[" * 1_000_000, '{"a":' * 200_000, '"' * 1_000_000]
)
async def test_a_body_that_is_hard_to_read_is_refused_at_once(client_for: ClientFor, text: str) -> None:
    started = time.monotonic()
    wrong = WrongBody("hard to read", text.encode())
    assert_refused(await send(client_for(None), "POST", "/api/v1/auth/login", wrong), wrong)
    assert time.monotonic() - started < 2.0
