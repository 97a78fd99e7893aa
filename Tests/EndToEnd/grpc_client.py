"""A gRPC service for the tests, and stubs of grpcio for it, made from the same `.proto` that the server reads."""

import tempfile
from pathlib import Path

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

PROTO = """
syntax = "proto3";
package helloworld;

import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";

service Greeter {
  rpc SayHello (HelloRequest) returns (HelloReply);
  rpc SayHelloOften (HelloRequest) returns (stream HelloReply);
  rpc SayHelloToAll (stream HelloRequest) returns (HelloReply);
  rpc Chat (stream HelloRequest) returns (stream HelloReply);
  rpc LookUp (HelloRequest) returns (HelloReply) { option idempotency_level = NO_SIDE_EFFECTS; }
}

service Echo {
  rpc Unary (Everything) returns (Everything);
  rpc Down (Everything) returns (stream Everything);
  rpc Up (stream Everything) returns (Everything);
  rpc Both (stream Everything) returns (stream Everything);
}

message HelloRequest {
  string name = 1;
  int32 count = 2;
  Mood mood = 3;
  repeated string friends = 4;
}

message HelloReply {
  string message = 1;
  Mood mood = 2;
  int32 length = 3;
}

enum Mood {
  MOOD_UNSPECIFIED = 0;
  CHEERFUL = 1;
  GLUM = 2;
}

message Everything {
  string text = 1;
  bytes data = 2;
  int64 large = 3;
  double number = 4;
  bool flag = 5;
  Mood mood = 6;
  repeated Everything children = 7;
  map<string, int32> counts = 8;
  oneof choice {
    string word = 9;
    uint32 index = 10;
  }
  google.protobuf.Timestamp time = 11;
  google.protobuf.Duration span = 12;
  google.protobuf.StringValue note = 13;
  google.protobuf.Struct extra = 14;
  optional int32 maybe = 15;
}
"""


def _load():
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "helloworld.proto"), Path(folder, "set.bin")
        source.write_text(PROTO, encoding="utf-8")
        include = str(Path(protoc.__file__).parent / "_proto")
        code = protoc.main(["protoc", f"-I{folder}", f"-I{include}", "--include_imports",
                            f"--descriptor_set_out={target}", str(source)])
        assert code == 0, "protoc takes the proto of the tests"
        return target.read_bytes()


SET = _load()
POOL = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(SET).file:
    POOL.Add(_file)


def message(name):
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"helloworld.{name}"))


HelloRequest, HelloReply, Everything = message("HelloRequest"), message("HelloReply"), message("Everything")
KINDS = {(False, False): "unary_unary", (False, True): "unary_stream", (True, False): "stream_unary",
         (True, True): "stream_stream"}


def stub(channel, service, method):
    """What calls a method: a multicallable of grpcio."""
    described = POOL.FindServiceByName(f"helloworld.{service}").FindMethodByName(method)
    kind = KINDS[described.client_streaming, described.server_streaming]
    return getattr(channel, kind)(
        f"/helloworld.{service}/{method}", request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(described.output_type).FromString)


FILES = {"protos/helloworld.proto": PROTO}


def target(server):
    host, port = server.addresses[0]
    return f"{host}:{port}"


def channel(server, *options):
    return grpc.insecure_channel(target(server), options=options)
