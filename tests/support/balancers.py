"""Real load balancers before processes of the API, set up as docs/deployment.md says."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.optional import need
from tests.support.shell import free_port, is_listening, wait_until

_HAPROXY: Final = """
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout check 5s
    option redispatch
listen taskapi
    bind 127.0.0.1:{port}
    option httpchk GET /health/ready
    default-server check inter 200ms rise 1 fall 5
{servers}
"""
_NGINX: Final = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream taskapi {{
{servers}
        keepalive 16;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://taskapi;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


@contextmanager
def haproxy(ports: Sequence[int], folder: Path) -> Iterator[str]:
    """Its URL. It asks each process whether it is ready."""
    servers = "\n".join(f"    server api{port} 127.0.0.1:{port}" for port in ports)
    with _running("haproxy", ("-db", "-f"), _HAPROXY, servers, folder) as url:
        yield url


@contextmanager
def nginx(ports: Sequence[int], folder: Path) -> Iterator[str]:
    """Its URL. It asks nobody, and goes to another process where one refuses the connection."""
    servers = "\n".join(f"        server 127.0.0.1:{port} max_fails=0;" for port in ports)
    with _running("nginx", ("-e", f"{folder}/error.log", "-c"), _NGINX, servers, folder) as url:
        yield url


@contextmanager
def _running(name: str, options: Sequence[str], template: str, servers: str, folder: Path) -> Iterator[str]:
    program = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    need(program, f"needs {name}: apt-get install {name}")
    port = free_port()
    configuration = folder / f"{name}.conf"
    configuration.write_text(template.format(port=port, servers=servers, folder=folder))
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen([str(program), *options, str(configuration)], stdout=log, stderr=log)
    try:
        wait_until(lambda: is_listening(port), f"{name} does not start: {(folder / f'{name}.log').read_text()}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
