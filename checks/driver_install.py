"""The install of the vendor's driver as a step: out of the chosen image, into the initramfs, loaded now or at boot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checks import driver_build, driver_image
from checks.boot import initramfs
from checks.cards import doca_host, doca_steps, in_use
from checks.cards import driver_releases as releases
from checks.cards import driver_windows as windows
from checks.written import one_by_one
from sriov_tui.cards import driver_of
from sriov_tui.facts import DriverImage, HostFacts, vendor_version
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import (
    MEDIA_DIR,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Medium,
    Operation,
    Run,
    Step,
    once_for_choices,
)

ORDER = 34
INSTALL, RESTART = doca_steps.INSTALL, "driver.restart"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE = 3 * 3600.0  # seconds; a build for another kernel takes half an hour on a slow host
UNINSTALL = doca_steps.UNINSTALL


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Why the new driver cannot be loaded at once, where that is wished."""
    if choices.driver.restart != "now" or not wished(facts, choices):
        return
    reason = _not_now(facts)
    yield Finding(
        id="driver.restart",
        level=Level.FAIL if reason else Level.OK,
        title=say("The new driver cannot be loaded at once: {reason}.", reason=reason)
        if reason
        else say("The new driver can be loaded at once: nothing uses these cards."),
        evidence=(Evidence("the ports of NVIDIA cards", reason or "unused"),),
        fix=Fix(title=say("Load it at the reboot.")) if reason else None,
        blocks=bool(reason),
    )


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Install, then the restart of the driver where it is wished and nothing suffers from it."""
    image = wished(facts, choices)
    if image is None or not possible(facts, choices):
        return
    now = choices.driver.restart == "now"
    told = driver_image.label(image)
    cards = tuple(f"driver.vendor {pf.address}" for pf in releases.cards(facts))
    if doca_host.is_package(image):
        yield from doca_steps.steps(facts, image, choices.driver.sha256, cards, now)
    else:
        yield _ofed(facts, choices, image, told.release, cards)
    if now:
        yield _restart(cards)


def _ofed(facts: HostFacts, choices: Choices, image: DriverImage, release: str, cards: tuple[str, ...]) -> Step:
    now = choices.driver.restart == "now"
    return Step(
        id=INSTALL,
        title=say("Install the vendor's driver MLNX_OFED {release}", release=release),
        why=say(
            "Open vSwitch is offloaded through compat/devlink/mode, which only the vendor's driver "
            "has. The installer removes the distribution's RDMA packages; when it is taken back "
            "these have to be installed again (rdma-core), and the old driver is loaded by the "
            "reboot after that. It may write newer firmware to the cards."
        )
        if choices.driver.firmware
        else say(
            "Open vSwitch is offloaded through compat/devlink/mode, which only the vendor's driver "
            "has. The installer removes the distribution's RDMA packages; when it is taken back "
            "these have to be installed again (rdma-core), and the old driver is loaded by the "
            "reboot after that."
        ),
        operations=tuple(_operations(facts, choices, image)),
        resolves=() if now else cards,
        disrupts="no" if now else "reboot",
    )


def _restart(cards: tuple[str, ...]) -> Step:
    return Step(
        id=RESTART,
        title=say("Load the new driver now"),
        why=say("The old one is unloaded first: every link of the NVIDIA cards goes down for some seconds."),
        operations=(
            Run(
                argv=("/etc/init.d/openibd", "restart"),
                timeout=600.0,
                no_way_back=verbatim("the old driver comes back at the reboot after the new one is uninstalled"),
            ),
        ),
        resolves=cards,
        disrupts="link",
        after=(INSTALL,),
    )


def wished(facts: HostFacts, choices: Choices) -> DriverImage | None:
    """The image that is to be installed and is not yet."""
    image = facts.image(choices.driver.image) if choices.driver.image else None
    return image if image and releases.cards(facts) and not driver_image.installed(facts, image) else None


def possible(facts: HostFacts, choices: Choices) -> bool:
    """Whether nothing stands against the install: no refusal of the image, and no finding that blocks."""
    found = (*driver_build.findings(facts, choices), *findings(facts, choices))
    return driver_image.refusal(facts, choices) is None and not any(finding.blocks for finding in found)


@once_for_choices
def coming(facts: HostFacts, choices: Choices) -> bool:
    """Whether this plan brings the vendor's driver to a host that runs without it."""
    return wished(facts, choices) is not None and possible(facts, choices)


