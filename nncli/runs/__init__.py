"""The run folder: manifest, metrics log, atomic files, lock."""
