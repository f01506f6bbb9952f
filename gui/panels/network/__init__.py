"""The network panel."""
