"""/users/me/feeds, and /feeds/{token}.ics."""

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.errors import IdTaken, NotFound
from taskapi.core.http import pages, preconditions
from taskapi.core.http.answers import no_content, resource, secret_answer
from taskapi.core.http.idempotency import AnswerNotKept
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.core.parts import parts
from taskapi.core.urls import public_url
from taskapi.tasks.errors import InvalidFilter
from taskapi.tasks.feeds import service
from taskapi.tasks.feeds.errors import TooManyFeeds
from taskapi.tasks.feeds.schemas import FeedCreate, FeedCreated, FeedRead

routes = router("/api/v1/users/me/feeds", "feeds")
opened = router("/api/v1/feeds", "feeds")
_CALENDAR: Final = "text/calendar"
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A calendar", "content": {_CALENDAR: {"schema": {"type": "string"}}}}
}


@routes.get("", response_model=Page[FeedRead])
async def list_feeds(
    session: ReadSession, caller: CurrentUser, params: Annotated[PageParams, query(PageParams)]
) -> Response:
    """List your calendar feeds, newest first; never their secrets."""
    return pages.respond(params, await service.list_feeds(session, caller, params))


@routes.post(
    "",
    status_code=201,
    response_model=FeedCreated,
    responses=problems(NotFound, IdTaken, TooManyFeeds, AnswerNotKept, InvalidFilter),
)
async def create_feed(body: FeedCreate, request: Request, session: WriteSession, caller: CurrentUser) -> Response:
    """Make an address that a calendar program subscribes to. It shows what you may see when it is read.

    The answer holds the address, of which only a hash is stored: it is never shown again.
    """
    feed, token = await service.create_feed(session, caller, body)
    url = f"{public_url(parts(request).settings)}{opened.prefix}/{token}.ics"
    fields = {**feed.fields(), "token": token, "url": url}
    return secret_answer(fields, feed, f"{routes.prefix}/{fields['id']}")


@routes.get("/{feed_id}", response_model=FeedRead)
async def get_feed(feed_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one of your calendar feeds; never its secret."""
    return resource(await service.get_feed(session, caller, feed_id))


@routes.delete("/{feed_id}", status_code=204)
async def delete_feed(feed_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None) -> Response:
    """Take a calendar feed back: its address shows nothing from now on."""
    await service.delete_feed(session, caller, feed_id, if_match)
    return no_content()


@opened.get("/{token}.ics", response_class=Response, responses={**_ANSWERS, **problems(NotFound, InvalidFilter)})
async def read_feed(
    token: Annotated[str, Path(description="The token of a feed", examples=["c29tZSBsb25nIHNlY3JldA"])],
    request: Request,
) -> Response:
    """Read a calendar feed: the tasks that its owner may see now, the latest due first, 5,000 at most. No sign-in."""
    read = await service.read(parts(request), token, partial(preconditions.is_known, request))
    if read.text is None:
        return Response(status_code=304, headers={"ETag": read.etag})
    return Response(read.text, headers={"ETag": read.etag}, media_type=f"{_CALENDAR}; charset=utf-8")
