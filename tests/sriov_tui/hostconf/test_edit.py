"""Edits of host.conf, form by form: what changes, and that nothing else does."""

from __future__ import annotations

import pytest

from sriov_tui.hostconf import diff, edit, read
from sriov_tui.model import SriovError

MANAGEMENT = "networks:\n- eth0/br0/10.0.0.5\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(MANAGEMENT, f"{MANAGEMENT}sriov_nics:\n- eth1\n", id="absent"),
        pytest.param(
            f"{MANAGEMENT}sriov_nics:\n- eth9 # c\n# d\n", f"{MANAGEMENT}sriov_nics:\n- eth1\n# d\n", id="block"
        ),
        pytest.param(f"{MANAGEMENT}sriov_nics:\n", f"{MANAGEMENT}sriov_nics:\n- eth1\n", id="null"),
        pytest.param(f"{MANAGEMENT}sriov_nics: ~ # c\n", f"{MANAGEMENT}sriov_nics: [eth1] # c\n", id="tilde"),
        pytest.param(f"{MANAGEMENT}sriov_nics: []\n", f"{MANAGEMENT}sriov_nics: [eth1]\n", id="empty"),
        pytest.param(f"{MANAGEMENT}sriov_nics: {{}}\n", f"{MANAGEMENT}sriov_nics: [eth1]\n", id="empty-map"),
        pytest.param(f"{MANAGEMENT}sriov_nics: eth9 # c\n", f"{MANAGEMENT}sriov_nics: [eth1] # c\n", id="scalar"),
        pytest.param(
            f"{MANAGEMENT}sriov_nics:\n- eth8\nsriov_nics:\n- eth9\n",
            f"{MANAGEMENT}sriov_nics:\n- eth8\nsriov_nics:\n- eth1\n",
            id="duplicate",
        ),
        pytest.param(f"{MANAGEMENT}sriov-nics:\n  - 'x'\n", f"{MANAGEMENT}sriov-nics:\n  - 'eth1'\n", id="dashed-key"),
        pytest.param("networks: [a/b/1.1.1.1]\n", "networks: [a/b/1.1.1.1]\nsriov_nics: [eth1]\n", id="flow-file"),
        pytest.param('{"networks": ["a/b/c"]}\n', '{"networks": ["a/b/c"], "sriov_nics": ["eth1"]}\n', id="json"),
        pytest.param(
            "networks:\r\n  -  a/b/c\r\n", "networks:\r\n  -  a/b/c\r\nsriov_nics:\r\n  -  eth1\r\n", id="crlf-indent"
        ),
        pytest.param("\ufeffnetworks:\n- a/b/c\n", "\ufeffnetworks:\n- a/b/c\nsriov_nics:\n- eth1\n", id="bom"),
        pytest.param("networks:\n- a/b/c", "networks:\n- a/b/c\nsriov_nics:\n- eth1\n", id="no-final-newline"),
        pytest.param(
            "---\nnetworks:\n- a/b/c\n...\n", "---\nnetworks:\n- a/b/c\nsriov_nics:\n- eth1\n...\n", id="document-marks"
        ),
        pytest.param(
            "a: 1\nb: 1\nnetworks:\n- a/b/c\nslots: s\ntunnel: 1\n",
            "a: 1\nb: 1\nnetworks:\n- a/b/c\nslots: s\nsriov_nics:\n- eth1\ntunnel: 1\n",
            id="alphabetical",
        ),
        pytest.param(
            "z: 1\nb: 1\nnetworks:\n- a/b/c # c\nc: 1\na: 2\n",
            "z: 1\nb: 1\nnetworks:\n- a/b/c # c\nsriov_nics:\n- eth1\nc: 1\na: 2\n",
            id="not-alphabetical",
        ),
    ],
)
def test_set_one_nic(before: str, after: str) -> None:
    assert edit(before, sriov_nics=("eth1",)) == after
    assert read(after.encode()).options.sriov_nics == ("eth1",)


@pytest.mark.parametrize(
    "name", ["on", "1e3", "0123", "0x10", "y", "null", "~", "12:34", "-x", "a: b".replace(" ", "")]
)
def test_names_that_yaml_would_retype_are_quoted(name: str) -> None:
    after = edit(MANAGEMENT, sriov_nics=(name,))
    assert read(after.encode()).options.sriov_nics == (name,)
    assert not [fault for fault in read(after.encode()).faults if fault.id.startswith("item")]


def test_items_keep_their_comments() -> None:
    before = f"{MANAGEMENT}sriov_nics: # nics\n- eth1 # first\n# second\n- eth2 # 2\n- eth3\n"
    assert edit(before, sriov_nics=("eth1", "eth3", "eth4")) == (
        f"{MANAGEMENT}sriov_nics: # nics\n- eth1 # first\n# second\n- eth3\n- eth4\n"
    )


def test_the_result_ends_with_a_line_end_wherever_the_change_is() -> None:
    text = "sriov_nics: [eth2]\r\nnetworks: [a/b/1.1.1.1]"
    assert edit(text, sriov_nics=("eth2", "eth3")) == "sriov_nics: [eth2, eth3]\r\nnetworks: [a/b/1.1.1.1]\r\n"


def test_a_flow_list_with_one_item_a_line_keeps_that_form() -> None:
    text = f"{MANAGEMENT}sriov_nics: [\n  eth1,\n  ]\n"
    assert edit(text, sriov_nics=("eth1", "eth2")) == f"{MANAGEMENT}sriov_nics: [\n  eth1,\n  eth2,\n  ]\n"


