"""What a template is applied with."""

from typing import Final

from pydantic import Field

from taskapi.core.fields import Day, Input, NewId, example


class TemplateApplication(Input):
    """When it is applied; everything else is as the template says."""

    model_config = example()

    id: NewId | None = Field(None, description="The id of the new task; made by the server unless you give one")
    on: Day | None = Field(None, description="The day that `due_in_days` counts from; today unless given")


# What no body says.
NOW: Final = TemplateApplication(id=None, on=None)
