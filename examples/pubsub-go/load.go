package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	socketBuffer = 64 << 10               // bytes the kernel may hold per direction of a subscription
	pollPeriod   = 20 * time.Millisecond  // how often somebody asks for /subscribers
	joinPoll     = 200 * time.Microsecond // how often to look whether all subscribers have joined
)

// A config says what to run.
type config struct {
	mode                          string
	deliver                       func(*subscriber, *message)
	publishers, subscribers, slow int
	slowness, duration            time.Duration
	messages, payload             int
}

// A summary is what the run comes to, on one line.
type summary struct {
	mode                         string
	messages, subscribers        int
	delivered, dropped, received int64
	accepted                     time.Duration   // until the last publish request was answered
	written                      time.Duration   // until the last frame was written to a socket
	latencies                    []time.Duration // of the publish requests, sorted
}

func (s summary) String() string {
	quantile := func(q float64) time.Duration {
		if len(s.latencies) == 0 {
			return 0
		}
		return s.latencies[int(q*float64(len(s.latencies)-1))].Round(time.Microsecond)
	}
	return fmt.Sprintf("%s: %d messages to %d subscribers, published in %v (p50 %v, p99 %v), written in %v; %d delivered, %d dropped, %d received",
		s.mode, s.messages, s.subscribers, s.accepted.Round(time.Millisecond), quantile(0.50), quantile(0.99),
		s.written.Round(time.Millisecond), s.delivered, s.dropped, s.received)
}

// run starts a bus, puts the load on it and takes everything down again.
func run(cfg config) (summary, error) {
	b := newBus(cfg.deliver)

	subscriptions, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return summary{}, err
	}
	requests, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return summary{}, err
	}
	server := &http.Server{Handler: b.handler()}
	failed := make(chan error, 2)
	go func() { failed <- b.serve(subscriptions) }()
	go func() {
		err := server.Serve(requests)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		failed <- err
	}()

	readers, err := subscribe(cfg, subscriptions.Addr().String())
	if err != nil {
		return summary{}, err
	}
	for b.count() < cfg.subscribers {
		time.Sleep(joinPoll)
	}

	start := time.Now()
	latencies, publishErr := publish(cfg, "http://"+requests.Addr().String())
	accepted := time.Since(start)
	shutdownErr := server.Shutdown(context.Background())
	b.close()
	written := time.Since(start)

	closeErr := subscriptions.Close()
	received, readErr := readers.wait()
	if err := errors.Join(publishErr, shutdownErr, closeErr, readErr, <-failed, <-failed); err != nil {
		return summary{}, err
	}
	return summary{
		mode:        cfg.mode,
		messages:    len(latencies),
		subscribers: cfg.subscribers,
		delivered:   b.delivered.Load(),
		dropped:     b.dropped.Load(),
		received:    received,
		accepted:    accepted,
		written:     written,
		latencies:   latencies,
	}, nil
}

// publish posts messages from several clients at once, and returns how long
// each request took, sorted.
func publish(cfg config, url string) ([]time.Duration, error) {
	ctx := context.Background()
	if cfg.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cfg.duration)
		defer cancel()
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: cfg.publishers + 1}}
	defer client.CloseIdleConnections()

	monitoring, stopMonitor := context.WithCancel(context.Background())
	var monitor sync.WaitGroup
	monitor.Add(1)
	go func() {
		defer monitor.Done()
		poll(monitoring, client, url+"/subscribers")
	}()

	var (
		publishers sync.WaitGroup
		next       atomic.Int64 // the number of the next message
		mu         sync.Mutex
		all        []time.Duration
		firstErr   error
	)
	for range cfg.publishers {
		publishers.Add(1)
		go func() {
			defer publishers.Done()
			body := strings.Repeat("x", cfg.payload)
			for ctx.Err() == nil {
				id := int(next.Add(1))
				if id > cfg.messages {
					return
				}
				start := time.Now()
				err := post(client, url+"/publish", event{ID: id, Topic: topic(id), Body: body})
				took := time.Since(start)
				mu.Lock()
				if err == nil {
					all = append(all, took)
				} else if firstErr == nil {
					firstErr = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		}()
	}
	publishers.Wait()
	stopMonitor()
	monitor.Wait()
	slices.Sort(all)
	return all, firstErr
}

func topic(id int) string {
	return [...]string{"orders", "prices", "alerts"}[id%3]
}

// post sends one event and waits for the answer.
func post(client *http.Client, url string, e event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	resp, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("publish %d: %s", e.ID, resp.Status)
	}
	return nil
}

// poll asks for the number of subscribers from time to time, as a dashboard
// would. In serial mode it waits for the lock that the fan-out holds.
func poll(ctx context.Context, client *http.Client, url string) {
	tick := time.NewTicker(pollPeriod)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		trace.WithRegion(ctx, "poll", func() {
			resp, err := client.Get(url)
			if err != nil {
				trace.Log(ctx, "error", err.Error())
				return
			}
			defer resp.Body.Close()
			count, _ := io.ReadAll(resp.Body)
			trace.Log(ctx, "subscribers", string(bytes.TrimSpace(count)))
		})
	}
}

// readers are the clients at the other end of the subscriptions.
type readers struct {
	running  sync.WaitGroup
	received atomic.Int64
	mu       sync.Mutex
	err      error
}

// subscribe connects all subscribers; the first few of them are slow.
func subscribe(cfg config, addr string) (*readers, error) {
	r := &readers{}
	for i := range cfg.subscribers {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return nil, err
		}
		if err := conn.(*net.TCPConn).SetReadBuffer(socketBuffer); err != nil {
			return nil, err
		}
		var pause time.Duration
		if i < cfg.slow {
			pause = cfg.slowness
		}
		r.running.Add(1)
		go r.read(conn, pause)
	}
	return r, nil
}

// read counts the frames of one subscription until the bus hangs up.
func (r *readers) read(conn net.Conn, pause time.Duration) {
	defer r.running.Done()
	defer conn.Close()
	var size [4]byte
	for {
		_, err := io.ReadFull(conn, size[:])
		if err == io.EOF {
			return
		}
		if err == nil {
			_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(size[:])))
		}
		if err != nil {
			r.mu.Lock()
			r.err = errors.Join(r.err, err)
			r.mu.Unlock()
			return
		}
		r.received.Add(1)
		if pause > 0 {
			time.Sleep(pause)
		}
	}
}

// wait returns the number of frames that all readers got.
func (r *readers) wait() (int64, error) {
	r.running.Wait()
	return r.received.Load(), r.err
}
