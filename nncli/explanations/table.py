"""Every explanation there is."""

from __future__ import annotations

from typing import Final

from nncli.explanations import meaning, runs, schema, shapes, syntax
from nncli.explanations.entry import Explanation

EXPLANATIONS: Final[dict[str, Explanation]] = {
    **syntax.EXPLANATIONS,
    **schema.EXPLANATIONS,
    **shapes.EXPLANATIONS,
    **meaning.EXPLANATIONS,
    **runs.EXPLANATIONS,
}
"""Problem code -> its explanation. A test holds it to `nncli.problems.CODES`, and the examples to `nncli check`."""
