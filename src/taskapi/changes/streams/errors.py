"""What can go wrong with a stream."""

from taskapi.core.errors import Forbidden, TooManyRequests


class TooManyStreams(TooManyRequests):
    """So many streams of yours are open already: end some, or let one stream serve all that you show."""

    code, title = "too_many_streams", "Too many open streams"


class OriginNotAllowed(Forbidden):
    """A page of another site asks for a WebSocket: whoever runs this service names its origin in CORS_ORIGINS."""

    code, title = "origin_not_allowed", "Pages of this origin may not connect"
