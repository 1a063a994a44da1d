"""Parts of the JSON documents that checkpoints hold, read with suspicion: a checkpoint may come from anyone."""

from __future__ import annotations

from typing import Any, Final

from nncli.problems import NncliError, error

MAX_TEXT: Final = 1000


def odd(what: str) -> NncliError:
    """The error that something about a document is not as nncli writes it."""
    return error("NN603", f"the stored preprocessing is damaged or foreign: {what}", "use a checkpoint that nncli wrote")


def mapping(data: object, keys: frozenset[str], what: str) -> dict[str, Any]:
    """A mapping of exactly these keys."""
    if not isinstance(data, dict) or set(data) != keys:
        raise odd(f"{what} does not hold exactly {', '.join(sorted(keys))}")
    return data


def entries(data: object, most: int, what: str) -> list[Any]:
    """A list of at most so many entries."""
    if not isinstance(data, list) or len(data) > most:
        raise odd(f"`{what}` is not a list of at most {most:,}")
    return data


def flag(data: object, what: str) -> bool:
    """Yes or no."""
    if not isinstance(data, bool):
        raise odd(f"`{what}` is neither true nor false")
    return data


def text(data: object, what: str) -> str:
    """A text of no more than `MAX_TEXT` characters, which UTF-8 can hold."""
    if not isinstance(data, str) or len(data) > MAX_TEXT:
        raise odd(f"`{what}` is not a text of at most {MAX_TEXT} characters")
    try:
        data.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can name
        raise odd(f"`{what}` holds half a character") from None
    return data


def texts(data: object, most: int, what: str) -> tuple[str, ...]:
    """A list of such texts."""
    return tuple(text(entry, f"{what}[{index}]") for index, entry in enumerate(entries(data, most, what)))
