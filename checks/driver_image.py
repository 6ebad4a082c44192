"""The driver image that the operator chose: is it what it says, for this host, whole, and safe from others?"""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import doca_host
from checks.cards import driver_fit as fit
from checks.cards import driver_releases as releases
from checks.unseen import look_again
from sriov_tui.facts import DriverImage, HostFacts, ImageLabel
from sriov_tui.late import regex
from sriov_tui.message import NOTHING, Message, lines, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 32
SHA256 = regex(r"[0-9a-f]{64}")
Refusal = tuple[Message, Fix]


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One finding about the image, where one is chosen."""
    if choices.driver.image:
        yield _image(facts, choices)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: see `checks.driver_install`."""
    yield from ()


def label(image: DriverImage) -> ImageLabel:
    """What is in it counts; its name fills what the content does not tell."""
    inside, name = image.content, image.named
    return ImageLabel(
        release=inside.release or name.release,
        distribution=inside.distribution or name.distribution,
        machine=inside.machine or name.machine,
    )


def installed(facts: HostFacts, image: DriverImage) -> bool:
    """Whether this release is the one on the disk, and the next one to be loaded."""
    mlx5 = facts.mlx5
    release = label(image).release
    if doca_host.is_package(image):
        return bool(mlx5 and mlx5.installed_vendor and image.version and mlx5.doca_host == image.version)
    return bool(release and mlx5 and mlx5.installed_vendor and mlx5.release == release)


def other_minor(facts: HostFacts, image: DriverImage) -> str:
    """The distribution that the installer has to be told, since it is for another minor version; "" for none."""
    here, there = releases.token(facts), label(image).distribution
    return there if here and here != there and releases.major(here) == releases.major(there) else ""


def refusal(facts: HostFacts, choices: Choices) -> Refusal | None:
    """Why nothing is installed from the chosen image; None where nothing speaks against it."""
    image = facts.image(choices.driver.image)
    if image is None:
        return say("The image was not looked at."), look_again(facts, choices.driver.image)
    if image.error:
        return say("The image cannot be used: {error}.", error=image.error), Fix(
            title=say("Choose another file, or copy it here again.")
        )
    if image.exposed:
        return say(
            "Others than root can write {exposed}: what is in the image could be changed.", exposed=image.exposed
        ), Fix(
            title=say("Give it to root alone, and compare its digest again."),
            manual=say("chown root: FILE; chmod go-w FILE; or move it below /root."),
        )
    return (
        _contradiction(image)
        or _wrong_host(facts, image)
        or _outside(facts, choices, image)
        or _digest(image, choices.driver.sha256)
        or _stands_there(facts, image)
        or _by_hand(facts, image)
    )


def _by_hand(facts: HostFacts, image: DriverImage) -> Refusal | None:
    """A package that the plan cannot install."""
    if not doca_host.is_package(image) or installed(facts, image):
        return None
    told = doca_host.by_hand(facts, image)
    if told is None:
        return None
    return say(
        "DOCA-Host {version} is for this host, but is installed by hand: {why}.",
        version=doca_host.doca(image),
        why=told[0],
    ), Fix(
        title=say("Install it by hand, then read the host again; or leave the package out."),
        manual=told[1],
        verify=verbatim("modinfo -F depends mlx5_core"),
    )


def _stands_there(facts: HostFacts, image: DriverImage) -> Refusal | None:
    """A driver of the vendor's that DOCA-Host does not replace, and that the plan cannot remove."""
    if not doca_host.is_package(image) or installed(facts, image):
        return None
    if own := doca_host.distributions_own(facts):
        return say(
            "The distribution's own DOCA-OFED is installed ({names}): NVIDIA's package does not go with it.",
            names=", ".join(own),
        ), Fix(
            title=say("Use it as it is; or remove these packages by hand first."),
            manual=say("Its updates come by `apt full-upgrade`."),
        )
    ground = facts.driver_ground
    if doca_host.goes_first(facts) and ground is not None and not ground.uninstaller:
        return say(
            "{old} is installed and has to go first, and its /usr/sbin/ofed_uninstall.sh is not there.",
            old=doca_host.goes_first(facts),
        ), Fix(
            title=say("Remove it by hand, package by package, without autoremove; then read the host again."),
            manual=say("These are there: {names}", names=", ".join(ground.packages or ()) or "?"),
        )
    return None


def _contradiction(image: DriverImage) -> Refusal | None:
    if doca_host.is_package(image):
        if other := doca_host.other_package(image):
            return other, Fix(title=say("Choose a file doca-host-*.rpm or doca-host_*.deb."))
    elif not image.installer:
        return say("The image has no mlnxofedinstall: it is not MLNX_OFED."), Fix(
            title=say("Choose a file MLNX_OFED_LINUX-*.iso or .tgz.")
        )
    for what in ("release", "distribution", "machine"):
        name, inside = getattr(image.named, what), getattr(image.content, what)
        if name and inside and name != inside:
            return say("The name of the image says {name}, its content {inside}.", name=name, inside=inside), Fix(
                title=say("Somebody renamed or rebuilt it: fetch it again under its own name.")
            )
    return None


