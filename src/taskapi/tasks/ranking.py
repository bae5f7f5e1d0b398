"""Manual order as texts that always have room between two of them (fractional indexing).

A new task's rank is its number in ten digits, so that tasks stand in the order of their making without a look at
the others; a moved one gets a text between its new neighbours. Compared byte by byte (COLLATE "C").
"""

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WIDTH: Final = 10
LONGEST: Final = 64
"""Nothing is given a longer rank: those around it are spread anew before."""
SHORT: Final = 32
"""So long may the ranks be after that: some two hundred moves to one place pass before it comes again."""


def of_number(number: int) -> str:
    return str(number).zfill(WIDTH)


def between(low: str, high: str | None) -> str:
    """A rank after `low` and before `high`; "" is before all, None after all. Never ends in `0`."""
    if high is not None:
        assert low < high
        shared = 0
        padded = low.ljust(len(high), DIGITS[0])
        while padded[shared] == high[shared]:
            shared += 1
        if shared:
            return high[:shared] + between(low[shared:], high[shared:])
    first = DIGITS.index(low[0]) if low else 0
    last = DIGITS.index(high[0]) if high else len(DIGITS)
    if last - first > 1:
        return DIGITS[(first + last) // 2]
    if high and high[1:].strip(DIGITS[0]):
        return high[0]
    return DIGITS[first] + between(low[1:], None)


def spread(low: str, high: str, count: int) -> list[str]:
    """So many ranks after `low` and before `high`, in order, at even distances: none is longer than need be."""
    ranks: list[str] = []
    _fill(ranks, low, high, count)
    return ranks


def _fill(ranks: list[str], low: str, high: str, count: int) -> None:
    """The one in the middle first, so that the depth, and with it each length, is a logarithm of how many there are."""
    if count == 0:
        return
    before = (count - 1) // 2
    middle = between(low, high)
    _fill(ranks, low, middle, before)
    ranks.append(middle)
    _fill(ranks, middle, high, count - 1 - before)
