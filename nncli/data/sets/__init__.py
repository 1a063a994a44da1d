"""Data sets that are known by name: those that ship, and those of Keras and scikit-learn, with the cache they lie in."""
