"""The kinds of messages between a media process and its parent."""

from __future__ import annotations

from typing import get_args

from dialer.media.events import Event, Notice
from dialer.media.orders import Order, StockOrder

ORDERS: tuple[type[Order | StockOrder], ...] = (*get_args(Order), *get_args(StockOrder))
EVENTS: tuple[type[Event | Notice], ...] = (*get_args(Event), *get_args(Notice))
