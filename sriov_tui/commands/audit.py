"""`sriov-tui audit`: what is right and wrong, on standard output, without ever writing anything."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from checks import evaluate
from checks.host_agent.requested import asked_for, profiled
from sriov_tui.commands import common
from sriov_tui.facts import HostFacts
from sriov_tui.message import say
from sriov_tui.model import Choices, Finding, Level, SriovError
from sriov_tui.privacy.masking import Masked
from sriov_tui.reports import audit, baseline, suppressions
from sriov_tui.services.answers import load_answers
from sriov_tui.services.machine import facts_of, spec_for, with_image
from sriov_tui.services.matching import matched
from sriov_tui.services.watching import open_watcher

SCHEMA = f"schema/audit-{audit.VERSION}.json"
EPILOG = say(
    "The audit only reads: it opens no file for writing and starts only commands that change\n"
    "nothing. What it expects of the host is what /etc/yunion/host.conf asks for, or the\n"
    "answers file given with --answers. Without root it does what it can, and names what it\n"
    "could not see.\n\n"
    "Ready means: no finding is FAIL (with --fail-on warn: nor WARN), none keeps the wizard\n"
    "from going on, and none is SKIP, which says that something could not be seen. "
    "Suppressed\n"
    "findings do not count. The JSON's \"ready\", the last line of the text, JUnit's failures\n"
    "and errors, and the exit status all say the same.\n\n"
    "exit status:\n  0  ready (with --watch: when it was ended)\n  1  could not run\n  2  not "
    "ready, or not known to be\n\n"
    'A file for --suppress:\n  [[suppress]]\n  id = "vfs.at-boot"\n  subject = '
    '"0000:01:00.0"    # may be left out: every subject\n  reason = "a unit of ours makes the '
    'VFs, ticket 4711"\n  expires = 2027-01-31        # may be left out; the last day\n'
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "audit",
        help=say("say what is right and wrong; read-only"),
        description=say("Check this host for SR-IOV as host.conf asks for it, and say what to do."),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("--format", choices=audit.FORMATS, default="text", help=say("how to print it (default: text)"))
    parser.add_argument("--fail-on", choices=("warn", "fail"), default="fail", help=say("what counts as not ready"))
    parser.add_argument(
        "--profile",
        choices=("auto", "sriov", "offload"),
        default="auto",
        help=say(
            "what the cards should be ready for (default: auto, what host.conf asks for); where "
            "host.conf names no card, sriov and offload look at all cards but the one that carries "
            "your session"
        ),
    )
    parser.add_argument("--answers", metavar="FILE", help=say("expect what this answers file wants"))
    parser.add_argument(
        "--watch",
        action="store_true",
        help=say("then wait, and print what a VF, a link or a driver that comes or goes changes; Ctrl-C ends"),
    )
    for option, what in (("--only", say("show and count only these")), ("--skip", say("leave these out"))):
        parser.add_argument(
            option,
            metavar="ID",
            action="append",
            default=[],
            help=say(
                "{what}: an id, or its beginning as in vfs or hostconf.yaml; may be given more than once", what=what
            ),
        )
    parser.add_argument(
        "--suppress", metavar="FILE", help=say("findings that are accepted, each with a reason; see below")
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help=say("tell what changed since FILE, an audit of this host in JSON; a change counts as not ready"),
    )
    parser.add_argument("--list", action="store_true", help=say("list every check with what it looks at, and end"))
    parser.add_argument("--schema", action="store_true", help=say("print the JSON Schema of --format json, and end"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Gather, check, print; every option is looked at before the machine is."""
    if args.schema:
        text = resources.files("sriov_tui").joinpath(SCHEMA).read_text(encoding="utf-8")
        common.print_lines(text.splitlines())
        return 0
    _refuse_unknown((*args.only, *args.skip))
    if args.list:
        return _list(args)
    accepted = suppressions.load(args.suppress) if args.suppress else ()
    answers = load_answers(args.answers, common.remark) if args.answers else None
    before = baseline.load(args.baseline) if args.baseline else None

    def look() -> audit.Report:
        facts = facts_of(spec_for(args), Masked)  # what it prints goes into tickets and logs
        facts = with_image(spec_for(args), facts, answers) if answers else facts
        found = judged(facts, expected(facts, answers, args.profile), args.only, args.skip, before)
        return counted(facts, found, accepted, Level[args.fail_on.upper()])

    if args.watch:
        from sriov_tui.commands import watching

        watching.check_format(args.format)
        return 0 if watching.watch(open_watcher(spec_for(args)), look, args.format) else 2
    result = look()
    if args.format == "prometheus":
        from sriov_tui.reports.prometheus import to_prometheus

        common.print_lines(to_prometheus(result, expected(result.facts, answers, args.profile)))
    else:
        common.print_lines(audit.render(args.format, result))
    return 0 if result.ready else 2


def expected(facts: HostFacts, answers: Choices | None, profile: str) -> Choices:
    """What the host is held against."""
    choices = asked_for(facts) if answers is None else matched(answers, facts)
    return choices if profile == "auto" else profiled(facts, choices, "offload" if profile == "offload" else "sriov")


def judged(
    facts: HostFacts,
    choices: Choices,
    only: Sequence[str],
    skip: Sequence[str],
    before: Mapping[str, Any] | None = None,
) -> tuple[Finding, ...]:
    """The findings that were asked for, with what changed since `before`, an audit's document.

    That a check failed itself is told whatever was asked for.
    """
    findings, _ = evaluate(facts, choices)
    if before is not None:
        findings += baseline.compare(before, facts.hostname, audit.summary(facts), findings)
    if not (only or skip):
        return findings
    from checks.explained import covers

    def wanted(id: str) -> bool:
        asked = not only or any(covers(word, id) for word in only)
        return asked and not any(covers(word, id) for word in skip)

    return tuple(finding for finding in findings if finding.id.endswith(".crashed") or wanted(finding.id))


def counted(
    facts: HostFacts, findings: tuple[Finding, ...], accepted: Sequence[suppressions.Suppression], fail_on: Level
) -> audit.Report:
    """The report, with the suppressions applied as of the day on which the host was read."""
    if not accepted:
        return audit.Report(facts=facts, findings=findings, fail_on=fail_on)
    from checks.explained import explanations, nearest

    today = facts.gathered_at[:10]
    counting, suppressed = suppressions.split(findings, accepted, today)
    about = suppressions.findings_about(accepted, findings, today, explanations(), nearest)
    return audit.Report(facts=facts, findings=(*counting, *about), suppressed=suppressed, fail_on=fail_on)


def _refuse_unknown(words: Sequence[str]) -> None:
    """SriovError for a word that means no check; a typo must not make a host look ready."""
    if not words:
        return
    from checks.explained import matching
    from sriov_tui.commands.explain import unknown

    for word in words:
        if not matching([word]):
            raise unknown(word)


def _list(args: argparse.Namespace) -> int:
    from checks.explained import covers, matching
    from sriov_tui.commands.explain import listing, print_for

    if args.format == "junit":
        raise SriovError(say("The list of checks has no JUnit form."), say("Choose text, markdown or json."))
    entries = [entry for entry in matching(args.only) if not any(covers(word, entry.id) for word in args.skip)]
    print_for(listing(entries, args.format), args.format)
    return 0
