// The talk's Greeter behind grpc-gateway in one process, for bench.py: POST /greeter/hello becomes a call over loopback.
package main

import (
	"context"
	"flag"
	"net"
	"net/http"

	"github.com/golang/protobuf/proto"
	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/utilities"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Written down, so that nothing need be generated.
type helloRequest struct {
	Name string `protobuf:"bytes,1,opt,name=name,proto3" json:"name,omitempty"`
}

func (m *helloRequest) Reset()         { *m = helloRequest{} }
func (m *helloRequest) String() string { return proto.CompactTextString(m) }
func (m *helloRequest) ProtoMessage()  {}

type helloReply struct {
	Message string `protobuf:"bytes,1,opt,name=message,proto3" json:"message,omitempty"`
}

func (m *helloReply) Reset()         { *m = helloReply{} }
func (m *helloReply) String() string { return proto.CompactTextString(m) }
func (m *helloReply) ProtoMessage()  {}

const method = "/helloworld.Greeter/SayHello"

func hello(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
	request := new(helloRequest)
	if err := decode(request); err != nil {
		return nil, err
	}
	return &helloReply{Message: "Hello " + request.Name}, nil
}

func main() {
	address := flag.String("address", "127.0.0.1:8080", "where to listen for HTTP")
	flag.Parse()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "helloworld.Greeter",
		HandlerType: (*interface{})(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "SayHello", Handler: hello}},
	}, nil)
	go server.Serve(listener)
	upstream, err := grpc.Dial(listener.Addr().String(), grpc.WithInsecure())
	if err != nil {
		panic(err)
	}

	mux := runtime.NewServeMux()
	push := int(utilities.OpLitPush)
	pattern := runtime.MustPattern(runtime.NewPattern(1, []int{push, 0, push, 1}, []string{"greeter", "hello"}, ""))
	mux.Handle("POST", pattern, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		in, out := runtime.MarshalerForRequest(mux, r)
		ctx, err := runtime.AnnotateContext(r.Context(), mux, r)
		if err != nil {
			runtime.HTTPError(ctx, mux, out, w, r, err)
			return
		}
		request, reply := new(helloRequest), new(helloReply)
		if err := in.NewDecoder(r.Body).Decode(request); err != nil {
			runtime.HTTPError(ctx, mux, out, w, r, status.Error(codes.InvalidArgument, err.Error()))
			return
		}
		var metadata runtime.ServerMetadata
		err = upstream.Invoke(ctx, method, request, reply, grpc.Header(&metadata.HeaderMD), grpc.Trailer(&metadata.TrailerMD))
		ctx = runtime.NewServerMetadataContext(ctx, metadata)
		if err != nil {
			runtime.HTTPError(ctx, mux, out, w, r, err)
			return
		}
		runtime.ForwardResponseMessage(ctx, mux, out, w, r, reply)
	})
	web := http.NewServeMux()
	web.Handle("/", mux)
	// For who waits until it serves.
	web.HandleFunc("/hello/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	if err := http.ListenAndServe(*address, web); err != nil {
		panic(err)
	}
}
