"""What a network can be trained on."""
