"""Small autoencoders and their data."""

from tests.engine.training.runs import dataset, dense, experiment

FLATTEN = {"kind": "flatten"}


def autoencoder(layers=None, source="iris", **training):
    data = {"source": source, "task": "reconstruction", **training.pop("data", {})}
    return experiment(layers if layers is not None else [dense(2)], data, **training)


def data_of(settings):
    return dataset(settings.data, settings.dtype)
