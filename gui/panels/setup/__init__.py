"""The left column, in which a person sets up an experiment: data, network, training."""
