"""Runs many commands of nncli in one process, since starting TensorFlow for each would take most of the time.

Usage: python tutorial_runs.py COMMANDS.json OUTPUTS.json, in the folder where the commands are to run. Writes for each command its
exit code and its standard output.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import sys
import time
from pathlib import Path

from nncli.cli.main import main

os.environ["COLUMNS"] = "100"
commands, outputs = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
done = {}
for command in commands:
    sys.argv, said, began = shlex.split(command), io.StringIO(), time.monotonic()
    try:
        with contextlib.redirect_stdout(said):
            main()
    except SystemExit as ended:
        sys.stderr.write(f"{command}: exit {ended.code}, {time.monotonic() - began:.1f} s\n")
        done[command] = [ended.code, said.getvalue()]
outputs.write_text(json.dumps(done))
