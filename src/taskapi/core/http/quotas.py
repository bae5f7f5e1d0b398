"""What is left of a quota, in the words of an answer's head."""

import time

Headers = list[tuple[bytes, bytes]]


def headers(name: str, quota: int, *, window: int, remaining: int, seconds_left: int, ends_at: int) -> Headers:
    """draft-ietf-httpapi-ratelimit-headers-10, and the fields that GitHub made customary; `ends_at` is Unix time."""
    return [
        (b"ratelimit-policy", b'"%b";q=%d;w=%d' % (name.encode(), quota, window)),
        (b"ratelimit", b'"%b";r=%d;t=%d' % (name.encode(), remaining, seconds_left)),
        (b"x-ratelimit-limit", b"%d" % quota),
        (b"x-ratelimit-remaining", b"%d" % remaining),
        (b"x-ratelimit-reset", b"%d" % ends_at),
    ]


def of_refusal(name: str, quota: int, *, window: int, seconds_left: int) -> dict[str, str]:
    """For a 429 of a limit of its own: it names that one, and not the limit of all requests, of which many are left."""
    ends_at = int(time.time()) + seconds_left
    told = headers(name, quota, window=window, remaining=0, seconds_left=seconds_left, ends_at=ends_at)
    return {"Retry-After": str(seconds_left)} | {name.decode(): value.decode() for name, value in told}
