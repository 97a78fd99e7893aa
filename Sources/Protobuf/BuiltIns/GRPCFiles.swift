extension BuiltInProtoFiles {
    /// The services that every gRPC server is expected to have: grpc/health and grpc/reflection of grpc-proto.
    static let grpcFiles: [(String, StaticString)] = [
        (
            "grpc/health/v1/health.proto",
            #"""
            syntax = "proto3";
            package grpc.health.v1;
            option java_package = "io.grpc.health.v1";
            option java_outer_classname = "HealthProto";
            option java_multiple_files = true;
            option go_package = "google.golang.org/grpc/health/grpc_health_v1";
            option objc_class_prefix = "GrpcHealthV1";
            option csharp_namespace = "Grpc.Health.V1";
            message HealthCheckRequest { string service = 1; }
            message HealthCheckResponse {
              enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
              ServingStatus status = 1;
            }
            message HealthListRequest {}
            message HealthListResponse { map<string, HealthCheckResponse> statuses = 1; }
            service Health {
              rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
              rpc List(HealthListRequest) returns (HealthListResponse);
              rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse);
            }
            """#
        ),
        ("grpc/reflection/v1/reflection.proto", reflectionV1),
        ("grpc/reflection/v1alpha/reflection.proto", reflectionV1Alpha),
    ]

    private static let reflectionV1: StaticString = #"""
        syntax = "proto3";
        package grpc.reflection.v1;
        option java_package = "io.grpc.reflection.v1";
        option java_outer_classname = "ServerReflectionProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/grpc/reflection/grpc_reflection_v1";
        service ServerReflection {
          rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse);
        }
        message ServerReflectionRequest {
          string host = 1;
          oneof message_request {
            string file_by_filename = 3;
            string file_containing_symbol = 4;
            ExtensionRequest file_containing_extension = 5;
            string all_extension_numbers_of_type = 6;
            string list_services = 7;
          }
        }
        message ExtensionRequest { string containing_type = 1; int32 extension_number = 2; }
        message ServerReflectionResponse {
          string valid_host = 1;
          ServerReflectionRequest original_request = 2;
          oneof message_response {
            FileDescriptorResponse file_descriptor_response = 4;
            ExtensionNumberResponse all_extension_numbers_response = 5;
            ListServiceResponse list_services_response = 6;
            ErrorResponse error_response = 7;
          }
        }
        message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
        message ExtensionNumberResponse { string base_type_name = 1; repeated int32 extension_number = 2; }
        message ListServiceResponse { repeated ServiceResponse service = 1; }
        message ServiceResponse { string name = 1; }
        message ErrorResponse { int32 error_code = 1; string error_message = 2; }
        """#

    /// The same messages in another package, which clients of before 2023 ask for.
    private static let reflectionV1Alpha: StaticString = #"""
        syntax = "proto3";
        package grpc.reflection.v1alpha;
        option java_package = "io.grpc.reflection.v1alpha";
        option java_outer_classname = "ServerReflectionProto";
        option java_multiple_files = true;
        option go_package = "google.golang.org/grpc/reflection/grpc_reflection_v1alpha";
        option deprecated = true;
        service ServerReflection {
          rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse);
        }
        message ServerReflectionRequest {
          string host = 1;
          oneof message_request {
            string file_by_filename = 3;
            string file_containing_symbol = 4;
            ExtensionRequest file_containing_extension = 5;
            string all_extension_numbers_of_type = 6;
            string list_services = 7;
          }
        }
        message ExtensionRequest { string containing_type = 1; int32 extension_number = 2; }
        message ServerReflectionResponse {
          string valid_host = 1;
          ServerReflectionRequest original_request = 2;
          oneof message_response {
            FileDescriptorResponse file_descriptor_response = 4;
            ExtensionNumberResponse all_extension_numbers_response = 5;
            ListServiceResponse list_services_response = 6;
            ErrorResponse error_response = 7;
          }
        }
        message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
        message ExtensionNumberResponse { string base_type_name = 1; repeated int32 extension_number = 2; }
        message ListServiceResponse { repeated ServiceResponse service = 1; }
        message ServiceResponse { string name = 1; }
        message ErrorResponse { int32 error_code = 1; string error_message = 2; }
        """#
}
