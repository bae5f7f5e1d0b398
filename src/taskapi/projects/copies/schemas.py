"""What a copy of a project is called, and takes along."""

from pydantic import Field, StrictBool

from taskapi.core.fields import Input, Name, NewId, ProjectKey, example


class ProjectDuplicate(Input):
    """A new project like another one."""

    model_config = example(key="WEB2", name="Website, again", include_tasks=True)

    id: NewId | None = Field(None, description="Made by the server unless you give one: a UUIDv7 of today")
    key: ProjectKey = Field(description="Of the new project: short and for ever; one that is taken is a 409")
    name: Name = Field(description="What people call the new project")
    include_tasks: StrictBool = Field(
        False,
        description="Whether its tasks come along, with checklists and the links between them, 2000 at most",
    )
