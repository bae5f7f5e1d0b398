"""Where the API listens."""

import socket

from taskapi.core.refused import Refused


def listen(host: str, port: int) -> socket.socket:
    """Bound, and closed to everybody until the server is ready."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise Refused(
            f"cannot listen on {host}:{port} ({error.strerror}): choose another with --host and --port", exit_code=1
        ) from error
    listener.set_inheritable(True)
    return listener
