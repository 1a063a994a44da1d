"""Runs commands of nncli in one process, since starting TensorFlow for each would take most of the time.

Usage: python one_process.py COMMANDS.json OUTPUTS.json, in the folder where the commands are to run. COMMANDS.json is a list of
commands, each a list of arguments. OUTPUTS.json gets, in the same order, the exit code, standard output and standard error of each.
Says on standard error how long each took.
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import sys
import time
from pathlib import Path

from nncli.cli.main import main

commands, outputs = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
done = []
for command in commands:
    sys.argv, said, noted, code, began = ["nncli", *command], io.StringIO(), io.StringIO(), None, time.monotonic()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(noted):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    print(f"{time.monotonic() - began:6.1f} s  {shlex.join(command)}", file=sys.stderr)
    done.append([code, said.getvalue(), noted.getvalue()])
outputs.write_text(json.dumps(done))
