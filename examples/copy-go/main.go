// Keeps a copy of what Seatwise mirrors in SQLite: a snapshot first, then what changes.
//
// It may be killed at any moment and started again: what it takes, and how far it is, are one transaction, and an event is
// acknowledged after that. Events may come twice and in any order; each thing has a version, and an older one changes nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	stream = "EVENTS"
	atOnce = 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	path := os.Getenv("COPY")
	if path == "" {
		path = "seatwise.db"
	}
	mirror, err := open(path)
	if err != nil {
		return err
	}
	defer mirror.Close()

	user := "consumer-" + os.Getenv("SEATWISE_READER")
	connection, err := nats.Connect(os.Getenv("SEATWISE_NATS_URL"),
		nats.UserInfo(user, os.Getenv("SEATWISE_READER_PASSWORD")),
		nats.CustomInboxPrefix("_INBOX_"+user),
		nats.MaxReconnects(-1))
	if err != nil {
		return fmt.Errorf("SEATWISE_NATS_URL, SEATWISE_READER, SEATWISE_READER_PASSWORD: %w", err)
	}
	defer connection.Drain()
	js, err := jetstream.NewWithDomain(connection, "seatwise")
	if err != nil {
		return err
	}
	// The place in the stream first, then the snapshot: what changes in between waits at the place.
	consumer, err := js.Consumer(ctx, stream, user)
	if err != nil {
		return placeless(err)
	}
	opened := consumer.CachedInfo().Created.Format(time.RFC3339Nano)
	known, err := mirror.belongsTo(opened)
	if err != nil {
		return err
	}
	if !known {
		lines, err := mirror.begin(ctx, opened, os.Getenv("SEATWISE_URL"), os.Getenv("SEATWISE_API_KEY"))
		if err != nil {
			return err
		}
		fmt.Println("snapshot:", lines, "lines")
	}
	for ctx.Err() == nil {
		if err := takeSome(ctx, consumer, mirror); err != nil {
			return placeless(err)
		}
	}
	return nil
}

// placeless says what to do where the place in the stream is gone.
func placeless(err error) error {
	if !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return err
	}
	name := os.Getenv("SEATWISE_READER")
	command := "npm run nats -- consumers --consumer " + name + "=ws_…"
	return fmt.Errorf("there is no place in the stream for %s: an operator opens it by %s (%w)", name, command, err)
}

func takeSome(ctx context.Context, consumer jetstream.Consumer, mirror *mirror) error {
	batch, err := consumer.Fetch(atOnce, jetstream.FetchMaxWait(time.Second))
	if err != nil {
		return err
	}
	var messages []jetstream.Msg
	for message := range batch.Messages() {
		messages = append(messages, message)
	}
	// Servers that are away come back, and so does what was on its way. A place that was taken away does not.
	if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
		log.Println(err)
		time.Sleep(time.Second)
		if _, err := consumer.Info(ctx); errors.Is(err, jetstream.ErrConsumerNotFound) {
			return err
		}
	}
	if err := mirror.take(messages); err != nil {
		return err
	}
	for _, message := range messages {
		if err := message.Ack(); err != nil {
			return err
		}
	}
	if len(messages) > 0 {
		fmt.Println("events:", len(messages))
	}
	return nil
}
