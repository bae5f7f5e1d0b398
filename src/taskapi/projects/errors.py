"""What can go wrong with projects."""

from taskapi.core.errors import Conflict, Invalid


class ProjectKeyTaken(Conflict):
    """Keys are unique in the whole service, projects in the trash and those you do not see included."""

    code, title = "project_key_taken", "Another project has this key"


class ProjectArchived(Conflict):
    """An archived project is frozen: PATCH it with `{"archived": false}` to write again."""

    code, title = "project_archived", "The project is archived"


class ProjectCycle(Conflict):
    """The parent you named is the project itself, or one of those below it at some depth."""

    code, title = "project_cycle", "A project cannot be below itself"


class ProjectsTooDeep(Conflict):
    """Put it below a project further up, or take something from below it first."""

    code, title = "projects_too_deep", "Projects are nested five deep at most"


class TooManyTasksToCopy(Conflict):
    """Copy the project without its tasks, or throw away those that are done with."""

    code, title = "too_many_tasks_to_copy", "The project has too many tasks to be copied with them"


class NotInTrash(Conflict):
    """It was restored already, or never thrown away."""

    code, title = "not_in_trash", "It is not in the trash"


class AlreadyMember(Conflict):
    """Nobody is in a project twice."""

    code, title = "already_member", "This user is in the project already"


class StatusKeyTaken(Conflict):
    """A project has a status key once, and it stays the status's for ever."""

    code, title = "status_key_taken", "The project has a status with this key"


class LastOwner(Conflict):
    """A project has an owner, always: hand it to somebody else first, or throw it away."""

    code, title = "last_owner", "The project would have no owner left"


def unknown_parent() -> Invalid:
    detail = "There is no such project, or you are not in it"
    return Invalid(detail, ("/parent_id", "unknown_parent", detail))


def unknown_template() -> Invalid:
    detail = "There is no such project, or you are not in it"
    return Invalid(detail, ("/template", "unknown_template", detail))
