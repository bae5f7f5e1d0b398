"""What can go wrong with signing in at a provider."""

from taskapi.core.errors import AppError, BadRequest, Conflict, Forbidden, Unauthorized


class SignInExpired(BadRequest):
    """One answer for a state that is too old, was used, or belongs to another browser."""

    code, title = "sign_in_expired", "This sign-in has run out, or was finished before"


class SignInRefused(Unauthorized):
    """The provider said no, or what it said does not hold."""

    code, title = "sign_in_refused", "The sign-in provider did not vouch for you"


class EmailNotProven(Forbidden):
    """Verify it there. Otherwise whoever enters another's address there would get into that person's account here."""

    code, title = "email_not_proven", "The sign-in provider has not verified your e-mail address"


class AccountNotProven(Conflict):
    """Somebody else may have made that account. Reset its password by mail, which proves the address, and try again."""

    code, title = "account_not_proven", "There is an account with this address, which was never verified"


class NoAccount(Forbidden):
    """Ask an administrator for an account with the address that the provider knows you by."""

    code, title = "no_account", "You have no account here, and registration is not open"


class ProviderFailed(AppError):
    """It did not answer, or not as OpenID Connect says. Try again; the log of the service tells more."""

    status, code, title = 502, "provider_failed", "The sign-in provider cannot be asked right now"
