"""Webhooks in SQL. For admins, the project has been loaded with the caller before."""

from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, exists, null, or_, select, update

from taskapi.core.db.statements import One, prepare
from taskapi.core.lists.sorting import SortColumn
from taskapi.core.resources.document import Versioned
from taskapi.core.resources.records import Record
from taskapi.models import Event, Member, Project, ProjectRole, User, Webhook


class ListeningRow(TypedDict):
    """A webhook that is to be told of what happens in its project."""

    id: UUID
    project_id: UUID
    events: list[str]


class HeldRow(Versioned):
    """A webhook that the service is about to disable, with its project."""

    id: UUID
    url: str
    project_id: UUID
    key: str
    name: str


class OwnerRow(TypedDict):
    """Somebody who owns the project, and can be written to."""

    username: str
    email: str | None


WEBHOOK: Final = Record(
    "webhook",
    Webhook,
    fields={
        "id": Webhook.id,
        "url": Webhook.url,
        "events": Webhook.events,
        "description": Webhook.description,
        "is_active": Webhook.is_active,
        "disabled_reason": Webhook.disabled_reason,
        "old_secret_until": Webhook.old_secret_until,
        "created_by": Webhook.created_by,
        "created_at": Webhook.created_at,
        "version": Webhook.version,
    },
    within="project_id",
    given=("id", "project_id", "url", "events", "description", "secret", "created_by", "created_at"),
    sorts={"created_at": SortColumn(Webhook.created_at)},
    # How deliveries went is no change of the webhook.
    beside={"failing_since": Webhook.failing_since},
)
SECRET: Final = prepare(select(Webhook.secret).where(Webhook.id == bindparam("of_webhook")), row=One[bytes])
LISTENING: Final = prepare(
    select(Webhook.id, Webhook.project_id, Webhook.events).where(
        Webhook.project_id == any_(bindparam("of_projects", type_=ARRAY(Uuid))), Webhook.is_active
    ),
    row=ListeningRow,
)
_held = (
    select(*WEBHOOK.shown, Webhook.id, Webhook.url, Webhook.project_id, Project.key, Project.name)
    .join(Project, Project.id == Webhook.project_id)
    .where(Webhook.is_active)
    .order_by(Webhook.id)
    .with_for_update(of=Webhook, key_share=True)
)
HELD: Final = prepare(_held.where(Webhook.id == bindparam("of_webhook")), row=HeldRow)
# The log alone would not do: it may be kept for a shorter time than that.
_made_by = and_(Webhook.created_by == bindparam("of_user"), Webhook.created_at >= bindparam("since"))
_changed_by = exists().where(
    Event.subject_id == Webhook.id, Event.actor_id == bindparam("of_user"), Event.at >= bindparam("since")
)
HELD_WRITTEN_BY: Final = prepare(_held.where(or_(_made_by, _changed_by)), row=HeldRow)
OWNERS: Final = prepare(
    select(User.username, User.email)
    .join(Member, Member.user_id == User.id)
    .where(
        Member.project_id == bindparam("of_project"),
        Member.role == ProjectRole.OWNER,
        User.is_active,
        User.email.is_not(None),
    )
    .order_by(User.id),
    row=OwnerRow,
)


FORGET_OLD_SECRETS: Final = prepare(
    update(Webhook)
    .where(Webhook.previous_secret.is_not(None), Webhook.old_secret_until < bindparam("now"))
    .values(previous_secret=null())
)
