"""Libraries hidden from others that look for them only in case somebody uses both."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


class _Without:
    """Finds everything but some packages."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """None: others are to look for it.

        Raises:
            ImportError: it is one of those packages, or in one.
        """
        if name.partition(".")[0] in self._names:
            raise ImportError(f"{name} is hidden", name=name)


@contextlib.contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Let packages that are not imported yet look as if they were not installed, as long as the body runs."""
    finder = _Without(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
