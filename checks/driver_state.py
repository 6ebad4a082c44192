"""Which mlx5 driver is loaded and which is on the disk, whether the vendor's is needed, which kernels have lost it."""

from __future__ import annotations

from collections.abc import Iterator

from checks import driver_install
from checks.boot.entries import next_kernel
from checks.cards import doca_steps
from checks.cards import driver_releases as releases
from checks.unseen import look_again
from sriov_tui.cards import driver_of, infiniband
from sriov_tui.facts import HostFacts, Mlx5Driver, Pf
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 31
UPDATER = "mlnx-fw-updater"
AGAIN = Fix(
    title=say("Install it for that kernel: choose the image in step 3 while that kernel runs (--add-kernel-support)."),
    verify=verbatim("modinfo -n mlx5_core"),
)
AGAIN_DOCA = Fix(
    title=say("Build it for that kernel: its headers first, then DKMS."),
    manual=say(
        "dkms autoinstall -k KERNEL, then dkms status: the line of mlnx-ofa_kernel or mlnx-ofed-kernel says "
        "installed for it. On RPM systems DOCA-Host 3.1 and earlier have no DKMS: run doca-kernel-support there."
    ),
    verify=verbatim("modinfo -F depends mlx5_core"),
)


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per chosen NVIDIA port: its driver; for the host: the kernels without, and InfiniBand's `ip`."""
    mlx5 = facts.mlx5
    if mlx5 is None:
        return
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is not None and pf.mellanox and not _of_its_own(pf):
            yield _vendor(facts, choices, mlx5, pf)
    yield from _lost(facts, mlx5)
    yield from _ip(facts)
    yield from _updater(facts)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: see `checks.driver_install`."""
    yield from ()


def _of_its_own(pf: Pf) -> bool:
    """ConnectX-3 has another driver than mlx5_core, to which the host-agent offloads nothing."""
    driver = driver_of(pf)
    return driver is not None and not driver.offloads


def _vendor(facts: HostFacts, choices: Choices, mlx5: Mlx5Driver, pf: Pf) -> Finding:
    offload = choices.nic(pf.address).use == "offload"
    level, title = Level.INFO, say("Which driver is loaded cannot be seen.")
    fix = look_again(facts, "/sys/module/mlx5")
    found: Fix | None = fix
    if mlx5.stale:
        level, title, found = Level.WARN, _stale(mlx5), _stale_fix(facts, mlx5)
    elif mlx5.loaded_vendor:
        level, title, found = (
            Level.OK,
            say("The vendor's driver is loaded: {mlx5}{facts}.", mlx5=_name(mlx5), facts=_built(facts)),
            None,
        )
    elif mlx5.loaded_vendor is False and not offload:
        level, found = Level.OK, None
        title = say(
            "The kernel's own driver is loaded: it is enough for plain SR-IOV. Open vSwitch offload needs the vendor's."
        )
    elif mlx5.loaded_vendor is False:
        level, title = (
            Level.WARN,
            say("The kernel's own driver is loaded, and Open vSwitch offload needs the vendor's."),
        )
        found = Fix(title=say("Choose its image in step 3 (driver), or use the card for plain SR-IOV."))
    if level is Level.WARN and driver_install.coming(facts, choices):
        found = Fix(
            title=say("It is installed by this plan."),
            steps=(driver_install.INSTALL, driver_install.RESTART),
            verify=verbatim("cat /sys/module/mlx5_core/version"),
        )
    bare = mlx5.loaded_vendor is False and not mlx5.stale
    return Finding(
        id="driver.vendor",
        level=level,
        subject=pf.address,
        title=title,
        detail=say("For Open vSwitch offload on this host:\n{facts}", facts=releases.advice(facts))
        if bare
        else NOTHING,
        evidence=tuple(_evidence(mlx5)),
        fix=found,
    )


def _name(mlx5: Mlx5Driver) -> str:
    package = "-".join(("doca-host", mlx5.doca_host)) if mlx5.doca_host else ""  # as rpm writes it
    told = ", ".join(word for word in (mlx5.ofed, package) if word)
    return f"{mlx5.loaded_version or mlx5.loaded_srcversion}{f' ({told})' if told else ''}"


def _built(facts: HostFacts) -> Message:
    built = facts.driver_ground.built_for if facts.driver_ground else None
    return (
        say(", built for {built}", built=built)
        if built and facts.kernel.release and built != facts.kernel.release
        else NOTHING
    )


def _stale(mlx5: Mlx5Driver) -> Message:
    loaded = mlx5.loaded_version or say("the kernel's own")
    on_disk = mlx5.installed_version or say("the kernel's own")
    return say("The loaded driver ({loaded}) is not the one on the disk ({on_disk}).", loaded=loaded, on_disk=on_disk)


def _stale_fix(facts: HostFacts, mlx5: Mlx5Driver) -> Fix:
    tool = facts.initramfs.tool or "dracut"
    command = "update-initramfs -u" if tool == "update-initramfs" else "dracut -f"
    return Fix(
        title=say("{command}, then reboot: an old one may be in the initramfs.", command=command),
        verify=verbatim("cat /sys/module/mlx5_core/srcversion; modinfo -F srcversion mlx5_core"),
    )


def _evidence(mlx5: Mlx5Driver) -> Iterator[Evidence]:
    loaded = say(
        "version {loaded_version}, srcversion {loaded_srcversion}",
        loaded_version=mlx5.loaded_version or say("none"),
        loaded_srcversion=mlx5.loaded_srcversion,
    )
    yield Evidence("/sys/module/mlx5_core", loaded)
    on_disk = say(
        "{installed_path}\nversion {installed_version}, ",
        installed_path=mlx5.installed_path or say("none"),
        installed_version=mlx5.installed_version or say("none"),
    )
    yield Evidence("modinfo mlx5_core", f"{on_disk}srcversion {mlx5.installed_srcversion}")
    if mlx5.installed_depends is not None:
        yield Evidence("modinfo -F depends mlx5_core", mlx5.installed_depends or say("none"))
    if mlx5.ofed:
        yield Evidence("ofed_info -s", mlx5.ofed)


# -- kernels that have lost it -----------------------------------------------------------------------------------------


def _lost(facts: HostFacts, mlx5: Mlx5Driver) -> Iterator[Finding]:
    """After a kernel update the new kernel may have the kernel's own driver only: RPMs are built for one kernel."""
    kernels = facts.driver_ground.kernels if facts.driver_ground else None
    packages = facts.driver_ground.packages if facts.driver_ground else None
    taken_back = mlx5.doca and packages is not None and doca_steps.DRIVER not in packages
    if not mlx5.ofed or kernels is None or taken_back:
        return
    here, following = facts.kernel.release, next_kernel(facts.boot)
    again = AGAIN_DOCA if mlx5.doca else AGAIN
    without = {kernel.release for kernel in kernels if kernel.vendor is False}
    evidence = tuple(
        Evidence(f"/lib/modules/{kernel.release}/modules.dep", _which(kernel.vendor)) for kernel in kernels[:8]
    )
    if here in without:
        title = say(
            "The running kernel {here} has lost the vendor's driver: {ofed} was installed for another one.",
            here=here,
            ofed=mlx5.ofed,
        )
        yield Finding(id="driver.kernels", level=Level.FAIL, title=title, evidence=evidence, fix=again)
    elif following in without:
        title = say(
            "The next boot takes the kernel {following}, which has no vendor's driver: offload would be lost.",
            following=following,
        )
        yield Finding(id="driver.kernels", level=Level.FAIL, title=title, evidence=evidence, fix=again)
    elif without:
        title = say(
            "Kernels without the vendor's driver: {without}. Do not boot them by accident.",
            without=", ".join(sorted(without)),
        )
        yield Finding(id="driver.kernels", level=Level.INFO, title=title, evidence=evidence, fix=again)
    else:
        title = say("Every kernel on the disk has the vendor's driver.")
        yield Finding(id="driver.kernels", level=Level.OK, title=title, evidence=evidence)


