"""What is left of a quota, in the words of an answer's head."""

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
