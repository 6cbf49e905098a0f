# Each refuses to be destroyed.
