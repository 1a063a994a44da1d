"""Pictures of runs: numbers in, a PNG and the same numbers as CSV out."""
