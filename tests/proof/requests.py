"""A valid request for each route of the OpenAPI document: its path with whose ids, its body, what precedes it."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from taskapi.core.db.database import unit_of_work
from taskapi.core.secrets import one_time
from taskapi.core.secrets.one_time import Purpose
from taskapi.models import NotificationKind
from taskapi.notifications.unsubscribing.links import Unsubscribing
from taskapi.projects.invitations import service as invitations
from taskapi.projects.invitations.schemas import InvitationCreate
from tests.conftest import SECRET_KEY
from tests.proof.world import Kind, Persona, Place, World, forget_looks
from tests.support.api_tokens import wanted
from tests.support.authenticator import Authenticator, set_up
from tests.support.factory import PASSWORD, Person

Body = dict[str, Any]
_NEW_PASSWORD = "battery staple horse correct"
_PREFIX = "/api/v1"
# A parameter that asks for another permission makes another operation.
_OTHERS = {"DELETE /tasks/{task}": "?permanent=true"}

_RULE = {"kinds": ["task.created"], "actions": [{"type": "patch", "patch": {"priority": "high"}}]}
# What has to be asked for.
_UNSUBSCRIBE = f"?token={Unsubscribing(SECRET_KEY).write(UUID(int=0), [NotificationKind.COMMENTED])}"
_QUERIES = {
    "GET /search": "?q=of",
    "GET /projects/{project}/export": "?format=ndjson",
    "GET /notifications/unsubscribe": _UNSUBSCRIBE,
    "POST /notifications/unsubscribe": _UNSUBSCRIBE,
    "POST /projects/{project}/webhooks/{webhook_id}/replay": "?since=2026-01-01T00:00:00Z",
}


@dataclass(frozen=True)
class Operation:
    """One route with one of its methods, as the document has it; `query` where it makes it another one."""

    method: str
    path: str
    document: dict[str, Any]
    query: str = ""

    @property
    def name(self) -> str:
        """As access_matrix.yaml writes it."""
        return f"{self.method} {self.path.removeprefix(_PREFIX)}{self.query}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def media_type(self) -> str | None:
        return next(iter(self.document.get("requestBody", {}).get("content", {})), None)

    @property
    def success(self) -> int:
        return min(int(status) for status in self.document["responses"])


@dataclass(frozen=True)
class Request:
    operation: Operation
    path: str
    body: Body | None

    async def send(self, client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(self.operation.method, self.path, **self.content())

    def content(self) -> dict[str, Any]:
        """Its body, as httpx is given it."""
        if "multipart" in (self.operation.media_type or ""):
            parts = (self.body or {}).items()
            return {"files": [(name, (name if name == "file" else None, str(text).encode())) for name, text in parts]}
        return {"data" if "form" in (self.operation.media_type or "") else "json": self.body}


def operations(app: FastAPI) -> Iterator[Operation]:
    for path, methods in app.openapi()["paths"].items():
        for method, document in methods.items():
            operation = Operation(method.upper(), path, document)
            yield operation
            if operation.name in _OTHERS:
                yield replace(operation, query=_OTHERS[operation.name])


async def valid(
    world: World, operation: Operation, persona: Persona, kind: Kind, *, by_key: bool = False, body: Body | None = None
) -> Request:
    """What precedes it, such as a link that was mailed, has happened then."""
    place = world.place(persona, kind)
    if body is None:
        body = await _body(world, operation, persona, place)
    return Request(operation, fill(operation, place, by_key=by_key), body)


def fill(operation: Operation, place: Place, *, by_key: bool = False, **given: object) -> str:
    """The path with the ids of a place; `given` are those of parameters that come from elsewhere."""
    names = {**_NAMES, **_NAMES_OF.get(operation.name, {})}

    def value(parameter: str) -> object:
        if parameter in VALUES:
            return VALUES[parameter]
        name = names[parameter]
        return getattr(place, f"{name}_key" if by_key and parameter in {"project", "task"} else name)

    values = {parameter: given.get(parameter) or value(parameter) for parameter in operation.parameters}
    return operation.path.format(**values) + (operation.query or _QUERIES.get(operation.name, ""))


def has_keys(operation: Operation) -> bool:
    return bool({"project", "task"} & set(operation.parameters))


# What each parameter of a path names, of a place.
_NAMES = {
    "project": "project",
    "task": "task",
    "comment_id": "comment",
    "attachment_id": "attachment",
    "user_id": "member",
    "invitation_id": "invitation",
    "field_id": "field",
    "label_id": "label",
    "milestone_id": "milestone",
    "cycle_id": "cycle",
    "link_id": "link",
    "status_id": "status",
    "task_link_id": "task_link",
    "item_id": "item",
    "view_id": "view",
    "template_id": "template",
    "webhook_id": "webhook",
    "delivery_id": "delivery",
    "token": "link_token",
    "session_id": "session",
    "token_id": "api_token",
    "identity_id": "identity",
    "job_id": "job",
    "reminder_id": "reminder",
    "entry_id": "entry",
    "event_id": "event",
    "rule_id": "rule",
    "notification_id": "notification",
    "feed_id": "feed",
    "provider": "project_key",
    "change_id": "change",
    "batch_id": "batch",
    "import_id": "running_import",
}
# What names nothing that is anybody's.
VALUES = {"emoji": "%F0%9F%91%8D", "chart": "summary"}
_NAMES_OF = {
    "POST /projects/{project}/restore": {"project": "trashed_project"},
    "POST /tasks/{task}/restore": {"task": "trashed_task"},
    "GET /feeds/{token}.ics": {"token": "feed_token"},
}


async def _body(world: World, operation: Operation, persona: Persona, place: Place) -> Body | None:
    if operation.name in _PREPARED:
        return await _PREPARED[operation.name](world, persona)
    if operation.name in _PREPARED_THERE:
        await _PREPARED_THERE[operation.name](world, persona, place)
    if operation.media_type is None:
        return None
    return _BODIES[operation.name](world, persona, place)


_BODIES: dict[str, Callable[[World, Persona, Place], Body]] = {
    "PATCH /tasks/{task}": lambda *_: {"title": "New"},
    "POST /projects/{project}/tasks": lambda *_: {"title": "New"},
    "POST /tasks/{task}/move": lambda *_: {"status": "done"},
    "POST /tasks/{task}/duplicate": lambda *_: {},
    "POST /tasks/{task}/merge": lambda _, __, place: {"into": str(place.other_task)},
    "POST /tasks/{task}/links": lambda _, __, place: {"type": "relates_to", "task_id": str(place.other_task)},
    "POST /tasks/{task}/checklist": lambda *_: {"text": "New", "position": 0},
    "PATCH /tasks/{task}/checklist/{item_id}": lambda *_: {"done": True, "position": 1},
    "PUT /tasks/{task}/recurrence": lambda *_: {"rule": "FREQ=DAILY"},
    "POST /tasks/{task}/reminders": lambda *_: {"minutes_before": 10},
    "POST /tasks/{task}/time-entries": lambda *_: {"started_at": "2026-11-20T12:00:00Z", "seconds": 60},
    "PATCH /tasks/{task}/time-entries/{entry_id}": lambda *_: {"note": "New"},
    "POST /tasks/{task}/comments": lambda *_: {"body": "New"},
    "PATCH /tasks/{task}/comments/{comment_id}": lambda *_: {"body": "New"},
    "POST /tasks/{task}/attachments": lambda *_: {"file": "New"},
    "PATCH /attachments/{attachment_id}": lambda *_: {"name": "New"},
    "POST /tasks/batch": lambda _, __, place: {
        "operations": [
            {"op": "update", "task": str(place.task), "title": "New"},
            {"op": "create", "project": place.project_key, "title": "New", "parent_id": "$0.id"},
            {"op": "restore", "task": place.trashed_task_key},
            {"op": "move", "task": "$2.key", "before": str(place.task)},
            {"op": "delete", "task": "$1.id"},
        ]
    },
    "POST /tasks/bulk": lambda _, __, place: {"ids": [str(place.task)], "patch": {"title": "New"}},
    "POST /tasks/quick": lambda _, __, place: {"text": "New @me tomorrow", "project": place.project_key},
    "PATCH /projects/{project}": lambda *_: {"name": "New"},
    "POST /projects": lambda *_: {"key": "NEW", "name": "New"},
    "POST /projects/{project}/members": lambda world, *_: {"user_id": str(world.newcomer.id), "role": "viewer"},
    "PATCH /projects/{project}/members/{user_id}": lambda *_: {"role": "commenter", "weekly_capacity": 20},
    "POST /projects/{project}/transfer": lambda _, __, place: {"user_id": str(place.member)},
    "POST /projects/{project}/invitations": lambda *_: {"email": "new@example.com", "role": "viewer"},
    "POST /projects/{project}/share-links": lambda *_: {"label": "New"},
    "POST /projects/{project}/webhooks": lambda *_: {"url": "https://8.8.8.8/new", "events": ["*"]},
    "PATCH /projects/{project}/webhooks/{webhook_id}": lambda *_: {"url": "https://8.8.8.8/newer"},
    "POST /projects/{project}/duplicate": lambda *_: {"key": "COPY", "name": "Copy", "include_tasks": True},
    "POST /notifications/read": lambda *_: {"all": True},
    "PATCH /notifications/preferences": lambda *_: {"kinds": {"commented": {"email": "now"}}},
    "POST /notifications/unsubscribe": lambda *_: {"List-Unsubscribe": "One-Click"},
    "POST /projects/order": lambda *_: {"project_ids": []},
    "POST /projects/{project}/imports": lambda *_: {"format": "csv", "file": "title\nNew\n"},
    "POST /projects/{project}/imports/preview": lambda *_: {"format": "csv", "file": "title\nNew\n"},
    "POST /projects/{project}/fields": lambda *_: {"key": "new", "name": "New", "type": "number"},
    "PATCH /projects/{project}/fields/{field_id}": lambda *_: {"name": "New", "position": 0},
    "POST /projects/{project}/labels": lambda *_: {"name": "New", "color": "#2f6feb"},
    "POST /projects/{project}/templates": lambda *_: {"name": "New", "checklist": ["New"], "subtasks": ["New"]},
    "PATCH /projects/{project}/templates/{template_id}": lambda *_: {"name": "Newer"},
    "POST /projects/{project}/templates/{template_id}/apply": lambda *_: {},
    "POST /projects/{project}/rules": lambda *_: {"name": "New", **_RULE},
    "PATCH /projects/{project}/rules/{rule_id}": lambda *_: {"name": "New"},
    "POST /projects/{project}/rules/dry-run": lambda *_: _RULE,
    "POST /users/me/feeds": lambda *_: {"label": "New", "kind": "todo"},
    "POST /views": lambda *_: {"name": "New", "filter": "is:open"},
    "PATCH /views/{view_id}": lambda *_: {"name": "New"},
    "PATCH /projects/{project}/labels/{label_id}": lambda *_: {"name": "Newer"},
    "POST /projects/{project}/milestones": lambda *_: {"name": "New", "due_on": "2027-02-01"},
    "PATCH /projects/{project}/milestones/{milestone_id}": lambda *_: {"closed": True},
    "POST /projects/{project}/cycles": lambda *_: {
        "name": "New",
        "starts_on": "2028-02-01",
        "ends_on": "2028-02-14",
    },
    "PATCH /projects/{project}/cycles/{cycle_id}": lambda *_: {"name": "New"},
    "POST /projects/{project}/cycles/{cycle_id}/roll-over": lambda *_: {},
    "POST /projects/{project}/statuses": lambda *_: {"key": "new", "name": "New", "category": "started"},
    "PATCH /projects/{project}/statuses/{status_id}": lambda *_: {"name": "New", "position": 0},
    "POST /auth/login": lambda world, who, _: {"username": world.person(who).username, "password": PASSWORD},
    "POST /auth/token": lambda world, who, _: {"username": world.person(who).username, "password": PASSWORD},
    "POST /auth/refresh": lambda world, who, _: {"refresh_token": world.person(who).refresh_token},
    "POST /auth/register": lambda *_: {"username": "new", "email": "new@example.com", "password": PASSWORD},
    "POST /auth/oidc/complete": lambda *_: {"sign_in_token": "none", "totp_code": "000000"},
    "POST /auth/password/forgot": lambda *_: {"email": "viewer@example.com"},
    "POST /auth/password/change": lambda *_: {"current_password": PASSWORD, "new_password": _NEW_PASSWORD},
    "POST /auth/email/resend": lambda *_: {"email": "viewer@example.com"},
    "POST /auth/totp": lambda *_: {"password": PASSWORD},
    "POST /auth/tokens": lambda *_: wanted("tasks:read"),
    "DELETE /users/me": lambda *_: {"password": PASSWORD},
    "PATCH /users/me": lambda *_: {"full_name": "New", "timezone": "Europe/Vienna"},
    "PATCH /users/{user_id}": lambda *_: {"is_active": False},
}


def _mailed(purpose: Purpose, **more: Any) -> Callable[[World, Persona], Awaitable[Body]]:
    """A body with the token of a link that has been mailed to a new account."""

    async def body(world: World, _: Persona) -> Body:
        person = await world.make.user()
        details = {"email": person.email if purpose is Purpose.VERIFY_EMAIL else f"other.{person.email}"}
        async with unit_of_work(world.app.state.parts.database) as session:
            token_id = await one_time.issue(session, purpose, person.id, details)
        return {"token": world.app.state.parts.links.write(purpose, token_id), **more}

    return body


async def _invited(world: World, persona: Persona) -> Body:
    """To a project that none of the personas is in."""
    owner = await world.make.user()
    project = await world.make.project(owner)
    async with unit_of_work(world.app.state.parts.database) as session:
        data = InvitationCreate.model_validate({"email": world.person(persona).email, "role": "viewer"})
        await invitations.create_invitation(session, world.app.state.parts, owner.caller, project.key, data)
    token_id: UUID = await world.tables.fetchval("SELECT id FROM one_time_tokens ORDER BY created_at DESC LIMIT 1")
    return {"token": world.app.state.parts.links.write(Purpose.INVITATION, token_id)}


def _with_app(*, confirmed: bool) -> Callable[[World, Persona], Awaitable[Body]]:
    """A code of an authenticator app, by which it is confirmed or, where it is already, something else is."""

    async def body(world: World, persona: Persona) -> Body:
        person: Person | None = world.people.get(persona)
        if person is None:
            return {"code": "000000"}
        client = world.client(persona)
        if confirmed:
            return {"code": (await set_up(client)).code(1)}
        offered = await client.post("/api/v1/auth/totp", json={"password": PASSWORD})
        return {"code": Authenticator(offered.json()["secret"], []).code()}

    return body


async def _without_app(world: World, persona: Persona) -> Body:
    return {"password": PASSWORD, **await _with_app(confirmed=True)(world, persona)}


async def _recurring(world: World, _: Persona, place: Place) -> None:
    root = world.client(Persona.SYSTEM_ADMIN)
    await root.put(f"{_PREFIX}/tasks/{place.task}/recurrence", json={"rule": "FREQ=DAILY"})
    await forget_looks(world.tables)


async def _timed(world: World, persona: Persona, place: Place) -> None:
    """Whoever may; others are refused, and so they are of what follows."""
    await world.client(persona).post(f"{_PREFIX}/tasks/{place.task}/timer/start")
    await forget_looks(world.tables)


async def _timed_somewhere(world: World, persona: Persona, _: Place) -> None:
    project = await world.make.project(world.person(persona))
    task = await world.make.task(project)
    await world.client(persona).post(f"{_PREFIX}/tasks/{task['id']}/timer/start")


async def _without_import(world: World, _: Persona, place: Place) -> None:
    """A project has one at a time."""
    await world.client(Persona.SYSTEM_ADMIN).delete(f"{_PREFIX}/imports/{place.running_import}")
    await forget_looks(world.tables)


_PREPARED_THERE: dict[str, Callable[[World, Persona, Place], Awaitable[None]]] = {
    "POST /tasks/{task}/recurrence/skip": _recurring,
    "POST /projects/{project}/imports": _without_import,
    "POST /tasks/{task}/timer/stop": _timed,
    "POST /users/me/timer/stop": _timed_somewhere,
}
_PREPARED: dict[str, Callable[[World, Persona], Awaitable[Body]]] = {
    "POST /invitations/accept": _invited,
    "POST /auth/password/reset": _mailed(Purpose.RESET_PASSWORD, password=_NEW_PASSWORD),
    "POST /auth/email/verify": _mailed(Purpose.VERIFY_EMAIL),
    "POST /auth/email/change/confirm": _mailed(Purpose.CHANGE_EMAIL),
    "POST /auth/email/change/undo": _mailed(Purpose.UNDO_EMAIL_CHANGE),
    "POST /auth/totp/confirm": _with_app(confirmed=False),
    "POST /auth/totp/recovery-codes": _with_app(confirmed=True),
    "DELETE /auth/totp": _without_app,
}
