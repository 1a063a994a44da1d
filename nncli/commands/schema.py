"""`nncli schema`: the JSON Schema of configs, for editors."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from nncli.reports.configs import SchemaReport
from nncli.runs.new_file import require_new, write_new
from nncli.spec.describing.config import config_schema


def schema(output: Path | None = None) -> SchemaReport:
    """Make the schema, and write it into a file where one is named.

    Args:
        output: the file, which must not exist; None: only make it.

    Raises:
        NncliError: NN601, the file exists; NN604, it cannot be written.
    """
    if output is None:
        return SchemaReport(schema=config_schema(), output=None)
    require_new(output)
    write_new(output, schema_text().encode())
    return SchemaReport(schema=None, output=str(output))


@functools.cache
def schema_text() -> str:
    """The schema as the text of a file."""
    return json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n"
