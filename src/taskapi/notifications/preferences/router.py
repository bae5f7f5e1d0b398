"""/notifications/preferences."""

from starlette.responses import Response

from taskapi.auth.dependencies import CurrentUser
from taskapi.core.http.answers import resource
from taskapi.core.http.preconditions import IfMatch
from taskapi.core.http.route import router
from taskapi.core.http.transaction import ReadSession, WriteSession
from taskapi.notifications.preferences import service
from taskapi.notifications.preferences.schemas import PreferencesRead, PreferencesUpdate

# No API token changes what its owner is told, or learns when they sleep.
routes = router("/api/v1/notifications/preferences", "notifications")


@routes.get("", response_model=PreferencesRead)
async def get_notification_preferences(session: ReadSession, caller: CurrentUser) -> Response:
    """Tell how you want to be told, kind by kind."""
    return resource(await service.get_preferences(session, caller))


@routes.patch("", response_model=PreferencesRead)
async def update_notification_preferences(
    body: PreferencesUpdate, session: WriteSession, caller: CurrentUser, if_match: IfMatch = None
) -> Response:
    """Choose how you want to be told: of each kind in the inbox, by mail at once or once a day; and when not."""
    return resource(await service.update_preferences(session, caller, body, if_match))
