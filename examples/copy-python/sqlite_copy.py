"""Keeps a copy of what Seatwise mirrors in SQLite: a snapshot first, then what changes.

It may be killed at any moment and started again: what it takes, and how far it is, are one transaction, and an event is
acknowledged after that. Events may come twice and in any order; each thing has a version, and an older one changes nothing.
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
import urllib.request

import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

STREAM = "EVENTS"
AT_ONCE = 20
KEPT_DAYS = 30  # Events are kept as long.

SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
  connection TEXT, kind TEXT, id TEXT, v INTEGER NOT NULL, gone INTEGER NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (connection, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (connection TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one), opened TEXT, sequence INTEGER, read_at REAL);
CREATE VIEW IF NOT EXISTS people AS
  SELECT connection, id, data->>'name' AS name, data->>'login' AS login, data->>'status' AS status
  FROM things WHERE kind = 'person' AND NOT gone;
CREATE VIEW IF NOT EXISTS apps AS
  SELECT connection, id, data->>'label' AS label, data->>'status' AS status
  FROM things WHERE kind = 'app' AND NOT gone;
CREATE VIEW IF NOT EXISTS assignments AS
  SELECT connection, substr(id, 1, instr(id, '|') - 1) AS app, substr(id, instr(id, '|') + 1) AS person,
    data->>'scope' AS scope, data->>'status' AS status
  FROM things WHERE kind = 'assignment' AND NOT gone;
"""


class Copy:
    def __init__(self, path: str):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)

    def belongs_to(self, opened: str) -> bool:
        """Whether it was begun at this place in the stream, and has missed nothing since."""
        since = time.time() - (KEPT_DAYS - 1) * 86_400
        return bool(self.db.execute("SELECT 1 FROM place WHERE opened = ? AND read_at > ?", (opened, since)).fetchone())

    def begin(self, opened: str, lines) -> int:
        """Takes a whole snapshot in place of what there was, or nothing of it; answers how many lines it had."""
        count, start, whole = 0, None, False
        with self.transaction():
            self.db.execute("DELETE FROM things")
            for line in lines:
                event = json.loads(line)
                count += 1
                if event["type"] == "snapshot.started":
                    start = event["data"]
                elif event["type"] == "snapshot.ended":
                    whole = True
                else:
                    self.apply(event["type"], event["data"])
            if not (start and whole):
                raise RuntimeError("the snapshot has no end")
            self.db.execute("INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)", (opened, start["sequence"], time.time()))
        return count

    def take(self, events: list[tuple[int, str, dict]]) -> None:
        """Takes these events, each with its place in the stream."""
        with self.transaction():
            for _, type_, data in events:
                self.apply(type_, data)
            furthest = max((sequence for sequence, _, _ in events), default=0)
            self.db.execute("UPDATE place SET sequence = max(sequence, ?), read_at = ?", (furthest, time.time()))

    def apply(self, type_: str, data: dict) -> None:
        """Does what an event says, of the stream or of a snapshot."""
        kind = type_.split(".", 2)[2].rsplit(".", 1)[0]
        if type_ == "seatwise.v1.connection.removed":
            self.remove(data["connection"], data["history"] == "erase")
        elif kind == "connection":
            self.put(data["id"], kind, data["id"], data["version"], data["removedAt"] is not None, data)
        elif kind == "sync-run":
            self.put(data["connection"], kind, data["id"], data["version"], False, data)
        elif type_.endswith(".changed") and "changes" in data:
            for change in data["changes"]:
                gone = change["status"] == "deleted" if kind == "person" else change["removed"]
                self.put(data["connection"], kind, change["id"], change["v"], gone, change)

    def put(self, connection: str, kind: str, id_: str, v: int, gone: bool, data: dict) -> None:
        self.db.execute(
            """INSERT INTO things SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?1 NOT IN (SELECT connection FROM erased)
               ON CONFLICT DO UPDATE SET v = excluded.v, gone = excluded.gone, data = excluded.data
               WHERE excluded.v > things.v""",
            (connection, kind, id_, v, gone, json.dumps(data)),
        )

    def remove(self, connection: str, erase: bool) -> None:
        """A connection that was erased stays so, whatever is still told of it."""
        if erase:
            self.db.execute("INSERT OR IGNORE INTO erased VALUES (?)", (connection,))
            self.db.execute("DELETE FROM things WHERE connection = ?", (connection,))
        else:
            self.db.execute("UPDATE things SET gone = 1 WHERE kind = 'connection' AND id = ?", (connection,))

    def transaction(self):
        self.db.execute("BEGIN IMMEDIATE")
        return self.db  # As a context it commits, or rolls back what an exception has interrupted.


def snapshot(url: str, key: str):
    request = urllib.request.Request(f"{url.rstrip('/')}/api/v1/snapshot", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request) as response:
        yield from response


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
    copy = Copy(env.get("COPY", "seatwise.db"))
    connection = await connect()
    jetstream = connection.jetstream(domain="seatwise")
    # The place in the stream first, then the snapshot: what changes in between waits at the place.
    opened = await opened_at(jetstream, user)
    if not copy.belongs_to(opened):
        lines = snapshot(env["SEATWISE_URL"], env["SEATWISE_API_KEY"])
        print("snapshot:", await asyncio.to_thread(copy.begin, opened, lines), "lines", flush=True)
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    events = await jetstream.pull_subscribe_bind(consumer=user, stream=STREAM)
    while not stopping.is_set():
        try:
            messages = await events.fetch(AT_ONCE, timeout=1)
        except TimeoutError:  # Nothing came.
            messages = []
        except nats.js.errors.Error as error:
            # JetStream that is away comes back; a place that was taken away does not.
            print("NATS:", error, file=sys.stderr, flush=True)
            await asyncio.sleep(1)
            with contextlib.suppress(nats.errors.Error):
                await opened_at(jetstream, user)
            continue
        copy.take([(m.metadata.sequence.stream, m.headers["ce-type"], json.loads(m.data)) for m in messages])
        for message in messages:
            await message.ack()
        if messages:
            print("events:", len(messages), flush=True)
    await connection.flush()
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
