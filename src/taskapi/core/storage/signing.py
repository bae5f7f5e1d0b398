"""Addresses of objects in S3 that carry a permission of their own: AWS Signature Version 4, in the query.

obstore signs addresses too, but none that say how the answer is to be called and treated, and without that a browser
would take the type and the name from whoever wrote the object.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Signer:
    region: str
    access_key_id: str
    secret_access_key: str

    def signed(self, url: str, said: Mapping[str, str], *, at: datetime, seconds: int) -> str:
        """`url`, by which anybody may GET the object for so long, and only so as `said` says it.

        The path of `url` is quoted already, and it has no query.
        """
        day, now = f"{at:%Y%m%d}", f"{at:%Y%m%dT%H%M%SZ}"
        scope = f"{day}/{self.region}/s3/aws4_request"
        parameters = {
            **said,
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.access_key_id}/{scope}",
            "X-Amz-Date": now,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        query = urlencode(sorted(parameters.items()), quote_via=quote, safe="-_.~")
        asked = urlsplit(url)
        request = "\n".join(("GET", asked.path, query, f"host:{asked.netloc}", "", "host", "UNSIGNED-PAYLOAD"))
        to_sign = "\n".join((_ALGORITHM, now, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = _keyed(self._key_of(day), to_sign).hex()
        return f"{url}?{query}&X-Amz-Signature={signature}"

    def _key_of(self, day: str) -> bytes:
        key = f"AWS4{self.secret_access_key}".encode()
        for part in (day, self.region, "s3", "aws4_request"):
            key = _keyed(key, part)
        return key


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
