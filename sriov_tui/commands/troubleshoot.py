"""`sriov-tui troubleshoot`: from a symptom, or a pasted message, to the cause, and on to its fix."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from sriov_tui import language
from sriov_tui.codec import encode
from sriov_tui.commands import apply, common, following
from sriov_tui.facts import HostFacts
from sriov_tui.language.layout import wrap
from sriov_tui.message import Message, join, plural, say
from sriov_tui.model import Evidence, Finding, SriovError
from sriov_tui.model.advice import Advice, Question
from sriov_tui.reports.masked import masked_plain
from sriov_tui.services import troubleshooting
from sriov_tui.services.machine import facts_of, open_host, open_reader, spec_for
from sriov_tui.services.troubleshooting import Lines

VERSION = 1
WIDTH = 80
SHOWN = 8  # lines of one piece of evidence
LISTED = 12  # other findings
PROGRAMS = 8  # named as those whose messages would show more
PASTED = 256 << 10  # characters
QUESTIONS = 5  # asked at most, where somebody is there to answer
EPILOG = say(
    "WORDS are what you see, in your own words, the id of a symptom or of a cause\n"
    "(vf.partial), or a message that you paste. - reads messages from standard input.\n"
    "Without any, or with words that nothing fits, the whole host is looked at.\n\n"
    "Nothing is changed unless --apply is given. Then the plan of the fix is shown and\n"
    "confirmed as with `sriov-tui apply`, and the host is judged again afterwards.\n\n"
    "exit status:\n  0  no cause was found, or it is fixed\n  1  could not run, or nothing "
    "that the program does fixes it\n  2  something is wrong on this host, or a question is open\n  3  to 6, "
    "with --apply, as `sriov-tui apply` has them: 3 a reboot is needed\n"
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "troubleshoot",
        help=say("find the cause of a problem, and fix it"),
        description=say(
            "From what you see, or a message that you paste, to the cause: what was read, and what fixes it."
        ),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("words", nargs="*", metavar="WORDS", help=say("a symptom, a cause, or a pasted message"))
    parser.add_argument("--list", action="store_true", help=say("list the symptoms and the causes, and end"))
    parser.add_argument("--json", action="store_true", help=say("print JSON"))
    parser.add_argument(
        "--answer", action="append", default=[], metavar="KEY=VALUE", help=say("answer a question; may be given again")
    )
    parser.add_argument("--apply", action="store_true", help=say("fix the cause, after a yes"))
    parser.add_argument("--yes", action="store_true", help=say("with --apply: do not ask"))
    parser.add_argument("--new", action="store_true", help=say("with --apply: start although an earlier run waits"))
    parser.set_defaults(format="text")  # of what follows the engine, see `apply`
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, judge, ask what only a person knows, print; mend where that was asked for."""
    if args.list:
        common.print_lines(listing())
        return 0
    answers = _answers(args.answer)
    words = _pasted() if args.words == ["-"] else " ".join(args.words)
    spec = spec_for(args)
    reader = open_reader(spec)
    facts = facts_of(spec)
    logged = troubleshooting.logs(reader, facts)
    found = _asked(facts, words, logged, answers, args)
    if args.json:
        print(json.dumps(document(facts, found), indent=1))
    else:
        common.print_lines(text(found))
    if args.apply and found.cause is not None:
        return _mend(args, spec, facts, found, answers)
    return 2 if found.trouble else 0


def _pasted() -> str:
    """What comes on standard input, as far as anybody pastes."""
    text = sys.stdin.read(PASTED + 1)
    if len(text) > PASTED:
        raise SriovError(
            say("More than {size} KiB came on standard input.", size=PASTED >> 10),
            say("Paste the lines around the message; the logs of this host are read anyway."),
        )
    return text


def _answers(given: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in given]
    for key, sign, _ in pairs:
        if not (key and sign):
            raise SriovError(
                say("--answer {key} is no answer.", key=key), say("Write it as KEY=VALUE, as in --answer wire=bcast1.")
            )
    return {key: value for key, _, value in pairs}


def _asked(facts: HostFacts, words: str, logged: Lines, answers: dict[str, str], args: argparse.Namespace) -> Advice:
    """Judge, and judge again with each answer, while there is somebody to ask."""
    found = troubleshooting.advise(facts, words, logged, answers)
    for _ in range(QUESTIONS):
        if found.ask is None or args.json or args.words == ["-"] or not sys.stdin.isatty():
            break
        try:
            answer = input(f"{_question(found.ask)} ").strip()
        except EOFError:
            break
        if found.ask.answers and answer not in found.ask.answers:
            continue
        answers[found.ask.key] = answer
        found = troubleshooting.advise(facts, words, logged, answers)
    return found


def _question(ask: Question) -> str:
    return f"{language._(ask.text)} [{'/'.join(ask.answers)}]" if ask.answers else language._(ask.text)


def _mend(args: argparse.Namespace, spec: str, facts: HostFacts, found: Advice, answers: dict[str, str]) -> int:
    """Carry the plan out, then judge the same entry on the host as it is then."""
    cause = found.cause
    assert cause is not None
    if not found.plan.steps:
        raise SriovError(
            say("No step of sriov-tui fixes this; nothing was changed."),
            say("By hand: {title}", title=cause.fix.title if cause.fix else cause.title),
        )
    open_host(spec)
    status = apply.carry_out(found.plan, args, spec, facts)
    if status not in (0, following.NOT_READY):  # what else keeps the host from being ready is not this cause
        return status
    facts = facts_of(spec)
    again = troubleshooting.advise(facts, cause.id, troubleshooting.logs(open_reader(spec), facts), answers)
    if again.cause is not None:
        common.tell(
            [
                say(
                    "Applied, but {id} is still so: {detail}",
                    id=cause.id,
                    detail=again.cause.detail or again.cause.title,
                )
            ]
        )
        return 4
    common.tell([say("Fixed: {id} no longer holds.", id=cause.id)])
    return 0


