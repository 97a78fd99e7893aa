"""Short .proto files that protoc takes or refuses for one reason each."""

PROTO2 = 'syntax = "proto2";\n'
PROTO3 = 'syntax = "proto3";\n'
EDITION = 'edition = "2023";\n'
OPTIONS = 'import "google/protobuf/descriptor.proto";\n'

CASES = [
    PROTO2 + 'message M { optional string a=1 [default="\\xff"]; }',
    PROTO2 + 'message M { optional string a=1 [json_name="\\u00e9\\n"]; }',
    PROTO2 + 'message M { optional string a=1 [json_name=""]; }',
    PROTO2 + 'message M { optional string a=1 [json_name="a"]; }',
    PROTO3 + 'message M { string a=1; oneof o { string b=2; } string c=3; oneof o2 { int32 d=4; } }',
    PROTO3 + 'message M { oneof o { string b=2; } optional string o_=3; string _o_=4; }',
    PROTO3 + 'message M { optional int32 x=1; message _x {} }',
    PROTO3 + 'message M { optional int32 x=1; oneof _x { int32 y=2; } }',
    PROTO2 + 'message M { optional M M=1; }',
    PROTO2 + (
        'message M { message N { optional M.N n=1; optional N m=2; } optional N a=1; optional M.N.N b=2;'
        ' }'
    ),
    PROTO2 + 'package a.a; message M { optional a.a.M m=1; optional a.M n=2; }',
    PROTO2 + 'package a; message a { optional a.a x=1; }',
    PROTO2 + 'enum E { option allow_alias=false; A=0; B=0; }',
    PROTO2 + 'enum E { option allow_alias=false; A=0; }',
    PROTO2 + 'message M { extensions 1 to 5, 7, 9 to max; reserved 6, 8; }',
    PROTO2 + 'message M { extensions 5 to 4; }',
    PROTO2 + 'message M { extensions 0 to 4; }',
    PROTO2 + 'message M { extensions 536870911 to max; }',
    PROTO2 + 'message M { extensions 1 to 536870912; }',
    PROTO2 + 'message M { reserved 1 to 536870912; }',
    PROTO2 + 'message M { reserved 536870911 to max; }',
    PROTO2 + 'message M { reserved 19000 to 19999; extensions 18000 to 18999; }',
    PROTO2 + 'message M { extensions 19000; }',
    PROTO2 + 'message M { optional group G=1 {} optional group G=2 {} }',
    PROTO2 + 'message M { oneof o { group G=1 {} } }',
    PROTO2 + 'message M { optional group G=1 [deprecated=true] { option deprecated=true; } }',
    PROTO2 + 'extend google.protobuf.FileOptions { optional int32 a=50000; }',
    PROTO2 + OPTIONS + 'extend google.protobuf.FileOptions { optional int32 a=50000; } option (a)=1; option (a)=2;',
    PROTO2 + OPTIONS + 'extend google.protobuf.FileOptions { repeated int32 a=50000; } option (a)=1; option (a)=2;',
    PROTO2 + OPTIONS + 'extend google.protobuf.FileOptions { optional int32 a=999; }',
    PROTO2 + OPTIONS + 'extend google.protobuf.FileOptions { optional int32 a=990; }',
    PROTO2 + OPTIONS + (
        'message O{optional int32 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a).x=1; option (a)={};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int32 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a)={}; option (a).x=1;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int32 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a)={x:1}; option (a).x=1;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int32 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a)={x:0x10};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int32 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a)={x:1.0};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional float x=1;optional double y=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:1.5f y:1e400};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional float x=1;optional double y=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:1e39 y:-0};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional float x=1;optional double y=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a).x=1e39; option (a).y=-0;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional float x=1;optional double y=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a).x=-inf; option (a).y=18446744073709551616;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional uint64 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } opti'
        'on (a).x=18446744073709551616;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int64 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a).x=-9223372036854775808;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional int64 x=1;} extend google.protobuf.FileOptions { optional O a=50000; } optio'
        'n (a).x=-9223372036854775809;'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional bool x=1; optional string s=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:2};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional bool x=1; optional string s=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:00 s:"\\xff"};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional bool x=1; optional string s=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:01};'
    ),
    PROTO2 + OPTIONS + (
        'message O{optional bool x=1; optional string s=2;} extend google.protobuf.FileOptions { optiona'
        'l O a=50000; } option (a)={x:0x1};'
    ),
    PROTO2 + OPTIONS + 'extend google.protobuf.FileOptions { optional string a=50000; } option (a)="\\xff";',
    PROTO3 + OPTIONS + 'extend google.protobuf.FileOptions { string a=50000; } option (a)="\\xff";',
    PROTO3 + OPTIONS + (
        'message O { string s=1; } extend google.protobuf.FileOptions { O a=50000; } option (a).s="\\xff"'
        ';'
    ),
    PROTO3 + OPTIONS + (
        'message O { string s=1; } extend google.protobuf.FileOptions { O a=50000; } option (a)={s:"\\xff'
        '"};'
    ),
    PROTO2 + OPTIONS + (
        'enum X{A=0;} message O{repeated X x=1;} extend google.protobuf.FileOptions { optional O a=50000'
        '; } option (a)={x:5};'
    ),
    PROTO3 + OPTIONS + (
        'enum X{A=0;} message O{repeated X x=1;} extend google.protobuf.FileOptions { O a=50000; } optio'
        'n (a)={x:5 x:-1 x:A};'
    ),
    PROTO3 + OPTIONS + (
        'message O{map<int32,string> m=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)='
        '{m:[{key:1,value:"a"},{key:1}] m{}};'
    ),
    PROTO3 + OPTIONS + (
        'message O{map<int32,O> m=1;} extend google.protobuf.FileOptions { O a=50000; } option (a).m={ke'
        'y:1 value:{m:{key:2}}};'
    ),
    PROTO3 + OPTIONS + 'message O{int32 x=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)=<x:1>;',
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; O o=2;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:1;'
        'o<x:2>;};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; O o=2;} extend google.protobuf.FileOptions { O a=50000; } option (a)={o:<x'
        ':2,>,};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; O o=2;} extend google.protobuf.FileOptions { O a=50000; } option (a)={,x:1'
        '};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; O o=2;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:1,'
        ',};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; repeated O o=2; repeated int32 r=3;} extend google.protobuf.FileOptions { '
        'O a=50000; } option (a)={o[{x:1},{}] r:[1,]};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; repeated O o=2; repeated int32 r=3;} extend google.protobuf.FileOptions { '
        'O a=50000; } option (a)={o[{x:1},{}] r:[1]};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1; repeated O o=2; repeated int32 r=3;} extend google.protobuf.FileOptions { '
        'O a=50000; } option (a)={o:[<x:1>] r:-1 r:- 2};'
    ),
    PROTO3 + OPTIONS + (
        'message O{int32 x=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:1} option'
        ' (a)={};'
    ),
    PROTO3 + OPTIONS + (
        'message O{string x=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:"a" \'b\' '
        '"c"};'
    ),
    PROTO3 + OPTIONS + 'message O{string x=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:abc};',
    PROTO3 + OPTIONS + (
        'message O{bytes x=1;} extend google.protobuf.FileOptions { O a=50000; } option (a)={x:"\\377\\x00'
        '\\u00e9"};'
    ),
    PROTO3 + OPTIONS + (
        'import "google/protobuf/any.proto"; message O{google.protobuf.Any x=1;} extend google.protobuf.'
        'FileOptions { O a=50000; } option (a)={x:{[type.googleapis.com/O]{}}};'
    ),
    PROTO3 + OPTIONS + (
        'import "google/protobuf/any.proto"; message O{google.protobuf.Any x=1;} extend google.protobuf.'
        'FileOptions { O a=50000; } option (a)={x:{[example.com/O]{}}};'
    ),
    PROTO3 + OPTIONS + (
        'import "google/protobuf/any.proto"; message O{google.protobuf.Any x=1;} extend google.protobuf.'
        'FileOptions { O a=50000; } option (a)={x:{type_url:"a" value:"b"}};'
    ),
    PROTO3 + 'message M { reserved "a" ; reserved 1,2,3 to 5; reserved "b","c"; }',
    PROTO3 + 'message M { reserved "a b"; }',
    PROTO3 + 'message M { string a=1 [deprecated=true,]; }',
    PROTO3 + 'message M { string a=1 []; }',
    PROTO3 + 'message M { string a = 1;; ; }',
    PROTO3 + 'message M { string a = 1 [(foo.bar).baz = 1]; }',
    PROTO3 + 'message M { stream a = 1; message stream {} }',
    PROTO3 + 'message M { rpc a = 1; message rpc {} service b = 2; message service {} }',
    PROTO3 + 'message group {} message M { group g = 1; }',
    PROTO2 + 'message group {} message M { optional .group g = 1; }',
    PROTO3 + 'message M { map m = 1; } message map {}',
    PROTO3 + 'message M { .M m = 1; repeated .M n = 2; map<string,.M> o = 3; }',
    PROTO3 + 'message M { int32.x m = 1; }',
    PROTO3 + 'message int32 {} message M { int32 m=1; .int32 n=2; }',
    PROTO3 + 'service S { rpc A(.M) returns (stream .M); } message M {}',
    PROTO3 + 'service S { rpc A(stream M) returns (stream stream); } message M {} message stream {}',
    PROTO3 + 'service S { rpc A(M) returns (M) { option (x.y) = {}; } } message M {}',
    PROTO3 + 'service S { stream A(M,M); } message M {}',
    PROTO3 + 'enum E { A = 0; B = -0; }',
    PROTO3 + 'enum E { A = 0 [deprecated = true, deprecated = false]; }',
    PROTO3 + 'enum E { A = 0; reserved -5 to -1, 3; reserved 2147483647; reserved -2147483648; }',
    PROTO3 + 'enum E { A = 0; reserved 5 to max; B = 2147483647; }',
    PROTO3 + 'enum E { A = 0; FOO_BAR = 1; FOOBAR = 2; }',
    PROTO3 + 'enum Foo { FOO_A = 0; A = 0; }',
    PROTO3 + 'enum Foo { option allow_alias=true; FOO_A = 0; A = 0; }',
    PROTO2 + 'enum Foo { FOO_A = 0; A = 1; }',
    PROTO3 + 'message M { int32 foo_bar=1; int32 fooBar=2 [json_name="x"]; }',
    PROTO3 + (
        'message M { option deprecated_legacy_json_field_conflicts=true; int32 foo_bar=1; int32 fooBar=2'
        '; }'
    ),
    PROTO3 + 'message M { int32 a=1 [json_name="b"]; int32 b=2; }',
    PROTO3 + 'message M { int32 a=1 [json_name="b"]; int32 b=2 [json_name="a"]; }',
    PROTO2 + 'message M { optional int32 a=1 [json_name="b"]; optional int32 b=2; }',
    PROTO3 + 'message M { int32 foo__bar=1; int32 foo_bar=2; }',
    EDITION + 'message M { int32 a=1 [features={field_presence:IMPLICIT}]; }',
    EDITION + (
        'message M { int32 a=1 [features.field_presence=IMPLICIT, features={repeated_field_encoding:PACK'
        'ED}]; }'
    ),
    EDITION + (
        'message M { M a=1 [features.message_encoding=DELIMITED]; map<int32,M> b=2 [features.message_enc'
        'oding=DELIMITED]; }'
    ),
    EDITION + (
        'message M { repeated M a=1 [features.message_encoding=DELIMITED]; repeated int32 b=2 [features.'
        'field_presence=LEGACY_REQUIRED]; }'
    ),
    EDITION + (
        'message M { map<string,string> a=1 [features.utf8_validation=NONE]; map<string,int32> b=2 [feat'
        'ures.utf8_validation=NONE]; map<int32,int32> c=3 [features.repeated_field_encoding=EXPANDED]; }'
    ),
    EDITION + 'message M { map<string,string> a=1 [features.field_presence=EXPLICIT]; }',
    EDITION + (
        'enum E { option features.enum_type=CLOSED; A=1; } message M { E e=1; repeated E f=2; map<int32,'
        'E> g=3; }'
    ),
    EDITION + 'option features.enum_type=CLOSED; enum E { A=1; } message M { map<int32,E> g=3; }',
    EDITION + (
        'option features.enum_type=CLOSED; enum E { A=0; } message M { option features.json_format=ALLOW'
        '; int32 a_b=1; int32 aB=2; }'
    ),
    EDITION + 'message M { option features.json_format=LEGACY_BEST_EFFORT; int32 a_b=1; int32 aB=2; }',
    EDITION + 'message M { extensions 1 to 5; } extend M { int32 a=1 [features.field_presence=EXPLICIT]; }',
    EDITION + (
        'message M { extensions 1 to 5; } extend M { int32 a=1 [features.field_presence=LEGACY_REQUIRED]'
        '; }'
    ),
    EDITION + (
        'message M { extensions 1 to 5; } extend M { repeated int32 a=1 [features.repeated_field_encodin'
        'g=EXPANDED, default=1]; }'
    ),
    EDITION + (
        'option features.field_presence=IMPLICIT; message M { int32 a=1 [default=1]; repeated int32 b=2;'
        ' M c=3; oneof o {int32 d=4 [default=3];} extensions 10; } extend M { int32 x=10 [default=2]; }'
    ),
    EDITION + 'message M { string a=1 [features.field_presence=LEGACY_REQUIRED, default="x"]; }',
    EDITION + 'message M { int32 optional=1; }',
    EDITION + 'message M { group g=1; } message group {}',
    EDITION + 'message M { reserved foo,bar; reserved 1; enum E { A=0; reserved B; reserved 2; } }',
    EDITION + 'message M { option message_set_wire_format=true; extensions 4 to max; }',
    EDITION + 'message M { string s=1 [ctype=CORD]; bytes b=2 [ctype=STRING_PIECE]; int32 i=3 [ctype=CORD]; }',
    PROTO2 + 'message M { optional int32 i=3 [ctype=CORD]; }',
    PROTO2 + (
        'message M { optional M m=1 [lazy=true]; optional M n=2 [unverified_lazy=true]; repeated M o=3 ['
        'lazy=true]; optional group G=4 [lazy=true] {} }'
    ),
    PROTO2 + 'message M { optional int64 m=1 [jstype=JS_NUMBER]; optional string s=2 [jstype=JS_NORMAL]; }',
    PROTO2 + 'message M { repeated bool m=1 [packed=true]; repeated group G=2 [packed=true] {} }',
    PROTO2 + 'message M { repeated bytes m=1 [packed=false]; }',
    PROTO3 + 'message M { repeated string m=1 [packed=true]; }',
    PROTO2 + (
        'import "google/protobuf/any.proto"; message M { extensions 4 to 10; } extend M { optional googl'
        'e.protobuf.Any any=4; }'
    ),
    PROTO2 + 'option optimize_for=LITE_RUNTIME; service S {}',
    PROTO2 + 'option optimize_for=LITE_RUNTIME; option cc_generic_services=true; service S {}',
    PROTO2 + (
        'option java_multiple_files=true; option java_outer_classname="X"; option php_generic_services=t'
        'rue;'
    ),
    PROTO2 + (
        'option java_generate_equals_and_hash=true; option objc_class_prefix="X"; option swift_prefix="Y'
        '"; option ruby_package="Z"; option php_metadata_namespace="a"; option php_namespace="b"; option'
        ' php_class_prefix="c"; option csharp_namespace="d"; option py_generic_services=false; option ja'
        'va_string_check_utf8=true;'
    ),
    PROTO2 + (
        'message M { option no_standard_descriptor_accessor=true; optional int32 a=1 [weak=true, debug_r'
        'edact=true]; optional M b=2 [weak=true]; }'
    ),
    'syntax = "proto" "3"; message M { string s=1; }',
    (
        'syntax="proto3" ; ; package a ; ; import "google/protobuf/any.proto" ; message M { google.proto'
        'buf.Any a=1; }'
    ),
    'edition = "2023"; syntax = "proto3";',
    'syntax = proto3;',
    'edition = 2023;',
    '',
    ';',
    '   // only a comment',
    'package a.b; message M {}',
    (
        'import "google/protobuf/any.proto"; package x; option java_package="a"; message M { optional go'
        'ogle.protobuf.Any y=1; }'
    ),
    PROTO3 + 'message M { string s = 1 /* c */ ; // d\n }',
    PROTO3 + 'message M { string s = 1; } // no line end',
    PROTO3 + 'message M { string s=1; }\x0c\x0b',
    PROTO3 + 'package .a;',
    PROTO3 + 'package a.;',
    PROTO3 + 'import public weak "a";',
    PROTO3 + 'option a.b.c = 1;',
    PROTO3 + 'option .a = 1;',
    PROTO3 + 'option (.a) = 1;',
    PROTO3 + 'option () = 1;',
    PROTO3 + (
        'message M { message N0 { message N1 { message N2 { message N3 { message N4 { message N5 { messa'
        'ge N6 { message N7 { message N8 { message N9 { message N10 { message N11 { message N12 { messag'
        'e N13 { message N14 { message N15 { message N16 { message N17 { message N18 { message N19 { mes'
        'sage N20 { message N21 { message N22 { message N23 { message N24 { message N25 { message N26 { '
        'message N27 { message N28 { message N29 { }}}}}}}}}}}}}}}}}}}}}}}}}}}}}} }'
    ),
    PROTO2 + 'extend M { optional int32 a=1; } message M { extensions 1 to 2; }',
    PROTO2 + (
        'message M { extensions 1 to 2; extend M { optional int32 a=1; optional group G=2 { optional int'
        '32 b=1; } } extend .M { } }'
    ),
    PROTO2 + 'message M { extensions 1 to 2; } extend M { oneof o { int32 a=1; } }',
    PROTO2 + 'message M { extensions 1 to 2; } extend M { message N {} }',
    PROTO2 + 'message M { extensions 1 to 2; } extend M { int32 a=1; }',
    PROTO2 + 'message M { oneof o { option deprecated = true; int32 a=1; } }',
    PROTO2 + 'message M { oneof o { int32 a=1 [default=5]; string b=2 [default="x"]; } }',
    PROTO2 + 'message M { oneof o { oneof p { int32 a=1; } } }',
    PROTO2 + 'message M { oneof o { message N {} int32 a=1; } }',
    PROTO2 + 'message M { oneof o { extensions 4; int32 a=1; } }',
    PROTO3 + OPTIONS + 'extend google.protobuf.EnumValueOptions { string v=50001; } enum E { A=0 [(v)="x", (v)="y"]; }',
    PROTO3 + OPTIONS + (
        'message Outer { extend google.protobuf.MessageOptions { string inner=50001; } option (Outer.inn'
        'er)="x"; option (inner)="y"; }'
    ),
    PROTO3 + OPTIONS + (
        'message Outer { extend google.protobuf.MessageOptions { string inner=50001; } message In { opti'
        'on (inner)="y"; } }'
    ),
    PROTO3 + OPTIONS + (
        'message Outer { extend google.protobuf.FieldOptions { repeated string inner=50001; } string s=1'
        ' [(inner)="y", (Outer.inner)="z", (.Outer.inner)="w"]; }'
    ),
    PROTO3 + OPTIONS + (
        'message A { int32 x=1; } extend google.protobuf.MessageOptions { A a=50001; } message B { optio'
        'n (a).x = 1; option (a).y = 2; }'
    ),
    PROTO3 + OPTIONS + 'extend google.protobuf.MessageOptions { optional int32 a=50001; } message B { option (a) = 0; }',
    PROTO3 + OPTIONS + (
        'extend google.protobuf.MessageOptions { int32 a=50001; repeated int32 b=50002 [packed=false]; r'
        'epeated int32 c=50003; } message B { option (a) = 0; option (b)=1; option (c)=2; option (c)=3; '
        '}'
    ),
    PROTO2 + OPTIONS + 'extend google.protobuf.FieldOptions { optional int32 a=50001 [default=7, (a)=3]; }',
    PROTO2 + OPTIONS + 'extend google.protobuf.FeatureSet { optional int32 a=9999; } message M {}',
    EDITION + OPTIONS + 'extend google.protobuf.FeatureSet { int32 a=9999; } option features.(a)=3;',
    EDITION + OPTIONS + (
        'message F { bool x=1; } extend google.protobuf.FeatureSet { F a=9999; } option features.(a).x=t'
        'rue;'
    ),
    EDITION + OPTIONS + (
        'message F { bool x=1 [retention=RETENTION_RUNTIME, targets=TARGET_TYPE_FILE, feature_support={e'
        'dition_introduced:EDITION_2023}, edition_defaults={edition:EDITION_LEGACY,value:"true"}]; } ext'
        'end google.protobuf.FeatureSet { F a=9999; } option features.(a).x=true; message M { option fea'
        'tures.field_presence = EXPLICIT; }'
    ),
]
