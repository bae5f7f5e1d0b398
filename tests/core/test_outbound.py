"""No request of ours reaches what is not public, however it is spelled, resolved or redirected to (T33, T34)."""

import ast
import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from taskapi.core import outbound
from taskapi.core.outbound import Outbound, OutboundFailed, UrlNotAllowed, is_public

SOURCE = Path(outbound.__file__).parents[1]
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
Answering = Callable[[bytes], bytes]

# `{port}` is where a listener waits that nobody may reach.
HOSTS_THAT_ARE_OURS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "0177.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "0",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
URLS_THAT_ARE_NONE = [
    "",
    "127.0.0.1:{port}",
    "//127.0.0.1:{port}/",
    "https://",
    "https:///path",
    "https://:{port}/",
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://127.0.0.1:{port}/_",
    "unix:///var/run/docker.sock",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@example.com/",
    "https://example.com\\.127.0.0.1/",
    "https://exa mple.com/",
    "https://example.com:99999/",
    "https://example.com:0/",
    "https://[::1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://example.com\r\nHost: evil/",
    "https://example.com\0.evil/",
]


async def public_whatever_the_name(_host: str, _port: int) -> Sequence[str]:
    return ["8.8.8.8"]


@asynccontextmanager
async def listener(answer: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port of 127.0.0.1 that answers with bytes, and what came there."""
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(b"")
        try:
            came[-1] = await reader.readuntil(b"\r\n\r\n")
            writer.write(answer(came[-1]))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], came


def ok(body: bytes = b"fine", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%s\r\n%s" % (len(body), headers, body)


def saying(answer: bytes) -> Answering:
    return lambda _: answer


@pytest.mark.parametrize("scheme", ["https", "http"])
async def test_nothing_of_ours_is_reached_however_it_is_written(scheme: str) -> None:
    client = Outbound()
    async with listener(saying(ok())) as (port, came):
        for host in HOSTS_THAT_ARE_OURS:
            url = f"{scheme}://{host}:{port}/"
            with pytest.raises(UrlNotAllowed):
                await client.send("GET", url)
            with pytest.raises(UrlNotAllowed):
                await client.check(url)
        assert came == []


@pytest.mark.parametrize("url", URLS_THAT_ARE_NONE)
async def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    async def never(host: str, _port: int) -> Sequence[str]:
        raise AssertionError(host)

    async with listener(saying(ok())) as (port, came):
        with pytest.raises(UrlNotAllowed):
            await Outbound(resolve=never).send("GET", url.format(port=port))
        assert came == []


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len({*HOSTS_THAT_ARE_OURS, *URLS_THAT_ARE_NONE}) >= 60


@pytest.mark.parametrize("port", [1, 22, 25, 80, 110, 445, 1023])
async def test_ports_of_other_protocols_are_refused(port: int) -> None:
    with pytest.raises(UrlNotAllowed, match="port"):
        await Outbound(resolve=public_whatever_the_name).check(f"https://example.com:{port}/")


@pytest.mark.parametrize("url", ["https://example.com/", "https://example.com:8443/", "https://bücher.example/?a=b#c"])
async def test_public_addresses_are_allowed(url: str) -> None:
    await Outbound(resolve=public_whatever_the_name).check(url)


async def test_a_name_is_looked_up_as_it_is_checked_and_sent() -> None:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with listener(saying(ok())) as (port, came):
        await Outbound([LOOPBACK], resolve).send("GET", f"http://BÜCHER.example:{port}/")
    assert asked == ["xn--bcher-kva.example"]
    assert f"host: xn--bcher-kva.example:{port}\r\n".encode() in came[0].lower()


async def test_without_tls_only_the_operators_networks_are_spoken_to() -> None:
    with pytest.raises(UrlNotAllowed, match="https"):
        await Outbound(resolve=public_whatever_the_name).check("http://example.com/")
    await Outbound([LOOPBACK]).check("http://127.0.0.1:80/")


@pytest.mark.parametrize(
    "addresses", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"], [], ["?"]]
)
async def test_one_address_that_is_not_public_is_one_too_many(addresses: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    async with listener(saying(ok())) as (port, came):
        with pytest.raises(UrlNotAllowed):
            await Outbound(resolve=resolve).send("GET", f"https://example.com:{port}/")
        assert came == []


async def test_a_name_server_that_changes_its_mind_changes_nothing() -> None:
    """Rebinding: public when it is checked, ours when it is connected to. There is only one look."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) > 1 else ["127.0.0.2"]

    async with listener(saying(ok())) as (port, came):
        # 127.0.0.2 stands for the address that was checked: nothing listens there, and nowhere else is tried.
        client = Outbound([ipaddress.ip_network("127.0.0.2/32")], resolve, seconds=2)
        with pytest.raises(OutboundFailed):
            await client.send("GET", f"http://example.com:{port}/")
        assert asked == ["example.com"]
        assert came == []


async def test_a_name_that_flips_between_check_and_send_is_refused_at_send() -> None:
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return next(answers)

    client = Outbound(resolve=resolve)
    async with listener(saying(ok())) as (port, came):
        await client.check(f"https://example.com:{port}/")
        with pytest.raises(UrlNotAllowed):
            await client.send("GET", f"https://example.com:{port}/")
        assert came == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(status: int) -> None:
    async with listener(saying(ok())) as (inner, came):
        moved = b"HTTP/1.1 %d Moved\r\nlocation: http://127.0.0.1:%d/\r\ncontent-length: 0\r\n\r\n" % (status, inner)
        async with listener(saying(moved)) as (port, _):
            answer = await Outbound([LOOPBACK]).send("GET", f"http://127.0.0.1:{port}/")
        assert answer.status == status
        assert came == []


async def test_proxies_of_the_environment_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listener(saying(ok(b"proxied"))) as (proxy, came):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        async with listener(saying(ok())) as (port, _):
            answer = await Outbound([LOOPBACK]).send("GET", f"http://127.0.0.1:{port}/")
        assert answer.body == b"fine"
        assert came == []


async def test_the_request_arrives_as_it_was_meant() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with listener(saying(ok())) as (port, came):
        client = Outbound([LOOPBACK], resolve)
        answer = await client.send(
            "POST", f"http://hook.example:{port}/a?b=c#d", headers={"X-One": "1", "Host": "evil"}, content=b"body"
        )
    assert (answer.status, answer.body, answer.complete) == (200, b"fine", True)
    line, *headers = came[0].decode().strip().split("\r\n")
    sent = dict(header.lower().split(": ", 1) for header in headers)
    assert line == "POST /a?b=c HTTP/1.1"
    assert sent["host"] == f"hook.example:{port}"
    assert sent["x-one"] == "1"
    assert sent["content-length"] == "4"
    assert sent["accept-encoding"] == "identity"


async def test_the_next_address_is_tried_when_nothing_listens_at_the_first() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async with listener(saying(ok())) as (port, _):
        assert (await Outbound([LOOPBACK], resolve).send("GET", f"http://hook.example:{port}/")).status == 200


async def test_no_more_is_read_than_was_asked_for() -> None:
    async with listener(saying(ok(b"x" * 1_000_000))) as (port, _):
        answer = await Outbound([LOOPBACK]).send("GET", f"http://127.0.0.1:{port}/", max_bytes=1000)
    assert (len(answer.body), answer.complete) == (1000, False)


async def test_nothing_is_unpacked() -> None:
    async with listener(saying(ok(b"\x1f\x8b not really", b"content-encoding: gzip\r\n"))) as (port, _):
        answer = await Outbound([LOOPBACK]).send("GET", f"http://127.0.0.1:{port}/")
    assert answer.body == b"\x1f\x8b not really"


async def test_cookies_are_forgotten() -> None:
    async with listener(saying(ok(headers=b"set-cookie: a=b\r\n"))) as (port, came):
        client = Outbound([LOOPBACK])
        for _ in range(2):
            await client.send("GET", f"http://127.0.0.1:{port}/")
    assert len(came) == 2
    assert not any(b"cookie" in request.lower() for request in came)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"])
async def test_an_answer_that_breaks_off_is_none(answer: bytes) -> None:
    async with listener(saying(answer)) as (port, _):
        with pytest.raises(OutboundFailed):
            await Outbound([LOOPBACK]).send("GET", f"http://127.0.0.1:{port}/")


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.read()
    finally:
        writer.close()


async def _a_byte_at_a_time(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.mark.parametrize("serve", [_silence, _a_byte_at_a_time])
async def test_all_of_it_together_has_one_deadline(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OutboundFailed, match="seconds"):
            await Outbound([LOOPBACK], seconds=0.3).send("GET", f"http://127.0.0.1:{port}/")


async def test_a_name_server_that_never_answers_has_that_deadline_too() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    client = Outbound(resolve=resolve, seconds=0.1)
    with pytest.raises(OutboundFailed):
        await client.send("GET", "https://example.com/")
    with pytest.raises(UrlNotAllowed):
        await client.check("https://example.com/")


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for a name, and who has to be trusted for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(public, private)
    return tls, public


async def test_the_certificate_has_to_be_for_the_name_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also right after another name on the same address was served well: no connection is lent from one to another."""
    tls, authority = _certificate(tmp_path, "hook.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    outbound._tls.cache_clear()

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    client = Outbound([LOOPBACK], resolve)
    try:
        async with listener(saying(ok()), tls) as (port, _):
            assert (await client.send("GET", f"https://hook.example:{port}/")).status == 200
            for other in ("other.example", "127.0.0.1"):
                with pytest.raises(OutboundFailed):
                    await client.send("GET", f"https://{other}:{port}/")
    finally:
        outbound._tls.cache_clear()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("192.0.1.1", True),
        ("223.255.255.254", True),
        ("2606:4700:4700::1111", True),
        ("2a00:1450:4001::1", True),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("2002:808:808::", False),
        ("2001::1", False),
        ("4000::1", False),
        ("224.0.0.251", False),
        ("0.0.0.0", False),
    ],
)
def test_public_is_what_everybody_would_reach(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_nothing_else_speaks_http_to_others() -> None:
    banned = {"httpx", "httpcore", "httpx2", "aiohttp", "requests", "urllib3", "urllib.request"}
    users = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{name}" for name in names)]
            if any(name in banned or name.partition(".")[0] in banned for name in names):
                users.add(str(path.relative_to(SOURCE)))
    # The doctor asks the service by its own address, which whoever runs it has written down.
    assert users == {"core/outbound.py", "cli/neighbours.py"}
