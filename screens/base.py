"""What all screens share: what they are given, what they hand back, and one look and grammar.

A screen is given a State and a pure function from choices to the State that follows. It hands
back an Outcome and keeps nothing, so that going back can never lose what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Button, Input

from screens import words
from screens.device import DeviceScreen
from screens.find import FindBar
from screens.header import Header, Headline
from screens.help import AssistedScreen
from screens.key_row import KeyRow, Keys
from screens.long_pane import LongPane
from screens.overlays import ExplainScreen
from screens.services import Nav, Outcome
from screens.steps import LAST, STEPS, blocking, rail
from screens.steps_box import StepsScreen
from screens.text import Text
from screens.widgets import Marks, Pane, PushButton, Rows, TooSmall
from sriov_tui import language
from sriov_tui.message import NOTHING, say
from sriov_tui.model import Choices, Evaluate, Finding, Level, State

STEP_KEYS: Keys = (
    ("F1", say("Help")),
    ("F2", say("Explain")),
    ("F3", say("Device")),
    ("/", say("Find")),
    ("F5", say("Re-read")),
    ("F9", say("Audit")),
    ("F10", say("Quit")),
)  # F7 and F8 stand on their buttons


def pair(label: str, text: str) -> Horizontal:
    """A label and its text beside it; a long text wraps below itself."""
    return Horizontal(
        Text(words.content(label), classes="label"), Text(words.content(text), classes="value"), classes="pair"
    )


class FrameScreen(AssistedScreen[Outcome]):
    """The frame of every full screen: header, excerpt, body, findings, buttons, footer."""

    AUTO_FOCUS = "#body Rows, #body Input, #next"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "explain", "Explain"),
        Binding("f3", "device", "Device"),
        Binding("f4", "app.troubleshoot", "Trouble"),
        Binding("f5", "reread", "Re-read"),
        Binding("f7", "back", "Back"),
        Binding("f8", "next", "Next"),
        Binding("f9", "app.audit", "Audit"),
        Binding("f10,ctrl+q,ctrl+c", "quit", "Quit"),
        Binding("e", "letter('explain')", show=False),
        Binding("d", "letter('device')", show=False),
        Binding("t", "letter('app.troubleshoot')", show=False),
        Binding("r", "letter('reread')", show=False),
        Binding("a", "letter('app.audit')", show=False),
        Binding("q", "letter('quit')", show=False),
        # Before any widget sees them, so that what is typed ahead goes into the next field.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    KEYS: ClassVar[Keys] = STEP_KEYS

    def __init__(self, state: State, evaluate: Evaluate) -> None:
        super().__init__()
        self.state = state
        self.evaluate = evaluate
        self.left = False

    def compose(self) -> ComposeResult:
        """Header, excerpt, body, findings, buttons, footer; and the sentence for windows that are too small."""
        yield Header(self.headline())
        yield Text(words.content(self.excerpt()), id="excerpt")
        yield self.pane()
        yield Rows(id="findings")
        with Horizontal(id="buttons"):
            yield from self.buttons()
        yield KeyRow(self.working_keys())
        yield FindBar()
        yield TooSmall()

    def headline(self) -> Headline:
        """What the first row shows; boxes over this screen repeat it."""
        return Headline(self.HEADING, self.state.facts.hostname, words.mode_word(self.state))

    @property
    def keys(self) -> Keys:
        """The keys in the last row."""
        return self.KEYS

    def working_keys(self) -> Keys:
        """Those that work where the focus is: Space only on what can be marked, "/" not where it would be typed."""
        focused = self.focused
        dead = {"/"} if isinstance(focused, Input) else set()
        dead |= set() if isinstance(focused, Marks) else {say("Space")}
        return tuple((key, meaning) for key, meaning in self.keys if str(key) not in dead)

    @on(DescendantFocus)
    def name_working_keys(self) -> None:
        """The last row names no key that does nothing where the focus is now."""
        for row in self.query("#footer").results(KeyRow):
            row.show(self.working_keys())

    def excerpt(self) -> str:
        """One or two lines: what this screen is for, and what it does not do."""
        return ""

    def pane(self) -> Pane:
        """The column of the body."""
        return Pane(*self.body(), id="body")

    def body(self) -> Iterable[Widget]:
        """The widgets between the excerpt and the findings."""
        return ()

    def buttons(self) -> Iterable[Widget]:
        """The row of buttons, with room for one sentence between them."""
        yield PushButton(say("F7 Back"), "back")
        yield Text("", id="message")
        yield PushButton(say("F8 Next"), "next")

    def relevant(self) -> tuple[Finding, ...]:
        """The findings that belong on this screen, the worst first."""
        return ()

    def fill(self) -> None:
        """Show the findings and tell their number."""
        self.show_findings()

    def on_resize(self) -> None:
        """Long findings take what room there is."""
        self.show_findings()

    def show_findings(self) -> None:
        """Fill the strip of findings; its border tells how many there are of each level."""
        findings = self.relevant()
        strip = self.query_one("#findings", Rows)
        room = self.app.size.width - 3
        strip.show([words.finding_line(finding, room) for finding in findings])
        strip.display = bool(findings)
        counts = [
            f"{sum(f.level is lv for f in findings)} {lv.name}"
            for lv in reversed(Level)
            if any(f.level is lv for f in findings)
        ]
        strip.border_title = words.content(say("Findings: {counts} ", counts=", ".join(counts)))

    def say(self, sentence: str) -> None:
        """Say one sentence between the buttons."""
        self.query_one("#message", Text).update(words.content(words.line(sentence)))

    def choose(self, choices: Choices) -> None:
        """Take new choices: what follows from them is shown at once."""
        self.state = self.evaluate(choices)
        self.say(NOTHING)
        self.show_findings()
        self.refresh_body()
        self.query_one(Header).take(self.headline())

    def refresh_body(self) -> None:
        """Show the body again after a change of the choices."""

    def leave(self, nav: Nav, name: str = "") -> None:
        """Leave in this direction with the choices as they stand."""
        if not self.left:
            self.left = True
            self.dismiss(Outcome(nav, self.state.choices, name))

    @on(Button.Pressed, "#back,#next")
    def press_button(self, event: Button.Pressed) -> None:
        """A button does what its key does."""
        if event.button.id == "back":
            self.action_back()
        else:
            self.action_next()

    def action_back(self) -> None:
        """Go back; what was typed is kept."""
        self.leave(Nav.BACK)

    def action_next(self) -> None:
        """Go on, or to where the finding that blocks is dealt with, with what to do about it."""
        at = next((index for index, finding in enumerate(self.relevant()) if finding.blocks), None)
        if at is None:
            self.leave(Nav.NEXT)
            return
        finding = self.relevant()[at]
        strip = self.query_one("#findings", Rows)
        strip.highlighted = at
        self.call_next(self.go_to, finding)
        self.say(
            say("Cannot continue: {title}", title=finding.fix.title)
            if finding.fix
            else say("Cannot continue yet. Press F2 for details.")
        )

    async def go_to(self, finding: Finding) -> None:
        """To where this finding is dealt with, else to the finding itself."""
        for pane in self.query("#body").results(LongPane):
            await pane.make_all()
        (self.place_of(finding) or self.query_one("#findings", Rows)).focus()

    def place_of(self, finding: Finding) -> Widget | None:
        """The field or list where the operator can deal with this finding; None where there is none here."""
        return None

    def action_reread(self) -> None:
        """Read the machine again; the choices stay."""
        self.leave(Nav.REREAD)

    def refuse_language(self) -> None:
        """Say it between the buttons."""
        self.say(language.PLAIN)

    async def say_again(self) -> None:
        """The same screen, made anew of the choices."""
        self.leave(Nav.LANGUAGE)

    def action_quit(self) -> None:
        """Leave the program; the app asks where something is unsaved."""
        self.leave(Nav.QUIT)

    def card_in_focus(self) -> str:
        """The PCI address of the port that the marked line or field is about; "" where it is about none."""
        return ""

    def action_device(self) -> None:
        """Show the whole of the card in focus, else of the first one that is chosen."""
        chosen = (nic.address for nic in self.state.choices.chosen)
        address = self.card_in_focus() or next(chosen, "")
        if address:
            self.app.push_screen(DeviceScreen(self.state.facts, address))
        else:
            self.say(say("No network card is marked or chosen here; step 1 lists them."))

    def marked_finding(self) -> Finding | None:
        """The finding that F2 explains: the marked one, else the worst about the marked card, else the worst."""
        findings = self.relevant()
        strip = self.query_one("#findings", Rows)
        if strip.has_focus and strip.highlighted is not None:
            return findings[min(strip.highlighted, len(findings) - 1)]
        address = self.card_in_focus()
        return next((f for f in findings if f.subject == address), findings[0] if findings else None)

    def action_explain(self) -> None:
        """Explain the marked finding, or the one that belongs to the marked card, or the first one."""
        finding = self.marked_finding()
        if finding is None:
            self.say(say("There is no finding on this screen to explain."))
            return
        self.app.push_screen(ExplainScreen(finding, self.state.explain(finding.id)))

    @on(Rows.OptionSelected, "#findings")
    def explain_selected(self, event: Rows.OptionSelected) -> None:
        """Enter on a finding explains it."""
        event.stop()
        self.action_explain()


class StepScreen(FrameScreen):
    """One of the six steps: shows the findings of its modules, and blocks Next by them alone."""

    STEP: ClassVar[int] = LAST
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "steps", "Steps"),
        Binding("g", "letter('steps')", show=False),
        *(Binding(str(number), f"letter('go({number})')", show=False) for number in range(1, LAST + 1)),
    ]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.HEADING = say(
            "step {step}/{steps} {title_text}", step=cls.STEP, steps=LAST, title_text=STEPS[cls.STEP - 1].title
        )

    def headline(self) -> Headline:
        """With the rail of the steps."""
        marks = rail(self.STEP, blocking(self.state.findings))
        return Headline(self.HEADING, self.state.facts.hostname, words.mode_word(self.state), marks)

    def action_steps(self) -> None:
        """Show the six steps with what blocks each, and go to the one that is picked."""
        self.app.push_screen(StepsScreen(self.STEP, blocking(self.state.findings)), self.action_go)

    def action_go(self, step: int | None) -> None:
        """Go to another step: back always, on as far as nothing blocks."""
        if step is None or step == self.STEP:
            return
        blocked = [number for number in blocking(self.state.findings) if self.STEP <= number < step]
        if self.STEP in blocked:
            self.action_next()
        else:
            self.leave(Nav.JUMP, str(min([step, *blocked])))

    def relevant(self) -> tuple[Finding, ...]:
        """The findings whose id starts with one of this step's prefixes."""
        prefixes = STEPS[self.STEP - 1].prefixes
        return words.worst_first(f for f in self.state.findings if f.id.startswith(prefixes))

    def card_in_focus(self) -> str:
        """The chosen card of which the widget with the focus has the number in its id, as in "wish-0"."""
        name, _, number = (self.focused.id or "" if self.focused else "").rpartition("-")
        chosen = self.state.choices.chosen
        return chosen[int(number)].address if name and number.isdigit() and int(number) < len(chosen) else ""
