"""What a link that ends mails is asked with, and what it says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from taskapi.core.fields import Input, example
from taskapi.models import NotificationKind

_MOST = 200


class UnsubscribeLink(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Annotated[str, Field(max_length=_MOST)] = Field(description="From the link in the mail", examples=["…"])


class OneClick(Input):
    """What mail programs send (RFC 8058); it may be left out."""

    model_config = example(**{"List-Unsubscribe": "One-Click"})

    list_unsubscribe: Literal["One-Click"] = Field(
        "One-Click", alias="List-Unsubscribe", description="Always `One-Click`"
    )


class EndedMails(BaseModel):
    """What the link is about."""

    kinds: list[NotificationKind] = Field(
        description="What is mailed no more, or would not be", examples=[[NotificationKind.COMMENTED]]
    )
    done: bool = Field(description="Whether it is done; false: a POST to the same address does it")
