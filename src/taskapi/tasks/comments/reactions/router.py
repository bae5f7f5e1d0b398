"""/tasks/{task}/comments/{comment_id}/reactions."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator
from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import Forbidden
from taskapi.core.http.answers import no_content, resource
from taskapi.core.http.problems import problems
from taskapi.core.http.references import TaskPath
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.projects.errors import ProjectArchived
from taskapi.tasks.comments.errors import TooManyReactions
from taskapi.tasks.comments.reactions import service
from taskapi.tasks.comments.reactions.emoji import canonical
from taskapi.tasks.comments.schemas import CommentRead

routes = router("/api/v1/tasks/{task}/comments/{comment_id}/reactions", "comments", resource=Resource.TASKS)


def _one_emoji(text: str) -> str:
    if (emoji := canonical(text)) is None:
        raise ValueError("must be one emoji")
    return emoji


Emoji = Annotated[
    str,
    AfterValidator(_one_emoji),
    Path(description="One emoji, percent-encoded as UTF-8", max_length=40, examples=["👍"]),
]


@routes.put("/{emoji}", response_model=CommentRead, responses=problems(Forbidden, ProjectArchived, TooManyReactions))
async def add_reaction(
    task: TaskPath, comment_id: UUID, emoji: Emoji, session: WriteSession, caller: CurrentUser
) -> Response:
    """Put an emoji under a comment. A comment has 20 different ones at most."""
    return resource(await service.add_reaction(session, caller, task, comment_id, emoji))


@routes.delete("/{emoji}", status_code=204, responses=problems(Forbidden, ProjectArchived))
async def remove_reaction(
    task: TaskPath, comment_id: UUID, emoji: Emoji, session: WriteSession, caller: CurrentUser
) -> Response:
    """Take your emoji away from under a comment."""
    await service.remove_reaction(session, caller, task, comment_id, emoji)
    return no_content()
