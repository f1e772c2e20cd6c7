"""Lists that come in pages; the synchronous form is generated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

PageT = TypeVar("PageT")
ItemT = TypeVar("ItemT")


class AsyncPager(Generic[PageT, ItemT]):
    """Iterates over all items, asking for the next page when it is needed.

    Every iteration starts again at the first page.
    """

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[PageT]],
        items: Callable[[PageT], Sequence[ItemT]],
        page_token: str = "",
    ) -> None:
        self._fetch = fetch
        self._items = items
        self._page_token = page_token

    async def pages(self) -> AsyncIterator[PageT]:
        """Yield whole replies, with their totals, freshness and page tokens."""
        page_token = self._page_token
        while True:
            page = await self._fetch(page_token)
            yield page
            reply: Any = page
            page_token = reply.next_page_token
            if not page_token:
                return

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        async for page in self.pages():
            for item in self._items(page):
                yield item
