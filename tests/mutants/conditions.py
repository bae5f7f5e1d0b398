"""The conditions by which statements leave out what somebody must not see: file, text, what stands there instead."""

_REACH = "core/reach.py"
_TASKS = "tasks/queries.py"
_LISTING = "tasks/listing.py"
_PROJECTS = "projects/queries.py"
_MEMBERS = "projects/members/queries.py"
_INVITATIONS = "projects/invitations/queries.py"
_LINKS = "projects/share_links/queries.py"
_USERS = "users/queries.py"
_TOKENS = "auth/api_tokens/queries.py"
_EXPORT = "accounts/export/queries.py"

CONDITIONS: tuple[tuple[str, str, str], ...] = (
    (_REACH, 'member.user_id == bindparam("caller_id")', "member.user_id.is_not(None)"),
    (_REACH, "if reach is Reach.TOKEN:", "if False:"),
    (_REACH, "and_(Member.project_id == Project.id, membership(reach))", "membership(reach)"),
    (_REACH, "and_(Member.project_id == Project.id, membership(reach))", "Member.project_id == Project.id"),
    (_REACH, "row is None and caller.is_admin", "row is None"),
    (_REACH, "cls.MEMBER if caller.project_ids is None else cls.TOKEN", "cls.MEMBER"),
    (_REACH, '_leave_fact(session, caller, row["project_id"], row["project_key"], needs)', "pass"),
    ("core/callers.py", " and self.token_id is None", ""),
    ("core/permissions.py", "caller.scopes is None or scope in caller.scopes", "caller.scopes is None or scope"),
    ("core/routing.py", '"read" if _SAFE_METHODS.issuperset(self.methods or ()) else "write"', '"read"'),
    ("auth/dependencies.py", "if not caller.is_admin:", "if False:"),
    ("health/router.py", "caller is not None and caller.is_admin", "caller is not None"),
    (_TASKS, "and_(Project.id == Task.project_id, Project.deleted_at.is_(None))", "Project.id == Task.project_id"),
    (_TASKS, ".where(_is(by), Task.deleted_at.is_(None))", ".where(_is(by))"),
    (_TASKS, ".where(_is(by), *place)", ".where(_is(by))"),
    (_TASKS, "joined.where(where, Project.deleted_at.is_(None))", "joined.where(where)"),
    (
        _TASKS,
        'Status.project_id == Task.project_id, Status.key == bindparam("enters"',
        'Status.key == bindparam("enters"',
    ),
    (_TASKS, ".where(Status.project_id == Project.id).correlate(Project)", ".correlate(Project)"),
    (_TASKS, 'Member.project_id == bindparam("project_id"), Member.user_id', "Member.user_id"),
    (
        _TASKS,
        'Task.project_id == bindparam("project_id"), Task.deleted_at.is_(None))\n',
        "Task.deleted_at.is_(None))\n",
    ),
    (_TASKS, 'Status.project_id == bindparam("project_id"), Status.key', "Status.key"),
    (_TASKS, 'and_(Task.project_id == bindparam("project_id"), Task.id', "and_(Task.id"),
    (_TASKS, 'and_(Task.project_id == bindparam("project_id"), Task.deleted_at', "and_(Task.deleted_at"),
    (_LISTING, "and_(membership(reach), mine)", "and_(mine)"),
    (_LISTING, "mine: Condition = Project.deleted_at.is_(None)", "mine: Condition = Project.id.is_not(None)"),
    (_LISTING, "and_(mine, Project.archived_at.is_(None))", "mine"),
    (_LISTING, 'and_(mine, Project.id == bindparam("project_id"))', "mine"),
    (_LISTING, 'and_(mine, Project.key == bindparam("project_key"))', "mine"),
    (_LISTING, "Task.deleted_at.is_(None), *(_CONDITIONS", "*(_CONDITIONS"),
    (_PROJECTS, "            in_place,\n", ""),
    (_PROJECTS, "and_(membership(reach), place,", "and_(place,"),
    (
        _PROJECTS,
        "select(_body(Member.role)).join(Member, Member.project_id == Project.id)",
        "select(_body(Member.role)).join(Member, literal(True))",
    ),
    (_PROJECTS, "            Project.deleted_at.is_(None),\n", ""),
    (_MEMBERS, '    .where(Member.project_id == bindparam("project_id"))\n)\n_by', ")\n_by"),
    (_MEMBERS, 'select_from(Member).where(Member.project_id == bindparam("project_id"))', "select_from(Member)"),
    (_MEMBERS, 'and_(Member.project_id == bindparam("of_project"), Member.user_id', "and_(Member.user_id"),
    (_MEMBERS, '        Task.project_id == bindparam("of_project"),\n', ""),
    (
        _INVITATIONS,
        '_of_project = Invitation.project_id == bindparam("project_id")',
        "_of_project = Invitation.id.is_not(None)",
    ),
    (_INVITATIONS, 'Invitation.project_id == bindparam("of_project"), Invitation.email', "Invitation.email"),
    (_INVITATIONS, 'Invitation.project_id == bindparam("of_project"), Invitation.id', "Invitation.id"),
    (_INVITATIONS, '> bindparam("now"), _stands)', '> bindparam("now"))'),
    (_INVITATIONS, 'and_(_unanswered, Invitation.expires_at > bindparam("now"), ', "and_(_unanswered, "),
    (_LINKS, '        ShareLink.project_id == bindparam("of_project"),\n', ""),
    (_LINKS, 'and_(ShareLink.project_id == bindparam("project_id"), ShareLink.revoked_at', "and_(ShareLink.revoked_at"),
    (_LINKS, 'ShareLink.token_hash == bindparam("token_hash"), ', ""),
    (_LINKS, 'bindparam("token_hash"), ShareLink.revoked_at.is_(None)', 'bindparam("token_hash")'),
    (_LINKS, "_unexpired, _stands)\n\n_FIELDS", "_stands)\n\n_FIELDS"),
    (_LINKS, "_unexpired, _stands)\n\n_FIELDS", "_unexpired)\n\n_FIELDS"),
    (_LINKS, "and_(Project.id == shown, Project.deleted_at.is_(None))", "Project.id == shown"),
    (_LINKS, "and_(Project.id == shown, ", "and_("),
    (_LINKS, "select(ShareLink.project_id).where(_opens, *unasked)", "select(ShareLink.project_id).where(_opens)"),
    (_LINKS, "Project.id == ShareLink.project_id, Project.deleted_at.is_(None)", "Project.id == ShareLink.project_id"),
    (_USERS, "User.deleted_at.is_(None), or_(_sees_all, exists().where(shared))", "User.deleted_at.is_(None)"),
    (_USERS, "exists().where(managed)", "exists().where(shared)"),
    (_USERS, "and_(membership(reach, _mine.c), _theirs", "and_(_theirs"),
    (_USERS, "_theirs.c.project_id == _mine.c.project_id, ", ""),
    (_TOKENS, 'and_(ApiToken.user_id == bindparam("user_id"), ', "and_("),
    (_TOKENS, 'ApiToken.user_id == bindparam("of_user"), ', ""),
    (_TOKENS, '        Member.user_id == bindparam("user_id"),\n', ""),
    ("auth/sessions/queries.py", 'Session.user_id == bindparam("user_id"), ', ""),
    (
        "auth/queries.py",
        'Session.id == bindparam("session_id"), Session.user_id == bindparam("of_user"), ',
        'Session.id == bindparam("session_id"), ',
    ),
    (_EXPORT, "where(User.id == _me)", "where(User.id.is_not(None))"),
    (_EXPORT, "where(Session.user_id == _me)", "where(Session.id.is_not(None))"),
    (_EXPORT, "where(ApiToken.user_id == _me)", "where(ApiToken.id.is_not(None))"),
    (_EXPORT, "where(Identity.user_id == _me)", "where(Identity.id.is_not(None))"),
    (_EXPORT, ".where(Member.user_id == _me)\n", "\n"),
    (_EXPORT, "Member.user_id == _me, or_(", "or_("),
    (_EXPORT, "where(Event.actor_id == _me)", "where(Event.id.is_not(None))"),
    (_EXPORT, "Event.subject_id == _me, ", ""),
)
