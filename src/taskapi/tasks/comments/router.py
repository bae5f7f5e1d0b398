"""/tasks/{task}/comments."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden, IdTaken
from taskapi.core.fields import rfc3339_or_null
from taskapi.core.http import pages
from taskapi.core.http.answers import created, no_content, resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.core.lists.paging import Page, PageParams
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.comments import service
from taskapi.tasks.comments.schemas import (
    CommentCreate,
    CommentExpanded,
    CommentFilter,
    CommentRead,
    CommentUpdate,
    CommentView,
    RevisionPage,
)

routes = router("/api/v1/tasks/{task}/comments", "comments", resource=Resource.TASKS)
_WRITING = (Forbidden, ProjectArchived)


@routes.get("", response_model=Page[CommentExpanded])
async def list_comments(
    task: TaskPath, session: ReadSession, caller: CurrentUser, params: Annotated[CommentFilter, query(CommentFilter)]
) -> Response:
    """List the comments on a task, the oldest first unless you sort them."""
    return pages.respond(params, await service.list_comments(session, caller, task, params))


@routes.post("", status_code=201, response_model=CommentRead, responses=problems(*_WRITING, IdTaken))
async def create_comment(task: TaskPath, body: CommentCreate, session: WriteSession, caller: CurrentUser) -> Response:
    """Comment on a task. Whoever is mentioned watches it from now on, and so do you."""
    comment = await service.create_comment(session, caller, task, body)
    return created(comment, f"/api/v1/tasks/{task}/comments/{comment.fields()['id']}")


@routes.get("/{comment_id}", response_model=CommentExpanded)
async def get_comment(
    task: TaskPath,
    comment_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[CommentView, query(CommentView)],
) -> Response:
    """Get one comment."""
    return resource(await service.get_comment(session, caller, task, comment_id, params))


@routes.patch("/{comment_id}", response_model=CommentRead, responses=problems(*_WRITING))
async def update_comment(
    task: TaskPath,
    comment_id: UUID,
    body: CommentUpdate,
    session: WriteSession,
    caller: CurrentUser,
    if_match: IfMatch = None,
) -> Response:
    """Change what your comment says. Its earlier texts stay readable as its revisions."""
    return resource(await service.update_comment(session, caller, task, comment_id, body, if_match))


@routes.delete("/{comment_id}", status_code=204, responses=problems(*_WRITING))
async def delete_comment(
    task: TaskPath, comment_id: UUID, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Delete your comment or, as an administrator of the project, anybody's."""
    await service.delete_comment(session, caller, task, comment_id, if_match)
    return no_content()


@routes.get("/{comment_id}/revisions", response_model=RevisionPage)
async def list_comment_revisions(
    task: TaskPath,
    comment_id: UUID,
    session: ReadSession,
    caller: CurrentUser,
    params: Annotated[PageParams, query(PageParams)],
) -> Response:
    """List what a comment has said, from its first text to the one it has now.

    Texts from before `complete_since` may be missing, for the change log is kept for some time only there.
    """
    found, since = await service.list_revisions(session, caller, task, comment_id, params)
    return pages.respond(params, found, {"complete_since": rfc3339_or_null(since)})
