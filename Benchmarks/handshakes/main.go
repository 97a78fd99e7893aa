// Makes requests over TLS 1.3, each over a connection of its own, and prints how many it made and in what time as JSON.
//
//	handshakes PORT SECONDS AT-ONCE REQUEST-FILE
//
// Every handshake is a full one: without a cache of sessions crypto/tls offers none, and sends no psk_key_exchange_modes, without
// which no server may make a ticket (RFC 8446 section 4.2.9). One that resumes a session all the same is an error.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func fail(what interface{}) {
	fmt.Fprintln(os.Stderr, "handshakes:", what)
	os.Exit(1)
}

func request(address string, config *tls.Config, bytes, answer []byte) {
	wire, err := tls.Dial("tcp", address, config)
	if err != nil {
		fail(err)
	}
	defer wire.Close()
	state := wire.ConnectionState()
	if state.DidResume || state.Version != tls.VersionTLS13 || state.CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		fail(fmt.Sprintf("not the handshake that is measured: %+v", state))
	}
	if _, err = wire.Write(bytes); err != nil {
		fail(err)
	}
	size, err := io.ReadFull(wire, answer)
	if err != io.ErrUnexpectedEOF {
		fail(fmt.Sprintf("no end of the answer: %v", err))
	}
	if size < 12 || string(answer[9:12]) != "200" {
		fail(fmt.Sprintf("answers %q", answer[:size]))
	}
}

func main() {
	if len(os.Args) != 5 {
		fail("PORT SECONDS AT-ONCE REQUEST-FILE")
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		fail(err)
	}
	atOnce, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail(err)
	}
	bytes, err := os.ReadFile(os.Args[4])
	if err != nil {
		fail(err)
	}
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
	began := time.Now()
	var made int64
	var all sync.WaitGroup
	for n := 0; n < atOnce; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			answer := make([]byte, 16384)
			for time.Since(began).Seconds() < seconds {
				request("127.0.0.1:"+os.Args[1], config, bytes, answer)
				atomic.AddInt64(&made, 1)
			}
		}()
	}
	all.Wait()
	fmt.Printf("{\"requests\": %d, \"seconds\": %f}\n", made, time.Since(began).Seconds())
}
