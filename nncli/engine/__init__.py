"""Keras and TensorFlow: building, training, evaluating, exporting."""