def brought(facts: HostFacts, choices: Choices) -> HostFacts:
    """The host with the driver that this plan brings, as far as it is known before; as it is where none is brought."""
    image = wished(facts, choices)
    if image is None or not coming(facts, choices):
        return facts
    return with_vendor_driver(facts, _release(image))


def _release(image: DriverImage) -> str:
    release = driver_image.label(image).release
    return doca_host.driver(image, release) if doca_host.is_package(image) else release


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """With the new driver on the disk, or loaded. Where it lies, and what room it leaves, shows only then."""
    image = facts.image(choices.driver.image)
    if step.id == RESTART or image is None or after.mlx5 is None:
        return booted(after)
    if doca_host.is_package(image):
        return doca_steps.expected(facts, image, step, after)
    release = driver_image.label(image).release
    mlx5 = replace(
        after.mlx5,
        ofed=f"MLNX_OFED_LINUX-{release}",
        installed_path=None,
        installed_version=release.rpartition(".")[0],
        installed_srcversion=None,
        installed_depends=None,
        doca_host="",
    )
    ground = after.driver_ground and replace(
        after.driver_ground,
        room_tmp=None,
        room_usr=None,
        room_var=None,
        kernels=None,
        built_for=None,
        ip_vendor=None,
        uninstaller=None,
        packages=None,
    )
    return replace(after, mlx5=mlx5, driver_ground=ground)


def booted(facts: HostFacts) -> HostFacts:
    """With the driver on the disk loaded, where it is the vendor's; one that was not loaded before shows only then."""
    mlx5 = facts.mlx5
    if mlx5 and mlx5.loaded and mlx5.ofed is None and mlx5.installed_version is None:
        unknown = replace(facts, mlx5=replace(mlx5, loaded_version=None, loaded_srcversion=None))
        return with_vendor_driver(unknown, "")
    if mlx5 is None or not mlx5.loaded or mlx5.installed_version in (None, mlx5.loaded_version):
        return facts
    version = mlx5.installed_version if vendor_version(mlx5.installed_version or "") else None
    loaded = replace(facts, mlx5=replace(mlx5, loaded_version=version, loaded_srcversion=None))
    return with_vendor_driver(loaded, version) if version else loaded


def with_vendor_driver(facts: HostFacts, release: str) -> HostFacts:
    """The host once this release is loaded: compat/devlink as its source tells for this kernel, else not known."""
    compat = windows.switch(release, facts.kernel.release)
    mine = {pf.address for pf in facts.pfs or () if (known := driver_of(pf)) and known.offloads}
    version = facts.mlx5.loaded_version if facts.mlx5 else None
    pfs = (
        replace(pf, compat_devlink=compat, driver_version=None) if pf.address in mine else pf for pf in facts.pfs or ()
    )
    links = (replace(link, compat_devlink=compat) if link.pci in mine else link for link in facts.links or ())
    modules = (replace(one, version=version) if one.name == "mlx5_core" else one for one in facts.modules)
    return replace(facts, pfs=facts.pfs and tuple(pfs), links=facts.links and tuple(links), modules=tuple(modules))


def _not_now(facts: HostFacts) -> Message:
    for pf in releases.cards(facts):
        if used := [*in_use.on_port(facts, pf), *in_use.on_vfs(facts, pf)]:
            return say("{netdev} carries {used}", netdev=pf.netdev or pf.address, used=used[0])
    return NOTHING


def _operations(facts: HostFacts, choices: Choices, image: DriverImage) -> Iterator[Operation]:
    before, after = initramfs.around(facts)
    yield from before
    again = facts.mlx5.ofed if facts.mlx5 and facts.mlx5.ofed else ""
    yield Run(
        argv=_installer(facts, choices, image),
        timeout=PATIENCE,
        medium=Medium(path=image.path, sha256=choices.driver.sha256),
        undo=() if again else UNINSTALL,
        no_way_back=say("{again} was installed before and must be installed again from its own image", again=again)
        if again
        else NOTHING,
    )
    yield from after


def _installer(facts: HostFacts, choices: Choices, image: DriverImage) -> tuple[str, ...]:
    words = [f"{MEDIA_DIR}/mlnxofedinstall", "--force"]
    if driver_build.add_kernel_support(facts, image):
        words.append("--add-kernel-support")
    if other := driver_image.other_minor(facts, image):
        words += ["--distro", other]
    if not choices.driver.firmware:
        words.append("--without-fw-update")
    ground = facts.driver_ground
    gcc, _ = (driver_build.compiler(ground) if ground else None) or ("gcc", "")
    toolset = gcc.rpartition("/")[0]
    return ("env", f"PATH={toolset}:{PATH}", *words) if toolset else tuple(words)
