"""The h5 checkpoint: arrays and JSON, read and written without TensorFlow."""
