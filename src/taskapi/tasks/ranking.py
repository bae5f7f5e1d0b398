"""Manual order as texts that always have room between two of them (fractional indexing).

A new task's rank is its number in ten digits, so that tasks stand in the order of their making without a look at
the others; a moved one gets a text between its new neighbours. Compared byte by byte (COLLATE "C").
"""

from typing import Final

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WIDTH: Final = 10


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
