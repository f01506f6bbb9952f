"""Tests of single layers: against slow, obvious references, against PyTorch, and of what only they do."""
