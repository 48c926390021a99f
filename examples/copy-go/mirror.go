package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	_ "modernc.org/sqlite"
)

// Events are kept for 30 days.
const keptFor = 29 * 24 * time.Hour

const schema = `
CREATE TABLE IF NOT EXISTS things (
  connection TEXT, kind TEXT, id TEXT, v INTEGER NOT NULL, gone INTEGER NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (connection, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (connection TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one), opened TEXT, sequence INTEGER, read_at INTEGER);
CREATE VIEW IF NOT EXISTS people AS
  SELECT connection, id, data->>'name' AS name, data->>'login' AS login, data->>'status' AS status
  FROM things WHERE kind = 'person' AND NOT gone;
CREATE VIEW IF NOT EXISTS apps AS
  SELECT connection, id, data->>'label' AS label, data->>'status' AS status
  FROM things WHERE kind = 'app' AND NOT gone;
CREATE VIEW IF NOT EXISTS assignments AS
  SELECT connection, substr(id, 1, instr(id, '|') - 1) AS app, substr(id, instr(id, '|') + 1) AS person,
    data->>'scope' AS scope, data->>'status' AS status
  FROM things WHERE kind = 'assignment' AND NOT gone;`

const put = `
INSERT INTO things SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?1 NOT IN (SELECT connection FROM erased)
ON CONFLICT DO UPDATE SET v = excluded.v, gone = excluded.gone, data = excluded.data WHERE excluded.v > things.v`

// event is a message of the stream, or a line of a snapshot.
type event struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// mirror is the copy.
type mirror struct{ *sql.DB }

func open(path string) (*mirror, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(schema)
	return &mirror{db}, err
}

// belongsTo tells whether the copy was begun at this place in the stream, and has missed nothing since.
func (m *mirror) belongsTo(opened string) (bool, error) {
	var count int
	since := time.Now().Add(-keptFor).Unix()
	err := m.QueryRow("SELECT count(*) FROM place WHERE opened = ? AND read_at > ?", opened, since).Scan(&count)
	return count > 0, err
}

// begin takes a whole snapshot in place of what there was, or nothing of it; it answers how many lines it had.
func (m *mirror) begin(ctx context.Context, opened, url, key string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/api/v1/snapshot", nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		problem, _ := io.ReadAll(response.Body)
		return 0, fmt.Errorf("no snapshot: %s %s", response.Status, problem)
	}
	lines, sequence := 0, int64(0)
	err = m.inTransaction(func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM things"); err != nil {
			return err
		}
		for decoder := json.NewDecoder(response.Body); ; lines++ {
			var line event
			if err := decoder.Decode(&line); err != nil {
				return errors.Join(errors.New("the snapshot has no end"), err)
			}
			switch line.Type {
			case "snapshot.started":
				var start struct{ Sequence int64 }
				if err := json.Unmarshal(line.Data, &start); err != nil {
					return err
				}
				sequence = start.Sequence
			case "snapshot.ended":
				_, err := tx.Exec("INSERT OR REPLACE INTO place VALUES (1, ?, ?, ?)", opened, sequence, time.Now().Unix())
				return err
			default:
				if err := apply(tx, line); err != nil {
					return err
				}
			}
		}
	})
	return lines + 1, err
}

// take takes these events.
func (m *mirror) take(messages []jetstream.Msg) error {
	return m.inTransaction(func(tx *sql.Tx) error {
		furthest := uint64(0)
		for _, message := range messages {
			if err := apply(tx, event{message.Headers().Get("ce-type"), message.Data()}); err != nil {
				return err
			}
			metadata, err := message.Metadata()
			if err != nil {
				return err
			}
			furthest = max(furthest, metadata.Sequence.Stream)
		}
		_, err := tx.Exec("UPDATE place SET sequence = max(sequence, ?), read_at = ?", int64(furthest), time.Now().Unix())
		return err
	})
}

// apply does what an event says, of the stream or of a snapshot.
func apply(tx *sql.Tx, told event) error {
	name := strings.TrimPrefix(told.Type, "seatwise.v1.")
	kind := name[:max(strings.LastIndex(name, "."), 0)]
	var data struct {
		ID, Connection, History string
		Version                 int64
		RemovedAt               *string
		Changes                 []json.RawMessage
	}
	if err := json.Unmarshal(told.Data, &data); err != nil {
		return err
	}
	var err error
	switch {
	case name == "connection.removed":
		err = remove(tx, data.Connection, data.History == "erase")
	case kind == "connection":
		_, err = tx.Exec(put, data.ID, kind, data.ID, data.Version, data.RemovedAt != nil, string(told.Data))
	case kind == "sync-run":
		_, err = tx.Exec(put, data.Connection, kind, data.ID, data.Version, false, string(told.Data))
	case strings.HasSuffix(name, ".changed"):
		err = applyChanges(tx, data.Connection, kind, data.Changes)
	}
	return err
}

func applyChanges(tx *sql.Tx, connection, kind string, changes []json.RawMessage) error {
	statement, err := tx.Prepare(put)
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, text := range changes {
		var change struct {
			ID, Status string
			V          int64
			Removed    bool
		}
		if err := json.Unmarshal(text, &change); err != nil {
			return err
		}
		gone := change.Removed || kind == "person" && change.Status == "deleted"
		if _, err := statement.Exec(connection, kind, change.ID, change.V, gone, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a connection away. One that was erased stays so, whatever is still told of it.
func remove(tx *sql.Tx, connection string, erase bool) error {
	if !erase {
		_, err := tx.Exec("UPDATE things SET gone = 1 WHERE kind = 'connection' AND id = ?", connection)
		return err
	}
	if _, err := tx.Exec("INSERT OR IGNORE INTO erased VALUES (?)", connection); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM things WHERE connection = ?", connection)
	return err
}

func (m *mirror) inTransaction(work func(tx *sql.Tx) error) error {
	tx, err := m.Begin()
	if err != nil {
		return err
	}
	if err := work(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
