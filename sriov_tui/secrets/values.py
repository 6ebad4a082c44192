"""Secrets that show by their own shape, whatever stands before them: keys in PEM, logins in addresses, known tokens.

The shapes of tokens are those that secret scanners look for (gitleaks, detect-secrets); such a scanner tells whether a
file holds a secret, not where in it and how long, so that none of them serves to mask. Each pattern takes time that
grows with the text and no faster: it is anchored where a word begins, or looks a bounded way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sriov_tui.late import regex
from sriov_tui.secrets.hiding import Span

_TOKENS = regex(
    r"(?<![\w-])(?:"
    r"eyJ[\w-]{4,}+(?:\.[\w-]*+){0,4}"  # a JSON Web Token
    r"|(?:A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{12,}+|LTAI\w{12,}+|AKID\w{12,}+|AIza[\w-]{30,}+"
    r"|gh[pousr]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[abeprs]-[\w-]{8,}+|npm_\w{20,}+"
    r"|sk_(?:live|test)_\w{10,}+|sk-[\w-]{20,}+|hv[sb]\.[\w-]{16,}+|dckr_pat_[\w-]{16,}+|pypi-[\w-]{16,}+"
    r"|SG\.[\w-]{10,}+\.[\w-]{10,}+|ya29\.[\w-]{10,}+|AGE-SECRET-KEY-1\w++"
    r"|grub\.pbkdf2\.[\w.]{8,}+"
    r")|\$(?:1|2[abxy]|5|6|7|y|gy|apr1|argon2id?)\$[^\s:'\",]{8,}+"  # crypt(5)
)
_SCHEME = regex(r"\b(?:Bearer|Basic|Digest|Negotiate|Token)[ \t]{1,4}(?=[\w+/.~-]*[\d=+/])([\w+/=.~-]{8,}+)")
_PEM = regex(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = regex(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_MOST = 16 << 10  # characters of a key
_PEM_LINE = regex(r"[ \t|+-]*(?:[A-Za-z0-9+/=_\\]{16,}|[\w-]+: \S.*|[A-Za-z0-9+/=]*)[ \t]*\r?\n?")
_RUN = regex(r"[^\s\"'`<>]{1,512}")
_PORT = regex(r"\d{1,5}(?:[/?,]|$)")
_RUN_BACK = 256


def spans(text: str) -> Iterator[Span]:
    """Where such secrets are."""
    yield from ((match.start(), match.end()) for match in _TOKENS.finditer(text))
    yield from (match.span(1) for match in _SCHEME.finditer(text))
    yield from _keys(text)
    yield from _logins(text)
    yield from _data_sources(text)


def _keys(text: str) -> Iterator[Span]:
    """Private keys, in lines, indented, in a single line with escapes, and those whose end is missing."""
    done = 0
    for begin in _PEM.finditer(text):
        if begin.start() < done:
            continue
        end = _PEM_END.search(text, begin.end(), begin.end() + _PEM_MOST)
        if end is not None:
            done = end.start()
        else:
            done = at = text.find("\n", begin.end()) + 1 or len(text)
            while at < len(text) and (line := _PEM_LINE.match(text, at)) and line.end() > at:
                done = at = line.end()
        yield begin.end(), done


def _logins(text: str) -> Iterator[Span]:
    """The password in scheme://user:password@host, also where it has a slash or an @ of its own."""
    for mark in ("://", "iscsi:"):
        at = text.find(mark)
        while at >= 0:
            run = _RUN.match(text, at + len(mark))
            at = text.find(mark, at + len(mark))
            if run is None or "@" not in run[0]:
                continue
            user, colon, rest = run[0].partition(":")
            login = rest.rpartition("@")[0]
            if colon and login and "/" not in user and "@" not in user and not _PORT.match(rest):
                start = run.start() + len(user) + 1
                yield start, start + len(login)
            elif colon and login and mark == "://" and "@" in rest.partition("/")[0]:
                start = run.start() + len(user) + 1  # a password that begins as a port does
                yield start, start + len(rest.partition("/")[0].rpartition("@")[0])


def _data_sources(text: str) -> Iterator[Span]:
    """The password in user:password@tcp(host), as Go's drivers take it, and in user%password@ of SMB."""
    for mark in ("@tcp(", "@unix(", "@udp(", "@tcp6("):
        at = text.find(mark)
        while at >= 0:
            run = re.split(r"[\s\"'`=]", text[max(0, at - _RUN_BACK) : at])[-1]
            if (colon := run.find(":")) >= 0:
                yield at - len(run) + colon + 1, at
            at = text.find(mark, at + 1)
