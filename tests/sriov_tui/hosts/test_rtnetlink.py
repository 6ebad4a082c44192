"""Questions to rtnetlink: what the kernel may answer, in what pieces, and that pyroute2's own reader sees the same."""

from __future__ import annotations

import errno
import socket
import struct
import subprocess
import sys
from typing import Any

import pytest

from sriov_tui.hosts import rtnetlink
from sriov_tui.hosts.rtnetlink import GETLINK, HEADER, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, Rtnetlink

NEWLINK, IFNAME = 16, 3  # RTM_NEWLINK, IFLA_IFNAME


class Kernel:
    """Answers in the place of a socket: a list of datagrams for each question."""

    def __init__(self, *answers: list[bytes]) -> None:
        self.answers = list(answers)
        self.waiting: list[bytes] = []
        self.asked: list[bytes] = []

    def bind(self, address: object) -> None: ...

    def close(self) -> None: ...

    def sendto(self, data: bytes, address: object) -> None:
        self.asked.append(data)
        self.waiting += self.answers.pop(0)

    def recv(self, room: int) -> bytes:
        return self.waiting.pop(0)


def message(kind: int, body: bytes = b"", number: int = 1, flags: int = 2) -> bytes:
    data = HEADER.pack(HEADER.size + len(body), kind, flags, number, 0) + body
    return data + bytes(-len(data) % 4)


def link(name: str, number: int = 1, flags: int = 2) -> bytes:
    text = name.encode() + b"\0"
    return message(NEWLINK, bytes(16) + struct.pack("=HH", 4 + len(text), IFNAME) + text, number, flags)


def done(number: int = 1) -> bytes:
    return message(NLMSG_DONE, bytes(4), number)


def links(monkeypatch: pytest.MonkeyPatch, *answers: list[bytes]) -> list[str]:
    kernel = Kernel(*answers)
    monkeypatch.setattr(socket, "socket", lambda *_: kernel)
    with Rtnetlink() as netlink:
        found = [one.get_attr("IFLA_IFNAME") for one in netlink.links()]
    assert all(HEADER.unpack_from(asked)[1] == GETLINK for asked in kernel.asked)
    return found


def test_a_dump_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several messages in a datagram, several datagrams, lengths that are padded, and an answer to somebody else."""
    pieces = [link("lo") + link("eth0"), link("other", number=9), link("enp1s0f0np0"), link("a") + done()]
    assert links(monkeypatch, pieces) == ["lo", "eth0", "enp1s0f0np0", "a"]


def test_a_dump_that_something_came_between_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel marks it (NLM_F_DUMP_INTR): a link may be missing."""
    first = [link("lo", 1, 2 | NLM_F_DUMP_INTR), done(1)]
    assert links(monkeypatch, first, [link("lo", 2) + link("eth0", 2) + done(2)]) == ["lo", "eth0"]


def test_a_network_that_never_rests_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[link("lo", n, 2 | NLM_F_DUMP_INTR), done(n)] for n in range(1, rtnetlink.TRIES + 1)]
    with pytest.raises(OSError, match="faster"):
        links(monkeypatch, *answers)


def test_a_refusal_has_the_kernels_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PermissionError) as caught:
        links(monkeypatch, [message(NLMSG_ERROR, struct.pack("=i", -errno.EPERM) + bytes(16))])
    assert caught.value.errno == errno.EPERM


@pytest.mark.machine
def test_pyroute2s_own_reader_sees_the_same() -> None:
    from pyroute2 import IPRoute

    def plain(messages: Any, *names: str) -> list[tuple[Any, ...]]:
        return sorted((tuple(str(one.get_attr(name)) for name in names) for one in messages), key=str)

    with Rtnetlink() as ours, IPRoute() as other:
        for mine, its, names in (
            (ours.links(), other.get_links(), ("IFLA_IFNAME", "IFLA_ADDRESS", "IFLA_MTU", "IFLA_LINKINFO")),
            (ours.addresses(), other.get_addr(), ("IFA_ADDRESS", "IFA_LABEL")),
            (ours.routes(), other.get_routes(), ("RTA_DST", "RTA_TABLE", "RTA_OIF", "RTA_GATEWAY")),
        ):
            assert plain(mine, *names) == plain(its, *names)
        (way,) = ours.way(socket.inet_aton("127.0.0.1"), socket.inet_aton("127.0.0.1"))
        assert way.get_attr("RTA_OIF") == 1


@pytest.mark.subprocess
def test_whoever_imports_pyroute2_afterwards_gets_all_of_it() -> None:
    code = (
        "import sys; from sriov_tui.hosts.rtnetlink import Rtnetlink; Rtnetlink();"
        "assert 'pyroute2' not in sys.modules and 'asyncio' not in sys.modules;"
        "from pyroute2 import IPRoute; IPRoute().close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