def test_networks_only_grow() -> None:
    after = edit(MANAGEMENT, add_networks=("eth1/br1/bcast1", "eth0/br0/10.0.0.5"))
    assert after == f"{MANAGEMENT}- eth1/br1/bcast1\n"


def test_removing_takes_the_key_and_never_leaves_null() -> None:
    before = f"{MANAGEMENT}sriov_nics:\n- eth1\nport: 0\n"
    assert edit(before, sriov_nics=()) == f"{MANAGEMENT}port: 0\n"


def test_removing_the_last_of_two_blocks_does_not_bring_the_first_back() -> None:
    before = f"{MANAGEMENT}sriov_nics:\n- eth8\nsriov_nics:\n- eth9\n"
    after = edit(before, sriov_nics=())
    assert read(after.encode()).options.sriov_nics == ()
    assert read(after.encode()).loads


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"{MANAGEMENT}sriov_nics: # nics\n# one\n- eth1 # c\n\n# two\n- eth2\n# three\n",
            f"{MANAGEMENT}# one\n\n# two\n# three\n",
            id="comment-lines-stay",
        ),
        pytest.param(f"\ufeffsriov_nics:\n- eth1\n{MANAGEMENT}", f"\ufeff{MANAGEMENT}", id="the-byte-order-mark-stays"),
        pytest.param(
            f"{MANAGEMENT}<<: {{sriov_nics: [a]}}\nsriov_nics: !!seq # c\n- eth1\n",
            f"{MANAGEMENT}<<: {{sriov_nics: [a]}}\nsriov_nics: !!seq [] # c\n",
            id="a-merge-key-does-not-come-back",
        ),
        pytest.param(f"{MANAGEMENT}sriov_nics: # none\n# c\n", f"{MANAGEMENT}sriov_nics: [] # none\n# c\n", id="null"),
    ],
)
def test_taking_everything_out(before: str, after: str) -> None:
    assert edit(before, sriov_nics=()) == after
    assert read(after.encode()).options.sriov_nics == ()


def test_a_key_goes_below_a_merge_key_and_beside_complex_keys() -> None:
    merged = "<<: {networks: [a/b/c]}\n"
    assert edit(merged, sriov_nics=("eth1",)) == f"{merged}sriov_nics:\n- eth1\n"
    complex_key = f"? x\n: [1]\n{MANAGEMENT}"
    assert edit(complex_key, sriov_nics=("eth1",)) == f"{complex_key}sriov_nics:\n- eth1\n"


def test_bytes_behind_the_document_that_nobody_reads_do_not_matter() -> None:
    rest = "---\n" + "# x\n" * 300 + "\udccd\udcf8\n"
    assert edit(MANAGEMENT + rest, sriov_nics=("eth1",)) == f"{MANAGEMENT}sriov_nics:\n- eth1\n{rest}"


def test_none_leaves_as_is() -> None:
    assert edit(MANAGEMENT) == MANAGEMENT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("networks:\n-eth0/br0/1.1.1.1\n", "line 2"),
        ("networks: []\n", "networks in host.conf would be empty"),
        ("", "no YAML keys"),
        ("networks=a/b/c\n", "no YAML keys"),
        ("<<: {}\n", "networks in host.conf would be empty"),
        ("<<: x\n", "line 1"),
        (f"{MANAGEMENT}sriov_nics: [!!float eth2]\n", "line 3"),
        (f"{MANAGEMENT}x: {'[' * 3000}{']' * 3000}\n", "line 3"),
        (f"{MANAGEMENT}sriov_nics:\n- a\nsriov-nics:\n- b\n", "two spellings"),
        (f"{MANAGEMENT}sriov_nics:\n  eth2: true\n", "is a map"),
        (f"{MANAGEMENT}sriov_nics: &s [eth2]\novs_offload_nics: *s\n", "touching something else"),
        (f"{MANAGEMENT}report_interval: abc\n", "line 3"),
        (f"\ufeff\ufeff{MANAGEMENT}", "two byte order marks"),
        (f"x: &d {{sriov_nics: [eth2]}}\n<<: *d\n{MANAGEMENT}", "merge key .<<. in line 2"),
        ("x: &d {networks: [a/b/c], sriov_nics: []}\n<<: *d\n", "merge key .<<. in line 2"),
        (MANAGEMENT.replace("\n", "\r"), "line ends"),
    ],
)
def test_refuses_with_a_reason_and_a_way_out(text: str, says: str) -> None:
    with pytest.raises(SriovError, match=says) as caught:
        edit(text, sriov_nics=("eth1",))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "a,b", "a\u00a0b", "a\u200b", "a\nb", "a\x1bb"])
def test_refuses_names_that_match_nothing(name: str) -> None:
    with pytest.raises(SriovError, match="cannot be in sriov_nics"):
        edit(MANAGEMENT, sriov_nics=(name,))


def test_utf_16_is_refused() -> None:
    text = MANAGEMENT.encode("utf-16").decode("utf-8", "surrogateescape")
    with pytest.raises(SriovError, match="UTF-16"):
        edit(text, sriov_nics=("eth1",))


def test_diff_is_unified_and_tells_a_missing_line_end() -> None:
    assert diff("a\nb", "a\nc\n", "/etc/yunion/host.conf") == (
        "--- /etc/yunion/host.conf\n+++ /etc/yunion/host.conf\n@@ -1,2 +1,2 @@\n a\n-b\n"
        "\\ No newline at end of file\n+c\n"
    )
    assert diff("a\n", "a\n", "x") == ""
