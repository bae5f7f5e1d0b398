"""What can go wrong with milestones."""

from taskapi.core.errors import Conflict


class MilestoneNameTaken(Conflict):
    """A project has a name once, whatever the case of its letters."""

    code, title = "milestone_name_taken", "The project has a milestone of this name"


class TooManyMilestones(Conflict):
    """Delete those that nobody looks at any more."""

    code, title = "too_many_milestones", "The project has too many milestones"
