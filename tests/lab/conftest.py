"""Machines for the tests: a fresh one for each module, and none where no lab can be built."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator

import pytest

from tests.lab import machine as machines
from tests.lab.machine import Machine

Boot = Callable[..., Machine]
_failed: set[str] = set()  # modules in which a station failed
_booted: dict[str, tuple[str, str]] = {}  # module -> its arrangement, its kernel
SHOWN = "lab"  # the property of a report that the table at the end is made from


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", "station: one of a way; after its failure the module's other stations are skipped"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here starts processes. Without a lab all are skipped, with the reason."""
    own = [item for item in items if item.path.parent == machines.HERE]
    if not own:
        return
    reason = machines.reason_to_skip()
    for item in own:
        item.add_marker(pytest.mark.subprocess)
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"no lab here: {reason}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note where a station failed, and on which machine a test ran."""
    report = yield
    module = item.module  # type: ignore[attr-defined]
    if report.when == "call" and (booted := _booted.get(module.__name__)):
        report.user_properties.append((SHOWN, (*booted, (module.__doc__ or "").partition("\n")[0])))
    if report.failed and item.get_closest_marker("station"):
        _failed.add(module.__name__)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A table of the run: arrangement, kernel, what was shown, and how many of its tests passed."""
    table: dict[tuple[str, str, str], list[str]] = {}
    for outcome in ("passed", "failed", "xfailed", "xpassed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for key in (value for name, value in report.user_properties if name == SHOWN):
                table.setdefault(tuple(key), []).append(outcome)
    if table:
        terminalreporter.section("the lab")
    for (arrangement, kernel, shown), outcomes in sorted(table.items()):
        counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
        terminalreporter.write_line(f"{arrangement} | {kernel} | {shown} | {counts}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """After a failed station there is no ground for the next."""
    if item.get_closest_marker("station") and item.module.__name__ in _failed:  # type: ignore[attr-defined]
        pytest.skip("an earlier station of this machine failed")


@pytest.fixture(scope="module")
def boot(request: pytest.FixtureRequest) -> Iterator[Boot]:
    """Boot a fresh machine with the program and a host.conf; it is stopped after the module."""
    name = f"{request.module.__name__.rpartition('.')[2].removeprefix('test_')}-{os.getpid()}"
    machine = Machine(name)

    def up(*options: str) -> Machine:
        machine.down()  # a module may ask for another machine than its last
        machine.up(*options)
        machine.install()
        machine.give_host_conf()
        _booted[request.module.__name__] = (" ".join(options) or "as it comes", machine.ssh("uname -r"))
        return machine

    try:
        yield up
    finally:
        if _failed:
            print(machine.console()[-4000:])
        machine.down()
