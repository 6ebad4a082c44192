"""What an install of DOCA-Host's driver needs of this host, before anything is changed: it is built here by DKMS."""

from __future__ import annotations

from collections.abc import Iterator

from checks.boot.entries import next_kernel
from checks.cards import doca_host
from checks.unseen import look_again
from sriov_tui.facts import DriverGround, DriverImage, HostFacts
from sriov_tui.facts.driver import BUILD_TOOLS, mok_path
from sriov_tui.message import Message, join, lines, say, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level

GIB = 1 << 30
LEAST = {"/usr": 2 * GIB, "/var": 3 * GIB, "/tmp": GIB}
"""The repository and the packages; what DKMS builds: Mellanox/doca-driver-build, 571 MB unstripped for each kernel."""


def findings(facts: HostFacts, ground: DriverGround, image: DriverImage) -> Iterator[Finding]:
    """Beside headers and compiler: the tools of a build, dkms, room, the kernel that boots next, Secure Boot."""
    yield _tools(facts, ground, image)
    yield _dkms(facts, ground, image)
    yield _space(facts, ground)
    yield from _kernel(facts)
    yield from _secure_boot(facts, ground)


def _tools(facts: HostFacts, ground: DriverGround, image: DriverImage) -> Finding:
    missing = ground.tools_missing
    if missing is None:
        return Finding(id="driver.tools", level=Level.SKIP, title=say("Which build tools are there is not known."),
                       fix=look_again(facts, "/usr/bin", "/usr/sbin"))  # fmt: skip
    evidence = (Evidence(", ".join(BUILD_TOOLS), say("all there") if not missing else ", ".join(missing)),)
    if not missing:
        return Finding(
            id="driver.tools", level=Level.OK, title=say("The tools for a build are there."), evidence=evidence
        )
    command = "dnf install" if image.kind == "rpm" else "apt-get install"
    return Finding(
        id="driver.tools",
        level=Level.FAIL,
        title=say("DKMS cannot build the driver without {missing}.", missing=join(", ", missing)),
        evidence=evidence,
        fix=Fix(title=say("Install them first."), manual=verbatim(f"{command} {' '.join(missing)}")),
        blocks=True,
    )


def _dkms(facts: HostFacts, ground: DriverGround, image: DriverImage) -> Finding:
    """The rpm asks for dkms 3.2 (mlnx-ofa_kernel.spec, 25.10); the deb brings one in its own repository."""
    version, wanted = ground.dkms, ".".join(map(str, doca_host.DKMS_SINCE))
    if version is None:
        return Finding(id="driver.dkms", level=Level.SKIP, title=say("Whether dkms is there is not known."),
                       fix=look_again(facts, "/usr/sbin", "/usr/bin"))  # fmt: skip
    evidence = (Evidence("dkms --version", version or say("absent")),)
    if image.kind == "deb":
        title = say("dkms {version} is there.", version=version) if version else say("dkms comes with the driver.")
        return Finding(id="driver.dkms", level=Level.OK, title=title, evidence=evidence)
    fix = Fix(
        title=say("Install dkms {wanted} or newer first.", wanted=wanted),
        manual=say("On Enterprise Linux it is in EPEL: `dnf install dkms`. On others see the distribution's own."),
        verify=verbatim("dkms --version"),
    )
    if not version:
        title = say("dkms is not there: the driver needs {wanted}, out of a repository of this host.", wanted=wanted)
        return Finding(id="driver.dkms", level=Level.WARN, title=title, evidence=evidence, fix=fix)
    old = tuple(int(part) for part in version.split(".")[:2]) < doca_host.DKMS_SINCE
    title = (
        say("dkms {version} is too old: the driver needs {wanted}.", version=version, wanted=wanted)
        if old
        else say("dkms {version} is there.", version=version)
    )
    return Finding(id="driver.dkms", level=Level.FAIL if old else Level.OK, title=title, evidence=evidence,
                   fix=fix if old else None, blocks=old)  # fmt: skip


