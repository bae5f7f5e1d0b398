"""The text of a personal API token: `tapi_`, 256 random bits, and a checksum, all in letters and digits.

The prefix lets secret scanners recognise it, the checksum (as GitHub's) lets them and us tell a token from a typo
without asking the database, and no character of it ends a word, so that a double click takes it whole.
"""

import secrets
import string
import zlib
from typing import Final

PREFIX: Final = "tapi_"
_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_BITS: Final = 256
_RANDOM_LENGTH: Final = 43  # 62 ** 43 > 2 ** 256
_CHECKSUM_LENGTH: Final = 6  # 62 ** 6 > 2 ** 32
_SHOWN_LENGTH: Final = len(PREFIX) + 6


def new_token() -> str:
    random = _base62(secrets.randbits(_RANDOM_BITS), _RANDOM_LENGTH)
    return PREFIX + random + _checksum(random)


def is_well_formed(token: str) -> bool:
    """Whether we may have written it. Cheap, and no secret: it keeps typos away from the database, not attackers."""
    text = token.removeprefix(PREFIX)
    if not token.startswith(PREFIX) or len(text) != _RANDOM_LENGTH + _CHECKSUM_LENGTH:
        return False
    return text.isascii() and text.isalnum() and text[_RANDOM_LENGTH:] == _checksum(text[:_RANDOM_LENGTH])


def shown_prefix(token: str) -> str:
    """Enough to recognise it by; the 220 bits that stay hidden are still beyond guessing."""
    return token[:_SHOWN_LENGTH]


def _checksum(random: str) -> str:
    return _base62(zlib.crc32(random.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
