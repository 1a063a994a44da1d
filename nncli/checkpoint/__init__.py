"""The h5 checkpoint: arrays and JSON, read and written without TensorFlow."""

import os

os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # before h5py is imported: HDF5 loads no plugin for a filter that a file names
