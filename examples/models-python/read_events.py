"""Reads the events that wait into models that were generated from the AsyncAPI document, and says how many of each kind there were.

An event that its model refuses ends it with the reason, unacknowledged. A kind that is newer than the models is passed over.
"""

import asyncio
import collections
import json
import os
import sys
import typing

import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
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


async def connect() -> nats.NATS:
    """Connects as the reader: at the first try or not at all, with a line that says why. Later it tries for ever."""
    env = os.environ
    url, user = env["SEATWISE_NATS_URL"], f"consumer-{env['SEATWISE_READER']}"
    connection = nats.NATS()
    is_first = True

    def password() -> str:
        # The client takes `tls://` for a wish, and would show the password to a server without TLS.
        if url.lower().startswith("tls://") and not connection._server_info.get("tls_required"):
            raise nats.errors.SecureConnWantedError
        return env["SEATWISE_READER_PASSWORD"]

    async def tell(error: Exception) -> None:
        why = str(error) or repr(error)
        if not is_first:
            return print("NATS:", why, file=sys.stderr, flush=True)
        refused = "authorization" in why.lower()
        settings = "SEATWISE_READER, SEATWISE_READER_PASSWORD" if refused else "SEATWISE_NATS_URL"
        sys.exit(f"{settings}: {why}")

    try:
        await connection.connect(
            url,
            user=user,
            password=password,
            inbox_prefix=f"_INBOX_{user}".encode(),
            max_reconnect_attempts=-1,
            error_cb=tell,
        )
    except nats.errors.Error as error:  # The address is none.
        await tell(error)
    is_first = False
    return connection


async def opened_at(jetstream: JetStreamContext, user: str) -> str:
    """When the place in the stream was opened. Ends where there is none."""
    try:
        return (await jetstream.consumer_info(STREAM, user)).created.isoformat()
    except NotFoundError:
        name = user.removeprefix("consumer-")
        command = f"npm run nats -- consumers --consumer {name}=ws_…"
        sys.exit(f"There is no place in the stream for {name}: an operator opens it by {command}")


async def main() -> None:
    user = f"consumer-{os.environ['SEATWISE_READER']}"
    model_of = models()
    connection = await connect()
    jetstream = connection.jetstream(domain="seatwise")
    await opened_at(jetstream, user)
    events = await jetstream.pull_subscribe_bind(consumer=user, stream=STREAM)
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
