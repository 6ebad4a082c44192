"""One operation of a plan: what is there before it, and doing it. Idempotent, so that a cut one can be done again.

`before` records, one dict of text per thing that the operation touches, are all that the rollback needs:
`what` "file" has path, state (present, absent), content (base64), mode (octal), owner (uid:gid), xattrs (JSON with
base64 in it; older versions wrote none) and, where we know it beforehand, `wrote` (SHA-256 of what we put there, "" =
removed) and `wrote_mode`; of a boot menu `again`, the command that makes it (a JSON list); "sysfs" has path, value,
wrote and timeout; "command" has undo (a JSON list), stays (why there is no way back), timeout, and medium (the image
that it ran out of).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sriov_tui.hosts.host import Host, Reader
from sriov_tui.hosts.os_errors import told
from sriov_tui.message import Message, from_plain, say, to_plain, verbatim
from sriov_tui.model import TEMPORARY, Operation, Run, SriovError, WriteFile, WriteSysfs
from sriov_tui.run import judged as judgements
from sriov_tui.run import vendor_installer
from sriov_tui.run.driver_image import present
from sriov_tui.run.kernel_errors import attribute_error, file_error, not_taken
from sriov_tui.run.vf_guard import refuse_reload, refuse_used, takes

KEEP_LIMIT = 16 << 20  # bytes of a file that a journal line may hold
LAST_LINES = 5

Before = dict[str, str]
Output = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file as it is now, behind its links; `data` None means absent."""

    path: str
    data: bytes | None = None
    mode: int = 0
    owner: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    links: int = 1  # its names

    @property
    def digest(self) -> str:
        """SHA-256 of the content, "" where the file is absent."""
        return "" if self.data is None else hashlib.sha256(self.data).hexdigest()


def file_state(host: Host, path: str) -> FileState:
    """What is at a path now; SriovError where it cannot be read, is too large to keep, or is a link to nowhere."""
    try:
        real = host.realpath(path)
        data = host.read(real, KEEP_LIMIT + 1)
        if len(data) > KEEP_LIMIT:
            raise SriovError(
                say("{path} is larger than {keep_limit} MiB", path=path, keep_limit=KEEP_LIMIT >> 20),
                say("It could not be restored: left alone."),
            )
        return FileState(
            path=real,
            data=data,
            mode=host.mode(real),
            owner=host.owner(real),
            xattrs=host.xattrs(real),
            links=host.hard_links(real),
        )
    except FileNotFoundError:
        if _is_link(host, path):
            raise SriovError(
                say("{path} is a link that leads nowhere", path=path), say("Fix or remove the link.")
            ) from None
        return FileState(path=path)
    except OSError as error:
        raise file_error(path, error, "read") from error


def attribute(host: Reader, path: str) -> str:
    """The value of a sysfs attribute, without the newline."""
    try:
        return host.read(path).decode("ascii", "replace").strip()
    except OSError as error:
        raise SriovError(
            say("{path} cannot be read: {strerror}", path=path, strerror=error.strerror),
            say("The device or its driver is not there as it was. `sriov-tui audit` shows what is."),
        ) from error


@told
def capture(operation: Operation, host: Host) -> tuple[Before, ...]:
    """Everything that undoes this operation, read before it starts."""
    match operation:
        case WriteFile():
            ours = {"wrote": _wanted_digest(operation), "wrote_mode": f"{operation.mode:o}"}
            return (file_record(file_state(host, operation.path)) | ours,)
        case WriteSysfs():
            value = attribute(host, operation.path)
            wrote, timeout = operation.value, str(operation.timeout)
            return ({"what": "sysfs", "path": operation.path, "value": value, "wrote": wrote, "timeout": timeout},)
        case Run():
            again = {"again": json.dumps(operation.argv)} if operation.draft else {}
            files = tuple(file_record(file_state(host, path)) | again for path in operation.rewrites)
            if files and not operation.undo and not operation.no_way_back:
                return files
            undo, timeout = json.dumps(operation.undo), str(operation.timeout)
            opened = operation.medium is not None and not operation.medium.package
            medium = {"medium": operation.medium.path} if opened and operation.medium else {}
            command = {"what": "command", "undo": undo, "stays": _kept(operation.no_way_back), "timeout": timeout}
            return (*files, command | medium)


