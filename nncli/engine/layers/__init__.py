"""Keras layers and functions as nncli has to build them where stock Keras has none or cannot compute them."""
