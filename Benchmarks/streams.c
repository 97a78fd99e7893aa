// Makes gRPC calls that stream, over kept HTTP/2 connections, and prints how many messages came and in what time as JSON.
//
//     streams PORT PATH MESSAGE-FILE SECONDS CONNECTIONS STREAMS count MESSAGES
//     streams PORT PATH MESSAGE-FILE SECONDS CONNECTIONS STREAMS chat AHEAD
//
// MESSAGE-FILE is the message of the request, framed as gRPC does. `count`: it is sent once, and so many messages must come
// back; then the next stream begins. `chat`: streams that last, each with AHEAD messages under way, the next one sent for each
// that comes. No library of gRPC, whose client would do as much for a message as a server: windows are as wide as they can be,
// and of an answer only what frames it is looked at.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT = 1 << 18, OUTPUT = 1 << 17, DATA = 0, HEADERS = 1, RESET = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW = 8 };

struct stream {
    uint32_t id;
    int64_t window;       // what the server lets us send
    uint64_t sent, came;  // messages
    uint32_t left;        // of the message that is coming
    int have;             // bytes of its prefix
    uint8_t prefix[5];
};

struct connection {
    int socket, waits_to_write;
    uint32_t next;
    int64_t window, initial;
    uint64_t untold;      // bytes that came since the connection's window was last opened
    size_t in, out;
    struct stream *streams;
    uint8_t input[INPUT], output[OUTPUT];
};

static const char *path;
static uint8_t message[1 << 16];
static size_t message_size;
static int is_chat, stream_count, is_over, open_streams, poller;
static uint64_t wanted, total;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void fail(const char *what) {
    fprintf(stderr, "streams: %s\n", what);
    exit(1);
}

static uint32_t number(const uint8_t *at, int bytes) {
    uint32_t value = 0;
    while (bytes--) value = value << 8 | *at++;
    return value;
}

static void put(struct connection *c, const void *bytes, size_t count) {
    if (c->out + count > OUTPUT) fail("too much to send at once");
    memcpy(c->output + c->out, bytes, count);
    c->out += count;
}

static void frame(struct connection *c, int kind, int flags, uint32_t id, const void *payload, uint32_t size) {
    uint8_t head[9] = {size >> 16, size >> 8, size, kind, flags, id >> 24, id >> 16, id >> 8, id};
    put(c, head, 9);
    if (size) put(c, payload, size);
}

static void open_window(struct connection *c, uint32_t by) {
    uint8_t payload[4] = {by >> 24, by >> 16, by >> 8, by};
    frame(c, WINDOW, 0, 0, payload, 4);
}

static size_t field(uint8_t *at, const char *name, const char *value) {
    size_t n = strlen(name), v = strlen(value), size = 0;
    if (n + v > 120) fail("a field is too long");
    at[size++] = 0;
    at[size++] = n;
    memcpy(at + size, name, n);
    size += n;
    at[size++] = v;
    memcpy(at + size, value, v);
    return size + v;
}

static void begin(struct connection *c, struct stream *s) {
    uint8_t block[512] = {0x83, 0x86};
    size_t size = 2;
    size += field(block + size, ":path", path);
    size += field(block + size, ":authority", "localhost");
    size += field(block + size, "content-type", "application/grpc");
    size += field(block + size, "te", "trailers");
    *s = (struct stream){.id = c->next, .window = c->initial};
    c->next += 2;
    open_streams++;
    frame(c, HEADERS, 4, s->id, block, size);
    if (is_chat) return;
    frame(c, DATA, 1, s->id, message, message_size);
    s->window -= message_size;
    c->window -= message_size;
}

// Sends what may be under way.
static void talk(struct connection *c, struct stream *s) {
    while (s->id && s->sent - s->came < wanted && s->window >= (int64_t)message_size && c->window >= (int64_t)message_size
           && c->out + message_size + 9 + 64 < OUTPUT) {
        frame(c, DATA, 0, s->id, message, message_size);
        s->window -= message_size;
        c->window -= message_size;
        s->sent++;
    }
}

static struct stream *find(struct connection *c, uint32_t id) {
    for (int i = 0; i < stream_count; i++)
        if (c->streams[i].id == id) return &c->streams[i];
    return NULL;
}

static void data(struct stream *s, const uint8_t *at, size_t count) {
    while (count) {
        if (s->left) {
            size_t part = count < s->left ? count : s->left;
            s->left -= part;
            at += part;
            count -= part;
            if (s->left == 0) s->came++, total++;
            continue;
        }
        s->prefix[s->have++] = *at++;
        count--;
        if (s->have < 5) continue;
        s->have = 0;
        s->left = number(s->prefix + 1, 4);
        if (s->left == 0) s->came++, total++;
    }
}

static void ended(struct connection *c, struct stream *s) {
    if (is_chat) fail("a stream that should last has ended");
    if (s->came != wanted || s->left || s->have) fail("a stream ended without all of its messages");
    open_streams--;
    s->id = 0;
    if (!is_over) begin(c, s);
}

