// Sends requests at a fixed rate over kept connections and prints the latencies as JSON.
//
//     rate PORT RATE SECONDS CONNECTIONS REQUEST-FILE
//
// Open loop: each request has its time, and its latency counts from that time even where every connection was still
// busy, so a server that stalls cannot hide it (no coordinated omission). Polls without sleeping: pin it to a core.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 16384 };

struct connection {
    int socket;
    uint64_t due;
    size_t length;
    char bytes[CAPACITY + 1];
};

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "rate: %s: %s\n", what, strerror(errno));
    exit(1);
}

// Whether the bytes hold one whole answer with a content-length.
static int is_whole(struct connection *c) {
    c->bytes[c->length] = 0;
    char *end = strstr(c->bytes, "\r\n\r\n");
    if (!end) return 0;
    char *field = strcasestr(c->bytes, "\ncontent-length:");
    size_t body = field && field < end ? strtoul(field + 16, NULL, 10) : 0;
    return c->length >= (size_t)(end + 4 - c->bytes) + body;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: rate PORT RATE SECONDS CONNECTIONS REQUEST-FILE\n");
        return 64;
    }
    int port = atoi(argv[1]), connections = atoi(argv[4]);
    double rate = atof(argv[2]), seconds = atof(argv[3]);
    char request[8192];
    FILE *file = fopen(argv[5], "rb");
    if (!file) die(argv[5]);
    size_t request_length = fread(request, 1, sizeof request, file);
    fclose(file);

    size_t total = (size_t)(rate * seconds);
    uint32_t *latencies = malloc(total * sizeof *latencies);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    struct connection **idle = malloc((size_t)connections * sizeof *idle);
    if (!latencies || !all || !idle) die("malloc");
    size_t idle_count = 0;
    int poll = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int one = 1;
        all[i].socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(all[i].socket, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
        setsockopt(all[i].socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(all[i].socket, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].socket, &event);
        idle[idle_count++] = &all[i];
    }

    uint64_t start = now() + 10000000;
    // Twice the time and a second more: a server that cannot keep up ends the run all the same.
    uint64_t give_up = start + (uint64_t)(seconds * 2e9) + 1000000000u;
    size_t sent = 0, done = 0, failed = 0;
    struct epoll_event events[256];
    while (done < total && now() < give_up) {
        while (sent < total && idle_count) {
            uint64_t due = start + (uint64_t)((double)sent * 1e9 / rate);
            if (due > now()) break;
            struct connection *c = idle[--idle_count];
            c->due = due;
            c->length = 0;
            sent++;
            if (send(c->socket, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) die("send");
        }
        int count = epoll_wait(poll, events, 256, 0);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            ssize_t got = recv(c->socket, c->bytes + c->length, CAPACITY - c->length, 0);
            if (got <= 0) {
                if (got < 0 && errno == EAGAIN) continue;
                fprintf(stderr, "rate: a connection ended\n");
                return 1;
            }
            c->length += (size_t)got;
            if (!is_whole(c)) continue;
            if (memcmp(c->bytes + 9, "200", 3) != 0) failed++;
            uint64_t took = (now() - c->due) / 1000;
            latencies[done++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
            idle[idle_count++] = c;
        }
    }
    if (!done) die("no answer");
    qsort(latencies, done, sizeof *latencies, by_value);
    printf("{\"asked\": %zu, \"answered\": %zu, \"not_200\": %zu, \"p50\": %u, \"p90\": %u, \"p99\": %u, \"p999\": %u, \"max\": %u}\n",
           total, done, failed, latencies[done / 2], latencies[done * 9 / 10], latencies[done * 99 / 100],
           latencies[done * 999 / 1000], latencies[done - 1]);
    return 0;
}
