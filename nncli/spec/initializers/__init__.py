"""Initializers: where weights start from."""
