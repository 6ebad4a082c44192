"""What an install of the vendor's driver needs of this host: headers, compiler, room, a Secure Boot that allows it."""

from __future__ import annotations

from collections.abc import Iterator

from checks import driver_image
from checks.cards import doca_host, doca_needs
from checks.cards import driver_releases as releases
from checks.unseen import look_again
from sriov_tui.facts import DriverGround, DriverImage, HostFacts
from sriov_tui.message import NOTHING, Message, join, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 33
MIB = 1 << 20
LEAST_TMP, BUILD_TMP = (
    600 * MIB,
    5120 * MIB,
)  # what mlnx_add_kernel_support.sh refuses below; what a build is known to take
LEAST_USR = 1024 * MIB
DKMS = ("debian", "ubuntu")  # there the packages build themselves, at each new kernel again
VAULT = "http://vault.centos.org/7.9.2009"


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Only where something is to be installed."""
    image, ground = facts.image(choices.driver.image), facts.driver_ground
    if image is None or ground is None or image.error or driver_image.installed(facts, image):
        return
    if doca_host.is_package(image) and doca_host.by_hand(facts, image):
        return
    if builds(facts, image):
        yield _headers(facts, ground)
        yield _compiler(facts, ground)
    if doca_host.is_package(image):
        yield from doca_needs.findings(facts, ground, image)
        return
    yield _space(ground, builds(facts, image))
    yield from _secure_boot(facts, builds(facts, image))


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: what is missing comes from the distribution's repositories, which are not ours to set up."""
    yield from ()


def add_kernel_support(facts: HostFacts, image: DriverImage) -> bool:
    """Whether the installer has to build packages for this kernel first: its own are for others."""
    family, _ = releases.split(driver_image.label(image).distribution)
    return family not in DKMS and facts.kernel.release not in image.kernels


def builds(facts: HostFacts, image: DriverImage) -> bool:
    """Whether modules are compiled on this host."""
    family, _ = releases.split(driver_image.label(image).distribution)
    return family in DKMS or doca_host.is_package(image) or add_kernel_support(facts, image)


def compiler(ground: DriverGround) -> tuple[str, str] | None:
    """The first gcc that is as new as the kernel's; the first of all where the kernel's is not known; None for none."""
    wanted = ground.kernel_compiler
    for path, version in ground.compilers or ():
        if wanted is None or _major(version) >= _major(wanted):
            return path, version
    return None


def _major(version: str) -> int:
    head = version.partition(".")[0]
    return int(head) if head.isdigit() else 0


def _headers(facts: HostFacts, ground: DriverGround) -> Finding:
    release = facts.kernel.release
    evidence = (Evidence(f"/lib/modules/{release}/build", {True: "there", False: "absent", None: "?"}[ground.headers]),)
    if ground.headers:
        return Finding(
            id="driver.headers", level=Level.OK, title=say("The headers of this kernel are there."), evidence=evidence
        )
    if ground.headers is None:
        return Finding(id="driver.headers", level=Level.SKIP, title=say("Whether its headers are there is not known."),
                       evidence=evidence, fix=look_again(facts, "/lib/modules", "/usr/src"))  # fmt: skip
    return Finding(
        id="driver.headers",
        level=Level.FAIL,
        title=say("The headers of the kernel {release} are missing: nothing can be built for it.", release=release),
        evidence=evidence,
        fix=Fix(
            title=say("Install the headers of exactly this kernel, not of the newest one."),
            manual=_header_command(facts),
            verify=verbatim(f"ls /lib/modules/{release}/build"),
        ),
        blocks=True,
    )


def _header_command(facts: HostFacts) -> Message:
    release = facts.kernel.release
    if ".yn" in release:
        return say(
            "Cloudpods' own kernel: install kernel-devel-{release} from the repository that brought the kernel.",
            release=release,
        )
    if releases.FAMILIES.get(facts.os.id) in DKMS:
        return verbatim(f"apt-get install linux-headers-{release}")
    if facts.os.id == "centos" and facts.os.version.startswith("7"):
        return verbatim(f"yum install {VAULT}/updates/x86_64/Packages/kernel-devel-{release}.rpm")
    return verbatim(f"dnf install kernel-devel-{release}")


