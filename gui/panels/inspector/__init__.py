"""The inspector: one sample on its way through the network and back, number by number."""