def _wrong_host(facts: HostFacts, image: DriverImage) -> Refusal | None:
    told, here = label(image), releases.token(facts)
    machine = facts.driver_ground.machine if facts.driver_ground else None
    fetch = Fix(title=say("Choose the image for this host."), manual=releases.advice(facts))
    if machine and told.machine and machine != told.machine:
        return say(
            "The image is for {machine}, and this host is {machine2}.", machine=told.machine, machine2=machine
        ), fetch
    if not told.distribution:
        return say("Neither the name nor the content of the image says which distribution it is for."), fetch
    if here and not releases.fits_here(here, told.distribution):
        return say(
            "The image is for {distribution}, and this host is {here}.", distribution=told.distribution, here=here
        ), fetch
    if other := doca_host.other_kind(facts, image):
        return other, fetch
    if not here:
        name = facts.os.pretty_name or say("of a distribution that is not known here")
        return say(
            "The image is for {distribution}, and this host is {name}.", distribution=told.distribution, name=name
        ), fetch
    return None


def _outside(facts: HostFacts, choices: Choices, image: DriverImage) -> Refusal | None:
    """A kernel that the driver cannot be built on; for offload also one without its switch, or a card not its own."""
    if installed(facts, image):
        return None
    release, fetch = doca_host.driver(image, label(image).release), releases.advice(facts)
    if ends := fit.cannot_build(facts, release, image.kernels):
        return ends, Fix(title=say("Choose an image for this kernel."), manual=fetch)
    if fit.offloads(choices) and (reason := next(fit.against_offload(facts, release), None)):
        return reason, Fix(
            title=say("Choose an image for this kernel and these cards, or use the cards for plain SR-IOV."),
            manual=fetch,
        )
    return None


def _digest(image: DriverImage, wanted: str) -> Refusal | None:
    if not wanted:
        return say("The SHA-256 of the image is not given: whether it is whole and the vendor's is not known."), Fix(
            title=say("Give the digest from the vendor's download page."),
            manual=say(
                "This file has {sha256}\nThe page shows it next to the download: {page}",
                sha256=image.sha256,
                page=releases.DOCA if doca_host.is_package(image) else releases.PAGE,
            ),
        )
    if not SHA256.fullmatch(wanted):
        return say("What is given as the SHA-256 is none: it has 64 digits 0-9 and a-f."), Fix(
            title=say("Give all 64 digits.")
        )
    if wanted != image.sha256:
        return say(
            "The image has another SHA-256 than the one that is given: it is damaged, or not the vendor's."
        ), Fix(
            title=say("Fetch it again, and compare."),
            manual=say("given: {wanted}\nfile:  {sha256}", wanted=wanted, sha256=image.sha256),
        )
    return None


def _image(facts: HostFacts, choices: Choices) -> Finding:
    path = choices.driver.image
    image, refused = facts.image(path), refusal(facts, choices)
    told = label(image) if image else ImageLabel()
    text = say(
        "{release} for {distribution}, {machine}",
        release=told.release or "?",
        distribution=told.distribution or "?",
        machine=told.machine or "?",
    )
    evidence = (Evidence(path, f"{text}\nSHA-256 {image.sha256 or 'not read'}" if image else "not read"),)
    package = image is not None and doca_host.is_package(image)
    whole = (
        say("The package is DOCA-Host with the driver {text}, and it is whole.", text=text)
        if package
        else say("The image is MLNX_OFED {text}, and it is whole.", text=text)
    )
    level, title, fix = Level.OK, whole, None
    if refused:
        level, (title, fix) = Level.FAIL, refused
    elif image and installed(facts, image):
        title = (
            say("DOCA-Host {release} is installed.", release=image.version)
            if package
            else say("MLNX_OFED {release} is installed.", release=told.release)
        )
    elif image and not package and (other := other_minor(facts, image)):
        level = Level.WARN
        title = say(
            (
                "The image is for {other}, and this host is {facts}: the installer will be run so that "
                "it accepts this host."
            ),
            other=other,
            facts=releases.token(facts),
        )
        fix = Fix(
            title=say("Take the image of exactly this version where there is one."), manual=releases.advice(facts)
        )
    limits: tuple[Message, ...] = ()
    if image and (package or not refused) and not installed(facts, image):
        limits = tuple(_limits(facts, choices, doca_host.driver(image, told.release)))
    if limits and level is Level.OK:
        level, fix = Level.WARN, Fix(title=say("Plain SR-IOV works with it."), manual=releases.advice(facts))
        title = (
            say(
                "The package is DOCA-Host with the driver {text}, and it is whole, but offload may not work.", text=text
            )
            if package
            else say("The image is MLNX_OFED {text}, and it is whole, but offload may not work.", text=text)
        )
    return Finding(
        id="driver.image",
        level=level,
        title=title,
        detail=lines(*limits) if limits else NOTHING,
        evidence=evidence,
        fix=fix,
        blocks=refused is not None,
    )


def _limits(facts: HostFacts, choices: Choices, release: str) -> Iterator[Message]:
    """What plain SR-IOV can do without and offload cannot; what is not known only where offload is wished."""
    yield from fit.against_offload(facts, release)
    if fit.offloads(choices) and (open_ := fit.unknown(facts, release)):
        yield open_
