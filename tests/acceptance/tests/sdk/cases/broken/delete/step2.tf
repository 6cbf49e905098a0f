# It refuses to go.
