# Nothing yet, or nothing more.
