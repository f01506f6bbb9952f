"""Which rows are for training, validation and test: by chance, by groups, by time, by a column, by files."""
