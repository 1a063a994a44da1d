"""Runs many commands of nncli in one process, since starting TensorFlow for each would take most of the time.

Usage: python tutorial_runs.py COMMANDS.json FOLDER; each command's standard output goes to FOLDER/NAME.json.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from pathlib import Path

from nncli.cli.main import main

commands = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[2])
for name, arguments in commands.items():
    sys.argv = ["nncli", *arguments, "--json"]
    said, began = io.StringIO(), time.monotonic()
    try:
        with contextlib.redirect_stdout(said):
            main()
    except SystemExit as ended:
        sys.stderr.write(f"{name}: exit {ended.code}, {time.monotonic() - began:.1f} s\n")
        (folder / f"{name}.json").write_text(json.dumps({"exit": ended.code, **json.loads(said.getvalue())}))
