"""ministack, a second implementation of AWS's API, with the few calls that vending needs and it lacks."""
