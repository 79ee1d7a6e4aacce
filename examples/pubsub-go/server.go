package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/trace"
)

// An event is what publishers post and subscribers get, as JSON.
type event struct {
	ID    int    `json:"id"`
	Topic string `json:"topic"`
	Body  string `json:"body"`
}

// handler serves the HTTP side of the bus: POST /publish and GET /subscribers.
func (b *bus) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /publish", b.handlePublish)
	mux.HandleFunc("GET /subscribers", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, b.count())
	})
	return mux
}

func (b *bus) handlePublish(w http.ResponseWriter, r *http.Request) {
	ctx, task := trace.NewTask(r.Context(), "message")
	defer trace.StartRegion(ctx, "publish").End()

	var e event
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		task.End()
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	trace.Log(ctx, "topic", e.Topic)
	frame, err := encode(e)
	if err != nil {
		task.End()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.publish(&message{ctx: ctx, task: task, frame: frame})
	w.WriteHeader(http.StatusAccepted)
}

// encode makes the frame of an event: its length in four bytes, then its JSON.
func encode(e event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	return append(frame, body...), nil
}

// serve makes a subscriber of every connection, until the listener is closed.
func (b *bus) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		// Small buffers, so that a slow reader is felt soon.
		if err := conn.(*net.TCPConn).SetWriteBuffer(socketBuffer); err != nil {
			return err
		}
		b.add(conn)
	}
}
