"""Addresses that carry a permission: AWS' own example, obstore's of the same moment, and what an S3 answers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from obstore import sign
from obstore.store import S3Store
from pydantic import ValidationError

from taskapi.core.storage.signing import Signer
from taskapi.settings import StorageSettings
from tests.core.storage.conftest import in_bucket, in_directory
from tests.support.s3 import S3Server

KEY = "attachments/a-file"
SAID = {
    "Content-Type": "image/png",
    "Content-Disposition": "attachment; filename*=UTF-8''%C3%84rger%20%22%C2%B9%22.png",
    "Cache-Control": "private, no-cache",
}
BY_ADDRESS = {
    "TASKAPI_STORAGE_REDIRECT_SECONDS": 300,
    "STORAGE_URL": "s3://bucket/some prefix",
    "TASKAPI_STORAGE_REGION": "eu-central-1",
    "TASKAPI_STORAGE_ACCESS_KEY_ID": "somebody",
    "TASKAPI_STORAGE_SECRET_ACCESS_KEY": "a secret",
}


def test_the_example_of_aws_has_the_signature_that_aws_says_it_has() -> None:
    """Of the page on signatures in query parameters."""
    signer = Signer("us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    at = datetime(2013, 5, 24, tzinfo=UTC)
    url = signer.signed("https://examplebucket.s3.amazonaws.com/test.txt", {}, at=at, seconds=86400)
    assert url.endswith("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_it_is_what_obstore_signs_where_nothing_is_said_of_the_answer() -> None:
    store = S3Store(
        "bucket", prefix="some prefix", region="eu-central-1", access_key_id="somebody", secret_access_key="a secret"
    )
    theirs = sign(store, "GET", KEY, timedelta(seconds=300))
    asked = urlsplit(theirs)
    at = datetime.strptime(parse_qs(asked.query)["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    signer = Signer("eu-central-1", "somebody", "a secret")
    bare = f"https://s3.eu-central-1.amazonaws.com/bucket/{quote('some prefix')}/{KEY}"
    assert signer.signed(bare, {}, at=at, seconds=300) == theirs


def test_it_is_what_botocore_signs_with_headers_that_are_forced() -> None:
    at = datetime(2026, 11, 22, 6, 28, 0, tzinfo=UTC)
    forced = {f"response-{name.lower()}": text for name, text in SAID.items()}
    bare = f"https://s3.eu-central-1.amazonaws.com/bucket/{quote('some prefix')}/{KEY}"
    url = Signer("eu-central-1", "somebody", "a secret").signed(bare, forced, at=at, seconds=300)
    assert url.endswith("&X-Amz-Signature=71860dd40e94431086d56dd57a611728e6bd615cd6d1b4daa78a1d72af7e6989")


async def some() -> AsyncIterator[bytes]:
    yield b"few"


async def test_an_s3_gives_the_file_by_that_address_alone(s3: S3Server) -> None:
    """How it is to be treated is asked for by the names that S3 has for it, which this server does not know."""
    storage = in_bucket(s3, TASKAPI_STORAGE_REDIRECT_SECONDS=60)
    await storage.put(KEY, some())
    address = storage.address(KEY, SAID)
    assert address is not None
    async with httpx.AsyncClient() as anybody:
        answer = await anybody.get(address)
    assert (answer.status_code, answer.content) == (200, b"few")
    asked = parse_qs(urlsplit(address).query)
    assert {name: asked[f"response-{name.lower()}"] for name in SAID} == {name: [text] for name, text in SAID.items()}
    assert asked["X-Amz-Expires"] == ["60"]


def test_each_header_that_is_forced_is_signed() -> None:
    signer, at = Signer("r", "k", "s"), datetime(2027, 1, 1, tzinfo=UTC)
    signatures = {
        signer.signed("https://s3/b/k", said, at=at, seconds=seconds).rpartition("=")[2]
        for said in ({}, {"response-content-type": "text/html"}, {"response-content-type": "image/png"})
        for seconds in (60, 61)
    }
    assert len(signatures) == 6


def test_files_go_by_us_unless_it_was_set_otherwise(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert in_bucket(s3).address(KEY, SAID) is None
    assert in_directory(tmp_path_factory.mktemp("files")).address(KEY, SAID) is None


def test_clients_may_reach_s3_elsewhere_than_we_do(s3: S3Server) -> None:
    elsewhere = {"TASKAPI_STORAGE_REDIRECT_ENDPOINT": "https://files.example.org/"}
    address = in_bucket(s3, TASKAPI_STORAGE_REDIRECT_SECONDS=60, **elsewhere).address(KEY, SAID)
    assert address is not None
    assert address.startswith("https://files.example.org/taskapi-tests/")


@pytest.mark.parametrize(
    "wrong",
    [
        {"TASKAPI_STORAGE_REDIRECT_SECONDS": 301},
        {"STORAGE_URL": "file:///srv/files"},
        {"TASKAPI_STORAGE_ACCESS_KEY_ID": None},
        {"TASKAPI_STORAGE_REGION": None},
        {"TASKAPI_STORAGE_REDIRECT_ENDPOINT": "files.example.org"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_cannot_be_signed_is_refused_at_the_start(wrong: dict[str, object]) -> None:
    assert StorageSettings.model_validate(BY_ADDRESS).redirect_seconds == 300
    with pytest.raises(ValidationError):
        StorageSettings.model_validate({**BY_ADDRESS, **wrong})
