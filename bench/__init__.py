"""Benchmarks: nncli against the script that one would write by hand. Run them with `make bench`."""
