# All of it failed.
