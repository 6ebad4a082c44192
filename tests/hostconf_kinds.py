"""host.conf files of every kind, each with what the host-agent makes of it; and what an edit of it may do.

A file is put together from pieces whose meaning is known, so that the expectations come from how it was made, not from
the reader: byte order marks, tags, anchors, merge keys, large numbers, quotes, comments, spellings, bytes behind the
document. `python -m tests.fuzz_hostconf --kinds --examples 100000` runs many; every example has its seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sriov_tui.hostconf import edit, read
from sriov_tui.model import SriovError

NICS = ("eth0", "ens1f0np0", "bond0", "on", "1e3", "0123", "null", "~", "12:34", "eno1.100", "a@b", "-x", "二层")
ENTRIES = ("eth1/br0/10.0.0.5", "ens2f0/br1/bcast0", "on/br7/二层网络")
NEW = ("eth5/br5/w5", "y/br6/10.1.1.1", "bond9/br9/网")
COMMENTS = ("", "", "  # note", "\t# tab", " # sriov_nics: [x]")
OTHERS = (
    "report_interval: 60\n", "disable_gpu: on\n", "# 注释: networks\n", "\n", "#sriov_nics:\n#- eth2\n",
    "hostname: |\n  a\n  b\n", "dns_server: >-\n  10.0.0.2\n", "servers_path: '/a: b'\n", "foo: {a: [1, 2]}\n",
    "rack: ! 0xF\n", "slots: !!str 12\n", "bar: !!binary aGk=\n", "baz: 18446744073709551615\n", "qux: -0.0\n",
    "quux: 3456789.5\n", '"log_level": "info"\n', "? corge\n: [1]\n", "lxcfs_path: !\tx\n", "grault: {1e10: x}\n",
    "local_image_path:\n- /opt/a # a\n- /opt/b\n", "garply: &other {port: 7}\n", "<<: {telegraf_x: 1}\n",
    "waldo: \"\\u4e8c\\x41\"\n", f"# {'x' * 530}\n", f"# {'中' * 200}\n", "fred: [a,\n  b]\n", "plugh: |2-\n    a\n",
)  # fmt: skip
FATAL = ("port: x\n", "enable_nested_virtualization:\n", 'recycle_serverfiles: "yes"\n', "image_deploy_driver: loud\n",
         "cors_hosts:\n", "xyzzy: *nobody\n", 'thud: "\\ud83d\\ude00"\n', "fizz: !!int x\n")  # fmt: skip
TAILS = (b"", b"", b"", b"", b"---\nsriov_nics: [x]\n", b"...\n", b"... # end\n", b"%YAML 1.1#x\n",
         b"...\n# " + b"x" * 1100 + b"\xff\n", b"---\n" + b"# x\n" * 300 + b"\xcd\xf8\n")  # fmt: skip


@dataclass
class Made:
    """A file, its lists as the host-agent reads them, and the pieces that no edit of a list may touch."""

    data: bytes = b""
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    dies: bool = False
    chance: bool = False
    refuse: bool = False  # we may say no
    merged: set[str] = field(default_factory=set)


def quoted(chance: random.Random, item: str) -> str:
    """An item that is read as this text, whatever YAML would make of it."""
    mark = chance.choice(("'", '"'))
    tag = chance.choice(("", "", "", "", "", "!!str ", "! ", "!x "))
    return f"{tag}{mark}{item}{mark}"


def block(chance: random.Random, key: str, items: tuple[str, ...]) -> str:
    """A list in one of the forms that YAML has for it."""
    texts, note = [quoted(chance, item) for item in items], chance.choice(COMMENTS)
    form = chance.randrange(7)
    if not items or form == 0:
        return f"{key}: [{', '.join(texts)}]{note}\n"
    if form == 1:
        return f"{key}: [\n" + "".join(f"  {text},{note}\n" for text in texts) + f"  ]{note}\n"
    if form == 2 and len(items) == 1:
        return f"{key}: {texts[0]}{note}\n"
    if form == 3:
        return f"{key}: !!seq{note}\n" + "".join(f"- {text}\n" for text in texts)
    indent = " " * chance.choice((0, 0, 2, 3))
    spelled = f'"{key}"' if form == 4 else key
    return f"{spelled}:{note}\n" + "".join(f"{indent}- {text}{note}\n" for text in texts)


def lists(chance: random.Random, made: Made, key: str, choice: tuple[str, ...]) -> list[str]:
    """The pieces of a file that say something of one list; `made` learns what."""
    items = tuple(chance.sample(choice, chance.randrange(1, min(4, len(choice)))))
    form = chance.randrange(16)
    if form == 0 and key != "networks":
        return []
    made.lists[key] = items
    if form == 1:
        made.merged.add(key)
        return [f"<<: {{{key}: [{', '.join(quoted(chance, item) for item in items)}]}}\n"]
    if form == 2:
        made.merged.add(key)
        return [
            f"merged_{key}: &m_{key} {{{key}: [{', '.join(quoted(chance, item) for item in items)}]}}\n<<: *m_{key}\n"
        ]
    if form == 3:
        return [f"<<: {{{key}: [first]}}\n" + block(chance, key, items)]
    if form == 4:
        return [block(chance, key, ("first",)), block(chance, key, items)]
    if form == 5 and key != "networks":
        made.chance = made.refuse = True
        return [block(chance, key, items), block(chance, key.replace("_", "-"), ("first",))]
    if form == 6:
        made.refuse = True
        return [f"anchored_{key}: &a_{key} [{', '.join(quoted(chance, item) for item in items)}]\n{key}: *a_{key}\n"]
    return [block(chance, key, items)]


def file(chance: random.Random) -> Made:
    """A file of any kind."""
    made = Made()
    pieces = [(text, True) for text in chance.sample(OTHERS, chance.randrange(6))]
    if chance.randrange(12) == 0:
        pieces.append((chance.choice(FATAL), True))
        made.dies = made.refuse = True
    chance.shuffle(pieces)
    for key, choice in (("networks", ENTRIES), ("sriov_nics", NICS), ("ovs_offload_nics", NICS)):
        if key == "ovs_offload_nics" and chance.randrange(2):
            continue
        at = 0
        for text in lists(chance, made, key, choice):  # in this order, but anywhere
            at = chance.randrange(at, len(pieces) + 1)
            pieces.insert(at, (text, False))
            at += 1
    end = chance.choice(("\n", "\n", "\n", "\r\n"))
    marks = chance.choice((0, 0, 0, 0, 1, 1, 2, 3))
    head = "\ufeff" * marks + chance.choice(("", "", "", "---\n", "%YAML 1.1\n---\n"))
    texts = [(text.replace("\n", end).encode(), kept) for text, kept in [(head, True), *pieces]]
    texts.append((chance.choice(TAILS), True))
    made.kept = [data for data, kept in texts if kept and data]
    made.data = b"".join(data for data, _ in texts)
    made.dies = made.dies or made.data.startswith(b"\xef\xbb\xbf" * 2)  # or worse: its keys are others
    made.refuse = made.refuse or marks > 1
    return made


def in_order(data: bytes, parts: list[bytes]) -> bool:
    """Whether all parts are there, one after the other."""
    place = 0
    for part in parts:
        place = data.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def misread(made: Made) -> str:
    """What is wrong with our reading of a file; "" where nothing is."""
    if made.data.startswith(b"\xef\xbb\xbf" * 2):
        return "" if any(fault.id == "encoding.two-marks" for fault in read(made.data).faults) else "two marks, no word"
    reading = read(made.data)
    if made.dies:
        return "we say it loads" if reading.loads else ""
    if not reading.loads:
        return f"we say it dies: {reading.faults[0].message}"
    if bool(reading.others) is not made.chance:
        return "chance is not told as chance" if made.chance else "no chance is told as chance"
    for key, items in made.lists.items():
        found = {getattr(way.options, key) for way in (reading, *reading.others)}
        if items not in found or (len(found) > 1 and not made.chance):
            return f"{key} is {items}, and we read {found}"
    return ""


def misedited(chance: random.Random, made: Made) -> str:
    """What is wrong with an edit of a file; "" where nothing is, or where it says no with a reason."""
    asked: dict[str, tuple[str, ...]] = {}
    for key in ("sriov_nics", "ovs_offload_nics"):
        if chance.randrange(3):
            asked[key] = tuple(chance.sample(NICS, chance.randrange(4)))
    added = tuple(chance.sample(NEW, chance.randrange(1, 3))) if chance.randrange(3) == 0 else ()
    try:
        text = made.data.decode("utf-8", "surrogateescape")
        after = edit(text, add_networks=added, **asked).encode("utf-8", "surrogateescape")
    except SriovError as error:
        changed = {key for key, items in asked.items() if made.lists.get(key, ()) != items}
        changed |= {"networks"} if added else set()
        merged = bool(changed & made.merged)
        return "" if error.hint and (made.refuse or merged) else f"refused: {error.title}; {error.hint}"
    if not asked and not added:
        return "" if after == made.data else "nothing was asked, and something changed"
    reading = read(after)
    expected = made.lists | asked | {"networks": made.lists["networks"] + added}
    for key, items in expected.items():
        found = getattr(reading.options, key) if reading.loads else None
        if found != items and not (made.chance and key not in asked):
            return f"asked {asked} {added}; {key} is not {items} but {found} in {after!r}"
    if not in_order(after, made.kept):
        return f"asked {asked} {added}; other bytes changed: {after!r}"
    return ""


def example(chance: random.Random, files: tuple[bytes, ...]) -> tuple[bytes, str]:
    """A file of any kind, read and edited; and what is wrong."""
    made = file(chance)
    return made.data, misread(made) or misedited(chance, made)
