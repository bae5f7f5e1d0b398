"""What can go wrong while searching."""

from taskapi.core.errors import Invalid


class TooManyWords(Invalid):
    """Each word is looked up: search with fewer of them."""

    code, title = "too_many_words", "There are too many words to look for"

    def __init__(self, most: int) -> None:
        super().__init__(f"Search for at most {most} words", ("/query/q", self.code, f"has more than {most} words"))
