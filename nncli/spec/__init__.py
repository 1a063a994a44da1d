"""What a config may say, and each layer's shape rule. Pure Python."""
