"""The view of a layer's activations in two dimensions."""
