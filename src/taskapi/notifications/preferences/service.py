"""Reading and changing how one wants to be told. Nobody else is told of it, and the change log neither."""

from collections.abc import Iterable
from datetime import time
from typing import Any, Final
from uuid import UUID

import pydantic_core

from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.resources.document import Document, require_match
from taskapi.models import NotificationKind
from taskapi.notifications.moments import DEFAULT_EMAIL, DIGEST_HOUR
from taskapi.notifications.preferences import queries
from taskapi.notifications.preferences.queries import ChosenRow
from taskapi.notifications.preferences.schemas import PreferencesUpdate

_NOTHING: Final[dict[str, Any]] = {"kinds": {}, "quiet_from": None, "quiet_to": None, "daily_hour": None}


async def get_preferences(session: DbSession, caller: Caller) -> Document:
    return _shown(await session.fetch_row(queries.CHOSEN, of_user=caller.id))


async def update_preferences(
    session: DbSession, caller: Caller, data: PreferencesUpdate, if_match: str | None
) -> Document:
    """Merged as deep as it goes: of a kind, what is not named stays."""
    await session.run(queries.BEGIN, of_user=caller.id)
    row = await session.only_row(queries.LOCK, of_user=caller.id)
    before = _shown(row)
    require_match(if_match, before)
    changed = _merged(row, data)
    if changed == _values(row):
        return before
    await session.run(queries.CHOOSE, of_user=caller.id, **{**changed, "kinds": _text(changed["kinds"])})
    return _shown(await session.only_row(queries.LOCK, of_user=caller.id))


async def end_mails(session: DbSession, user_id: UUID, kinds: Iterable[NotificationKind]) -> None:
    """No mails of these kinds any more; what comes into the inbox stays as it is."""
    await session.run(queries.END_MAILS, of_user=user_id, kinds=[*kinds])


def _values(row: ChosenRow) -> dict[str, Any]:
    return {
        "kinds": pydantic_core.from_json(row["kinds"]),
        "quiet_from": row["quiet_from"],
        "quiet_to": row["quiet_to"],
        "daily_hour": row["daily_hour"],
    }


def _merged(row: ChosenRow, data: PreferencesUpdate) -> dict[str, Any]:
    values, given = _values(row), data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    values["kinds"] = {**values["kinds"]}
    for kind, chosen in given.get("kinds", {}).items():
        values["kinds"][kind] = {**values["kinds"].get(kind, {}), **chosen}
    if "quiet_hours" in given:
        hours = given["quiet_hours"] or {"from": None, "to": None}
        values["quiet_from"], values["quiet_to"] = (_clock(hours[end]) for end in ("from", "to"))
    if "digest_hour" in given:
        values["daily_hour"] = given["digest_hour"]
    return values


def _shown(row: ChosenRow | None) -> Document:
    """Who chose nothing has what everybody has."""
    values = _values(row) if row is not None else dict(_NOTHING)
    version = 1 if row is None else row["version"]
    begin, end = values["quiet_from"], values["quiet_to"]
    shown = {
        "kinds": {
            kind: {"in_app": True, "email": DEFAULT_EMAIL[kind], **values["kinds"].get(kind, {})}
            for kind in NotificationKind
        },
        "quiet_hours": None if begin is None else {"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"},
        "digest_hour": DIGEST_HOUR if values["daily_hour"] is None else values["daily_hour"],
        "version": version,
    }
    return Document(_text(shown), version)


def _text(value: object) -> str:
    return pydantic_core.to_json(value).decode()


def _clock(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
