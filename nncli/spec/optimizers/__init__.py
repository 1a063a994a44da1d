"""Optimizers: how gradients become updates of the weights."""
