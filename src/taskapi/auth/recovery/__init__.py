"""Passwords: forgotten and set anew by a link, or changed by who knows the present one."""
