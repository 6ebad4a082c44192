"""Machines for the tests: a fresh one for each module, and none where no lab can be built."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.lab import machine as machines
from tests.lab.machine import Machine

Boot = Callable[..., Machine]
_failed: set[str] = set()  # modules in which a station failed


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
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Note where a station failed."""
    report = yield
    if report.failed and item.get_closest_marker("station"):  # type: ignore[attr-defined]
        _failed.add(item.module.__name__)  # type: ignore[attr-defined]
    return report


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
        return machine

    try:
        yield up
    finally:
        if _failed:
            print(machine.console()[-4000:])
        machine.down()
