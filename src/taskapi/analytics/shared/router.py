"""/shared/{token}/charts/{chart}.svg."""

from typing import Annotated, Final

from fastapi import Path, Request
from starlette.responses import Response

from taskapi.analytics.router import knowledge, respond
from taskapi.analytics.shared import service
from taskapi.analytics.shared.schemas import SharedChart, SharedChartParams
from taskapi.auth import dependencies
from taskapi.core.http.problems import problems
from taskapi.core.http.query import query
from taskapi.core.http.route import router
from taskapi.core.parts import parts
from taskapi.projects.share_links.router import OPENING, LinkPath, SentPassword

routes = router("/api/v1/shared/{token}", "share-links")
# Pages of others may show the picture, as they may link to it: whoever has the address has the link.
_SHOWN_ANYWHERE: Final = {"Cross-Origin-Resource-Policy": "cross-origin"}
_PICTURE: Final = {"image/svg+xml": {"schema": {"type": "string", "description": "The chart"}}}


@routes.get(
    "/charts/{chart}.svg",
    response_class=Response,
    responses={200: {"description": "The chart", "content": _PICTURE}, **problems(*OPENING)},
)
async def get_shared_chart(
    token: LinkPath,
    chart: Annotated[SharedChart, Path(description="Which chart", examples=[SharedChart.SUMMARY])],
    request: Request,
    params: Annotated[SharedChartParams, query(SharedChartParams)],
    x_share_password: SentPassword = None,
) -> Response:
    """Get a chart of the project that a link shows, as a picture for a README, a wiki or a wall.

    No sign-in: the address is all it takes, so give the link for it no more than the project may show, and revoke it
    when the picture goes. Charts name nobody. An `ETag` answers a repeat with a 304.
    """
    device = dependencies.device(request)
    found = await service.chart(parts(request), device, token, x_share_password, chart, params, knowledge(request))
    answer = respond(found)
    answer.headers.update(_SHOWN_ANYWHERE)
    return answer
