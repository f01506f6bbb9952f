"""The trace of one sample: every number of its forward and backward pass, and where each comes from."""