def _compiler(facts: HostFacts, ground: DriverGround) -> Finding:
    wanted, fits = ground.kernel_compiler, compiler(ground)
    have = ", ".join(f"{path} {version}" for path, version in ground.compilers or ()) or say("none")
    evidence = (Evidence("/proc/version", f"built with gcc {wanted or '?'}"), Evidence("gcc -dumpversion", have))
    if ground.compilers is None:
        return Finding(id="driver.compiler", level=Level.SKIP, title=say("Which compilers are there is not known."),
                       evidence=evidence, fix=look_again(facts, "/opt/rh", "/usr/bin"))  # fmt: skip
    if fits:
        return Finding(
            id="driver.compiler",
            level=Level.OK,
            title=say("gcc {fits} can build for this kernel.", fits=fits[1]),
            evidence=evidence,
        )
    what = (
        say("The kernel was built with gcc {wanted}; here is {have}.", wanted=wanted, have=have)
        if ground.compilers
        else say("There is no compiler.")
    )
    return Finding(
        id="driver.compiler",
        level=Level.FAIL,
        title=say("{what} Modules for this kernel need one as new.", what=what),
        evidence=evidence,
        fix=Fix(
            title=say("Install a compiler that is as new as the kernel's."),
            manual=_compiler_command(facts, ground),
            verify=verbatim("gcc -dumpversion"),
        ),
        blocks=True,
    )


def _compiler_command(facts: HostFacts, ground: DriverGround) -> Message:
    wanted = _major(ground.kernel_compiler or "0")
    if facts.os.id == "centos" and facts.os.version.startswith("7"):
        gone = say(" (yum's mirror list of CentOS 7 is gone)") if ground.mirror_gone else NOTHING
        number = max(wanted, 9)
        return say(
            "From the vault{gone}: write /etc/yum.repos.d/sclo-vault.repo with\n  [sclo-vault]\n  "
            "name=SCLo vault\n  baseurl={vault}/sclo/$basearch/rh/\n  gpgcheck=1\n  "
            "gpgkey=https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-SCLo\n"
            "then: yum --disablerepo='*' --enablerepo=sclo-vault install devtoolset-{number}-gcc "
            "devtoolset-{number}-binutils\n"
            "It is taken from /opt/rh by itself; `scl enable` is not needed.",
            gone=gone,
            vault=VAULT,
            number=number,
        )
    if releases.FAMILIES.get(facts.os.id) in DKMS:
        return verbatim(f"apt-get install gcc-{wanted or ''}".rstrip("-"))
    return say(
        "dnf install gcc; where that is older than {wanted}: dnf install gcc-toolset-{wanted}-gcc", wanted=wanted
    )


def _space(ground: DriverGround, builds_here: bool) -> Finding:
    wanted = BUILD_TMP if builds_here else LEAST_TMP
    rooms = (("/tmp", ground.room_tmp, LEAST_TMP, wanted), ("/usr", ground.room_usr, 0, LEAST_USR))
    evidence = tuple(
        Evidence(f"df -Pk {path}", "?" if room is None else f"{room // MIB} MiB") for path, room, _, _ in rooms
    )
    short = [(path, room, least, good) for path, room, least, good in rooms if room is not None and room < good]
    if not short:
        unknown = any(room is None for _, room, _, _ in rooms)
        title = say("How much room there is cannot be seen.") if unknown else say("There is room for the install.")
        return Finding(id="driver.space", level=Level.INFO if unknown else Level.OK, title=title, evidence=evidence)
    fails = any(room < least for _, room, least, _ in short)
    words = join(
        "; ",
        (
            say("{path} has {room} MiB, {good} MiB are needed", path=path, room=room // MIB, good=good // MIB)
            for path, room, _, good in short
        ),
    )
    return Finding(
        id="driver.space",
        level=Level.FAIL if fails else Level.WARN,
        title=say("There is little room: {words}.", words=words),
        evidence=evidence,
        fix=Fix(title=say("Make room there."), verify=verbatim("df -h /tmp /usr")),
        blocks=fails,
    )


def _secure_boot(facts: HostFacts, builds_here: bool) -> Iterator[Finding]:
    if facts.kernel.secure_boot is None:
        return
    evidence = (Evidence("the UEFI variable SecureBoot", say("on") if facts.kernel.secure_boot else say("off")),)
    if not facts.kernel.secure_boot:
        yield Finding(
            id="driver.secure-boot",
            level=Level.OK,
            title=say("Secure Boot is off: any module may be loaded."),
            evidence=evidence,
        )
        return
    yield Finding(
        id="driver.secure-boot",
        level=Level.FAIL if builds_here else Level.WARN,
        title=say("Secure Boot is on, and modules that are built here are not signed: the kernel would refuse them.")
        if builds_here
        else say("Secure Boot is on: the vendor's key must be enrolled, or the kernel refuses its modules."),
        detail=say("The card would have no driver at all after the reboot."),
        evidence=evidence,
        fix=Fix(
            title=say(
                "Switch Secure Boot off in the BIOS, or sign the modules with a key of your own that is enrolled."
            )
            if builds_here
            else say("Enrol the vendor's key before the reboot."),
            manual=say("mokutil --import KEY.der, then reboot and confirm it on the console."),
            verify=verbatim("mokutil --sb-state"),
        ),
        blocks=builds_here,
    )
