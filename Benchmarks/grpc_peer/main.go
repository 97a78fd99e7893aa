// The talk's Greeter and bench.proto in Go, for bench.py: plain, or with what every service needs as interceptors.
//
// google.protobuf.StringValue has the wire form of HelloRequest, HelloReply and Text, and comes with generated code.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang/protobuf/ptypes/wrappers"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

func hello(_ interface{}, ctx context.Context, decode func(interface{}) error, intercept grpc.UnaryServerInterceptor) (interface{}, error) {
	request := new(wrappers.StringValue)
	if err := decode(request); err != nil {
		return nil, err
	}
	answer := func(_ context.Context, request interface{}) (interface{}, error) {
		return &wrappers.StringValue{Value: "Hello " + request.(*wrappers.StringValue).Value}, nil
	}
	if intercept == nil {
		return answer(ctx, request)
	}
	return intercept(ctx, request, &grpc.UnaryServerInfo{FullMethod: "/helloworld.Greeter/SayHello"}, answer)
}

func echo(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
	request := new(wrappers.StringValue)
	return request, decode(request)
}

// Read once a stream, so that it need not be generated.
type countRequest struct {
	Text  string `protobuf:"bytes,1,opt,name=text,proto3"`
	Times int32  `protobuf:"varint,2,opt,name=times,proto3"`
}

func (r *countRequest) Reset()         { *r = countRequest{} }
func (r *countRequest) String() string { return r.Text }
func (r *countRequest) ProtoMessage()  {}

func count(_ interface{}, stream grpc.ServerStream) error {
	request := new(countRequest)
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	for n := int32(0); n < request.Times; n++ {
		if err := stream.SendMsg(&wrappers.StringValue{Value: "Hello " + request.Text}); err != nil {
			return err
		}
	}
	return nil
}

func chat(_ interface{}, stream grpc.ServerStream) error {
	for {
		message := new(wrappers.StringValue)
		if err := stream.RecvMsg(message); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(message); err != nil {
			return err
		}
	}
}

// A JSON line in a file, a counter and a histogram by status, and a bucket for each client.
type base struct {
	lock    sync.Mutex
	log     *bufio.Writer
	started uint64
	counts  [17][15]uint64
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	last   time.Time
}

const rate = 1e6

var bounds = [14]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

func (b *base) limit(address string, now time.Time) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	mine := b.buckets[address]
	if mine == nil {
		mine = &bucket{tokens: rate, last: now}
		b.buckets[address] = mine
	}
	mine.tokens = min(rate, mine.tokens+now.Sub(mine.last).Seconds()*rate)
	mine.last = now
	if mine.tokens < 1 {
		return false
	}
	mine.tokens--
	return true
}

func min(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}

func (b *base) intercept(ctx context.Context, request interface{}, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (interface{}, error) {
	began := time.Now()
	atomic.AddUint64(&b.started, 1)
	address, port := "", ""
	if from, ok := peer.FromContext(ctx); ok {
		address, port, _ = net.SplitHostPort(from.Addr.String())
	}
	var answer interface{}
	err := status.Error(codes.ResourceExhausted, "too many calls")
	if b.limit(address, began) {
		answer, err = next(ctx, request)
	}
	took, code := time.Since(began), status.Code(err)
	at := 0
	for at < len(bounds) && took.Seconds() > bounds[at] {
		at++
	}
	atomic.AddUint64(&b.counts[code][at], 1)
	line, _ := json.Marshal(map[string]interface{}{
		"timestamp": began.UTC().Format(time.RFC3339Nano), "event": "access", "rpc.system.name": "grpc",
		"rpc.method": info.FullMethod, "rpc.status_code": code.String(), "rpc.server.call.duration": took.Seconds(),
		"client.address": address, "client.port": port, "service.name": "bench",
	})
	b.lock.Lock()
	b.log.Write(line)
	b.log.WriteByte('\n')
	b.lock.Unlock()
	return answer, err
}

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	log := flag.String("log", "", "a file: with a log, metrics and a limit")
	flag.Parse()
	var options []grpc.ServerOption
	if *log != "" {
		file, err := os.OpenFile(*log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			panic(err)
		}
		b := &base{log: bufio.NewWriterSize(file, 65536), buckets: map[string]*bucket{}}
		options = append(options, grpc.UnaryInterceptor(b.intercept))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "helloworld.Greeter", HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{{MethodName: "SayHello", Handler: hello}},
	}, struct{}{})
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Bench", HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Echo", Handler: echo}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Count", Handler: count, ServerStreams: true},
			{StreamName: "Greetings", Handler: count, ServerStreams: true},
			{StreamName: "Chat", Handler: chat, ServerStreams: true, ClientStreams: true},
		},
	}, struct{}{})
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		panic(err)
	}
	panic(server.Serve(listener))
}
