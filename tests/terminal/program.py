"""The wizard on a fake machine, as a program of its own for the tests in a pseudo-terminal.

Words on its command line: "--plain" for ASCII; "crash" to fail on F5; "welcome" to begin there, with a card
whose picture is longer than a screen; "running" with a run at work; "slow" to look for causes for seconds;
"demo NAME" for a simulated machine; "cards" for one with 64 cards, all chosen and truly judged; "--lang NAME" for
its language. The file that $SHOWN names tells the class
of the screen that is shown.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sriov_tui.facts import Pf, Source
from sriov_tui.tui.terminal import environment

if TYPE_CHECKING:
    from screens.services import Services
    from sriov_tui.model import RunView, State
    from tests.screens.fakes import Fake


def long_card() -> Fake:
    """Four ports, each VF of another driver than its neighbours, seen without root."""
    from tests.samples import FIRST, igb_host, igb_pf
    from tests.screens.fakes import fake

    vfs = tuple(replace(vf, driver="igbvf" if vf.index % 2 else "vfio-pci") for vf in igb_pf(numvfs=7).vfs)
    ports = tuple(replace(igb_pf(f"{FIRST[:-1]}{port}", f"enp1s0f{port}", 7), vfs=vfs) for port in range(4))
    return fake(igb_host(source=Source(), pfs=ports, root=False))


def a_run() -> RunView:
    """A run in its first step."""
    from sriov_tui.model import Choices, NicChoice, RunView
    from tests.samples import FIRST
    from tests.screens.fakes import plan

    made = plan(Choices().with_nic(NicChoice(address=FIRST, use="sriov")))
    started = datetime.now(UTC).isoformat()
    states = tuple((step.id, "waiting" if number else "doing") for number, step in enumerate(made.steps))
    return RunView(id="1", plan=made, states=states, started_at=started, output=("a line",), running=True)  # type: ignore[arg-type]


def machine_for(words: list[str]) -> Fake:
    """The machine that the words ask for."""
    from tests.screens.fakes import fake

    if "welcome" in words:
        return long_card()
    if "running" in words:
        machine = fake(run=a_run())
        machine.view = machine.state.run
        return machine
    return fake()


def tell_screens(path: Path) -> None:
    """Have the app write down the class of the screen that is shown, after each change."""
    from sriov_tui.tui.app import SriovApp

    def told(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(app: SriovApp, *args: Any, **more: Any) -> Any:
            result = change(app, *args, **more)
            path.write_text(type(app.screen).__name__)
            return result

        return changed

    for name in ("push_screen", "pop_screen"):
        setattr(SriovApp, name, told(getattr(SriovApp, name)))


def offering(pf: Pf, count: int) -> Pf:
    """The card with firmware that offers so many VFs."""
    told = str(count)
    return replace(
        pf,
        nvconfig=tuple(
            replace(one, current=told, next=told) if one.name == "NUM_OF_VFS" else one for one in pf.nvconfig or ()
        ),
    )


def cards() -> tuple[State, Services]:
    """A host with 64 cards of 16 VFs, all of them chosen: each key has everything judged."""
    from sriov_tui.services.evaluation import evaluate
    from tests.many_cards import many_cards, with_vfs
    from tests.screens.fakes import fake

    facts, choices = many_cards(64)
    pfs = tuple(with_vfs(offering(pf, 16), 16) if pf.mellanox else pf for pf in facts.pfs or ())
    facts = replace(facts, pfs=pfs, source=Source(), root=True)
    services = replace(fake(facts).services(), evaluate=lambda choices: evaluate(facts, choices))
    return evaluate(facts, choices), services


def demo(words: list[str]) -> tuple[State, Services]:
    """The simulated machine that the words ask for."""
    from sriov_tui.tui.session import open_demo

    return open_demo(words[words.index("demo") + 1])


def main() -> int:
    """Run the wizard."""
    message = environment.refusal()
    if message:
        print(message.title, message.hint, file=sys.stderr)
        return 2
    plain = environment.prepare_environment(plain="--plain" in sys.argv)
    from sriov_tui.model.advice import Advice
    from sriov_tui.tui.app import SriovApp, run_app

    if "SHOWN" in os.environ:
        tell_screens(Path(os.environ["SHOWN"]))
    from tests.screens.driving import at_home

    if "--lang" in sys.argv:
        from sriov_tui import language

        language.speak(sys.argv[sys.argv.index("--lang") + 1])
    if "cards" in sys.argv:
        SriovApp.opens = 0
        return run_app(*cards(), plain=plain)
    if "demo" in sys.argv:
        return run_app(*demo(sys.argv), plain=plain)
    machine = machine_for(sys.argv)
    SriovApp.opens = "home" if at_home(machine.state) else 0
    symptoms = tuple((f"symptom-{number}", f"Something does not work in way {number}") for number in range(30))

    def troubleshoot(symptom: str, answers: Mapping[str, str]) -> Advice:
        time.sleep(4 if "slow" in sys.argv else 0)
        return Advice(symptom=symptom)

    services = replace(machine.services(), symptoms=lambda: symptoms, troubleshoot=troubleshoot)
    if "crash" in sys.argv:

        def broken() -> State:
            raise RuntimeError("as the test asked")

        services = replace(services, gather=broken)
    return run_app(machine.state, services, plain=plain)


if __name__ == "__main__":
    raise SystemExit(main())
