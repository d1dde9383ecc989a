"""The transformers library without its bars and reports: what is to be said, this program says itself."""

from functools import cache


@cache
def quieten_library() -> None:
    """Neither progress bars nor warnings of the library from now on.

    Not for a while only: models are loaded on several threads, and one that ends would give the others their bars back.
    """
    from transformers.utils import logging

    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
