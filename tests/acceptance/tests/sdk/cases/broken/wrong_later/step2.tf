# Gone again.
