/* The way from a scan to the lab, as long and as bad as the Internet's: see wide.py.
 *
 *   wide DEVICE COUNTERS SILENT NAME=VALUE...
 *
 * DEVICE is the descriptor of a TUN device. A packet to 16.a.b.c comes out of it and is written back
 * later as one to 127.a.b.c from 17.a.b.c; the answer to 17.a.b.c as one from 16.a.b.c. So no table of
 * connections is needed to find the way back. What comes for the resolver at 127.250.0.1 is treated
 * likewise. COUNTERS is a file that is written anew each second,
 * SILENT one with the addresses that nothing reaches. What a network, an address or a question is
 * like follows from the seed alone; only losses and jitter are drawn packet by packet.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOPBACK = 127, PUBLIC = 16, MIRROR = 17,
    /* Where name servers are apart: 16.200.0.0/16 is what 127.0.0.54 serves, 127.0.0.56 all else. */
    UPPER_NETWORK = 200, UPPER = 54, LOWER = 56,
    /* 127.250.0.1, the resolver beside the scan at 127.0.0.1: far away are those whom it asks. */
    NEAR = 250 << 16 | 1, RESOLVER = 1,
    TCP = 6, UDP = 17,
    SYN = 2, ACK = 16,
    PACKET_MAX = 4096, BURST = 128,
    /* Packets under way at once; what comes beyond is lost, as in a router. */
    WAITING_MAX = 1 << 16,
    FLOWS = 1 << 16, FLOW_PROBES = 16,
};

static const struct {
    uint16_t usual, own;
} PORTS[] = {{53, 10053}, {25, 10025}, {443, 10443}};

/* The profile, in milliseconds, shares of 1, and numbers a second. */
static double seed, rtt_min, rtt_max, jitter, loss, dns_min, dns_max, dns_loss, servfail_every,
    servfail_for, late_share, late_max, limited_share, limited_rate, limited_burst, names_apart;
static const struct {
    const char *name;
    double *value;
} SETTINGS[] = {
    {"seed", &seed}, {"rtt_min", &rtt_min}, {"rtt_max", &rtt_max}, {"jitter", &jitter},
    {"loss", &loss}, {"dns_min", &dns_min}, {"dns_max", &dns_max}, {"dns_loss", &dns_loss},
    {"servfail_every", &servfail_every}, {"servfail_for", &servfail_for},
    {"late_share", &late_share}, {"late_max", &late_max}, {"limited_share", &limited_share},
    {"limited_rate", &limited_rate}, {"limited_burst", &limited_burst},
    {"names_apart", &names_apart},
};

static struct {
    uint64_t packets, lost, silent, limited, late, servfail, overflowed, strange, connections,
        questions, waiting_most;
} counters;

static int device;
static uint32_t *silent;
static size_t silent_count;
static volatile sig_atomic_t has_to_end;

/* What a connection has of order and of lateness. */
struct flow {
    uint32_t address;
    uint16_t port, client_port;
    bool is_taken, is_greeted;
    uint32_t greeting;
    double hold, held_until, out_at, back_at, used_at;
};
static struct flow flows[FLOWS];

/* A network (/24) of servers: its connections so far, and what it takes now. */
static struct {
    double tokens, at;
    uint64_t connections;
} networks[1 << 16];

struct waiting {
    double at;
    uint64_t number;
    uint16_t length;
    uint8_t *packet;
};
static struct waiting heap[WAITING_MAX];
static size_t heap_count;
static uint64_t number;

