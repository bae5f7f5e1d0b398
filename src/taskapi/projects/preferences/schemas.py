"""The order of somebody's projects, as clients write it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from taskapi.core.fields import ClientId, Input, example, without_repeats

MOST = 1000


class ProjectOrder(Input):
    """Your projects as you want to see them."""

    model_config = example(project_ids=[])

    project_ids: Annotated[list[ClientId], Field(max_length=MOST), AfterValidator(without_repeats)] = Field(
        description="The ids of your projects, the first one first; those you leave out have no place, and come last"
    )
