"""One list of the best that was found, of every type."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from taskapi.core.access import permissions
from taskapi.core.access.permissions import Permission, Scope
from taskapi.core.access.reach import Reach
from taskapi.core.callers import Caller
from taskapi.core.db.session import DbSession
from taskapi.core.http import references
from taskapi.core.lists.paging import PageRow, Slice
from taskapi.projects import service as projects
from taskapi.search import highlights, queries
from taskapi.search.errors import TooManyWords
from taskapi.search.queries import FoundRow
from taskapi.search.schemas import MAX_WORDS, FoundField, FoundType, SearchParams
from taskapi.tasks.lists import sources

_WORD: Final = re.compile(r"[^\W_]+")
_SCOPES: Final = {
    FoundType.TASK: Scope.TASKS_READ,
    FoundType.PROJECT: Scope.PROJECTS_READ,
    FoundType.COMMENT: Scope.TASKS_READ,
}
_HEADLINES: Final = {FoundType.TASK: FoundField.TITLE, FoundType.PROJECT: FoundField.NAME}


class _Match(NamedTuple):
    type: FoundType
    row: FoundRow

    @property
    def place(self) -> tuple[float, str]:
        return float(self.row["position_0"]), self.row["position_1"]


async def search(session: DbSession, caller: Caller, params: SearchParams) -> Slice:
    """What the caller reaches, best first. In an archived project only who names it searches."""
    types = _types(caller, params)
    if len(_WORD.findall(params.q)) > MAX_WORDS:
        raise TooManyWords(MAX_WORDS)
    found = await _seen_as(session, caller, params, types, Reach.of(caller))
    if not found.rows and params.project is not None:
        # Only an empty answer asks whether there is such a project at all.
        await projects.load(session, caller, params.project, Permission.TASK_READ)
        if caller.is_admin:
            found = await _seen_as(session, caller, params, types, Reach.ADMINISTRATOR)
    return found


def _types(caller: Caller, params: SearchParams) -> Sequence[FoundType]:
    """All that were asked for; else all that an API token may read."""
    for wanted in params.type:
        permissions.require_scope(caller, _SCOPES[wanted])
    if params.type:
        return list(dict.fromkeys(params.type))
    return [one for one in FoundType if caller.scopes is None or _SCOPES[one] in caller.scopes]


async def _seen_as(
    session: DbSession, caller: Caller, params: SearchParams, types: Sequence[FoundType], seen_as: Reach
) -> Slice:
    reference = None if params.project is None else references.project(params.project)
    source = sources.of_caller(caller, seen_as, reference)
    key = references.key_of_task(params.q)
    rows_wanted = params.offset + params.limit + 1
    values: dict[str, object] = {"q": params.q, "rows": rows_wanted, "reader_id": caller.id, **source.values}
    if key is not None:
        values |= {"named_key": key.key, "named_number": key.number}
    matches: list[_Match] = []
    counted = 0
    for one in types:
        page = queries.page(one, source.origin, seen_as, is_named=key is not None, continues=params.continues)
        rows = await session.fetch_rows(page, **page.taken_from(values), **params.after)
        matches += [_Match(one, row) for row in rows]
        if params.wants_total:
            count = queries.count(one, source.origin, is_named=key is not None)
            counted += await session.only_value(count, **count.taken_from(values))
    matches.sort(key=lambda match: match.place, reverse=True)
    last = params.offset + params.limit
    rows_shown = [_shown(match) for match in matches[params.offset : last]]
    return Slice(rows_shown, len(matches) > last, counted if params.wants_total else None)


def _shown(match: _Match) -> PageRow:
    of_type, row = match
    told: Mapping[str, Any] = {"type": of_type, "score": float(row["position_0"]), "highlights": _highlights(match)}
    head = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    of_task = "" if row["of_task"] is None else f',"task":{row["of_task"]}'
    body = f'{head[:-1]},"{of_type}":{row["body"]}{of_task}}}'
    return cast("PageRow", {"body": body, "position_0": row["position_0"], "position_1": row["position_1"]})


def _highlights(match: _Match) -> list[dict[str, Any]]:
    of_type, row = match
    words = frozenset(row["words"] or ())
    found: dict[FoundField, list[str]] = {}
    if row["headline"] is not None:
        found[_HEADLINES[of_type]] = highlights.whole(row["headline"], words)
    text = FoundField.BODY if of_type is FoundType.COMMENT else FoundField.DESCRIPTION
    found[text] = highlights.pieces(row["text"] or "", words)
    return [{"field": field, "fragments": fragments} for field, fragments in found.items() if fragments]
