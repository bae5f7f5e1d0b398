"""What a rule can do, as clients write and read it."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, field_validator

from taskapi.core.fields import Input, example
from taskapi.tasks.bulk.schemas import BulkPatch
from taskapi.tasks.comments.schemas import Markdown

MOST_ACTIONS: Final = 10
MOST_TOLD: Final = 50


class RulePatch(BulkPatch):
    """What changes in the task, as by a change of many tasks; but not what it is a part of."""

    model_config = example(priority="high", add_label_ids=[])

    @field_validator("parent_id")
    @classmethod
    def _stays_where_it_is(cls, _: object) -> None:
        raise ValueError("a rule does not put tasks below others")


class PatchAction(Input):
    """Change the task."""

    type: Literal["patch"] = Field(description="Change the task")
    patch: RulePatch = Field(description="What changes in it; where it is so already, nothing does")

    @field_validator("patch")
    @classmethod
    def _says_something(cls, patch: RulePatch) -> RulePatch:
        if not patch.model_fields_set:
            raise ValueError("must change something")
        return patch


class CommentAction(Input):
    """Comment on the task."""

    type: Literal["comment"] = Field(description="Comment on the task")
    body: Markdown = Field(description="What the comment says, in Markdown, as it stands; `@name` mentions a member")


class NotifyAction(Input):
    """Tell people of the task."""

    type: Literal["notify"] = Field(description="Tell people of the task, in their inbox and as they want it by mail")
    user_ids: list[UUID] = Field(
        default_factory=list,
        description="Members who are told; none: whoever watches the task",
        max_length=MOST_TOLD,
        json_schema_extra={"uniqueItems": True},
    )


Action = Annotated[PatchAction | CommentAction | NotifyAction, Field(discriminator="type")]
Actions = Annotated[list[Action], Field(min_length=1, max_length=MOST_ACTIONS)]


def stored(actions: list[Action]) -> list[dict[str, Any]]:
    """As they are kept, and shown: what was not given is not there."""
    return [action.model_dump(mode="json", exclude_unset=True) for action in actions]
