"""The address of an account: proven by a link, changed with the consent of both mailboxes."""
