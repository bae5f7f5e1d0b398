"""Between two ranks there is always room for another, however often the same gap is used."""

from hypothesis import example, given
from hypothesis import strategies as st

from taskapi.tasks import ranking

NUMBERS = st.integers(1, 3000)


def a_rank(number: int, steps: list[bool]) -> str:
    """A rank as moves make it: somewhere between a number and the next."""
    low, high = ranking.of_number(number), ranking.of_number(number + 1)
    for lower in steps:
        middle = ranking.between(low, high)
        low, high = (low, middle) if lower else (middle, high)
    return high if steps and steps[-1] else low


RANKS = st.builds(a_rank, NUMBERS, st.lists(st.booleans(), max_size=12))


@given(RANKS, RANKS)
@example(ranking.of_number(9), ranking.of_number(10))
@example(ranking.of_number(8), ranking.of_number(12))
@example(ranking.of_number(99), ranking.of_number(100))
def test_a_rank_between_two_is_between_them(one: str, other: str) -> None:
    low, high = sorted((one, other))
    if low < high:
        assert low < ranking.between(low, high) < high


@given(RANKS, RANKS)
def test_a_rank_between_two_never_ends_in_the_lowest_digit(one: str, other: str) -> None:
    low, high = sorted((one, other))
    if low < high:
        assert not ranking.between(low, high).endswith(ranking.DIGITS[0])


@given(RANKS)
def test_there_is_room_before_the_first_and_after_the_last(rank: str) -> None:
    assert ranking.between("", rank) < rank < ranking.between(rank, None)
    assert ranking.between("", None)


@given(st.integers(1, 30), st.lists(st.integers(0, 1000), max_size=60))
def test_insertions_at_any_places_keep_the_order(tasks: int, places: list[int]) -> None:
    ranks = [ranking.of_number(number) for number in range(1, tasks + 1)]
    for chosen in places:
        place = chosen % (len(ranks) + 1)
        low = ranks[place - 1] if place else ""
        high = ranks[place] if place < len(ranks) else ranking.of_number(tasks + 1)
        ranks.insert(place, ranking.between(low, high))
    assert ranks == sorted(set(ranks))
    assert ranks[-1] < ranking.of_number(tasks + 1)


def test_a_rank_grows_by_a_digit_in_some_insertions_not_in_each() -> None:
    low, high = ranking.of_number(1), ranking.of_number(2)
    for _ in range(500):
        low = ranking.between(low, high)
    assert len(low) < 200


def test_numbers_stand_in_their_order() -> None:
    ranks = [ranking.of_number(number) for number in (1, 9, 10, 11, 99, 100, 999_999_999)]
    assert ranks == sorted(ranks)