def _kept(reason: Message) -> str:
    """A sentence as a record holds it: JSON, so that it can still be translated; a plain text as it is."""
    plain = to_plain(reason)
    return plain if isinstance(plain, str) else json.dumps(plain)


def sentence_of(kept: str) -> Message:
    """A sentence out of a record; what is no such JSON is a plain text."""
    try:
        found = json.loads(kept)
        return from_plain(found) if isinstance(found, dict) else verbatim(kept)
    except ValueError:
        return verbatim(kept)


def file_record(state: FileState) -> Before:
    """A file's content, mode, owner and extended attributes as text."""
    if state.data is None:
        return {"what": "file", "path": state.path, "state": "absent"}
    return {
        "what": "file",
        "path": state.path,
        "state": "present",
        "content": base64.b64encode(state.data).decode("ascii"),
        "mode": f"{state.mode:o}",
        "owner": f"{state.owner[0]}:{state.owner[1]}",
        "xattrs": json.dumps(
            {name: base64.b64encode(value).decode("ascii") for name, value in state.xattrs.items()}, sort_keys=True
        ),
    }


def xattrs_of(record: Before) -> dict[str, bytes] | None:
    """The extended attributes that a file had; None where an older version did not record them."""
    if "xattrs" not in record:
        return None
    return {name: base64.b64decode(value) for name, value in json.loads(record["xattrs"]).items()}


@told
def perform(operation: Operation, host: Host, output: Output) -> bool:
    """Do it, and read back that it is so; False where it was so already. SriovError says why it could not be done."""
    match operation:
        case WriteFile():
            return _write_file(operation, host)
        case WriteSysfs():
            return write_attribute(host, operation.path, operation.value, operation.timeout)
        case Run():
            refuse_reload(host, operation.argv)
            with present(host, operation.medium, output) if operation.medium else contextlib.nullcontext():
                run_command(host, operation.argv, operation.timeout, output, operation.judged)
            if operation.draft:
                _put_in_place(host, operation)
            for path in operation.rewrites:
                host.sync(path)
            return True


@told
def digests(operation: Operation, host: Host) -> dict[str, str]:
    """What a command left in the files that it rewrites: path -> SHA-256, so that a later change is noticed."""
    if not isinstance(operation, Run):
        return {}
    states = (file_state(host, path) for path in operation.rewrites)
    return {state.path: state.digest for state in states}


def check_links(state: FileState) -> None:
    """SriovError where a file has several names: one that is replaced leaves the others with the old content."""
    if state.links > 1:
        raise SriovError(
            say(
                "{path} is a hard link: the same file has {links} names, and only this one would change",
                path=state.path,
                links=state.links,
            ),
            say(
                "Nothing was written to it. `find / -xdev -samefile {path}` lists them; `cp -a {path} {path}.new && mv "
                "{path}.new {path}` makes this one a file of its own. Then run the same command again.",
                path=state.path,
            ),
        )


def put_file(
    host: Host,
    state: FileState,
    data: bytes | None,
    mode: int,
    owner: tuple[int, int] | None,
    xattrs: Mapping[str, bytes] | None = None,
) -> None:
    """Bring a file, which was seen in this state, to this content, or remove it, and read it back.

    It keeps the extended attributes that it has unless others are given. A file with several names is refused: the
    others would keep the old content.
    """
    path = state.path
    check_links(state)
    try:
        if data is None:
            host.remove(path)
        else:
            host.write(path, data, mode, owner, state.digest, xattrs)
    except OSError as error:
        raise file_error(path, error, "removed" if data is None else "written") from error
    if file_state(host, path).data != data:
        raise SriovError(
            say("{path} does not hold what was written to it", path=path),
            say("Somebody else writes it at the same time."),
        )