def _which(vendor: bool | None) -> str:
    return {True: "the vendor's mlx5_core", False: say("the kernel's own mlx5_core"), None: "no mlx5_core"}[vendor]


def _updater(facts: HostFacts) -> Iterator[Finding]:
    """Its package script writes firmware to the cards at each install and upgrade (DOCA 2.9.3 fixes, 4403063)."""
    ground = facts.driver_ground
    if ground is None or UPDATER not in (ground.packages or ()):
        return
    yield Finding(
        id="driver.fw-updater",
        level=Level.WARN,
        title=say("The package {name} is installed: each upgrade of it writes firmware to the cards.", name=UPDATER),
        evidence=(Evidence("the packages of this host", UPDATER),),
        fix=Fix(
            title=say("Remove it, unless you want firmware to come with package updates."),
            manual=say(
                "With RUN_FW_UPDATER_ONBOOT=yes in /etc/infiniband/openib.conf it does so at each boot, too: `grep "
                "FW_UPDATER /etc/infiniband/openib.conf`."
            ),
            verify=verbatim("mstflint -d ADDRESS q"),
        ),
    )


def _ip(facts: HostFacts) -> Iterator[Finding]:
    """The distribution's `ip` gives up at the VF list of an InfiniBand port (Cloudpods guide, InfiniBand)."""
    ports = [pf for pf in releases.cards(facts) if infiniband(facts, pf)]
    there = facts.driver_ground.ip_vendor if facts.driver_ground else None
    if not any(pf.totalvfs for pf in ports) or there is None:
        return
    yield Finding(
        id="driver.ip",
        level=Level.OK if there else Level.WARN,
        title=say("The `ip` of mlnx-iproute2 is there, which can list InfiniBand VFs.")
        if there
        else say("With VFs on InfiniBand the distribution's `ip` may fail: Buffer too small for object."),
        evidence=(Evidence("/opt/mellanox/iproute2/sbin/ip", say("there") if there else say("absent")),),
        fix=None
        if there
        else Fix(
            title=say("Install mlnx-iproute2 out of the vendor's image, and let the host use its `ip`."),
            manual=say(
                "It is RPMS/mlnx-iproute2-*.rpm or DEBS/mlnx-iproute2_*.deb in the image; its ip is "
                "/opt/mellanox/iproute2/sbin/ip. The host-agent starts `ip` by its name."
            ),
            verify=verbatim("ip link show"),
        ),
    )
