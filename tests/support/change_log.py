"""Reads the change log as it stands in the table, and rebuilds from it alone what the tables hold."""

import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

Fields = dict[str, Any]
# The type of a thing and its id; of a member also the project, for the id is the person's.
Subject = tuple[str, str, str | None]


@dataclass(frozen=True)
class Entry:
    kind: str
    actor_id: UUID | None
    project_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_key: str | None
    request_id: str | None
    batch_id: UUID
    changes: dict[str, list[Any]]


async def entries(tables: Any, subject_id: str | UUID | None = None, *, after: int = 0) -> list[Entry]:
    """What the log tells, or tells of one thing, in the order it happened; `after` so many others."""
    rows = await tables.fetch(
        "SELECT * FROM events WHERE $1::uuid IS NULL OR subject_id = $1 ORDER BY xid, seq OFFSET $2",
        UUID(str(subject_id)) if subject_id else None,
        after,
    )
    # The driver gives JSON as a text until somebody sets a codec on this connection.
    return [
        Entry(
            row["kind"],
            row["actor_id"],
            row["project_id"],
            row["subject_type"],
            row["subject_id"],
            row["subject_key"],
            row["request_id"],
            row["batch_id"],
            json.loads(row["changes"]) if isinstance(row["changes"], str) else row["changes"],
        )
        for row in rows
    ]


async def kinds(tables: Any, subject_id: str | UUID | None = None) -> list[str]:
    return [entry.kind for entry in await entries(tables, subject_id)]


_BEGINS = re.compile(r"\.(created|registered|started|added|linked)$")
_ENDS = re.compile(
    r"^(task|project)\.purged$"
    r"|^(attachment|checklist_item|comment|cycle|feed|field|label|link|milestone|reminder|rule)\.deleted$"
    r"|^(status|task_template|time_entry|user|view|webhook)\.deleted$"
    r"|^reaction\.removed$|^member\.(left|removed)$"
    r"|^invitation\.(accepted|revoked)$|^(api_token|share_link)\.revoked$|^session\.ended$|^identity\.unlinked$"
)
# They tell of no state. Who owns a project is told by the changes of roles that come with its transfer; `task.left`
# is for those who follow the one project alone; the engine's jobs are not ours.
_OF_NO_STATE = {
    *("admin.access", "project.transferred", "task.left", "job.retried", "job.discarded"),
    *("user.sign_in_failed", "backup.restored", "export.made"),
    *("user.sign_in_throttled", "user.throttled", "user.access_denied", "user.upload_refused", "user.address_refused"),
    *("user.password_reset_requested", "api_token.first_used", "api_token.scope_denied"),
    *("share_link.opened", "webhook.address_refused"),
}
_BOOKKEEPING = {"updated_at", "version"}
# What every account has until a fact says otherwise, and its public representation does not show.
_AT_FIRST: dict[str, Fields] = {"user": {"totp": False}}
# In a project are those of these types that have it as their project; in an account those that name it.
_IN_PROJECTS = {
    *("cycle", "field", "import", "invitation", "label", "member", "milestone", "rule", "share_link", "status"),
    *("task_template", "view", "webhook"),
}
_IN_ACCOUNTS = {"identity", "reminder"}
# What is in something else knows by this field in what; a link by each of two. It is in the project where that is,
# whoever moves it.
_INSIDE = {
    "attachment": ("task", ("task_id",)),
    "checklist_item": ("task", ("task_id",)),
    "comment": ("task", ("task_id",)),
    "link": ("task", ("source_id", "target_id")),
    "reaction": ("comment", ("comment_id",)),
    "reminder": ("task", ("task_id",)),
    "time_entry": ("task", ("task_id",)),
    "watcher": ("task", ("task_id",)),
}


