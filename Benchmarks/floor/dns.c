/* dns NAMESERVER PORT WINDOW LIST: asks each "TYPE NAME" of the list with c-ares and parses the
 * answer; at most WINDOW questions are out. */
#include "floor.h"
#include <ares.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

static ares_channel channel;
static struct list questions;
static size_t next, done, answered;
static int poller;

static int type_of(const char *word) {
    if (strcmp(word, "MX") == 0) return ns_t_mx;
    if (strcmp(word, "TXT") == 0) return ns_t_txt;
    if (strcmp(word, "A") == 0) return ns_t_a;
    if (strcmp(word, "AAAA") == 0) return ns_t_aaaa;
    fprintf(stderr, "no such type: %s\n", word);
    exit(1);
}

static void parse(const unsigned char *message, int length) {
    /* The question's type stands behind its name, which begins at octet 12. */
    const unsigned char *at = message + 12;
    while (*at != 0) at += *at + 1;
    int type = at[1] << 8 | at[2];
    if (type == ns_t_mx) {
        struct ares_mx_reply *records = NULL;
        if (ares_parse_mx_reply(message, length, &records) == ARES_SUCCESS) ares_free_data(records);
    } else if (type == ns_t_txt) {
        struct ares_txt_ext *records = NULL;
        if (ares_parse_txt_reply_ext(message, length, &records) == ARES_SUCCESS)
            ares_free_data(records);
    } else {
        struct ares_addrttl v4[16];
        struct ares_addr6ttl v6[16];
        int count = 16;
        if (type == ns_t_a) ares_parse_a_reply(message, length, NULL, v4, &count);
        else ares_parse_aaaa_reply(message, length, NULL, v6, &count);
    }
}

static void ask_next(void);

static void on_answer(void *argument, int status, int timeouts, unsigned char *message, int length) {
    (void)argument;
    (void)timeouts;
    done++;
    if (status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA) {
        answered++;
        if (message != NULL) parse(message, length);
    }
    if (next < questions.count) ask_next();
}

static void ask_next(void) {
    char *type = questions.lines[next++];
    char *name = split_word(type);
    ares_query(channel, name, ns_c_in, type_of(type), on_answer, NULL);
}

static void on_socket(void *data, ares_socket_t descriptor, int reads, int writes) {
    (void)data;
    struct epoll_event event = {.events = (reads ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0),
                                .data.fd = descriptor};
    if (!reads && !writes) epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &event);
    else if (epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event) != 0)
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

static void prepare(const char *address, int port) {
    struct ares_options options = {0};
    options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_STAYOPEN;
    options.ednspsz = 1232;
    options.timeout = 4000;
    options.tries = 3;
    options.socket_receive_buffer_size = 1 << 22;
    options.sock_state_cb = on_socket;
    ares_library_init(ARES_LIB_INIT_ALL);
    ares_init_options(&channel, &options,
                      ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
                          | ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB);
    struct ares_addr_port_node server = {.family = AF_INET, .udp_port = port, .tcp_port = port};
    inet_pton(AF_INET, address, &server.addr.addr4);
    ares_set_servers_ports(channel, &server);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: dns NAMESERVER PORT WINDOW LIST\n");
        return 64;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    prepare(arguments[1], atoi(arguments[2]));
    size_t window = strtoul(arguments[3], NULL, 10);
    questions = list_read(arguments[4]);
    double began = now_seconds(), cpu = cpu_seconds();
    while (next < questions.count && next < window) ask_next();
    while (done < questions.count) {
        struct epoll_event events[64];
        int ready = epoll_wait(poller, events, 64, 50);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            ares_process_fd(channel, events[i].events & ~EPOLLOUT ? fd : ARES_SOCKET_BAD,
                            events[i].events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
        }
        if (ready <= 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
    tell(questions.count, answered, began, cpu);
    return 0;
}
