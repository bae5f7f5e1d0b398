"""Ten personas, and what they ask for: a project they are in, one they are not in, and what does not exist."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from taskapi.automation.rules import service as rules
from taskapi.automation.rules.schemas import RuleCreate
from taskapi.core.db.database import unit_of_work
from taskapi.imports import service as imports
from taskapi.imports.formats import ImportFormat
from taskapi.imports.schemas import ImportRequest
from taskapi.models import ProjectRole, StatusCategory
from taskapi.projects import service as projects
from taskapi.projects.cycles import service as cycles
from taskapi.projects.cycles.schemas import CycleCreate
from taskapi.projects.fields import service as fields
from taskapi.projects.fields.schemas import FieldCreate
from taskapi.projects.invitations import service as invitations
from taskapi.projects.invitations.schemas import InvitationCreate
from taskapi.projects.labels import service as labels
from taskapi.projects.labels.schemas import LabelCreate
from taskapi.projects.milestones import service as milestones
from taskapi.projects.milestones.schemas import MilestoneCreate
from taskapi.projects.share_links import service as share_links
from taskapi.projects.share_links.schemas import ShareLinkCreate
from taskapi.projects.statuses import service as statuses
from taskapi.projects.statuses.schemas import StatusCreate
from taskapi.projects.templates import service as templates
from taskapi.projects.templates.schemas import TaskTemplateCreate
from taskapi.tasks.attachments import names, previews
from taskapi.tasks.attachments import service as attachments
from taskapi.tasks.attachments.service import Received
from taskapi.tasks.checklist import service as checklist
from taskapi.tasks.checklist.schemas import ItemCreate
from taskapi.tasks.comments import service as comments
from taskapi.tasks.comments.reactions import service as reactions
from taskapi.tasks.comments.schemas import CommentCreate
from taskapi.tasks.feeds import service as feeds
from taskapi.tasks.feeds.schemas import FeedCreate
from taskapi.tasks.links import service as task_links
from taskapi.tasks.links.schemas import LinkCreate, LinkType
from taskapi.tasks.reminders import service as reminders
from taskapi.tasks.reminders.schemas import ReminderCreate
from taskapi.tasks.time_entries import service as time_entries
from taskapi.tasks.time_entries.schemas import TimeEntryCreate
from taskapi.tasks.trash import service as trash
from taskapi.tasks.views import service as views
from taskapi.tasks.views.schemas import ViewCreate
from taskapi.tasks.watchers import service as watchers
from taskapi.webhooks import service as webhooks
from taskapi.webhooks.deliveries import service as deliveries
from taskapi.webhooks.schemas import WebhookCreate
from tests.support import identities
from tests.support.api_tokens import api_token
from tests.support.authenticator import set_up
from tests.support.factory import PASSWORD, Factory, MadeProject, Person
from tests.support.people import ME

READ_SCOPES = ("tasks:read", "projects:read", "members:read", "users:read", "webhooks:read")
_RULE = {"kinds": ["task.created"], "actions": [{"type": "comment", "body": "Hello"}]}
_ADDED = "SELECT id FROM events WHERE kind = 'member.added' AND project_id = $1 LIMIT 1"
_ADD_JOB = (
    "INSERT INTO jobs.pgqueuer (id, priority, status, entrypoint, payload, created)"
    " SELECT 900000000 + count(*), 0, 'failed', 'core.sweep', '{}', now() FROM jobs.pgqueuer RETURNING id"
)


class Persona(StrEnum):
    """In the order of the columns of access_matrix.yaml."""

    ANONYMOUS = "anonymous"
    OUTSIDER = "outsider"
    VIEWER = "viewer"
    COMMENTER = "commenter"
    EDITOR = "editor"
    ADMIN = "admin"
    OWNER = "owner"
    SYSTEM_ADMIN = "system_admin"
    SHARE_LINK = "share_link"
    READ_ONLY_TOKEN = "read_only_token"


class Kind(StrEnum):
    """Whose the ids of a request are."""

    OWN = "own"
    FOREIGN = "foreign"
    MISSING = "missing"


@dataclass(frozen=True)
class Place:
    """Everything that an id can name, of one project."""

    project: UUID
    project_key: str
    task: UUID
    task_key: str
    trashed_task: UUID
    trashed_task_key: str
    trashed_project: UUID
    trashed_project_key: str
    member: UUID
    invitation: UUID
    link: UUID
    link_token: str
    feed_token: str
    session: UUID
    api_token: UUID
    identity: UUID
    job: int
    label: UUID
    status: UUID
    other_task: UUID
    task_link: UUID
    item: UUID
    reminder: UUID
    """Of whoever asks, where they may see its task; else an editor's."""
    entry: UUID
    """An editor's."""
    milestone: UUID
    cycle: UUID
    comment: UUID
    attachment: UUID
    field: UUID
    view: UUID
    change: UUID
    """The making of the other task."""
    batch: UUID
    template: UUID
    event: UUID
    """A security event."""
    rule: UUID
    notification: UUID
    """Of whoever asks, where they may see its task; else an editor's."""
    webhook: UUID
    delivery: UUID
    feed: UUID
    running_import: UUID

    @classmethod
    def nowhere(cls) -> "Place":
        """Ids of the same length as real ones, so that even the length of an answer can be compared."""
        begin = (
            *(uuid4(), "NONE", uuid4(), "NONE-1", uuid4(), "NONE-2", uuid4(), "GONEB", uuid4(), uuid4(), uuid4()),
            *(secrets.token_urlsafe(32), secrets.token_urlsafe(32), uuid4(), uuid4(), uuid4(), 999_999_999),
        )
        return cls(*begin, *(uuid4() for _ in fields_of(cls)[len(begin) :]))


