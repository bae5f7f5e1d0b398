"""What can go wrong with rules."""

from taskapi.core.errors import Conflict


class TooManyRules(Conflict):
    """Delete those that are not used any more: each looks at every change of the project."""

    code, title = "too_many_rules", "The project has too many rules"
