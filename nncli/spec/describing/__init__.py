"""What the specs say about themselves: meanings, types, ranges, defaults and examples, for editors, `explain` and the docs.

Nothing here is imported unless somebody asks: a check of a config does not pay for it.
"""
