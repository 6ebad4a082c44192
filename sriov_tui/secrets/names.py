"""Whether a setting of this name holds a secret, in any of the ways in which settings are written."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from sriov_tui.late import regex


class Secret(IntEnum):
    """How surely. What is WEAK ("key", "auth") also names harmless things: a path or a table below it stays."""

    NO = 0
    WEAK = 1
    STRONG = 2


_STEMS = (
    "password", "passwd", "passphrase", "passcode", "passwort", "kennwort", "motdepasse", "contrasena", "contraseña",
    "senha", "secret", "token", "credential", "apikey", "privatekey", "accesskey", "sharedkey", "masterkey",
    "encryptionkey", "sslkey", "bearer", "密码", "口令", "密钥", "令牌", "пароль", "パスワード", "비밀번호",
)  # fmt: skip
_WORDS = frozenset((
    "pass", "pw", "pwd", "psk", "pin", "puk", "cak", "chap", "wep", "auth", "key", "keys", "ak", "sk", "cred", "creds",
    "jwt", "otp", "totp", "license", "licence", "authorization", "cookie", "community", "private", "shared",
    "adminpass", "rootpw", "rootpass", "dbpass", "userpass", "bindpw",
))  # fmt: skip
# What is said about a secret, or lies beside it, is none: ssl_key_file, auth_token_cache_size, psk-flags.
_ABOUT = frozenset((
    "file", "path", "dir", "directory", "folder", "size", "ttl", "timeout", "length", "expiration", "expires", "count",
    "type", "mgmt", "management", "flags", "name", "user", "username", "url", "uri", "endpoint", "interval", "enabled",
    "algorithm", "algo", "method", "methods",
))  # fmt: skip
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = regex(r"[^\W_]+")
_HARMLESS = regex(r"(?i)['\"]?(?:true|false|yes|no|on|off|[tfyn]|null|none|nil|~|\d{1,3})?['\"]?[ \t\r]*(?:#.*)?")
_PATH = regex(r"/[\w./%@+-]*")
_KEY_FILE = regex(r"/[\w./%@+-]*\.(?:pem|key|crt|cert|der|p12|pfx|jks)")
_ANY_WORD = regex(
    rf"(?:(?<![^\W_])|(?<=[a-z0-9])(?=[A-Z]))(?i:{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![^\W\d_])"
)
_GAP = regex(r"[\W_]+")
LONGEST = 400  # characters of a name that are looked at: its end tells what it is


def is_harmless(value: str, sure: Secret) -> bool:
    """Whether a value cannot be a secret: nothing, a switch, a small number, the path of a file that holds it."""
    if _HARMLESS.fullmatch(value):
        return True
    bare = value.strip().strip("\"'")
    return bool(_KEY_FILE.fullmatch(bare) or (sure is Secret.WEAK and _PATH.fullmatch(bare)))


def may_name(text: str) -> bool:
    """Whether a name of a secret may stand anywhere in a text: much sooner told than where the names of it are."""
    if '"' in text and "\\" in text:  # escapes
        return True
    together = _GAP.sub("", text).casefold()
    return any(stem in together for stem in _STEMS) or _ANY_WORD.search(text) is not None


@lru_cache(maxsize=4096)
def secret(name: str) -> Secret:
    """Whether what has this name is a secret."""
    words = [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", name[-LONGEST:]))]
    last = words[-1].rstrip("0123456789") if words else ""
    if not words or last in _ABOUT or "public" in words or "pub" in words:
        return Secret.NO
    together = "".join(words)
    if any(stem in together for stem in _STEMS):
        return Secret.STRONG
    return Secret.WEAK if last in _WORDS or words[-1] in _WORDS else Secret.NO
