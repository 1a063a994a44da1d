"""Metrics: what is measured beside the loss."""
