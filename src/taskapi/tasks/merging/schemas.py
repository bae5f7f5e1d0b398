"""What a task is merged into."""

from typing import Annotated

from pydantic import Field

from taskapi.core.fields import Input, example


class TaskMerge(Input):
    """The task that stays."""

    model_config = example(into="WEB-2")

    into: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z-]+$")] = Field(
        description="The id or key of the task that this one duplicates, of whatever project"
    )