@dataclass
class Fold:
    """The state that the log tells, rebuilt from nothing, fact by fact. These are the rules for every reader:

    - A creation tells every field; a later fact those that it changed. What a fact says was there before is what the
      log has told so far: anything else is a contradiction.
    - A tombstone ends its subject. It covers what is in it: with a project go its members, statuses, labels,
      milestones, cycles, custom fields, templates, rules, invitations, share links and webhooks, with an account the
      identities that opened it and its reminders, and none of these has a tombstone of its own. Tasks are purged before
      their project, and sessions, API tokens and feeds ended before their account is deleted, each by a fact of
      its own.
    - With a task go its comments, with these the reactions to them, its checklist, links, reminders, files and time
      entries, and who chose to watch it. A link is told in the project of each of its tasks, and so is what goes from
      a task of one project to one of another; the second telling says what the first did. A choice to watch is made
      by the first fact about it, whichever it is, and ends with the one that leaves nothing of it.
    - What expires needs no fact: its creation told when it will.
    """

    things: dict[Subject, Fields] = field(default_factory=dict)
    told: int = 0
    kinds: set[str] = field(default_factory=set)
    told_twice: dict[Subject, tuple[str, UUID, dict[str, list[Any]]]] = field(default_factory=dict)
    """Of what concerns two projects, what the other one is told next."""

    async def read(self, tables: Any) -> None:
        """What the log has told since the last time."""
        for entry in await entries(tables, after=self.told):
            self.apply(entry)

    def apply(self, entry: Entry) -> None:
        self.told += 1
        self.kinds.add(entry.kind)
        if entry.kind in _OF_NO_STATE:
            return
        subject = _subject(entry)
        if subject in self.told_twice:
            assert self.told_twice.pop(subject) == (entry.kind, entry.batch_id, entry.changes)
            return
        if _is_told_twice(entry, self.things):
            self.told_twice[subject] = (entry.kind, entry.batch_id, entry.changes)
        chosen_again = entry.subject_type == "watcher" and subject in self.things
        if (_BEGINS.search(entry.kind) or entry.subject_type == "watcher") and not chosen_again:
            assert subject not in self.things, f"{entry} is made twice"
            self.things[subject] = dict(_AT_FIRST.get(entry.subject_type, {}))
        held = self.things.get(subject)
        assert held is not None, f"{entry} is about what was never made, or is gone"
        ends = _ENDS.search(entry.kind) is not None or (
            entry.subject_type == "watcher" and entry.changes.get("id", [None, ""])[1] is None
        )
        for name, (before, after) in entry.changes.items():
            # A tombstone may say why; that is no field.
            if name in _BOOKKEEPING or (ends and name not in held):
                continue
            assert held.get(name) == plain(before), f"{entry}: {name} was {held.get(name)}"
            held[name] = plain(after)
        if entry.project_id not in {None, entry.subject_id} and entry.subject_type not in _INSIDE:
            # Where most creations tell it: beside the fields, for every fact has it.
            held.setdefault("project_id", str(entry.project_id))
        if ends:
            self._end(subject)

    def _end(self, subject: Subject) -> None:
        del self.things[subject]
        kind, identity, _ = subject
        for other, fields in list(self.things.items()):
            in_project = kind == "project" and other[0] in _IN_PROJECTS and fields["project_id"] == identity
            in_account = kind == "user" and other[0] in _IN_ACCOUNTS and fields["user_id"] == identity
            if other in self.things and (in_project or in_account or _is_inside(other, fields, subject)):
                self._end(other)

    def copy(self) -> "Fold":
        return deepcopy(self)


def _is_inside(other: Subject, fields: Fields, subject: Subject) -> bool:
    kind, names = _INSIDE.get(other[0], (None, ()))
    return kind == subject[0] and subject[1] in {fields[name] for name in names}


def _is_told_twice(entry: Entry, things: dict[Subject, Fields]) -> bool:
    """A link is in two tasks at once, and what goes to another task is in one after the other."""
    kind, names = _INSIDE.get(entry.subject_type, ("", ()))
    if len(names) > 1:
        holders = [next(value for value in entry.changes[name] if value) for name in names]
    else:
        holders = [value for name in names for value in entry.changes.get(name, []) if None not in entry.changes[name]]
    return len({things[kind, str(holder), None]["project_id"] for holder in holders}) > 1


def plain(value: Any) -> Any:
    """A JSON value in which an instant is one however it is written."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value)
    return value


def _subject(entry: Entry) -> Subject:
    of = str(entry.project_id) if entry.subject_type == "member" else None
    return entry.subject_type, str(entry.subject_id), of
