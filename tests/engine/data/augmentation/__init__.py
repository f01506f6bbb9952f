"""Tests of engine.data.augmentation."""
