"""Recurrences as clients set them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from taskapi.core.fields import Input, example, rfc3339
from taskapi.tasks.filters.schemas import DayOrInstant
from taskapi.tasks.recurrence import rule
from taskapi.tasks.schemas import RecurrenceMode

MAX_EXDATES = 100
MAX_PREVIEW = 50


def _canonical(text: str) -> str:
    return rule.parsed(text).text


def _as_stored(moment: date | datetime) -> str:
    return rfc3339(moment) if isinstance(moment, datetime) else moment.isoformat()


RuleText = Annotated[str, StringConstraints(max_length=rule.MAX_LENGTH), AfterValidator(_canonical)]
ExDate = Annotated[DayOrInstant, AfterValidator(_as_stored)]


class RecurrenceSet(Input):
    """By which rule a task comes again."""

    model_config = example(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", mode="schedule", exdates=["2026-12-28"])

    rule: RuleText = Field(
        description="An RRULE of RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY or YEARLY), INTERVAL, BYDAY, BYMONTHDAY, "
        "BYMONTH, BYSETPOS, WKST, and COUNT or UNTIL. What it does not say, such as the day of the week, is that of "
        "the due date"
    )
    mode: RecurrenceMode = Field(
        RecurrenceMode.SCHEDULE,
        description="`schedule`: the next is counted from the last due date; `completion`: from the day it is done",
    )
    exdates: list[ExDate] = Field(
        default_factory=list,
        description="Days on which it does not come; or instants, of a task that is due at one",
        max_length=MAX_EXDATES,
    )


class PreviewParams(Input):
    count: int = Field(5, ge=1, le=MAX_PREVIEW, description="How many occurrences to tell")


class Preview(BaseModel):
    """When a task will come again."""

    items: list[str] = Field(
        description="The next due dates, the soonest first, as the task will show them: days, or instants",
        examples=[["2026-12-07", "2026-12-21"]],
    )
