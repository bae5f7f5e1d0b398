"""What the tables hold of all that the change log tells, and why it is silent on the rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.support.change_log import Fields, Fold, Subject, plain

# Of whatever table: a version counts the writes, and `updated_at` is the time of the last.
_BOOKKEEPING: Final = ("updated_at", "version")


@dataclass(frozen=True)
class Told:
    """The rows of a table as the log tells them. Each column is told by its name, or left out with a reason."""

    table: str
    left_out: Mapping[str, str]
    computed: Mapping[str, str] = field(default_factory=dict)
    """Fields that are no column, in SQL."""
    where: str = "true"
    """Which rows are there for a reader. What has expired is not: its creation told when it would."""


TOLD: Final = {
    "user": Told(
        "users",
        {
            "password_hash": "a secret; that it changed is told",
            "deleted_at": "a tombstone's own time",
            "username_order": "computed from the username",
        },
        computed={
            "totp": "EXISTS (SELECT FROM second_factors f WHERE f.user_id = t.id AND f.confirmed_at IS NOT NULL)"
        },
        where="deleted_at IS NULL",
    ),
    "session": Told(
        "sessions",
        {
            "generation": "counts the refreshes",
            "rotated_at": "a statistic: a fact for each refresh would drown the log",
            "revoked_at": "a tombstone's own time",
        },
        where="revoked_at IS NULL AND expires_at > $1",
    ),
    "api_token": Told(
        "api_tokens",
        {
            "secret_hash": "a secret",
            "last_used_at": "a statistic",
            "last_used_address": "a statistic",
            "revoked_at": "a tombstone's own time",
        },
        where="revoked_at IS NULL AND expires_at > $1",
    ),
    "identity": Told(
        "identities",
        {
            "subject": "the provider's name for somebody is nobody else's business",
            "email": "as the provider gave it at the last sign-in: it decides nothing",
            "last_used_at": "a statistic",
        },
    ),
    "project": Told(
        "projects",
        {
            "archived_at": "told as `archived`; when, is the fact's own time",
            "name_order": "computed from the name",
        },
        computed={"archived": "archived_at IS NOT NULL"},
    ),
    "member": Told(
        "members",
        {
            "joined_at": "the time of member.added",
            "is_favourite": "what the member's own list shows, which is nobody else's business",
            "position": "what the member's own list shows, which is nobody else's business",
        },
    ),
    "status": Told("statuses", {}),
    "label": Told("labels", {}),
    "link": Told("task_links", {}),
    "checklist_item": Told("checklist_items", {}),
    "reminder": Told(
        "reminders",
        {
            "remind_at": "computed from the task's due date and the person's time zone",
            "reminded_for": "how far the worker has come",
        },
    ),
    "time_entry": Told(
        "time_entries", {}, computed={"seconds": "floor(extract(epoch FROM ended_at - started_at))::integer"}
    ),
    "milestone": Told("milestones", {}),
    "cycle": Told("cycles", {}),
    "comment": Told("comments", {}),
    "reaction": Told("comment_reactions", {}),
    "watcher": Told("task_watchers", {}),
    "field": Told("fields", {}),
    "task_template": Told("task_templates", {}),
    "rule": Told("rules", {}),
    "view": Told("views", {"owner_id": "told as `shared`"}, computed={"shared": "owner_id IS NULL"}),
    "import": Told(
        "imports",
        {
            "token_id": "stands beside the fact",
            "storage_key": "where the file lies until the import has ended",
            "size": "of that file",
            "stage": "how far the worker has come",
            "position": "how far the worker has come",
            "progress": "how far the worker has come",
            "unresolved": "how far the worker has come",
            "starts": "how far the worker has come",
            "touched_at": "how far the worker has come",
            "problems": "parts of the file, which those read who write tasks; how many there are is told",
        },
    ),
    "invitation": Told(
        "invitations",
        {
            "email": "members read the log, and may not see addresses",
            "accepted_at": "a tombstone's own time",
            "accepted_by": "told by the tombstone",
            "revoked_at": "a tombstone's own time",
        },
        where="accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $1",
    ),
    "share_link": Told(
        "share_links",
        {
            "token_hash": "a secret",
            "password_hash": "a secret; that there is one is told",
            "last_used_at": "a statistic",
            "revoked_at": "a tombstone's own time",
        },
        computed={"has_password": "password_hash IS NOT NULL"},
        where="revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1)",
    ),
    "webhook": Told(
        "webhooks",
        {
            "secret": "a secret; until when the one before is good is told",
            "previous_secret": "a secret",
            "failing_since": "how deliveries go is a statistic",
            "resting_until": "how deliveries go is a statistic",
        },
    ),
    "task": Told(
        "tasks",
        {
            "due_first": "computed from what is told",
            "due_last": "computed from what is told",
            "title_order": "computed from the title",
        },
        computed={
            "key": "(SELECT key FROM projects p WHERE p.id = t.project_id) || '-' || number",
        },
    ),
}
SILENT: Final = {
    "comment_search": "what comments tell, once more: a trigger keeps it",
    "consumers": "how far the readers of the log have come",
    "due_notices": "which due dates people were told of: how far the worker has come",
    "events": "the log itself",
    "former_task_keys": "what task.moved told of each task: its key before",
    "idempotent_answers": "answers, kept for a day",
    "job_effects": "which jobs are done: the engine's bookkeeping",
    "log_floor": "up to where old changes were taken out of the log",
    "mail_limits": "counts mails, for a day",
    "known_places": "hashes of where sign-ins came from; each session tells its address",
    "notifications": "derived from the log; what somebody has read is nobody else's business",
    "notification_preferences": "how somebody wants to be told, which is nobody else's business",
    "one_time_tokens": "secrets that were mailed; what they open is told once it happens",
    "project_counters": "the highest number that a task was told to have",
    "project_search": "what projects tell, once more: triggers keep it",
    "task_external_ids": "which row of a file each task was made of: nothing of the task",
    "task_assignees": "what tasks tell, once more: triggers keep it",
    "task_agenda": "what tasks tell, once more: a trigger keeps it",
    "task_labels": "what tasks tell, once more: triggers keep it",
    "task_fields": "what tasks tell, once more: triggers keep it",
    "task_places": "what tasks tell, once more: triggers keep it",
    "task_recency": "what tasks tell, once more: triggers keep it",
    "task_search": "what tasks tell, once more: triggers keep it",
    "recovery_codes": "secrets; that they were renewed is told",
    "rule_runs": "what rules did: the changes that they made are told, in a batch with the id of the run",
    "sealed_names": "what the log tells, as salted digests",
    "seals": "what the log tells, as digests",
    "second_factors": "secrets; whether sign-ins ask for one is told of the account",
    "sign_in_limits": "counts wrong guesses, for minutes",
    "webhook_deliveries": "how what the log tells was sent, for 30 days",
}


def columns(told: Told) -> str:
    """SQL for one row as JSON, in the words of the log."""
    left_out = ", ".join(f"'{name}'" for name in (*_BOOKKEEPING, *told.left_out))
    computed = ", ".join(f"'{name}', {sql}" for name, sql in told.computed.items())
    return f"(to_jsonb(t) - ARRAY[{left_out}]::text[] || jsonb_build_object({computed}))::text"


def _statement(subjects: Mapping[str, Told]) -> str:
    return " UNION ALL ".join(
        f"SELECT '{subject}' AS subject, {columns(told)} AS fields FROM {told.table} t WHERE {told.where}"
        for subject, told in subjects.items()
    )


async def held(tables: Any, now: datetime, subjects: Mapping[str, Told]) -> dict[Subject, Fields]:
    rows = await tables.fetch(_statement(subjects), now)
    found: dict[Subject, Fields] = {}
    for row in rows:
        fields = {name: plain(value) for name, value in json.loads(row["fields"]).items()}
        if row["subject"] == "member":
            found["member", fields["user_id"], fields["project_id"]] = fields
        else:
            found[row["subject"], fields.pop("id"), None] = fields
    return found


async def differences(fold: Fold, tables: Any, now: datetime, subjects: Mapping[str, Told]) -> list[str]:
    """What the log tells and the tables do not hold, or the other way round, with the log read to its end."""
    await fold.read(tables)
    stored = await held(tables, now, subjects)
    told = {
        subject: {name: value for name, value in fields.items() if name not in {"id", *_BOOKKEEPING}}
        for subject, fields in fold.things.items()
        if not _is_over(fields, now)
    }
    return [
        f"{subject}: the tables hold {_apart(stored.get(subject), told.get(subject))}, "
        f"the log tells {_apart(told.get(subject), stored.get(subject))}"
        for subject in sorted({*stored, *told}, key=str)
        if stored.get(subject) != told.get(subject)
    ]


def _is_over(fields: Fields, now: datetime) -> bool:
    expires_at = fields.get("expires_at")
    return expires_at is not None and expires_at <= now


def _apart(one: Fields | None, other: Fields | None) -> Fields | None:
    if one is None or other is None:
        return one
    return {name: value for name, value in one.items() if name not in other or other[name] != value}
