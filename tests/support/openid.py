"""An OpenID provider over real HTTP, on a port of 127.0.0.1: behaves by default, and misbehaves as told."""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

CLIENT_ID = "taskapi client"
CLIENT_SECRET = "s3cret: with+signs%"
Claims = dict[str, Any]


@dataclass(frozen=True)
class Granted:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class OpenIdProvider:
    issuer: str
    person: Claims = field(default_factory=dict)
    """Who is signed in there."""
    claims: Claims = field(default_factory=dict)
    """Said in the id_token whatever is true; a None leaves the claim out."""
    metadata: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    key: RSAKey | ECKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    published: list[Claims] | None = None
    """The JWKS, where it is not that of the key."""
    sign: Callable[[Claims], str] | None = None
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    """What a path answers instead."""
    codes: dict[str, Granted] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)

    def reset(self, person: Claims) -> None:
        """As it is when a test begins. The key stays: to make one takes long."""
        fresh = OpenIdProvider(self.issuer, person, key=self.key)
        self.__dict__.update(fresh.__dict__)

    def authorize(self, location: str) -> tuple[str, dict[str, str]]:
        """Be the browser: follow to the provider, agree, and come back. The callback's path, and what it carries."""
        answer = httpx.get(location)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return back.path, {name: values[0] for name, values in parse_qs(back.query).items()}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, claims, self.key)

    def paths_asked(self) -> list[str]:
        return [request.url.path for request in self.seen]


def application(provider: OpenIdProvider) -> ASGIApp:
    behaving = _behaving(provider)

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        provider.seen.append(Request(scope))
        misbehave = provider.answers.get(scope["path"])
        await (misbehave() if misbehave else behaving)(scope, receive, send)

    return note


def _behaving(provider: OpenIdProvider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> Response:
        issuer = provider.issuer
        known = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize?tenant=1",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse({**known, **provider.metadata})

    @app.get("/keys")
    async def keys() -> Response:
        published = provider.published
        return JSONResponse({"keys": [provider.key.as_dict(private=False)] if published is None else published})

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = request.query_params
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert asked["tenant"] == "1"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        provider.codes[code] = Granted(asked["nonce"], asked["code_challenge"], asked["redirect_uri"])
        back = {"code": code, "state": asked["state"], "iss": provider.issuer, "session_state": "of its own"}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not _is_our_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        granted = provider.codes.pop(form["code"], None)  # a code works once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if granted is None or (challenge.rstrip("="), form["redirect_uri"]) != (
            granted.challenge,
            granted.redirect_uri,
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"id_token": provider.id_token(granted.nonce), "access_token": "of the provider", "token_type": "Bearer"}
        )

    @app.get("/userinfo")
    async def userinfo(request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer of the provider"
        return JSONResponse({"sub": provider.person["sub"], **provider.userinfo})

    return app


def _is_our_client(request: Request, form: dict[str, str]) -> bool:
    """By HTTP Basic (each half form-encoded), or in the form."""
    if "client_secret" in form:
        return (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    pair = parse_qs("&".join(f"{n}={half}" for n, half in zip("is", given.split(":"), strict=True)))
    return (pair["i"][0], pair["s"][0]) == (CLIENT_ID, CLIENT_SECRET)


def huge() -> Response:
    return Response(b"{" + b" " * 1_000_000 + b"}", media_type="application/json")


def unsigned(claims: Claims) -> str:
    """`alg: none` (RFC 7515, appendix A.5), for those who believe it."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


@contextmanager
def running() -> Iterator[OpenIdProvider]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = OpenIdProvider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(application(provider), log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join(10)
