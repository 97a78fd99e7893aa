"""Texts in ProtoJSON that protobuf's own library takes or refuses for one reason each: a type, and its members.

Not here is what Python's takes and the program does not: true as a number, text that is no base64, the number of an enum's
value as text, and a field by both of its names.
"""

CASES = [(kind, "{" + text + "}") for kind, texts in {
    "three.All": [
        '', '"f1":1.5', '"f1":"1.5"', '"f1":"NaN"', '"f1":"-Infinity"', '"f1":"x"', '"f1":1e400', '"f2":1e39', '"f2":"Infinity"',
        '"f2":0.1', '"f3":1', '"f3":"1"', '"f3":1.0', '"f3":1e3', '"f3":1.5', '"f3":2147483648', '"f3":"-2147483648"', '"f3":"0x10"', '"f3":" 1"',
        '"f3":null', '"f3":true', '"f4":"9223372036854775807"', '"f4":9223372036854775807', '"f4":"9223372036854775808"', '"f5":-1', '"f5":4294967295',
        '"f6":"18446744073709551615"', '"f7":-5', '"f8":"-5"', '"f9":7', '"f10":"7"', '"f11":-7', '"f12":"-7"', '"f13":true', '"f13":"true"', '"f13":1',
        '"f14":"é"', '"f14":1', '"f14":""', '"f15":"AQI="', '"f15":"AQI"', '"f15":"-_8="', '"f15":1', '"f16":"GREEN"', '"f16":"gone"', '"f16":1',
        '"f16":77', '"f17":{}', '"f17":{"f3":2}', '"f17":null', '"f17":1', '"r3":[1,2]', '"r3":[]', '"r3":1', '"r3":null', '"r3":[null]',
        '"r14":["a","b"]', '"r16":["RED",1]', '"r17":[{},{"f3":1}]', '"m1":{"a":"b"}', '"m1":{}', '"m1":null', '"m1":{"a":null}', '"m1":[]', '"m2":{"-5":{}}',
        '"m2":{"x":{}}', '"m3":{"true":"GREEN"}', '"m3":{"True":1}', '"m4":{"4000000000":1.5}', '"o1":1', '"o1":0', '"o1":1,"o2":"x"', '"o1":null,"o2":"x"',
        '"p1":0', '"p1":null', '"p2":""', '"p3":"RED"', '"gone":1', '"far":-1', '"f3":1,"f3":2',
    ],
    "two.All": ['"f16":"MINUS"', '"f16":5', '"grp":{"a":1}', '"Grp":{"a":1}', '"r16":[1,0]', '"m3":{"false":"RED"}', '"o4":"RED"', '"f13":false'],
    "ed.All": ['"h":"RED"', '"h":3', '"k":{"1":{"a":5}}', '"d":{"a":0}', '"l":{}'],
    "known.All": [
        '"t":"2026-01-31T12:00:00Z"', '"t":"2026-01-31T12:00:00.5+01:30"', '"t":"1970-01-01T00:00:00.123456789Z"', '"t":"2026-02-29T00:00:00Z"',
        '"t":"2024-02-29T00:00:00-00:01"', '"t":"0001-01-01T00:00:00Z"', '"t":"2026-01-31"', '"t":"2026-01-31T25:00:00Z"', '"t":5', '"t":"9999-12-31T23:59:59.999Z"',
        '"d":"1.5s"', '"d":"-0.000000001s"', '"d":"1"', '"d":"315576000001s"', '"d":"0s"', '"d":"-3s"', '"d":"1.5"', '"d":"s"', '"f":"a,fooBar.b"', '"f":""',
        '"f":"foo_bar"', '"e":{}', '"e":null', '"s":{"a":1,"b":[null,{"c":"d"}],"e":true}', '"s":{}', '"s":[]', '"v":null', '"v":1', '"v":"x"', '"v":[1]', '"v":{}', '"v":false',
        '"l":[1,"a",null,[]]', '"l":{}', '"l":[]', '"w1":1.5', '"w1":null', '"w1":0', '"w2":0.5', '"w3":"-1"', '"w3":5', '"w4":"7"', '"w5":1', '"w6":1', '"w7":false', '"w8":"x"', '"w8":1',
        '"w9":"AQ=="', '"n":null', '"n":"NULL_VALUE"', '"on":null', '"ts":["1970-01-01T00:00:01Z"]', '"ts":[null]', '"m":{"k":null,"l":1}', '"ws":[1,"2"]',
        '"snakeCaseName":"x"', '"snake_case_name":"x"', '"other name":"x"', '"named":"x"', '"a":{}',
        '"a":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}', '"a":{"@type":"x/known.All","named":"y"}', '"a":{"@type":"x/gone"}', '"a":{"value":1}',
        '"a":{"@type":"x/google.protobuf.Int64Value","value":"5"}', '"a":{"named":"y","@type":"x/known.All"}', '"as":[{"@type":"x/known.All"}]',
    ],
}.items() for text in texts]
