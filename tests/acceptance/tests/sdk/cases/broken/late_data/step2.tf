# It was never found.
