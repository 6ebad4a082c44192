"""What the next boot would do: the boot loader and its entries, and the modules that are loaded at boot."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from sriov_tui.facts import Boot, BootEntry, HostFacts
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.probe import grub
from sriov_tui.probe.source import Source

SETTINGS, DROP_INS, ENTRIES = "/etc/default/grub", "/etc/default/grub.d", "/boot/loader/entries"
DEBIAN_CFG, GRUB2_CFG, EFI = "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/efi/EFI"
GRUBENV = "/boot/grub2/grubenv"
VERSION = regex(r"\d+\.\d+")
WRAPPER = 1024  # bytes; the grub.cfg on the EFI partition of EL9 and Debian only reads another one, and is smaller
MODULES_LOAD = (
    "/etc/modules-load.d",
    "/run/modules-load.d",
    "/usr/local/lib/modules-load.d",
    "/usr/lib/modules-load.d",
)
MARKS = (  # what shows that another program than GRUB's own writes the kernel arguments
    ("ostree", "/run/ostree-booted"),
    ("proxmox", "/etc/kernel/proxmox-boot-uuids"),
    ("kernelstub", "/etc/kernelstub/configuration"),
    ("zipl", "/etc/zipl.conf"),
)
SYSTEMD_BOOT = ("/boot/efi/loader/loader.conf", "/efi/loader/loader.conf", "/boot/loader/loader.conf")


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`boot` and `modules_load`."""
    boot = _boot(source, facts)
    entries = None if boot.entries is None else tuple(_with_image(source, entry) for entry in boot.entries)
    boot = replace(boot, entries=entries, efi=source.exists("/sys/firmware/efi"))
    return {"boot": boot, "modules_load": _modules_load(source)}


def _boot(source: Source, facts: HostFacts) -> Boot:
    unread = []
    for loader, path in (*MARKS, ("sdbootutil", "/usr/bin/sdbootutil"), ("grub2", "/boot/grub2")):
        there = source.exists(path)
        if there:
            return _grub2(source) if loader == "grub2" else Boot(loader=loader, why=say("{path} is there", path=path))
        unread += [path] if there is None else []
    debian = facts.os.id in ("debian", "ubuntu") or "debian" in facts.os.like
    if source.exists(DEBIAN_CFG) is not False and (debian or source.exists("/usr/sbin/update-grub")):
        return _debian(source)
    for path in SYSTEMD_BOOT:
        if source.exists(path):
            return Boot(loader="systemd-boot", why=say("{path} is there", path=path))
    if unread:
        return Boot(why=say("{path} cannot be looked for", path=", ".join(unread)))
    return Boot(
        loader="", why=say("neither {debian_cfg} with update-grub nor /boot/grub2 is there", debian_cfg=DEBIAN_CFG)
    )


def _debian(source: Source) -> Boot:
    drop_ins = tuple(f"{DROP_INS}/{name}" for name in source.names(DROP_INS) or () if name.endswith(".cfg"))
    return _menu(source, Boot(loader="grub-debian", config=DEBIAN_CFG, settings=(SETTINGS, *drop_ins)))


def _grub2(source: Source) -> Boot:
    config, why = _config(source)
    boot = Boot(loader="grub2", config=config, settings=(SETTINGS,), why=why)
    text = source.data(config) if config else None
    if text is not None and re.search(rb"^\s*(insmod\s+)?blscfg\b", text, re.MULTILINE):
        return _bls(source, boot, text.decode("utf-8", "surrogateescape"))
    if source.exists("/usr/sbin/transactional-update"):
        return replace(boot, loader="", why=verbatim("/usr/sbin/transactional-update is there"))
    if "suse" in (source.text("/etc/os-release") or "").lower():
        boot = replace(boot, variable="GRUB_CMDLINE_LINUX_DEFAULT")
    return _menu(source, boot)


def _menu(source: Source, boot: Boot) -> Boot:
    text = source.data(boot.config) if boot.config else None
    if text is None:
        return boot
    variables = _environment(source, f"{boot.config.rpartition('/')[0]}/grubenv") if b"saved_entry" in text else {}
    entries, default = grub.menu(text.decode("utf-8", "surrogateescape"), variables)
    return replace(boot, entries=entries, default_title=default)