static void fail(const char *what) {
    fprintf(stderr, "wide: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* splitmix64. */
static uint64_t mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* A number from 0 to below 1 that a thing has by the seed; `kind` tells its properties apart. */
static double share_of(uint64_t thing, unsigned kind) {
    return (mix(mix(mix((uint64_t)seed) ^ kind) ^ thing) >> 11) * 0x1p-53;
}

static double drawn(void) {
    static uint64_t count;
    return share_of(++count, 99);
}

static bool is_silent(uint32_t address) {
    size_t low = 0, high = silent_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (silent[middle] == address) return true;
        if (silent[middle] < address) low = middle + 1; else high = middle;
    }
    return false;
}

/* MARK: What waits */

static bool is_before(const struct waiting *a, const struct waiting *b) {
    return a->at < b->at || (a->at == b->at && a->number < b->number);
}

static void push(double at, const uint8_t *packet, uint16_t length) {
    if (heap_count == WAITING_MAX) {
        counters.overflowed++;
        return;
    }
    struct waiting new = {at, number++, length, malloc(length)};
    if (new.packet == NULL) fail("memory");
    memcpy(new.packet, packet, length);
    size_t hole = heap_count++;
    while (hole > 0 && is_before(&new, &heap[(hole - 1) / 2])) {
        heap[hole] = heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap[hole] = new;
    if (heap_count > counters.waiting_most) counters.waiting_most = heap_count;
}

static struct waiting pop(void) {
    struct waiting first = heap[0], last = heap[--heap_count];
    size_t hole = 0;
    for (size_t child = 1; child < heap_count; child = 2 * hole + 1) {
        if (child + 1 < heap_count && is_before(&heap[child + 1], &heap[child])) child++;
        if (!is_before(&heap[child], &last)) break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return first;
}

static void release(double now) {
    while (heap_count > 0 && heap[0].at <= now) {
        struct waiting next = pop();
        if (write(device, next.packet, next.length) != next.length) counters.overflowed++;
        free(next.packet);
    }
}

/* MARK: Headers (RFC 791, 9293, 768) */

static uint16_t get16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void put16(uint8_t *at, uint16_t value) { at[0] = value >> 8, at[1] = value & 255; }

/* Writes two octets and brings a checksum over them up to date (RFC 1624). */
static void change16(uint8_t *at, uint16_t value, uint8_t *sum, uint8_t *other) {
    uint16_t old = get16(at);
    put16(at, value);
    for (int turn = 0; turn < 2; turn++) {
        uint8_t *place = turn == 0 ? sum : other;
        if (place == NULL) continue;
        uint32_t next = (uint16_t)~get16(place) + (uint32_t)(uint16_t)~old + value;
        next = (next & 0xffff) + (next >> 16);
        put16(place, ~((next & 0xffff) + (next >> 16)));
    }
}

struct parts {
    uint8_t *ip, *segment, *data, *sum;
    size_t data_length;
    uint8_t protocol;
    uint16_t source_port, target_port;
    uint32_t source, target;
};

static bool take_apart(uint8_t *packet, size_t length, struct parts *parts) {
    if (length < 28 || packet[0] >> 4 != 4 || get16(packet + 2) != length) return false;
    size_t header = (packet[0] & 15) * 4;
    parts->protocol = packet[9];
    size_t least = parts->protocol == TCP ? 20 : 8;
    bool is_whole = (get16(packet + 6) & 0x3fff) == 0;
    if ((parts->protocol != TCP && parts->protocol != UDP) || !is_whole) return false;
    if (header < 20 || length < header + least) return false;
    parts->ip = packet;
    parts->segment = packet + header;
    size_t own = parts->protocol == TCP ? (parts->segment[12] >> 4) * 4 : 8;
    if (own < least || length < header + own) return false;
    parts->data = parts->segment + own;
    parts->data_length = length - header - own;
    parts->sum = parts->segment + (parts->protocol == TCP ? 16 : 6);
    if (parts->protocol == UDP && get16(parts->sum) == 0) parts->sum = NULL;
    parts->source = get32(packet + 12), parts->target = get32(packet + 16);
    parts->source_port = get16(parts->segment), parts->target_port = get16(parts->segment + 2);
    return true;
}

static void change_address(struct parts *parts, size_t at, uint32_t address) {
    change16(parts->ip + at, address >> 16, parts->ip + 10, parts->sum);
    change16(parts->ip + at + 2, address & 0xffff, parts->ip + 10, parts->sum);
}

static uint32_t in(uint8_t network, uint32_t address) {
    return (uint32_t)network << 24 | (address & 0xffffff);
}

/* MARK: What the way is like */

static double half(double round_trip) {
    return round_trip / 2 * (1 + jitter * (2 * drawn() - 1));
}

/* The round trip of a question: of its name, or where each server is one way off, of the address. */
static double dns_round_trip(uint32_t address, const struct parts *parts) {
    uint64_t thing = address;
    if (!names_apart && parts->protocol == UDP) {
        for (size_t at = 12; at < parts->data_length && parts->data[at] != 0; at++) {
            /* Without case, which resolvers may mix. */
            thing = mix(thing ^ (parts->data[at] | 32));
        }
    }
    return dns_min * pow(dns_max / dns_min, share_of(thing, 1));
}

static double round_trip(uint32_t address, uint16_t port, const struct parts *parts) {
    if (port == 53) return dns_round_trip(address, parts);
    return rtt_min + (rtt_max - rtt_min) * share_of(address >> 8, 2);
}

static bool is_lost(uint16_t port, uint8_t protocol) {
    /* The share of lost questions is that of both ways. */
    return drawn() < (port == 53 && protocol == UDP ? dns_loss / 2 : loss);
}

static struct flow *flow_of(uint32_t address, uint16_t port, uint16_t client_port, bool is_new) {
    uint64_t key = mix((uint64_t)address << 32 | (uint32_t)port << 16 | client_port);
    struct flow *oldest = NULL;
    for (size_t n = 0; n < FLOW_PROBES; n++) {
        struct flow *flow = &flows[(key + n) % FLOWS];
        if (flow->is_taken && flow->address == address && flow->port == port
            && flow->client_port == client_port) return flow;
        if (oldest == NULL || !flow->is_taken || flow->used_at < oldest->used_at) oldest = flow;
        if (!flow->is_taken) break;
    }
    if (!is_new) return NULL;
    *oldest = (struct flow){.address = address, .port = port, .client_port = client_port,
                            .is_taken = true, .is_greeted = true};
    return oldest;
}

/* Whether a network takes a connection now; some take few in a second and drop what is beyond. */
static bool admits(uint32_t address, double now) {
    unsigned network = address >> 8 & 0xffff;
    if (share_of(network, 3) >= limited_share) return true;
    double tokens = networks[network].tokens + (now - networks[network].at) / 1e3 * limited_rate;
    if (networks[network].at == 0 || tokens > limited_burst) tokens = limited_burst;
    networks[network].at = now;
    networks[network].tokens = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
}

static struct flow *begin(uint32_t address, const struct parts *parts) {
    struct flow *flow = flow_of(address, parts->target_port, parts->source_port, true);
    unsigned network = address >> 8 & 0xffff;
    uint64_t count = ++networks[network].connections;
    counters.connections++;
    uint64_t thing = (uint64_t)network << 32 | count;
    double hold = share_of(thing, 4) < late_share ? late_max * share_of(thing, 5) : 0;
    *flow = (struct flow){
        .address = address, .port = parts->target_port, .client_port = parts->source_port,
        .is_taken = true, .is_greeted = parts->target_port != 25, .hold = hold};
    return flow;
}

/* When bursts of SERVFAIL are: one in each period, beginning after 8 to 20 % of it, so that a retry
 * after 10 or 60 seconds of a period of 25 is in none. */
static bool is_failing(double now) {
    if (servfail_for <= 0) return false;
    static double first;
    if (first == 0) first = now;
    double since = now - first, period = floor(since / servfail_every);
    double begins = servfail_every * (period + 0.08 + 0.12 * share_of(period, 6));
    return since >= begins && since < begins + servfail_for;
}

/* MARK: Packets */

/* Answers a question by SERVFAIL (RFC 1035 §4.1.1), with the question and nothing else. */
static void refuse(const struct parts *parts, double at) {
    size_t end = 12;
    while (end < parts->data_length && parts->data[end] != 0) end += parts->data[end] + 1;
    end += 5;
    if (end > parts->data_length) return;
    uint8_t answer[PACKET_MAX] = {0x45};
    size_t length = 28 + end;
    memcpy(answer + 28, parts->data, end);
    answer[30] = 0x80 | (answer[30] & 0x01), answer[31] = 0x82;
    memset(answer + 34, 0, 6);
    put16(answer + 2, length);
    answer[8] = 64, answer[9] = UDP;
    memcpy(answer + 12, parts->ip + 16, 4), memcpy(answer + 16, parts->ip + 12, 4);
    put16(answer + 20, parts->target_port), put16(answer + 22, parts->source_port);
    put16(answer + 24, 8 + end);
    uint32_t sum = 0;
    for (int at_word = 0; at_word < 20; at_word += 2) sum += get16(answer + at_word);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(answer + 10, ~((sum & 0xffff) + (sum >> 16)));
    counters.servfail++;
    push(at, answer, length);
}

static void go_out(struct parts *parts, uint16_t length, double now) {
    uint32_t address = parts->target;
    uint16_t port = parts->target_port;
    if (is_silent(address)) {
        counters.silent++;
        return;
    }
    struct flow *flow = NULL;
    if (parts->protocol == TCP) {
        bool is_first = (parts->segment[13] & (SYN | ACK)) == SYN;
        if (is_first && !admits(address, now)) {
            counters.limited++;
            return;
        }
        flow = is_first ? begin(address, parts)
                        : flow_of(address, port, parts->source_port, true);
    } else if (port == 53) {
        counters.questions++;
    }
    if (is_lost(port, parts->protocol)) {
        counters.lost++;
        return;
    }
    double whole = round_trip(address, port, parts), at = now + half(whole);
    if (parts->protocol == UDP && port == 53 && !names_apart && is_failing(now)) {
        refuse(parts, now + whole);
        return;
    }
    if (flow != NULL) {
        flow->used_at = now;
        at = flow->out_at = fmax(at, flow->out_at);
    }
    uint32_t target = in(LOOPBACK, (address & 0xffffff) == NEAR ? RESOLVER : address);
    if (names_apart && port == 53) {
        bool is_upper = (address >> 16 & 255) == UPPER_NETWORK;
        target = in(LOOPBACK, is_upper ? UPPER : LOWER);
    }
    change_address(parts, 16, target);
    change_address(parts, 12, in(MIRROR, address));
    for (size_t n = 0; n < sizeof PORTS / sizeof *PORTS; n++) {
        if (port == PORTS[n].usual) {
            change16(parts->segment + 2, PORTS[n].own, parts->sum, NULL);
        }
    }
    push(at, parts->ip, length);
}

static void come_back(struct parts *parts, uint16_t length, uint32_t client, double now) {
    bool is_near = (parts->target & 0xffffff) == NEAR;
    uint32_t address = in(is_near ? LOOPBACK : PUBLIC, parts->target);
    uint16_t port = parts->source_port;
    for (size_t n = 0; n < sizeof PORTS / sizeof *PORTS; n++) {
        if (port == PORTS[n].own) port = PORTS[n].usual;
    }
    if (is_lost(port, parts->protocol)) {
        counters.lost++;
        return;
    }
    double at = now + half(round_trip(address, port, parts));
    struct flow *flow = parts->protocol == TCP
        ? flow_of(address, port, parts->target_port, true) : NULL;
    if (flow != NULL) {
        uint32_t sequence = get32(parts->segment + 4);
        if (!flow->is_greeted && parts->data_length > 0) {
            flow->is_greeted = true;
            flow->greeting = sequence;
            flow->held_until = now + flow->hold;
            at += flow->hold;
            if (flow->hold > 0) counters.late++;
        } else if (now < flow->held_until && parts->data_length > 0
                   && sequence == flow->greeting) {
            /* The server sends the greeting again, since it is not acknowledged yet. */
            return;
        }
        flow->used_at = now;
        at = flow->back_at = fmax(at, flow->back_at);
    }
    change_address(parts, 12, address);
    change_address(parts, 16, client);
    change16(parts->segment, port, parts->sum, NULL);
    push(at, parts->ip, length);
}

static void take(uint8_t *packet, size_t length, double now) {
    static uint32_t client;
    struct parts parts;
    counters.packets++;
    if (!take_apart(packet, length, &parts)) {
        counters.strange++;
    } else if (parts.target >> 24 == PUBLIC || parts.target == in(LOOPBACK, NEAR)) {
        client = parts.source;
        go_out(&parts, length, now);
    } else if (parts.target >> 24 == MIRROR && client != 0) {
        come_back(&parts, length, client, now);
    } else {
        counters.strange++;
    }
}

/* MARK: The process */

static void write_counters(const char *path) {
    char new[4096];
    if (snprintf(new, sizeof new, "%s.new", path) >= (int)sizeof new) return;
    FILE *file = fopen(new, "w");
    if (file == NULL) fail(new);
    fprintf(file,
        "{\"packets\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"silent\":%" PRIu64 ",\"limited\":%" PRIu64
        ",\"late\":%" PRIu64 ",\"servfail\":%" PRIu64 ",\"overflowed\":%" PRIu64
        ",\"strange\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"questions\":%" PRIu64
        ",\"waiting_most\":%" PRIu64 "}\n",
        counters.packets, counters.lost, counters.silent, counters.limited, counters.late,
        counters.servfail, counters.overflowed, counters.strange, counters.connections,
        counters.questions, counters.waiting_most);
    if (fclose(file) != 0 || rename(new, path) != 0) fail(path);
}

static int by_value(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void read_silent(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path);
    char line[64];
    size_t room = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        struct in_addr address;
        if (inet_aton(line, &address) == 0) {
            fprintf(stderr, "wide: %s: no address: %s\n", path, line);
            exit(1);
        }
        if (silent_count == room) {
            room = room == 0 ? 1024 : 2 * room;
            silent = realloc(silent, room * sizeof *silent);
            if (silent == NULL) fail("memory");
        }
        silent[silent_count++] = ntohl(address.s_addr);
    }
    fclose(file);
    qsort(silent, silent_count, sizeof *silent, by_value);
}

static void read_setting(char *text) {
    char *value = strchr(text, '=');
    for (size_t n = 0; value != NULL && n < sizeof SETTINGS / sizeof *SETTINGS; n++) {
        if (strncmp(text, SETTINGS[n].name, value - text) == 0
            && SETTINGS[n].name[value - text] == 0) {
            char *end;
            *SETTINGS[n].value = strtod(value + 1, &end);
            if (end != value + 1 && *end == 0) return;
        }
    }
    fprintf(stderr, "wide: %s: no such setting\n", text);
    exit(1);
}

static void on_signal(int signal_number) { has_to_end = signal_number; }

int main(int count, char **arguments) {
    if (count < 4) {
        fprintf(stderr, "usage: wide DEVICE COUNTERS SILENT NAME=VALUE...\n");
        return 1;
    }
    device = atoi(arguments[1]);
    const char *path = arguments[2];
    read_silent(arguments[3]);
    for (int n = 4; n < count; n++) read_setting(arguments[n]);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    double written = 0;
    while (!has_to_end) {
        double now = now_ms(), until = written + 1000;
        if (now >= until) {
            write_counters(path);
            written = now, until = now + 1000;
        }
        if (heap_count > 0) until = fmin(until, heap[0].at);
        long long wait = until > now ? (long long)((until - now) * 1e6) : 0;
        struct timespec patience = {wait / 1000000000, wait % 1000000000};
        struct pollfd poll = {device, POLLIN, 0};
        if (ppoll(&poll, 1, &patience, NULL) < 0 && errno != EINTR) fail("poll");
        now = now_ms();
        static uint8_t packet[PACKET_MAX];
        ssize_t length = 0;
        for (int n = 0; n < BURST && (length = read(device, packet, sizeof packet)) > 0; n++) {
            take(packet, length, now);
        }
        if (length < 0 && errno != EAGAIN && errno != EINTR) fail("device");
        release(now);
    }
    write_counters(path);
    return 0;
}
