"""What stops a line of text from becoming a task."""

from taskapi.core.errors import Invalid


class NoTitle(Invalid):
    """All of the text stands for something else: write what is to be done, or quote what is meant literally."""

    code, title = "no_title", "There is nothing left for the title"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("/text", self.code, detail))


class TextTooMuch(Invalid):
    """A title has 500 characters at most, and a task 50 assignees: move what is more to the description."""

    code, title = "text_too_much", "The text says more than a task can hold"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("/text", self.code, detail))


class NoProjectNamed(Invalid):
    """You write in several projects, or in none: say which one is meant, as `project` or by `+KEY` in the text."""

    code, title = "no_project_named", "Which project is meant?"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, ("/project", self.code, detail))
