package isolate

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime/metrics"
	"time"
)

// errNoNetwork is what a job gets that tries to dial.
var errNoNetwork = errors.New("secgen opens no network connections")

type refuse struct{}

func (refuse) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNoNetwork }

// refuseNetwork replaces the process-wide doors to the network that libraries
// use. It runs once, in a worker, before the first job.
func refuseNetwork() {
	http.DefaultTransport = refuse{}
	http.DefaultClient = &http.Client{Transport: refuse{}}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errNoNetwork
	}}
}

// watchMemory ends the process when it holds more than limit bytes. The hard
// limit of the operating system, where there is one, stands behind it.
func watchMemory(limit int64) {
	if raceDetector || limit <= 0 {
		return
	}
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	go func() {
		for range time.Tick(20 * time.Millisecond) {
			metrics.Read(sample)
			if held := sample[0].Value.Uint64() - sample[1].Value.Uint64(); held > uint64(limit) {
				os.Exit(exitMemory)
			}
		}
	}()
}