def _space(facts: HostFacts, ground: DriverGround) -> Finding:
    rooms = {"/usr": ground.room_usr, "/var": ground.room_var, "/tmp": ground.room_tmp}
    evidence = tuple(
        Evidence(f"df -Pk {path}", "?" if room is None else f"{room // (1 << 20)} MiB") for path, room in rooms.items()
    )
    short = [(path, room) for path, room in rooms.items() if room is not None and room < LEAST[path]]
    if short:
        words = join(
            "; ",
            (
                say("{path} has {room} MiB, {good} MiB are needed", path=path, room=room >> 20, good=LEAST[path] >> 20)
                for path, room in short
            ),
        )
        fix = Fix(title=say("Make room there."), verify=verbatim("df -h /usr /var /tmp"))
        return Finding(id="driver.space", level=Level.FAIL, title=say("There is little room: {words}.", words=words),
                       evidence=evidence, fix=fix, blocks=True)  # fmt: skip
    unknown = None in rooms.values()
    title = say("How much room there is cannot be seen.") if unknown else say("There is room for the install.")
    return Finding(id="driver.space", level=Level.INFO if unknown else Level.OK, title=title, evidence=evidence)


def _kernel(facts: HostFacts) -> Iterator[Finding]:
    """DKMS builds for the running kernel: the one that boots next has to be the same."""
    following, here = next_kernel(facts.boot), facts.kernel.release
    if not following or following == here:
        return
    yield Finding(
        id="driver.next-kernel",
        level=Level.FAIL,
        title=say(
            "The next boot takes the kernel {following}, and the driver would be built for {here}, the running one.",
            following=following,
            here=here,
        ),
        evidence=(Evidence("the boot menu's default", following),),
        fix=Fix(
            title=say("Boot the kernel that is to stay, then make the plan; or make the running one the default."),
            verify=verbatim("uname -r"),
        ),
        blocks=True,
    )


def _secure_boot(facts: HostFacts, ground: DriverGround) -> Iterator[Finding]:
    if facts.kernel.secure_boot is None:
        return
    path = mok_path(facts.os.id)
    uefi = Evidence("the UEFI variable SecureBoot", say("on") if facts.kernel.secure_boot else say("off"))
    if not facts.kernel.secure_boot:
        title = say("Secure Boot is off: any module may be loaded.")
        yield Finding(id="driver.secure-boot", level=Level.OK, title=title, evidence=(uefi,))
        return
    evidence = (uefi, Evidence(f"mokutil --test-key {path}", _mok(ground)))
    if ground.mok == "enrolled":
        title = say("Secure Boot is on, and trusts the key that DKMS signs with.")
        yield Finding(id="driver.secure-boot", level=Level.OK, title=title, evidence=evidence)
        return
    yield Finding(
        id="driver.secure-boot",
        level=Level.FAIL,
        title=say("Secure Boot is on, and waits for the key of DKMS: it is asked for, and not confirmed yet.")
        if ground.mok == "requested"
        else say(
            "Secure Boot is on, and does not trust the key that DKMS signs with: the kernel would refuse the driver."
        ),
        detail=say("The card would have no driver at all after the reboot."),
        evidence=evidence,
        fix=Fix(
            title=say("Reboot and confirm it on the console (MokManager: Enroll MOK), then install.")
            if ground.mok == "requested"
            else say("Enrol the key first, reboot, confirm it on the console (MokManager: Enroll MOK), then install."),
            manual=_enrol(facts, path),
            verify=verbatim(f"mokutil --test-key {path}"),
        ),
        blocks=True,
    )


def _mok(ground: DriverGround) -> Message:
    known = {"enrolled": say("enrolled"), "requested": say("asked for, to be confirmed at the next boot"),
             "": say("not enrolled")}  # fmt: skip
    return known[ground.mok] if ground.mok is not None else say("not readable")


def _enrol(facts: HostFacts, path: str) -> Message:
    """The key is made by dkms, on Ubuntu by shim-signed; the password is asked once more on the console."""
    make = "update-secureboot-policy --new-key" if facts.os.id == "ubuntu" else "dkms generate_mok"
    return lines(
        verbatim(make),
        verbatim(f"mokutil --import {path}"),
        say(
            "It asks for a password that the console asks for again at the next boot; a serial console may not show it."
        ),
    )
