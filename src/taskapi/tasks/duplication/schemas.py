"""What a copy of a task is asked for with."""

from typing import Annotated

from pydantic import Field

from taskapi.core.fields import Input, example


class TaskDuplication(Input):
    """Where the copy goes."""

    model_config = example()

    project: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="Another project's id or key; beside the task unless given"
    )
