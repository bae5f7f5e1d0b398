"""/notifications."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.access.permissions import Resource
from taskapi.core.errors import NotFound
from taskapi.core.http import pages
from taskapi.core.http.answers import json_answer, resource
from taskapi.core.http.convertors import register_anything_but
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.notifications.inbox import service
from taskapi.notifications.inbox.schemas import (
    MOST_COUNTED,
    NotificationFilter,
    NotificationPage,
    NotificationRead,
    NotificationsRead,
    ReadCount,
)

routes = router("/api/v1/notifications", "notifications", resource=Resource.TASKS)

register_anything_but(["preferences", "read", "unsubscribe"], "notification")


@routes.get("", response_model=NotificationPage, responses=problems(NotFound))
async def list_notifications(
    session: ReadSession, caller: CurrentUser, params: Annotated[NotificationFilter, query(NotificationFilter)]
) -> Response:
    """List what you are told, the newest first, with the number of what is unread."""
    found, unread = await service.list_notifications(session, caller, params)
    more = {"unread_count_is_lower_bound": True} if unread > MOST_COUNTED else {}
    return pages.respond(params, found, {"unread_count": min(unread, MOST_COUNTED), **more})


@routes.post("/read", response_model=ReadCount)
async def mark_notifications_read(body: NotificationsRead, session: WriteSession, caller: CurrentUser) -> Response:
    """Mark notifications as read: some, all, or all up to an instant. What is read here is not mailed any more."""
    return json_answer({"read": await service.mark_read(session, caller, body)})


@routes.get("/{notification_id:notification}", response_model=NotificationRead)
async def get_notification(notification_id: UUID, session: ReadSession, caller: CurrentUser) -> Response:
    """Get one notification of yours."""
    return resource(await service.get_notification(session, caller, notification_id))
