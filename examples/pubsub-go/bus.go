package main

import (
	"context"
	"net"
	"runtime/trace"
	"sync"
	"sync/atomic"
)

const (
	queueLength = 16 // messages accepted but not yet fanned out
	backlog     = 32 // messages that one subscriber may lag behind (concurrent mode)
)

// A message is one frame on its way to every subscriber.
//
// Its trace task lasts from the HTTP request until the last subscriber has
// been served.
type message struct {
	ctx   context.Context // carries the task
	task  *trace.Task
	frame []byte
	open  atomic.Int64 // deliveries not finished yet
}

// done ends one delivery, and with the last one the task.
func (m *message) done() {
	if m.open.Add(-1) == 0 {
		m.task.End()
	}
}

// A bus takes messages from a queue and hands each one to all subscribers.
type bus struct {
	deliver func(*subscriber, *message)
	queue   chan *message

	mu          sync.Mutex
	subscribers map[int]*subscriber
	nextID      int

	fanOut  sync.WaitGroup // the goroutine that empties the queue
	writers sync.WaitGroup // one per subscriber

	delivered, dropped atomic.Int64
}

func newBus(deliver func(*subscriber, *message)) *bus {
	b := &bus{
		deliver:     deliver,
		queue:       make(chan *message, queueLength),
		subscribers: make(map[int]*subscriber),
	}
	b.fanOut.Add(1)
	go b.run()
	return b
}

// publish puts a message on the queue, and waits while the queue is full.
func (b *bus) publish(m *message) {
	b.queue <- m
}

// run is the goroutine that this example is about: it walks the map of
// subscribers for each message, and in serial mode writes to every socket
// itself, with the map locked.
func (b *bus) run() {
	defer b.fanOut.Done()
	for m := range b.queue {
		trace.WithRegion(m.ctx, "fan-out", func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			m.open.Store(int64(len(b.subscribers)) + 1) // one for this walk
			for _, s := range b.subscribers {
				b.deliver(s, m)
			}
		})
		m.done()
	}
}

// add makes a connection a subscriber.
func (b *bus) add(conn net.Conn) {
	s := &subscriber{bus: b, conn: conn, inbox: make(chan *message, backlog)}
	b.mu.Lock()
	defer b.mu.Unlock()
	s.id = b.nextID
	b.nextID++
	b.subscribers[s.id] = s
	b.writers.Add(1)
	go s.run()
}

// count returns the number of subscribers.
func (b *bus) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.subscribers)
}

// close delivers what is still queued, and hangs up on every subscriber.
// Nothing may be published after it is called.
func (b *bus) close() {
	close(b.queue)
	b.fanOut.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, s := range b.subscribers {
		close(s.inbox)
		delete(b.subscribers, id)
	}
	b.writers.Wait()
}

// A subscriber is the bus's end of one connection.
type subscriber struct {
	bus   *bus
	id    int
	conn  net.Conn
	inbox chan *message // empty in serial mode
}

// run writes what other goroutines put in the inbox, and hangs up at its end.
func (s *subscriber) run() {
	defer s.bus.writers.Done()
	defer s.conn.Close()
	for m := range s.inbox {
		s.write(m)
	}
}

// write sends a message to the subscriber's socket, and waits while the
// socket is full.
func (s *subscriber) write(m *message) {
	defer m.done()
	defer trace.StartRegion(m.ctx, "write").End()
	if _, err := s.conn.Write(m.frame); err != nil {
		trace.Logf(m.ctx, "error", "subscriber %d: %v", s.id, err)
		s.bus.dropped.Add(1)
		return
	}
	s.bus.delivered.Add(1)
}

// offer leaves a message to the subscriber's own goroutine. It never waits: a
// subscriber that lags too far behind misses messages.
func (s *subscriber) offer(m *message) {
	select {
	case s.inbox <- m:
	default:
		trace.Logf(m.ctx, "dropped", "subscriber %d is %d messages behind", s.id, len(s.inbox))
		s.bus.dropped.Add(1)
		m.done()
	}
}
