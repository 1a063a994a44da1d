"""YAML text -> tree with marks -> experiment, or problems with positions."""
