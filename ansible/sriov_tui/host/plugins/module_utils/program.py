# Copyright The sriov-tui authors
# SPDX-License-Identifier: Apache-2.0
"""What the modules share: find the program on the host, run it, read its JSON.

Everything that is decided is decided there; a module only asks, and tells Ansible. It runs with any Python that
Ansible manages a host with, 2.7 included.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import tempfile

from ansible.module_utils.common.text.converters import to_bytes

SPEC = dict(
    program=dict(type="str", default="sriov-tui"),
    machine=dict(type="str"),
    answers=dict(type="path"),
    content=dict(type="str"),
)
PLACES = ["/usr/local/sbin", "/usr/local/bin"]


class Program(object):
    """The program on the managed host; every call ends the module where there is no answer to read."""

    def __init__(self, module):
        self.module = module
        self.path = module.get_bin_path(module.params["program"], required=True, opt_dirs=PLACES)

    def ask(self, command, *options, **expected):
        """The exit status and the document that a command prints; `statuses` are those that come with one."""
        argv = [self.path, command, "--format", "json"]
        if self.module.params["machine"]:
            argv += ["--host", self.module.params["machine"]]
        status, out, err = self.module.run_command(argv + list(options), environ_update={"LC_ALL": "C"})
        if status not in expected["statuses"]:
            self.module.fail_json(msg=err.strip() or "no word of what went wrong", rc=status, cmd=argv + list(options))
        try:
            return status, json.loads(out)
        except ValueError as error:
            self.module.fail_json(msg="%s printed no JSON: %s" % (self.path, error), stdout=out[-2000:], stderr=err)

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
