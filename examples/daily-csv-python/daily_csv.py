"""Writes what has happened since it ran last into a file of each day, seatwise-2026-11-27.csv, and ends. Run it once a day.

A file is replaced whole, and its events are acknowledged after that: killed at any moment, it goes on from there the next time,
and a file that has an event already gets it no second time.
"""

import asyncio
import csv
import json
import os
import pathlib
import sys

import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

STREAM = "EVENTS"
AT_ONCE = 500
COLUMNS = ["event", "time", "type", "connection", "id", "detail"]


def rows_of(event: str, time: str, type_: str, data: dict) -> list[list[str]]:
    """A row for each thing that an event tells of; sign-ins, of which there are very many, are one row together."""
    head = [event, time, type_.removeprefix("seatwise.v1."), data.get("connection", "")]
    if "signIns" in data:
        return [[*head, "", f"{len(data['signIns'])} sign-ins"]]
    if "changes" in data:
        return [[*head, change["id"], detail_of(change)] for change in data["changes"]]
    return [[*head, data.get("id", ""), detail_of(data)]]


def detail_of(data: dict) -> str:
    action = data.get("action", "")
    if data.get("dryRun"):
        action = f"dry run of {action}"
    named = next((data[name] for name in ("login", "label", "name") if data.get(name)), "")
    state = "gone" if data.get("removed") else data.get("status") or data.get("state") or ""
    return " ".join(part for part in (action, named, state) if part)


def add(folder: pathlib.Path, day: str, events: dict[str, list[list[str]]]) -> None:
    """Adds events to the file of a day, without those that it has."""
    file = folder / f"seatwise-{day}.csv"
    new = file.with_suffix(".new")
    with new.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        if file.exists():
            with file.open(newline="") as before:
                for row in list(csv.reader(before))[1:]:
                    events.pop(row[0], None)
                    writer.writerow(row)
        for rows in events.values():
            writer.writerows(rows)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    print(f"{file}: {sum(map(len, events.values()))} more rows")


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
    env = os.environ
    user = f"consumer-{env['SEATWISE_READER']}"
    folder = pathlib.Path(env.get("CSV_FOLDER", "."))
    folder.mkdir(parents=True, exist_ok=True)
    connection = await connect()
    jetstream = connection.jetstream(domain="seatwise")
    await opened_at(jetstream, user)
    events = await jetstream.pull_subscribe_bind(consumer=user, stream=STREAM)
    while True:
        try:
            messages = await events.fetch(AT_ONCE, timeout=2)
        except TimeoutError:  # Nothing came.
            break
        days: dict[str, dict[str, list[list[str]]]] = {}
        for message in messages:
            id_, time, type_ = (message.headers[name] for name in ("ce-id", "ce-time", "ce-type"))
            days.setdefault(time[:10], {})[id_] = rows_of(id_, time, type_, json.loads(message.data))
        for day, of_day in days.items():
            add(folder, day, of_day)
        for message in messages:
            await message.ack()
    await connection.flush()
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
