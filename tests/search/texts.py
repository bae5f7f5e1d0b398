"""Stories as teams write them: code, paths, addresses, names and logs in the middle of sentences."""

from typing import Final

TEXTS: Final = (
    (
        "As operator I want `max_open_files` in /etc/service/limits.conf to be read at start, so that 2nd-level help "
        "needn't restart node1.example.org:8080 (see OPS-114) when it's raised."
    ),
    (
        "TreeView.onKeyDown(event) throws TypeError: can't read property 'parentNode' of undefined, at view1.push(x), "
        "index.js:1042; happens in v2.10.3 only, not in 2.9.x."
    ),
    (
        "Export: `--format=csv|ndjson` writes UTF-8 with BOM; Müller's invoices (Straße, Łódź, São Paulo) came out as "
        "Mojibake. Expected: café, not cafÃ©."
    ),
    (
        "I0825 16:02:11.532 scheduler.cpp:211] Task 7f3e-00ab finished with status=0x1f in 12ms\n"
        "E0825 16:02:12.001 scheduler.cpp:240] HTTPServerError(503): retry_after=30s"
    ),
    (
        "If the user isn't in the group, then GroupMembershipService#findAll(userId, groupId) must not be asked: "
        "it's O(n^2) and the page takes >10s."
    ),
    "Upgrade jQuery 1.11 -> 3.7 and drop IE8 hacks; grep for $.browser, .live( and attr('checked').",
    "What to do with who is out of the office? Let's say that they are 'away', and show it on the board.",
    (
        "{noformat} java.lang.NullPointerException at org.example.web.SessionFilter$1.doFilter(SessionFilter.java:188)"
        " {noformat} {{quoted_value}} *bold* _emphasis_ ~~gone~~ [link|http://wiki.example.org/display/DEV/How+To]"
    ),
    "SELECT id, lower(name) FROM tbl_users WHERE deletedAt IS NULL AND e-mail LIKE '%@example.com' ORDER BY 1,2;",
    "Acceptance: (1) POST /api/v3/items?dry_run=true answers 200/OK; (2) nothing is stored; (3) X-Request-ID stays.",
)