@dataclass
class World:
    make: Factory
    tables: Any
    people: dict[Persona, Person]
    newcomer: Person
    home: Place
    away: Place
    elsewhere: Place
    """Of the person whose token it is, but not of a project that the token names."""
    nowhere: Place
    tokens: dict[Persona, str]
    own: dict[Persona, dict[str, UUID]]
    """The session, the API token and the identity of each persona that has an account."""
    _clients: dict[Persona, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def app(self) -> FastAPI:
        return self.make.app

    def client(self, persona: Persona) -> httpx.AsyncClient:
        if persona not in self._clients:
            client = self._clients[persona] = self.make.client()
            if persona in self.tokens:
                client.headers["Authorization"] = f"Bearer {self.tokens[persona]}"
        return self._clients[persona]

    def person(self, persona: Persona) -> Person:
        """Whose account it is; where there is none, somebody's who is not asked."""
        return self.people.get(persona, self.people[Persona.OUTSIDER])

    def place(self, persona: Persona, kind: Kind) -> Place:
        if kind is Kind.OWN:
            return Place(**{**vars(self.home), **self.own[persona]}) if persona in self.own else self.home
        if kind is Kind.MISSING:
            return self.nowhere
        return self.elsewhere if persona is Persona.READ_ONLY_TOKEN else self.away

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What happens inside has not happened afterwards: one world serves every request, destructive ones too."""
        await self.tables.execute("SAVEPOINT proof")
        try:
            yield
        finally:
            await self.tables.execute("ROLLBACK TO SAVEPOINT proof; RELEASE SAVEPOINT proof")
            self.app.state.parts.known_callers.clear()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


async def build(app: FastAPI, tables: Any) -> World:
    make = Factory(app)
    owner = await make.user("owner")
    people = {Persona.OWNER: owner, Persona.OUTSIDER: await make.user("outsider")}
    people[Persona.SYSTEM_ADMIN] = await make.user("root", admin=True)
    await make.user("root2", admin=True)  # so that the first may be demoted
    project = await make.project(owner, "HOME")
    for role in (ProjectRole.VIEWER, ProjectRole.COMMENTER, ProjectRole.EDITOR, ProjectRole.ADMIN):
        people[Persona(role)] = await make.member(project, role, await make.user(str(role)))
    colleague = await make.member(project, ProjectRole.VIEWER, await make.user("colleague"))
    editor = people[Persona.EDITOR]
    members = {role: people[Persona(role)] for role in ProjectRole}
    home = await _furnish(make, tables, project, colleague, members)
    away = await _furnish(make, tables, await make.project(await make.user("stranger"), "AWAY"))
    elsewhere_project = await make.project(await make.user("another"), "ELSE")
    await make.member(elsewhere_project, ProjectRole.EDITOR, editor)
    elsewhere = await _furnish(make, tables, elsewhere_project, members={ProjectRole.EDITOR: editor})
    own = {
        persona: {
            "session": await _session_of(tables, person),
            "api_token": await _api_token_of(make, tables, person),
            "identity": await identities.link(app, person),
            "feed": (await _feed_of(make, person))[0],
        }
        for persona, person in people.items()
    }
    for persona, person in people.items():
        if persona is not Persona.OUTSIDER:
            own[persona]["reminder"] = await _reminder_of(make, home.task_key, person)
            own[persona]["notification"] = await _notification_of(tables, home.project, home.task, person)
    await forget_looks(tables)
    tokens = {persona: person.access_token for persona, person in people.items()}
    tokens[Persona.SHARE_LINK] = home.link_token
    tokens[Persona.READ_ONLY_TOKEN] = await api_token(make, editor, *READ_SCOPES, project_ids=[home.project])
    await tables.execute("UPDATE api_tokens SET last_used_at = now()")  # the first use is told
    return World(make, tables, people, await make.user("newcomer"), home, away, elsewhere, Place.nowhere(), tokens, own)


async def _furnish(
    make: Factory,
    tables: Any,
    project: MadeProject,
    member: Person | None = None,
    members: dict[ProjectRole, Person] | None = None,
) -> Place:
    owner = project.owner
    member = member or await make.member(project, ProjectRole.VIEWER)
    async with make.client(member) as client:
        await set_up(client)
        changed = await client.patch(ME, json={"email": f"new.{member.email}", "current_password": PASSWORD})
        assert changed.status_code == 200, changed.text
    binned = await make.project(owner, f"{project.key}B")
    for role, person in (members or {}).items():
        if person is not owner:
            await make.member(binned, role, person)
    task, trashed = await make.task(project, f"Of {project.key}"), await make.task(project, f"Trash of {project.key}")
    other_task = await make.task(project, f"Other of {project.key}")
    async with unit_of_work(make.app.state.parts.database) as session:
        blocking = LinkCreate(type=LinkType.BLOCKS, task_id=other_task["id"])
        task_link = await task_links.create_link(session, owner.caller, task["id"], blocking)
        items = [
            await checklist.create_item(session, owner.caller, task["id"], ItemCreate(text=f"{step} of {project.key}"))
            for step in ("First", "Second")
        ]
        await projects.delete_project(session, owner.caller, binned.key, None)
        await trash.delete_task(session, owner.caller, trashed["key"], None)
        invited = InvitationCreate(email=f"guest@{project.key.lower()}.example", role=ProjectRole.VIEWER)
        invitation = await invitations.create_invitation(
            session, make.app.state.parts, owner.caller, project.key, invited
        )
        wanted = ShareLinkCreate.model_validate({"label": f"Of {project.key}", "attachments": True})
        bug = LabelCreate(name=f"Bug of {project.key}", color="#d73a4a")
        label = await labels.create_label(session, owner.caller, project.key, bug)
        release = TaskTemplateCreate.model_validate(
            {"name": f"Template of {project.key}", "checklist": ["Look"], "subtasks": ["Of it"]}
        )
        template = await templates.create_template(session, owner.caller, project.key, release)
        severity = FieldCreate.model_validate({"key": "severity", "name": f"Of {project.key}", "type": "text"})
        custom = await fields.create_field(session, owner.caller, project.key, severity)
        review = StatusCreate(key="review", name=f"Review of {project.key}", category=StatusCategory.STARTED)
        status = await statuses.create_status(session, owner.caller, project.key, review)
        fair = MilestoneCreate.model_validate({"name": f"Milestone of {project.key}"})
        milestone = await milestones.create_milestone(session, owner.caller, project.key, fair)
        cycle, _ = [await cycles.create_cycle(session, owner.caller, project.key, days) for days in _sprints(project)]
        said = CommentCreate(body=f"Said of {project.key}")
        comment = await comments.create_comment(session, owner.caller, task["key"], said)
        await reactions.add_reaction(session, owner.caller, task["key"], UUID(comment.fields()["id"]), "🎉")
        await watchers.choose(session, owner.caller, task["key"], watching=True)
        wanted_view = ViewCreate(name=f"View of {project.key}", project=project.key, shared=True)
        view = await views.create_view(session, owner.caller, wanted_view)
        wanted_rule = RuleCreate.model_validate({"name": f"Rule of {project.key}", **_RULE})
        rule = await rules.create_rule(session, owner.caller, project.key, wanted_rule)
        link, link_token = await share_links.create_share_link(
            session, make.app.state.parts, owner.caller, project.key, wanted
        )
        writer = (members or {}).get(ProjectRole.EDITOR, owner)
        began = TimeEntryCreate.model_validate({"started_at": "2026-11-20T09:00:00Z", "seconds": 60})
        entry = await time_entries.create_time_entry(session, writer.caller, task["key"], began)
    made = await tables.fetchrow("SELECT id, batch_id FROM events WHERE subject_id = $1", UUID(other_task["id"]))
    webhook, delivery = await _webhook_of(make, project)
    feed, feed_token = await _feed_of(make, owner)
    return Place(
        project=project.id,
        project_key=project.key,
        task=UUID(task["id"]),
        task_key=task["key"],
        trashed_task=UUID(trashed["id"]),
        trashed_task_key=trashed["key"],
        trashed_project=binned.id,
        trashed_project_key=binned.key,
        member=member.id,
        invitation=UUID(invitation.fields()["id"]),
        link=UUID(link.fields()["id"]),
        link_token=link_token,
        session=await _session_of(tables, owner),
        api_token=await _api_token_of(make, tables, owner),
        identity=await identities.link(make.app, owner, f"{owner.id} for {project.key}"),
        job=await tables.fetchval(_ADD_JOB),
        label=UUID(label.fields()["id"]),
        status=UUID(status.fields()["id"]),
        other_task=UUID(other_task["id"]),
        task_link=UUID(task_link.fields()["id"]),
        item=UUID(items[0].fields()["id"]),
        reminder=await _reminder_of(make, task["key"], writer),
        entry=UUID(entry.fields()["id"]),
        milestone=UUID(milestone.fields()["id"]),
        cycle=UUID(cycle.fields()["id"]),
        comment=UUID(comment.fields()["id"]),
        attachment=await _attachment_of(make, task["key"], owner),
        field=UUID(custom.fields()["id"]),
        view=UUID(view.fields()["id"]),
        change=made["id"],
        batch=made["batch_id"],
        template=UUID(template.fields()["id"]),
        event=await tables.fetchval(_ADDED, project.id),
        rule=UUID(rule.fields()["id"]),
        notification=await _notification_of(tables, project.id, UUID(task["id"]), writer),
        webhook=webhook,
        delivery=delivery,
        feed=feed,
        feed_token=feed_token,
        running_import=await _import_of(make, project),
    )


async def _attachment_of(make: Factory, task_key: str, owner: Person) -> UUID:
    """A picture, which the storage has, with a preview."""
    parts = make.app.state.parts
    content = b"\x89PNG\r\n\x1a\n" + f"On {task_key}".encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    file = Received(uuid4(), "note.png", len(content), "image/png", sha256(content).hexdigest())
    await parts.storage.put(names.key(file.object_id), pieces())
    await parts.storage.put(previews.key(file.object_id, "small"), pieces())
    async with unit_of_work(parts.database) as session:
        [added] = await attachments.attach(session, owner.caller, task_key, [file], parts.settings.storage)
    return UUID(added.fields()["id"])


async def _import_of(make: Factory, project: MadeProject) -> UUID:
    """One that no worker has begun with."""
    import_id = imports.new_import_id()
    received = imports.Received(import_id, ImportRequest(format=ImportFormat.CSV), 1, "")
    async with unit_of_work(make.app.state.parts.database) as session:
        await imports.begin_import(session, project.owner.caller, project.key, received)
    return import_id


async def _webhook_of(make: Factory, project: MadeProject) -> tuple[UUID, UUID]:
    """With a delivery. It asks whether its address is allowed before it begins its transaction."""
    parts, owner = make.app.state.parts, project.owner.caller
    wanted = WebhookCreate.model_validate({"url": f"https://8.8.8.8/{project.key}", "events": ["task.*"]})
    async with unit_of_work(parts.database) as session:
        webhook, _ = await webhooks.create_webhook(session, parts, owner, project.key, wanted)
        webhook_id = UUID(webhook.fields()["id"])
        delivery = await deliveries.ping(session, owner, project.key, webhook_id, None)
    return webhook_id, UUID(delivery.fields()["id"])


async def forget_looks(tables: Any) -> None:
    """What an administrator prepared leaves no fact of the administrator's looking, for these are counted."""
    await tables.execute("DELETE FROM events WHERE kind = 'admin.access'")


async def _reminder_of(make: Factory, task: str, person: Person) -> UUID:
    async with unit_of_work(make.app.state.parts.database) as session:
        wanted = ReminderCreate(minutes_before=30)
        return UUID((await reminders.create_reminder(session, person.caller, task, wanted)).fields()["id"])


async def _notification_of(tables: Any, project: UUID, task: UUID, person: Person) -> UUID:
    found: UUID = await tables.fetchval(
        "INSERT INTO notifications (id, user_id, kind, project_id, task_id, created_at, in_app, mailing)"
        " VALUES (gen_random_uuid(), $1, 'reminder', $2, $3, now(), true, 'off') RETURNING id",
        *(person.id, project, task),
    )
    return found


def _sprints(project: MadeProject) -> list[CycleCreate]:
    """Two, so that one may follow the other."""
    days = (("2027-01-04", "2027-01-15"), ("2027-01-18", "2027-01-29"))
    return [
        CycleCreate.model_validate({"name": f"Sprint of {project.key}", "starts_on": first, "ends_on": last})
        for first, last in days
    ]


async def _feed_of(make: Factory, person: Person) -> tuple[UUID, str]:
    async with unit_of_work(make.app.state.parts.database) as session:
        wanted = FeedCreate.model_validate({"label": f"Of {person.username}", "kind": "todo"})
        feed, token = await feeds.create_feed(session, person.caller, wanted)
        return UUID(feed.fields()["id"]), token


async def _session_of(tables: Any, person: Person) -> UUID:
    found: UUID = await tables.fetchval("SELECT id FROM sessions WHERE user_id = $1", person.id)
    return found


async def _api_token_of(make: Factory, tables: Any, person: Person) -> UUID:
    await api_token(make, person, "tasks:read")
    found: UUID = await tables.fetchval("SELECT id FROM api_tokens WHERE user_id = $1", person.id)
    return found
