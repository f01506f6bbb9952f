"""The unit laboratory: what changes of a unit or a layer would do, before they are made."""
