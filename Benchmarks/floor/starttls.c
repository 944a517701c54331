/* starttls PORT TRUSTED WINDOW LIST: greets each "HOST ADDRESS" of the list, shakes hands by
 * STARTTLS with chain and name verified, greets again and quits. */
#include "floor.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum step { GREETING, EHLO, STARTTLS, HANDSHAKE, EHLO_AGAIN, QUIT };

struct probe {
    int fd;
    enum step step;
    SSL *session;
    const char *host;
    char reply[4096];
    size_t length;
};

static struct list hosts;
static size_t next, done, good;
static int poller;
static unsigned short port;
static SSL_CTX *context;

static const char EHLO_LINE[] = "EHLO scanner.example.org\r\n";

static void start(struct probe *probe) {
    char *host = hosts.lines[next++];
    const char *address = split_word(host);
    *probe = (struct probe){.host = host, .step = GREETING};
    probe->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &peer.sin_addr);
    if (connect(probe->fd, (struct sockaddr *)&peer, sizeof peer) != 0 && errno != EINPROGRESS) {
        perror("connect");
        exit(1);
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = probe};
    epoll_ctl(poller, EPOLL_CTL_ADD, probe->fd, &event);
}

static void end(struct probe *probe, int is_good) {
    if (probe->session != NULL) {
        SSL_shutdown(probe->session);
        SSL_free(probe->session);
    }
    close(probe->fd);
    good += is_good;
    done++;
    if (next < hosts.count) start(probe);
}

static void say(struct probe *probe, const char *line, size_t length) {
    if (probe->session != NULL) SSL_write(probe->session, line, length);
    else if (send(probe->fd, line, length, MSG_NOSIGNAL) < 0) perror("send");
    probe->length = 0;
}

/* Whether the reply has come whole: its last line has a space behind the code. */
static int is_whole(const struct probe *probe) {
    if (probe->length < 5 || probe->reply[probe->length - 1] != '\n') return 0;
    size_t start = probe->length - 1;
    while (start > 0 && probe->reply[start - 1] != '\n') start--;
    return probe->length - start > 4 && probe->reply[start + 3] == ' ';
}

/* Reads what is there; 1 where the reply is whole, 0 to wait, -1 at the end. */
static int receive(struct probe *probe) {
    while (!is_whole(probe)) {
        char *room = probe->reply + probe->length;
        size_t free_bytes = sizeof probe->reply - probe->length;
        int count = probe->session != NULL ? SSL_read(probe->session, room, free_bytes)
                                           : recv(probe->fd, room, free_bytes, 0);
        if (count > 0) {
            probe->length += count;
            continue;
        }
        if (probe->session != NULL)
            return SSL_get_error(probe->session, count) == SSL_ERROR_WANT_READ ? 0 : -1;
        return count < 0 && (errno == EAGAIN || errno == ENOTCONN) ? 0 : -1;
    }
    return 1;
}

static void begin_handshake(struct probe *probe) {
    probe->session = SSL_new(context);
    SSL_set_fd(probe->session, probe->fd);
    SSL_set_tlsext_host_name(probe->session, probe->host);
    SSL_set_hostflags(probe->session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(probe->session, probe->host);
    probe->step = HANDSHAKE;
}

static int shake_hands(struct probe *probe) {
    int result = SSL_connect(probe->session);
    if (result == 1) {
        probe->step = EHLO_AGAIN;
        say(probe, EHLO_LINE, sizeof EHLO_LINE - 1);
        return 1;
    }
    int error = SSL_get_error(probe->session, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* Acts on a whole reply; 0 where the session is over. */
static int act(struct probe *probe) {
    switch (probe->step) {
    case GREETING:
        probe->step = EHLO;
        say(probe, EHLO_LINE, sizeof EHLO_LINE - 1);
        return 1;
    case EHLO:
        probe->reply[probe->length - 1] = 0;
        if (strstr(probe->reply, "STARTTLS") == NULL) return 0;
        probe->step = STARTTLS;
        say(probe, "STARTTLS\r\n", 10);
        return 1;
    case STARTTLS:
        if (probe->reply[0] != '2') return 0;
        begin_handshake(probe);
        return 1;
    case EHLO_AGAIN:
        probe->step = QUIT;
        say(probe, "QUIT\r\n", 6);
        return 1;
    default: return 0;
    }
}

static void progress(struct probe *probe) {
    while (1) {
        int result = probe->step == HANDSHAKE ? shake_hands(probe) : receive(probe);
        if (result == 0) return;
        int is_verified = probe->session != NULL && probe->step > HANDSHAKE
            && SSL_get_verify_result(probe->session) == X509_V_OK;
        if (result < 0 || (probe->step == QUIT && is_whole(probe)) || !act(probe)) {
            end(probe, is_verified && probe->step == QUIT);
            return;
        }
    }
}

static int go_on(int is_good, X509_STORE_CTX *store_context) {
    (void)is_good;
    (void)store_context;
    return 1;
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: starttls PORT TRUSTED WINDOW LIST\n");
        return 64;
    }
    port = atoi(arguments[1]);
    size_t window = strtoul(arguments[3], NULL, 10);
    hosts = list_read(arguments[4]);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, go_on);
    if (SSL_CTX_load_verify_file(context, arguments[2]) != 1) {
        fprintf(stderr, "no certificates in %s\n", arguments[2]);
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    double began = now_seconds(), cpu = cpu_seconds();
    for (size_t i = 0; i < window && next < hosts.count; i++) start(malloc(sizeof(struct probe)));
    while (done < hosts.count) {
        struct epoll_event events[64];
        int ready = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < ready; i++) progress(events[i].data.ptr);
    }
    tell(hosts.count, good, began, cpu);
    return 0;
}
