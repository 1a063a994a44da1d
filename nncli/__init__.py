"""nncli: from a YAML file to a trained, checked, exportable Keras network."""
