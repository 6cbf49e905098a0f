"""Pages of at most 20, as the Organizations API gives them."""

from .errors import invalid

PAGE = 20


def page(rows, max_results=None, next_token=None):
    """One page of `rows` and the token of the next one, or None."""
    size = PAGE if max_results is None else int(max_results)
    if not 1 <= size <= PAGE:
        raise invalid("MAX_VALUE_EXCEEDED" if size > PAGE else "MIN_VALUE_EXCEEDED",
                      f"MaxResults must be between 1 and {PAGE}.")
    try:
        start = int(next_token or 0)
    except ValueError:
        raise invalid("INVALID_NEXT_TOKEN", "Get the NextToken from the previous response.") from None
    end = start + size
    return rows[start:end], str(end) if len(rows) > end else None
