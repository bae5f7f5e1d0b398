"""What can go wrong with labels."""

from taskapi.core.errors import Conflict


class LabelNameTaken(Conflict):
    """A project has a name once, whatever the case of its letters."""

    code, title = "label_name_taken", "The project has a label of this name"


class TooManyLabels(Conflict):
    """Delete those that nobody uses any more."""

    code, title = "too_many_labels", "The project has too many labels"
