"""An authenticator app, and somebody who has one."""

import time
from dataclasses import dataclass

import httpx
import pyotp

from tests.support.factory import PASSWORD

TOTP = "/api/v1/auth/totp"


@dataclass(frozen=True)
class Authenticator:
    secret: str
    recovery_codes: list[str]

    def code(self, steps_ahead: int = 0) -> str:
        """The code of now, or of a step that the service takes as well. Each works once, and none before it then."""
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * steps_ahead)

    def wrong_code(self) -> str:
        right = {self.code(step) for step in range(-2, 3)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


async def set_up(person: httpx.AsyncClient) -> Authenticator:
    """Uses the code of now; one step ahead is good for a sign-in."""
    offered = await person.post(TOTP, json={"password": PASSWORD})
    assert offered.status_code == 200, offered.text
    secret = offered.json()["secret"]
    confirmed = await person.post(f"{TOTP}/confirm", json={"code": Authenticator(secret, []).code()})
    assert confirmed.status_code == 200, confirmed.text
    return Authenticator(secret, confirmed.json()["recovery_codes"])
