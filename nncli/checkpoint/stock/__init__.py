"""Networks that stock Keras saved: read as data through an allow-list, never loaded by Keras."""
