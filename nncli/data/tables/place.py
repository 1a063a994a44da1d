"""Where rows of tables stand."""

from __future__ import annotations

from dataclasses import dataclass

from nncli.problems import NncliError, error


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where rows stand.

    Attributes:
        file: the file.
        first: number of the first of them there, from 1 on, the header aside.
    """

    file: str
    first: int = 1

    def error(self, row: int, message: str, hint: str | None = None) -> NncliError:
        """An error about one of the rows, `row` counting from 0 among them: the message goes on behind `row N: `."""
        return error("NN502", f"row {self.first + row:,}: {message}", hint, file=self.file)


def row_names(place: RowPlace, count: int) -> tuple[str, ...]:
    """What rows are called, by their numbers from 0 on: `people.csv[3]`."""
    return tuple(f"{place.file}[{place.first - 1 + row}]" for row in range(count))
