"""What can go wrong with saved views."""

from taskapi.core.errors import Conflict, Invalid


class TooManyViews(Conflict):
    """Delete those that you do not use any more."""

    code, title = "too_many_views", "You have too many views"


class ViewOfAnotherProject(Invalid):
    """A view that belongs to a project is used in lists of that project, and in the list over all of yours."""

    code, title = "view_of_another_project", "The view belongs to another project"

    def __init__(self) -> None:
        detail = "Use the view with the list of its own project, or with the list over all projects"
        super().__init__(detail, ("/query/view", self.code, detail))


class SharedNeedsProject(Invalid):
    """A view is shared with the members of its project; one that belongs to none is its maker's alone."""

    code, title = "shared_needs_project", "A shared view belongs to a project"

    def __init__(self) -> None:
        detail = "Only a view of a project can be shared; make it anew with `project`"
        super().__init__(detail, ("/shared", self.code, detail))