def document(facts: HostFacts, found: Advice) -> dict[str, object]:
    """The advice for a program; its version grows when a key changes its meaning. The files of its plan are masked."""
    plain: dict[str, object] = encode(found)
    plain |= {key: masked_plain(plain[key]) for key in ("plan", "diff") if key in plain}
    return {"version": VERSION, "host": facts.hostname, "source": facts.source.words, "gathered_at": facts.gathered_at,
            "found": found.cause is not None, **plain}  # fmt: skip


def text(found: Advice) -> list[str]:
    """The advice for a person."""
    lines = [language._(say("Symptom: {symptom}", symptom=found.symptom))] if found.symptom else []
    if found.cause is not None:
        lines += _cause(found.cause, found.source)
    elif found.ask is not None:
        lines += [
            language._(say("No cause is seen yet. One question decides:")),
            f"  {_question(found.ask)}",
            "  " + language._(say("Answer it with --answer {key}=...", key=found.ask.key)),
        ]
    else:
        lines.append(language._(nothing(found)))
    lines += _listed(say("Also so:"), found.also)
    lines += _listed(say("Also wrong on this host:") if found.cause else say("Open on this host:"), found.elsewhere)
    if found.advice:
        lines += ["", *_wrap(found.advice, "", "")]
    if found.cause is None:
        lines += _open(found)
    return lines


def nothing(found: Advice) -> Message:
    """The sentence in the place of a cause."""
    if not found.trouble:
        return plural(
            "No cause was found; 1 was looked at.", "No cause was found; {count} were looked at.", len(found.looked)
        )
    if found.symptom:
        return say("None of the causes of this symptom is there, but something is wrong on this host.")
    return say("No cause is certain, but something is wrong on this host. Fix it from the top.")


def _listed(heading: Message, findings: Sequence[Finding]) -> Iterator[str]:
    """Findings below a heading, each with what fixes it."""
    if not findings:
        return
    yield from ("", language._(heading))
    for one in findings[:LISTED]:
        yield from _wrap(join(": ", (one.id, one.title)))
        if one.fix is not None:
            yield from _wrap(say("Fix: {title}", title=one.fix.title), "    ", "    ")
    if len(findings) > LISTED:
        more = plural("1 more: sriov-tui audit", "{count} more: sriov-tui audit", len(findings) - LISTED)
        yield "  " + language._(more)


def _cause(cause: Finding, source: str) -> Iterator[str]:
    yield from _wrapped(language._(say("Cause {id}: {title}", id=cause.id, title=cause.title)), "", "")
    if cause.detail:
        for line in language._(cause.detail).splitlines():
            yield from _wrap(line)
    for evidence in cause.evidence:
        yield from _evidence(evidence)
    fix = cause.fix
    if fix is None:
        return
    yield ""
    yield from _wrapped(language._(say("Fix: {title}", title=fix.title)), "", "")
    for line in language._(fix.manual).splitlines():
        yield from _wrap(line)
    if fix.steps:
        yield "  " + language._(say("By the program: the same command with --apply ({steps})", steps=fix.steps))
    if fix.verify:
        yield from _wrapped(language._(say("See it: {verify}", verify=fix.verify)), "")
    yield from _wrapped(language._(say("Source: {source}", source=source)), "")


def _evidence(evidence: Evidence) -> Iterator[str]:
    yield "  " + language._(say("Read from {source}:", source=evidence.source))
    lines = language._(evidence.text).splitlines() or [language._(say("(empty)"))]
    yield from (f"    {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield "    " + language._(say("... {more} lines more", more=len(lines) - SHOWN))


def _open(found: Advice) -> Iterator[str]:
    if found.near:
        yield from ("", language._(say("Nearest to your words (`sriov-tui explain ID`, `sriov-tui troubleshoot ID`):")))
        for id, title in found.near:
            yield from _wrap(join(": ", (id, title)))
    if found.unknown:
        yield from ("", language._(say("What could not be seen, and what would show it:")))
        for line in found.unknown:
            yield from _wrap(line)
    if len(found.paste) > PROGRAMS:
        yield from ("", language._(say("A message that a program printed would show more, pasted here.")))
    elif found.paste:
        yield ""
        yield from _wrap(
            say("Messages of these programs would show more, pasted here: {paste}.", paste=", ".join(found.paste)),
            "",
            "",
        )


def _wrap(sentence: str, first: str = "  ", rest: str = "  ") -> list[str]:
    return _wrapped(language._(sentence), first, rest)


def _wrapped(said: str, first: str = "  ", rest: str = "  ") -> list[str]:
    return wrap(said, WIDTH, first, rest)


def listing() -> list[str]:
    """Every symptom, then every cause."""
    from checks.troubleshooting import ENTRIES

    rows = [f"  {id:<16} {language._(words)}" for id, words in troubleshooting.symptoms()]
    entries = [f"  {one.id:<28} {language._(one.cause)}" for one in sorted(ENTRIES, key=lambda one: one.id)]
    return [language._(say("Symptoms:")), *rows, "", language._(say("Causes that are known:")), *entries]
