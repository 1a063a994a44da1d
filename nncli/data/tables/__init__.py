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

from nncli.data.hidden import hidden

if "pandas" not in sys.modules:
    # With the first array pyarrow looks for pandas, in case it is given a part of one, and never again. Nothing here has to do with
    # it; mlxtend brings it along, and it takes half a second.
    with hidden("pandas"):
        pyarrow.array([0])
