"""/notifications/unsubscribe, where the links in mails lead."""

from html import escape
from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import HTMLResponse, Response

from taskapi.core.http.answers import NO_STORE, json_answer
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.http.transaction import WriteSession
from taskapi.core.parts import parts
from taskapi.core.secrets.one_time import LinkNotValid
from taskapi.models import NotificationKind
from taskapi.notifications.unsubscribing import service
from taskapi.notifications.unsubscribing.schemas import EndedMails, OneClick, UnsubscribeLink

routes = router("/api/v1/notifications/unsubscribe", "notifications")

_HEADERS: Final = {"Cache-Control": NO_STORE, "Vary": "Accept", "Referrer-Policy": "no-referrer"}
# The button posts the form of this page to its own address, and nothing else is on it.
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_HTML: Final[dict[int | str, dict[str, object]]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "For a browser, a page"}
}
_BUTTON: Final = (
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Send me no more of these</button></form>"
)


@routes.get("", response_model=EndedMails, responses={**_HTML, **problems(LinkNotValid)})
async def look_at_unsubscribe_link(
    request: Request, link: Annotated[UnsubscribeLink, query(UnsubscribeLink)]
) -> Response:
    """Tell what a link in a mail would end; a browser gets a page with a button. It changes nothing."""
    return _answer(request, service.look_at(parts(request), link.token), done=False)


@routes.post("", response_model=EndedMails, responses={**_HTML, **problems(LinkNotValid)})
async def unsubscribe(
    request: Request,
    session: WriteSession,
    link: Annotated[UnsubscribeLink, query(UnsubscribeLink)],
    body: Annotated[OneClick, Form()] = OneClick(),  # noqa: ARG001 - mail programs send it, and it says nothing
) -> Response:
    """End the mails that a link is about, without signing in.

    It is what a mail program sends for its own button (RFC 8058). The inbox stays as it is, and twice is as good as
    once.
    """
    return _answer(request, await service.unsubscribe(session, parts(request), link.token), done=True)


def _answer(request: Request, kinds: list[NotificationKind], *, done: bool) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return json_answer({"kinds": kinds, "done": done}, headers=_HEADERS)
    named = ", ".join(kind.replace("_", " ") for kind in kinds)
    told = "You get no more mails of these notifications" if done else "Mails of these notifications"
    page = f"<h1>{told}</h1><p>{escape(named)}</p>{'' if done else _BUTTON}"
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Notifications</title></head>'
    return HTMLResponse(f"{head}<body>{page}</body></html>", headers={**_HEADERS, "Content-Security-Policy": _POLICY})
