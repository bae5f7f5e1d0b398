"""Mutants that no test can notice, by the text that is taken away as `ast.unparse` writes it, and why."""

EQUIVALENT: dict[str, str] = {
    "literal_column('true')": "Joins one row to one row: SQL wants to hear a condition.",
    "true()": "Joins each row to a subquery that looks at it: SQL wants to hear a condition.",
    "require(_own_role(standing, caller), Permission.PROJECT_TRANSFER)": (
        "Asks again what was asked before it waited for a lock: only a race between real connections can tell,"
        " and tests/projects/members runs it."
    ),
    "KnownPlace.user_id == bindparam('of_user')": (
        "A place is a hash that was made for one account: the condition is there for the index."
    ),
    "KnownPlace.user_id == bindparam('user_id')": (
        "A place is a hash that was made for one account: the condition is there for the index."
    ),
}
