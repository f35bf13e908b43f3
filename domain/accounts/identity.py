"""Rules for what people are called: username, e-mail address, full name; and for where they come from."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network

from email_validator import EmailNotValidError, validate_email

from domain.errors import Code, Refused
from domain.text import clean_text

USERNAME_SHORTEST = 3
USERNAME_LONGEST = 50
EMAIL_LONGEST = 100
FULL_NAME_LONGEST = 100

# ASCII only: a name in look-alike letters would pass for somebody else's.
USERNAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")

_RESERVED = """
abuse account accounts admin administrator anonymous api billing bot contact everyone graphql guest help hostmaster
info login logout me moderator nobody no-reply noreply null official operator owner postmaster register root security
self staff status superuser support sysadmin system team trademaster undefined unknown user users viewer webmaster www
"""
RESERVED_USERNAMES = frozenset(_RESERVED.split())


def clean_username(value: str, field: str = "username", *, by_operator: bool = False) -> str:
    """Operators may give out reserved names: somebody has to be able to be `admin`."""
    name = clean_text(value, field, minimum=USERNAME_SHORTEST, maximum=USERNAME_LONGEST)
    if not USERNAME_PATTERN.fullmatch(name):
        rule = "Start the username with a letter (a-z), then use letters, digits, dot, underscore or hyphen."
        raise Refused.because(Code.INVALID, rule, field)
    if name.lower() in RESERVED_USERNAMES and not by_operator:
        raise Refused.because(Code.INVALID, "This username is reserved. Choose another one.", field)
    return name


def clean_email(value: str, field: str = "email") -> str:
    """The form that is stored: the domain in small letters and in its own script. Nobody is asked over the network."""
    text = clean_text(value, field, maximum=EMAIL_LONGEST)
    try:
        # Mail servers that take other than ASCII before the @ are rare; a domain can always be written in ASCII.
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError as error:
        raise Refused.because(Code.INVALID, f"This is no e-mail address: {error}", field) from error
    return clean_text(address, field, maximum=EMAIL_LONGEST)


def clean_full_name(value: str, field: str = "full_name") -> str:
    return clean_text(" ".join(value.split()), field, maximum=FULL_NAME_LONGEST)


def network_of(address: str) -> str:
    """Whom to count an address as: IPv6 by its /64, because one household or server holds all of that."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip.packed, 64), strict=False))
