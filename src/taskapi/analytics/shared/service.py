"""A chart of the project that a share link opens."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import pydantic_core

from taskapi.analytics import queries, service
from taskapi.analytics.ageing.service import AGEING
from taskapi.analytics.flow.durations.service import CYCLE_TIME, LEAD_TIME
from taskapi.analytics.flow.levels.service import BURNDOWN, BURNUP, CUMULATIVE_FLOW
from taskapi.analytics.flow.throughput.schemas import BucketLength
from taskapi.analytics.flow.throughput.service import THROUGHPUT
from taskapi.analytics.forecast.schemas import ForecastParams
from taskapi.analytics.forecast.service import forecast_asked
from taskapi.analytics.reports import AnyReport
from taskapi.analytics.service import Answer, Known
from taskapi.analytics.shared.schemas import SharedChart, SharedChartParams
from taskapi.analytics.summary.service import SUMMARY
from taskapi.auth.accounts import Device
from taskapi.core.access.reach import Reach
from taskapi.core.http.references import ById
from taskapi.core.parts import Parts
from taskapi.projects.share_links import service as share_links

_REPORTS: Final[Mapping[SharedChart, AnyReport]] = {
    SharedChart.SUMMARY: SUMMARY,
    SharedChart.AGEING: AGEING,
    SharedChart.FORECAST: forecast_asked(ForecastParams()),
    SharedChart.BURNDOWN: BURNDOWN,
    SharedChart.BURNUP: BURNUP,
    SharedChart.CUMULATIVE_FLOW: CUMULATIVE_FLOW,
    SharedChart.CYCLE_TIME: CYCLE_TIME,
    SharedChart.LEAD_TIME: LEAD_TIME,
    SharedChart.THROUGHPUT: THROUGHPUT[BucketLength.WEEK],
}


async def chart(
    parts: Parts,
    device: Device,
    token: str,
    password: str | None,
    chosen: SharedChart,
    params: SharedChartParams,
    known: Known,
) -> Answer:
    """The link is opened first, for days are its maker's; and the report's own statement asks for it once more."""
    link = await share_links.open_link(parts, device, token, password)
    project_id = UUID(pydantic_core.from_json(link["body"])["id"])
    seen_from, period = service.standpoint(params, link["timezone"])
    async with parts.database.autocommit() as session:
        statement = queries.opened(Reach.ADMINISTRATOR, ById.by, people=False)
        row = await session.fetch_row(statement, id=project_id, now=seen_from.now)
        if row is None:
            raise share_links.no_link()
        source = share_links.source(token, opened=True, note=False)
        return await service.of_opened(session, row, source, (seen_from, period), params, _REPORTS[chosen], known)
