"""Tables of all formats: cells are numbers or texts, whatever the file; fitted columns turn them into the network's inputs.

The road: `files.open_tables` finds files and what they are, `cells` makes numbers and texts of what they hold, `source.TableSource`
reads them once, splits off what is no feature and fits `columns`; `encoding.TableEncoding` is what of it travels in the checkpoint.
"""
