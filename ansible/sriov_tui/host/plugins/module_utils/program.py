# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""What the modules share: find the program on the host, run it, read its JSON.

Everything that is decided is decided there; a module only asks, and tells Ansible. It runs with any Python that
Ansible manages a host with, 2.7 included.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import json
import os
import tempfile

from ansible.module_utils.common.text.converters import to_bytes

VERSION = "0.2.0"  # of the program that these modules understand; the collection's own
DOCUMENT = 1  # the version of the program's JSON
PROGRAM = dict(
    program=dict(type="str", default="sriov-tui"),
    machine=dict(type="str"),
)
SPEC = dict(
    PROGRAM,
    answers=dict(type="path"),
    content=dict(type="str"),
)
PLACES = ["/usr/local/sbin", "/usr/local/bin"]
COPY_IT = "Let the role host copy that version (host_program_source), or install it."


class Refused(Exception):
    """Why the program cannot be used on this host, with the way out."""


class Program(object):
    """The program on the managed host; every call ends the module where there is no answer to read."""

    def __init__(self, module):
        self.module = module
        try:
            self.path = found(module)
            version = version_of(module, self.path)
        except Refused as error:
            module.fail_json(msg=str(error))
        if version != VERSION:
            module.fail_json(msg=other_version(self.path, version))

    def ask(self, command, *options, **expected):
        """The exit status and the document that a command prints; `statuses` are those that come with one."""
        status, out, err = self.run(command, "--format", "json", *options)
        argv = [self.path, command]
        argv += options
        if status not in expected["statuses"]:
            self.module.fail_json(msg=err.strip() or "no word of what went wrong", rc=status, cmd=argv)
        try:
            document = json.loads(out)
        except ValueError as error:
            self.module.fail_json(msg="%s printed no JSON: %s" % (self.path, error), stdout=out[-2000:], stderr=err)
        if not isinstance(document, dict) or document.get("version") != DOCUMENT:
            self.module.fail_json(
                msg="%s printed JSON that this collection does not know. %s" % (self.path, COPY_IT), cmd=argv
            )
        return status, document

    def run(self, command, *options):
        """The exit status, standard output and standard error of a command."""
        argv = [self.path, command]
        if self.module.params["machine"]:
            argv += ["--host", self.module.params["machine"]]
        argv += options
        try:
            return started(self.module, argv)
        except Refused as error:
            return self.module.fail_json(msg=str(error))

    def answers(self):
        """The options that name the answers file; text that was given is kept in a file of this task alone."""
        path, content = self.module.params["answers"], self.module.params["content"]
        if content is not None:
            # mkstemp: mode 0600, ours; the program refuses a file that others could have written
            handle, path = tempfile.mkstemp(prefix="answers-", suffix=".toml", dir=self.module.tmpdir)
            with os.fdopen(handle, "wb") as opened:
                opened.write(to_bytes(content))
            self.module.add_cleanup_file(path)
        return ["--answers", path] if path else []


def found(module):
    """The path of the program; Refused where the host has none."""
    name = module.params["program"]
    path = module.get_bin_path(name, opt_dirs=PLACES)
    if not path:
        raise Refused("%s is not on this host, or not executable. %s" % (name, COPY_IT))
    return path


def version_of(module, path):
    """What `--version` prints, less the name; Refused where the program cannot be started."""
    status, out, err = started(module, [path, "--version"])
    words = out.split()
    if status != 0 or len(words) != 2:
        raise Refused("%s cannot be started on this host: %s" % (path, (err or out).strip() or "status %s" % status))
    return words[1]


def other_version(path, version):
    """The sentence about a program that these modules do not understand."""
    return "%s is version %s, and this collection needs %s. %s" % (path, version, VERSION, COPY_IT)


def started(module, argv):
    """Run it; Refused with the reason where the kernel does not."""
    try:
        return module.run_command(argv, environ_update={"LC_ALL": "C"}, handle_exceptions=False)
    except (OSError, IOError) as error:
        if error.errno == errno.ENOEXEC:
            reason = "it is not a program for this host's architecture, %s" % os.uname()[4]
        else:
            reason = os.strerror(error.errno) if error.errno else str(error)
    raise Refused("%s cannot be started on this host: %s." % (argv[0], reason))
