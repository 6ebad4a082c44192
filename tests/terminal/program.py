"""The wizard on a fake machine, as a program of its own for the tests in a pseudo-terminal."""

from __future__ import annotations

import sys

from sriov_tui import terminal


def main() -> int:
    """Run the wizard; "--plain" for ASCII, "crash" to fail on F5."""
    message = terminal.refusal()
    if message:
        print(message, file=sys.stderr)
        return 2
    plain = terminal.prepare_environment(plain="--plain" in sys.argv)
    from sriov_tui.app import run_app
    from sriov_tui.model import State
    from tests.screens.fakes import fake

    machine = fake()
    services = machine.services()
    if "crash" in sys.argv:
        from dataclasses import replace

        def broken() -> State:
            raise RuntimeError("as the test asked")

        services = replace(services, gather=broken)
    return run_app(machine.state, services, plain=plain)


if __name__ == "__main__":
    raise SystemExit(main())
