"""Extended attributes of a file (xattr(7)): access control lists, SELinux labels, capabilities, those of users.

A file that is replaced by a rename loses them all unless they are given to the new one: an ACL that keeps somebody
from a file of passwords, too.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

# Digests over the content and the inode, which the kernel makes (security/integrity in Linux): no copy can have them.
OF_THE_INODE = ("security.ima", "security.evm")
NONE_HERE = (errno.ENOTSUP, errno.ENOENT, errno.ENOSYS)
LABEL = "security.selinux"  # of a new file the policy gives it


def of(path: Path | int) -> dict[str, bytes]:
    """All that a copy of this file should have, too; nothing where there is no file or its file system keeps none."""
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in NONE_HERE:
            return {}
        raise
    found = {}
    for name in names:
        if name not in OF_THE_INODE:
            try:
                found[name] = os.getxattr(path, name)
            except OSError as error:
                if error.errno not in (errno.ENODATA, errno.ENOTSUP):  # gone since, or listed by a file system only
                    raise
    return found


def give(fd: int, wanted: Mapping[str, bytes]) -> None:
    """Bring an open file to just these, also where its directory gave it an ACL by default; OSError where refused."""
    has = of(fd)
    for name in has.keys() - wanted.keys() - {LABEL}:
        os.removexattr(fd, name)
    for name, value in wanted.items():
        if has.get(name) != value:
            os.setxattr(fd, name, value)
