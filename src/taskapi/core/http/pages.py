"""A page of a list as a response: its rows as they came, and where it goes on."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from taskapi.core.http.answers import JSON_TYPE
from taskapi.core.lists.groups import Group
from taskapi.core.lists.paging import MAX_COUNTED, MAX_PAGED_ROWS, PageParams, Slice

_NO_MORE: Final = "null"


def respond(params: PageParams, found: Slice, beside: Mapping[str, object] | None = None) -> Response:
    """`{items, next_cursor, has_more}`, with `total` where it was counted, and a `Link` to the next page.

    `beside`: further members, where a list tells more than its items.
    """
    next_cursor, headers = _NO_MORE, {}
    if found.has_more:
        cursor = params.walk.write(found.end)
        next_cursor = f'"{cursor}"'
        headers["Link"] = f'<{_next_address(params, cursor)}>; rel="next"'
    items = ",".join([row["body"] for row in found.rows])
    more = "true" if found.has_more else "false"
    told = "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in (beside or {}).items())
    body = f'{{"items":[{items}],"next_cursor":{next_cursor},"has_more":{more}{_total(found.counted)}{told}}}'
    return Response(body, 200, headers, JSON_TYPE)


def respond_in_groups(params: PageParams, grouped_by: str, groups: Sequence[Group]) -> Response:
    """`{groups: [{key, count, items, next_cursor}]}`; a group goes on by its cursor and the parameter of its key."""
    bodies = ",".join([_group(params, grouped_by, group) for group in groups])
    return Response(f'{{"groups":[{bodies}]}}', 200, media_type=JSON_TYPE)


def _group(params: PageParams, grouped_by: str, group: Group) -> str:
    next_cursor = _NO_MORE
    if group.first.has_more:
        next_cursor = f'"{params.walk.group(grouped_by, group.key).write(group.first.end)}"'
    items = ",".join([row["body"] for row in group.first.rows])
    cut = ',"count_is_lower_bound":true' if group.counted > MAX_COUNTED else ""
    count = f'"count":{min(group.counted, MAX_COUNTED)}{cut}'
    return f'{{"key":{json.dumps(group.key)},{count},"items":[{items}],"next_cursor":{next_cursor}}}'


def _total(counted: int | None) -> str:
    if counted is None:
        return ""
    if counted > MAX_COUNTED:
        return f',"total":{MAX_COUNTED},"total_is_lower_bound":true'
    return f',"total":{counted}'


def _next_address(params: PageParams, cursor: str) -> str:
    """The next page; behind the deepest one the way goes on by cursor."""
    page = (params.page or 0) + 1
    by_page = params.page is not None and page * params.limit <= MAX_PAGED_ROWS
    return params.walk.address(("limit", str(params.limit)), ("page", str(page)) if by_page else ("cursor", cursor))
