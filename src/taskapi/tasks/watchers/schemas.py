"""Watchers as clients read them."""

from enum import StrEnum

from pydantic import BaseModel, Field

from taskapi.projects.members.schemas import UserBrief


class Reason(StrEnum):
    """Why somebody watches a task."""

    CREATOR = "creator"
    ASSIGNEE = "assignee"
    COMMENTER = "commenter"
    MENTIONED = "mentioned"
    CHOSEN = "chosen"


class WatcherRead(BaseModel):
    """Somebody who hears of a task."""

    user: UserBrief = Field(description="Who it is")
    reasons: list[Reason] = Field(description="Why they do", examples=[[Reason.CREATOR]])
