"""Reads the events that wait into models that were generated from the AsyncAPI document, and says how many of each kind there were.

An event that its model refuses ends it with the reason, unacknowledged. A kind that is newer than the models is passed over.
"""

import asyncio
import collections
import json
import os
import typing

import nats
from pydantic import BaseModel

import seatwise_events

STREAM = "EVENTS"
AT_ONCE = 500


def models() -> dict[str, tuple[type[BaseModel], type[BaseModel]]]:
    """The models of an event's headers and of its data, by the event's type."""
    found = {}
    for name, data in vars(seatwise_events).items():
        if name.endswith("Payload"):
            headers = getattr(seatwise_events, name.removesuffix("Payload") + "Headers")
            (type_,) = typing.get_args(headers.model_fields["ce_type"].annotation)
            found[type_] = (headers, data)
    return found


async def main() -> None:
    env = os.environ
    user = f"consumer-{env['SEATWISE_READER']}"
    model_of = models()
    connection = await nats.connect(
        env["SEATWISE_NATS_URL"],
        user=user,
        password=env["SEATWISE_READER_PASSWORD"],
        inbox_prefix=f"_INBOX_{user}".encode(),
    )
    events = await connection.jetstream(domain="seatwise").pull_subscribe_bind(consumer=user, stream=STREAM)
    counts = collections.Counter()
    try:
        while True:
            try:
                messages = await events.fetch(AT_ONCE, timeout=2)
            except TimeoutError:  # Nothing came.
                break
            for message in messages:
                type_ = message.headers["ce-type"]
                if type_ in model_of:
                    headers, data = model_of[type_]
                    headers.model_validate(message.headers)
                    data.model_validate(json.loads(message.data))
                    counts[type_] += 1
                else:
                    counts[f"{type_}, unknown"] += 1
                await message.ack()
        await connection.flush()
    finally:
        await connection.close()
    for type_, count in sorted(counts.items()):
        print(f"{count:>9}  {type_}")


if __name__ == "__main__":
    asyncio.run(main())
