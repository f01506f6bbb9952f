"""The dialog in which a person sees how a table is read, and says what to predict from it."""