def write_attribute(host: Host, path: str, value: str, timeout: float) -> bool:
    """Bring an attribute to this value; False where it has it.

    Never lowers a VF count or changes the mode of an eswitch while a VF is in use.
    """
    found = attribute(host, path)
    if found == value:
        return False
    if takes(path, found, value):
        refuse_used(host, path)
    try:
        host.write_attribute(path, value, timeout)
    except OSError as error:
        raise attribute_error(path, value, error) from error
    if (now := attribute(host, path)) != value:
        raise not_taken(path, value, now)
    return True


@told
def run_command(host: Host, argv: tuple[str, ...], timeout: float, output: Output, judged: str = "") -> None:
    """Run a command; SriovError with its last lines where it does not end with status 0, or where it is judged so."""
    lines: list[str] = []
    kept = judgements.MOST if judged else vendor_installer.KEPT

    def keep(line: str) -> None:
        lines.append(line)
        del lines[:-kept]
        output(line)

    try:
        status = host.run(argv, timeout, keep)
    except OSError as error:
        raise SriovError(
            say("`{argv}` could not be started: {strerror}", argv=" ".join(argv), strerror=error.strerror)
        ) from error
    if judged and status not in (124, 126, 127):
        judgements.judge(judged, argv, status, lines, host)
        return
    if status != 0:
        if told := vendor_installer.why(argv, status, lines):
            raise SriovError(say("The {argv} failed: {told}", argv=vendor_installer.name(argv), told=told[0]), told[1])
        said = verbatim("\n".join(lines[-LAST_LINES:])) if lines else say("It printed nothing.")
        known = {124: say("was ended after {timeout} s", timeout=f"{timeout:.0f}"), 127: say("was not found")}
        reason = known.get(status, say("ended with status {status}", status=status))
        raise SriovError(say("`{argv}` {reason}", argv=" ".join(argv), reason=reason), said)


def sweep(host: Host, path: str) -> None:
    """Remove the temporary files and drafts that a cut write, or a command that was cut, left beside a file."""
    directory, name = posixpath.split(path)
    try:
        names = host.listdir(directory)
    except OSError:
        return
    for left in names:  # grub-mkconfig writes its draft with ".new" behind the name first
        if left.startswith(f".{name}.") and left.endswith((TEMPORARY, f"{TEMPORARY}.new")):
            with contextlib.suppress(OSError):  # what cannot be removed is in nobody's way
                host.remove(f"{directory}/{left}")


def _put_in_place(host: Host, operation: Run) -> None:
    """Give the first file that a command rewrites the content of its draft, and keep the file's mode and owner."""
    made, old = file_state(host, operation.draft), file_state(host, operation.rewrites[0])
    if not made.data:
        raise SriovError(
            say(
                "`{argv}` ended well and wrote nothing to {draft}", argv=" ".join(operation.argv), draft=operation.draft
            ),
            say("{path} is as it was.", path=old.path),
        )
    kept = made if old.data is None else old
    put_file(host, old, made.data, kept.mode, kept.owner)
    sweep(host, old.path)


def _write_file(operation: WriteFile, host: Host) -> bool:
    state = file_state(host, operation.path)
    wanted = None if operation.text is None else operation.text.encode("utf-8", "surrogateescape")
    if state.data == wanted and (wanted is None or state.mode == operation.mode):
        return False
    if operation.expect is not None and state.data != wanted and state.digest != operation.expect:
        raise SriovError(
            say("{path} was changed by somebody else since the plan was made", path=operation.path),
            say("Nothing was written to it. Make a new plan: it starts from the file as it is now."),
        )
    put_file(host, state, wanted, operation.mode, state.owner if state.data is not None else None)
    return True


def _wanted_digest(operation: WriteFile) -> str:
    if operation.text is None:
        return ""
    return hashlib.sha256(operation.text.encode("utf-8", "surrogateescape")).hexdigest()


def _is_link(host: Reader, path: str) -> bool:
    try:
        host.readlink(path)
    except OSError:
        return False
    return True
