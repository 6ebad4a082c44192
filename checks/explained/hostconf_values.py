"""What the faults of host.conf's keys and values are about. Each is `hostconf.` and the fault's own id."""

from __future__ import annotations

from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Explanation

ARGUMENTS = "Cloudpods' structarg.go."
YAML = "go-yaml 2.4 (YAML 1.1); Cloudpods' structarg.go."
DIES = say("The host-agent and sdnagent both end at their start, with a message that names the first line of the file.")
NO_MATCH = say("It matches no card and no network: the VFs are missing, or on the wrong network, and nothing says why.")
OPTIONS = "Cloudpods host-agent: pkg/hostman/options/options.go, Parse."


def _entry(id: str, title: Message, means: Message, matters: Message, fix: Message, source: str = YAML) -> Explanation:
    return Explanation(id=f"hostconf.{id}", title=title, means=means, matters=matters, fix=fix, source=source)


EXPLAINED = (
    _entry(
        "networks-empty",
        say("networks is empty"),
        say("networks is missing or has no entry."),
        say(
            "The host-agent guesses one entry and overwrites the whole file with it at its next "
            "start; comments and your lists are lost."
        ),
        say("Add networks with the management entry, as in - eth0/br0/192.168.1.10."),
        say("Cloudpods host-agent: hostinfo.go, where it writes host.conf."),
    ),
    _entry(
        "bridge-driver-unknown",
        verbatim("An unknown bridge_driver"),
        say("bridge_driver is neither openvswitch nor linux_bridge. Its help text says bridge, and is wrong."),
        say("The host-agent does not start."),
        say("Write bridge_driver: openvswitch, or remove the line."),
        "Cloudpods host-agent: hostbridge.go.",
    ),
    _entry(
        "key-duplicate",
        say("A key is there twice"),
        say("The same key is in two places."),
        say("Only the last one counts: what the first says has no effect."),
        say("Remove one of the two blocks."),
    ),
    _entry(
        "key-two-spellings",
        say("One option in two spellings"),
        say("A key is written with - and with _, which is one option."),
        say("Which of the two counts is a matter of chance at every start."),
        say("Keep the spelling with _."),
        ARGUMENTS,
    ),
    _entry(
        "key-misspelt",
        say("A misspelt key"),
        say("A key is unknown to the host-agent and much like a known one."),
        say("The host-agent ignores it with a line in its log. A misspelt networks makes it overwrite the whole file."),
        say("Write the key as it is named."),
        ARGUMENTS,
    ),
    _entry(
        "key-unknown",
        say("An unknown key"),
        say("A key that the host-agent does not know."),
        say("It is ignored. Keys of older and newer versions are normal in this file."),
        say("Nothing, unless it was meant to be a known one."),
        ARGUMENTS,
    ),
    _entry(
        "key-configmap",
        say("A key that has no effect in host.conf"),
        say("disable_security_group in host.conf, on a host that Kubernetes runs."),
        say(
            "The ConfigMap default-host replaces the whole group of options, also where it does not "
            "name the key. Setting it there concerns every host of the cluster."
        ),
        say("For this host alone, put it in /etc/yunion/host_local.conf."),
        OPTIONS,
    ),
    _entry(
        "key-replaced",
        say("A key that the ConfigMap replaces"),
        say("The key belongs to the group of options that the ConfigMap default-host replaces as a whole."),
        say("What host.conf says of it has no effect."),
        say("For this host alone, put it in /etc/yunion/host_local.conf."),
        OPTIONS,
    ),
    _entry(
        "key-not-base",
        say("A key of host.conf in the ConfigMap"),
        say("The ConfigMap names a key that only host.conf and host_local.conf may have."),
        say("The host-agent reads the ConfigMap with the base group of options alone, and ignores the key."),
        say("Put the key in host.conf."),
        OPTIONS,
    ),
    _entry(
        "value-null",
        say("A key without a value"),
        say("Nothing follows the colon, where a text is expected."),
        say('The host-agent takes the word "null" for the value, as the name of an interface for example.'),
        say("Give the key a value, or remove the line."),
    ),
    _entry(
        "value-null-list",
        say("A list without items"),
        say("A key such as sriov_nics: has nothing behind or below it."),
        DIES,
        say("Write sriov_nics: [], or remove the line."),
    ),
    _entry(
        "value-map-for-list",
        say("A map where a list is expected"),
        say("There are key: value lines where - item lines belong."),
        DIES,
        say("Write - item lines below the key."),
    ),
    _entry(
        "value-bad",
        say("A value of the wrong kind"),
        say('The value does not fit the key, as in a word for a number, or "yes" in quotes for true.'),
        DIES,
        say("Give the key a value of its kind, or remove the line."),
    ),
    _entry(
        "item-duplicate",
        say("An item is there twice"),
        say("The same item is in one list twice."),
        say("Each VF of a card that is named twice is reported twice."),
        say("Remove one of the two."),
    ),
    _entry(
        "item-map",
        say("An item that is not a name"),
        say("An item of a list is a map or a list itself, often because a tool glued a line to it."),
        NO_MATCH,
        say("Write a plain name; put a line break where two lines were joined."),
    ),
    _entry(
        "item-null",
        say("An empty item"),
        say("A dash with nothing behind it."),
        say('The host-agent takes the word "null" for a name; no card has it.'),
        say("Remove the line, or write the name."),
    ),
    _entry(
        "item-retyped",
        say("A name that YAML takes for something else"),
        say("Without quotes YAML 1.1 reads on, 1e3, 0x10 or 0123 as a truth value or a number."),
        NO_MATCH,
        say("Put the name in quotes."),
    ),
    _entry(
        "item-invisible",
        say("An invisible character in an item"),
        say("A no-break or zero-width space, mostly copied from a web page, is part of the name."),
        NO_MATCH,
        say("Type the line again."),
    ),
    _entry(
        "item-space",
        say("White space in an item"),
        say("The item is empty or holds white space."),
        NO_MATCH,
        say("Remove the white space."),
    ),
    _entry(
        "item-comma",
        say("A comma in an item"),
        say("Two names are in one item, separated by a comma."),
        say("The host-agent takes both for one name. {no_match}", no_match=NO_MATCH),
        say("Write one - item line for each, or [a, b]."),
    ),
    _entry(
        "item-hash",
        say("A # in an item"),
        say("A comment begins without a space before its #, and so is part of the name."),
        NO_MATCH,
        say("Put a space before the #."),
    ),
)
