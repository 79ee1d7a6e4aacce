// Callback calls C, which calls Go back: on the calling thread, and on threads
// that C made and that the runtime has never seen.
//
// Usage: callback FILE
package main

/*
#include <pthread.h>
#include <unistd.h>

extern void goCallback(int n);

static void *thread_main(void *arg) {
	for (int i = 0; i < 3; i++) {
		goCallback(i);
		usleep(200);
	}
	return NULL;
}

static void call_back(int n) {
	goCallback(n);
}

static void call_back_from_threads(int n) {
	pthread_t threads[8];
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, thread_main, NULL);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

static void nap(void) { usleep(1000); }
*/
import "C"

import (
	"context"
	"log"
	"os"
	"runtime/trace"
	"sync"
	"time"
)

var (
	mu    sync.Mutex
	calls int
)

//export goCallback
func goCallback(n C.int) {
	defer trace.StartRegion(context.Background(), "callback").End()
	mu.Lock()
	defer mu.Unlock()
	calls++
	if n == 1 {
		time.Sleep(50 * time.Microsecond) // wait inside a callback
	}
}

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	C.call_back_from_threads(1) // before the trace
	check(trace.Start(f))

	for i := range 5 {
		C.call_back(C.int(i))
	}
	C.nap()
	C.call_back_from_threads(4)
	var all sync.WaitGroup
	for range 3 {
		all.Add(1)
		go func() {
			defer all.Done()
			C.nap()
			C.call_back(1)
			C.call_back_from_threads(2)
		}()
	}
	all.Wait()

	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
