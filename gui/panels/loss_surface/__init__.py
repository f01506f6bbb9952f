"""The loss over a plane of weight space, with the path of the run over it."""
