"""`taskapi healthcheck`: what a container asks itself."""

import http.client
from urllib.parse import urlsplit

from taskapi.core import startup
from taskapi.core.refused import Refused
from taskapi.core.urls import url_of
from taskapi.core.work import heartbeat
from taskapi.settings import Settings

_SECONDS = 4.0


def check(*, worker: bool) -> None:
    settings = startup.load_settings()
    if not worker:
        _ask_api(settings)
    elif not heartbeat.is_heard(settings.data_dir):
        raise Refused("no sign of life from a worker", exit_code=1)


def _ask_api(settings: Settings) -> None:
    url = url_of(settings.server.host, settings.server.port)
    # A service that answers to its own names only would call ours unknown.
    names = settings.security.allowed_hosts
    headers = {"Host": names[0]} if names else {}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_SECONDS)
    try:
        connection.request("GET", "/health/ready", headers=headers)
        answer = connection.getresponse()
        body = answer.read(1000).decode(errors="replace")
    except (OSError, http.client.BadStatusLine) as error:
        raise Refused(f"no answer from {url}: {error}", exit_code=1) from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise Refused(f"not ready: {answer.status} {body}", exit_code=1)