static void settings(struct connection *c, const uint8_t *at, size_t count) {
    for (; count >= 6; at += 6, count -= 6) {
        if (number(at, 2) != 4) continue;
        int64_t initial = number(at + 2, 4);
        for (int i = 0; i < stream_count; i++) c->streams[i].window += initial - c->initial;
        c->initial = initial;
    }
    frame(c, SETTINGS, 1, 0, NULL, 0);
}

static void take(struct connection *c, int kind, int flags, uint32_t id, const uint8_t *at, size_t count) {
    struct stream *s = id ? find(c, id) : NULL;
    switch (kind) {
    case DATA:
        c->untold += count;
        if (s) data(s, at, count);
        break;
    case SETTINGS:
        if (!(flags & 1)) settings(c, at, count);
        break;
    case PING:
        if (!(flags & 1)) frame(c, PING, 1, 0, at, 8);
        break;
    case WINDOW:
        if (s) s->window += number(at, 4);
        if (!id) c->window += number(at, 4);
        break;
    case RESET:
        // Who ends before its client says so, behind the trailers.
        if (s) fail("a stream was reset");
        break;
    case GOAWAY: fail("the server takes no more streams");
    }
    if (s && kind <= HEADERS && flags & 1) ended(c, s);
}

static void flush(struct connection *c) {
    size_t at = 0;
    while (at < c->out) {
        ssize_t count = send(c->socket, c->output + at, c->out - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) die("send");
        at += count;
    }
    memmove(c->output, c->output + at, c->out - at);
    c->out -= at;
    if ((c->out > 0) == c->waits_to_write) return;
    c->waits_to_write = c->out > 0;
    struct epoll_event event = {.events = EPOLLIN | (c->waits_to_write ? EPOLLOUT : 0), .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, c->socket, &event)) die("epoll_ctl");
}

static void receive(struct connection *c) {
    ssize_t count = recv(c->socket, c->input + c->in, INPUT - c->in, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) die("recv");
    if (count == 0) fail("a connection was closed");
    c->in += count;
    size_t at = 0;
    while (c->in - at >= 9) {
        const uint8_t *head = c->input + at;
        size_t size = number(head, 3);
        if (size > INPUT - 9) fail("a frame is too large");
        if (c->in - at < 9 + size) break;
        take(c, head[3], head[4], number(head + 5, 4) & 0x7FFFFFFF, head + 9, size);
        at += 9 + size;
    }
    memmove(c->input, c->input + at, c->in - at);
    c->in -= at;
    if (c->untold > 1 << 28) {
        open_window(c, c->untold);
        c->untold = 0;
    }
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "usage: streams PORT PATH MESSAGE-FILE SECONDS CONNECTIONS STREAMS count|chat NUMBER\n");
        return 64;
    }
    int port = atoi(argv[1]), connection_count = atoi(argv[5]);
    double seconds = atof(argv[4]);
    path = argv[2];
    stream_count = atoi(argv[6]);
    is_chat = !strcmp(argv[7], "chat");
    wanted = strtoull(argv[8], NULL, 10);
    FILE *file = fopen(argv[3], "rb");
    if (!file) die(argv[3]);
    message_size = fread(message, 1, sizeof message, file);
    fclose(file);
    if (message_size + 1024 > 16384) fail("the message is too large for a frame");
    poller = epoll_create1(0);
    struct connection *connections = calloc(connection_count, sizeof *connections);
    for (int i = 0; i < connection_count; i++) {
        struct connection *c = &connections[i];
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        c->socket = socket(AF_INET, SOCK_STREAM, 0);
        if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address)) die("connect");
        int on = 1;
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, c->socket, &event)) die("epoll_ctl");
        c->next = 1;
        c->window = c->initial = 65535;
        c->streams = calloc(stream_count, sizeof *c->streams);
        put(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
        frame(c, SETTINGS, 0, 0, "\0\4\x7F\xFF\xFF\xFF", 6);
        open_window(c, 0x7FFFFFFF - 65535);
        for (int s = 0; s < stream_count; s++) begin(c, &c->streams[s]);
    }
    double began = now(), end = began;
    for (int i = 0; i < connection_count; i++) {
        for (int s = 0; is_chat && s < stream_count; s++) talk(&connections[i], &connections[i].streams[s]);
        flush(&connections[i]);
    }
    // A stream of `count` that has begun goes to its end; of `chat` nothing is waited for.
    while (!(is_over && (is_chat || open_streams == 0))) {
        struct epoll_event events[64];
        int count = epoll_wait(poller, events, 64, 10000);
        if (count == 0) fail("nothing came for 10 s");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
            for (int s = 0; is_chat && s < stream_count; s++) talk(c, &c->streams[s]);
            flush(c);
        }
        end = now();
        is_over = end - began >= seconds;
    }
    printf("{\"requests\": %llu, \"seconds\": %f}\n", (unsigned long long)total, end - began);
    return 0;
}
