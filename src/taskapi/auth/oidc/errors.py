"""What can go wrong with signing in at a provider."""

from taskapi.core.errors import AppError, BadRequest, Conflict, Forbidden, Unauthorized


class SignInExpired(BadRequest):
    """One answer for a state that is too old, was used, or belongs to another browser."""

    code, title = "sign_in_expired", "This sign-in has run out, or was finished before"


class SignInRefused(Unauthorized):
    """The provider said no, or what it said does not hold."""

    code, title = "sign_in_refused", "The sign-in provider did not vouch for you"


class EmailNotProven(Forbidden):
    """Without that, whoever enters an address there would get into the account that has it here. Verify it there."""

    code, title = "email_not_proven", "The sign-in provider has not verified your e-mail address"


class AccountNotProven(Conflict):
    """Whoever made it may not own the mailbox: nobody is let in to it beside them, nor they beside the owner."""

    code, title = "account_not_proven", "There is an account with this address, which was never verified"


class NoAccount(Forbidden):
    """Ask an administrator for an account with the address that the provider knows you by."""

    code, title = "no_account", "You have no account here, and registration is not open"


class ProviderFailed(AppError):
    """It did not answer, or not as OpenID Connect says. Try again; the log of the service tells more."""

    status, code, title = 502, "provider_failed", "The sign-in provider cannot be asked right now"