def _environment(source: Source, path: str) -> dict[str, str]:
    return grub.environment(source.data(path) or b"")


def _config(source: Source) -> tuple[str, Message]:
    """Where grub2-mkconfig has to write, and "" or why that is not known.

    The links in /etc are the distribution's own word; the file on the EFI partition may be a wrapper of the other.
    """
    efi = source.exists("/sys/firmware/efi")
    link = "/etc/grub2-efi.cfg" if efi else "/etc/grub2.cfg"
    paths = [path for path in (_resolved(source, link),) if path]
    if not paths and efi:
        paths = [f"{EFI}/{name}/grub.cfg" for name in source.names(EFI) or ()]
    if not efi:
        paths = paths or [GRUB2_CFG]
    real = [path for path in paths if _is_menu(source.data(path) or b"")]
    if len(real) > 1:
        return "", say("several of {real} could be the one that boots", real=", ".join(real))
    if real:
        return real[0], NOTHING
    if source.exists(GRUB2_CFG):
        return GRUB2_CFG, NOTHING
    return "", say(
        "no grub.cfg was found at {paths} or {grub2_cfg}", paths=", ".join(paths) or link, grub2_cfg=GRUB2_CFG
    )


def _is_menu(data: bytes) -> bool:
    return len(data) > WRAPPER or b"menuentry" in data or b"blscfg" in data


def _resolved(source: Source, link: str) -> str:
    if not source.target(link):
        return ""
    try:
        return source.reader.realpath(link)
    except OSError as error:
        source.problem(link, error.strerror or str(error))
        return ""


def _bls(source: Source, boot: Boot, text: str) -> Boot:
    """The entries are files below /boot/loader/entries, and grubby changes them."""
    names = [name for name in source.names(ENTRIES) or () if name.endswith(".conf")]
    switched = re.search(r"^\s*GRUB_ENABLE_BLSCFG=[\"']?true", source.text(SETTINGS) or "", re.MULTILINE)
    variables = dict(grub.settings(text)) | _environment(source, GRUBENV)
    order = grub.bls_order([name.removesuffix(".conf") for name in names])
    texts = [(name, source.data(f"{ENTRIES}/{name}.conf")) for name in order]
    entries = tuple(grub.bls_entry(name, (data or b"").decode("utf-8", "surrogateescape"), variables)
                    for name, data in texts)  # fmt: skip
    why = NOTHING
    if not names:
        why = say("{config} reads {entries}, and no entry is there", config=boot.config, entries=ENTRIES)
    elif not switched:
        why = say(
            "{config} reads {entries}, but {settings} does not say GRUB_ENABLE_BLSCFG=true",
            config=boot.config,
            entries=ENTRIES,
            settings=SETTINGS,
        )
    elif not any(source.exists(path) for path in ("/usr/sbin/grubby", "/sbin/grubby")):
        why = say("grubby, which changes such entries, is not installed")
    return replace(
        boot,
        loader="grub2-bls",
        entries=entries,
        default_title=grub.bls_default(entries, grub.default_name(text, variables)),
        environment=GRUBENV if any(b"$kernelopts" in (data or b"") for _, data in texts) else "",
        entry_files=tuple(f"{ENTRIES}/{name}.conf" for name in order),
        why=why,
    )


def _with_image(source: Source, entry: BootEntry) -> BootEntry:
    """The entry with the image that a link such as /boot/vmlinuz leads to; the path may be that of a partition."""
    name = entry.kernel.rpartition("/")[2]
    if not name or VERSION.search(name):
        return entry
    targets = (source.target(path) for path in dict.fromkeys((entry.kernel, f"/boot/{name}")))
    return replace(entry, image=next((target for target in targets if target), ""))


def _modules_load(source: Source) -> tuple[str, ...] | None:
    """Modules that systemd-modules-load would load; a file masks its namesakes in later directories."""
    seen: dict[str, str] = {}
    for directory in MODULES_LOAD:
        names = source.names(directory)
        if names is None:
            return None
        for name in names:
            if name.endswith(".conf") and name not in seen:
                seen[name] = source.text(f"{directory}/{name}") or ""
    lines = (line.strip() for text in seen.values() for line in text.splitlines())
    return tuple(sorted({line.replace("-", "_") for line in lines if line and line[0] not in "#;"}))
