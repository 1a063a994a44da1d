"""Tables of all formats: cells are numbers or texts, whatever the file; fitted columns turn them into the network's inputs.

The road: `files.open_table` finds what a file is, `roles.Roles` which column plays which part; `contents.Contents` reads all once,
and `cells` makes numbers and texts of what it holds; `source.TableSource` fits `columns` to the training part, and
`encoding.TableEncoding` is what of it travels in the checkpoint.
"""

from __future__ import annotations

import os
import sys

# Memory of the C library goes back to the system when it is asked for (`nncli.data.memory`); pyarrow's own allocator keeps some
# 30 MB of a large table for later. It takes no longer so. Read when pyarrow first allocates.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

import pyarrow


class _WithoutPandas:
    """Finds everything but pandas."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """None: others are to look for it.

        Raises:
            ImportError: it is pandas.
        """
        if name == "pandas":
            raise ImportError(name)


def _make_first_array() -> None:
    """Make an array while there is no pandas.

    With the first one pyarrow looks for pandas, in case it is given a part of one, and never again. Nothing here has to do with it;
    mlxtend brings it along, and it takes half a second.
    """
    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pyarrow.array([0])
    finally:
        sys.meta_path.remove(finder)


if "pandas" not in sys.modules:
    _make_first_array()
