"""What the faults of host.conf's keys and values are about. Each is `hostconf.` and the fault's own id."""

from __future__ import annotations

from sriov_tui.model import Explanation

ARGUMENTS = "Cloudpods' structarg.go."
YAML = "go-yaml 2.4 (YAML 1.1); Cloudpods' structarg.go."
DIES = "The host-agent and sdnagent both end at their start, with a message that names the first line of the file."
NO_MATCH = "It matches no card and no network: the VFs are missing, or on the wrong network, and nothing says why."
OPTIONS = "Cloudpods host-agent: pkg/hostman/options/options.go, Parse."


def _entry(id: str, title: str, means: str, matters: str, mend: str, source: str = YAML) -> Explanation:
    return Explanation(id=f"hostconf.{id}", title=title, means=means, matters=matters, mend=mend, source=source)


EXPLAINED = (
    _entry("networks-empty", "networks is empty", "networks is missing or has no entry.",
           "The host-agent guesses one entry and overwrites the whole file with it at its next start; comments and "
           "your lists are lost.",
           "Add networks with the management entry, as in - eth0/br0/192.168.1.10.",
           "Cloudpods host-agent: hostinfo.go, where it writes host.conf."),
    _entry("bridge-driver-unknown", "An unknown bridge_driver",
           "bridge_driver is neither openvswitch nor linux_bridge. Its help text says bridge, and is wrong.",
           "The host-agent does not start.", "Write bridge_driver: openvswitch, or remove the line.",
           "Cloudpods host-agent: hostbridge.go."),
    _entry("key-duplicate", "A key stands twice", "The same key stands in two places.",
           "Only the last one counts: what the first says has no effect.", "Remove one of the two blocks."),
    _entry("key-two-spellings", "One option in two spellings", "A key stands with - and with _, which is one option.",
           "Which of the two counts is a matter of chance at every start.", "Keep the spelling with _.", ARGUMENTS),
    _entry("key-misspelt", "A misspelt key", "A key is unknown to the host-agent and much like a known one.",
           "The host-agent ignores it with a line in its log. A misspelt networks makes it overwrite the whole file.",
           "Write the key as it is named.", ARGUMENTS),
    _entry("key-unknown", "An unknown key", "A key that the host-agent does not know.",
           "It is ignored. Keys of older and newer versions are normal in this file.",
           "Nothing, unless it was meant to be a known one.", ARGUMENTS),
    _entry("key-configmap", "A key that has no effect in host.conf",
           "disable_security_group in host.conf, on a host that Kubernetes runs.",
           "The ConfigMap default-host replaces the whole group of options, also where it does not name the key. "
           "Setting it there concerns every host of the cluster.",
           "For this host alone, put it in /etc/yunion/host_local.conf.", OPTIONS),
    _entry("key-replaced", "A key that the ConfigMap replaces",
           "The key belongs to the group of options that the ConfigMap default-host replaces as a whole.",
           "What host.conf says of it has no effect.",
           "For this host alone, put it in /etc/yunion/host_local.conf.", OPTIONS),
    _entry("key-not-base", "A key of host.conf in the ConfigMap",
           "The ConfigMap names a key that only host.conf and host_local.conf may have.",
           "The host-agent reads the ConfigMap with the base group of options alone, and ignores the key.",
           "Put the key in host.conf.", OPTIONS),
    _entry("value-null", "A key without a value", "Nothing stands behind the colon, where a text is wanted.",
           'The host-agent takes the word "null" for the value, as the name of an interface for example.',
           "Give the key a value, or remove the line."),
    _entry("value-null-list", "A list without items", "A key such as sriov_nics: has nothing behind or below it.",
           DIES, "Write sriov_nics: [], or remove the line."),
    _entry("value-map-for-list", "A map where a list is wanted", "key: value lines stand where - item lines belong.",
           DIES, "Write - item lines below the key."),
    _entry("value-bad", "A value of the wrong kind",
           'The value does not fit the key, as in a word for a number, or "yes" in quotes for true.', DIES,
           "Give the key a value of its kind, or remove the line."),
    _entry("item-duplicate", "An item stands twice", "The same item stands twice in one list.",
           "Each VF of a card that is named twice is reported twice.", "Remove one of the two."),
    _entry("item-map", "An item that is not a name", "An item of a list is a map or a list itself, often because a "
           "tool glued a line to it.",
           NO_MATCH, "Write a plain name; put a line break where two lines were joined."),
    _entry("item-null", "An empty item", "A dash with nothing behind it.",
           'The host-agent takes the word "null" for a name; no card has it.', "Remove the line, or write the name."),
    _entry("item-retyped", "A name that YAML takes for something else",
           "Without quotes YAML 1.1 reads on, 1e3, 0x10 or 0123 as a truth value or a number.", NO_MATCH,
           "Put the name in quotes."),
    _entry("item-invisible", "An invisible character in an item",
           "A no-break or zero-width space, mostly copied from a web page, is part of the name.", NO_MATCH,
           "Type the line anew."),
    _entry("item-space", "White space in an item", "The item is empty or holds white space.", NO_MATCH,
           "Remove the white space."),
    _entry("item-comma", "A comma in an item", "Two names stand in one item, divided by a comma.",
           "The host-agent takes both for one name. " + NO_MATCH, "Write one - item line for each, or [a, b]."),
    _entry("item-hash", "A # in an item", "A comment begins without a space before its #, and so is part of the name.",
           NO_MATCH, "Put a space before the #."),
)  # fmt: skip
