/* fetch PORT TRUSTED WINDOW LIST: fetches the policy of each "HOST ADDRESS" of the list over
 * libcurl's multi interface, chain and name verified against one X509_STORE that all share. */
#include "floor.h"
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct list hosts;
static size_t next, done, good;
static int poller;
static long timeout_ms = -1;
static CURLM *multi;
static X509_STORE *store;
static const char *port;

struct transfer {
    CURL *easy;
    struct curl_slist *address;
    char body[65536];
    size_t length;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *owner) {
    struct transfer *transfer = owner;
    size_t length = size * count;
    if (length > sizeof transfer->body - transfer->length) return 0;
    memcpy(transfer->body + transfer->length, bytes, length);
    transfer->length += length;
    return length;
}

static CURLcode on_context(CURL *easy, void *context, void *owner) {
    (void)easy;
    (void)owner;
    SSL_CTX_set1_cert_store(context, store);
    return CURLE_OK;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *owner, void *known) {
    (void)easy;
    (void)owner;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(poller, EPOLL_CTL_DEL, fd, &event);
        return 0;
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    epoll_ctl(poller, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    curl_multi_assign(multi, fd, multi);
    return 0;
}

static int on_timer(CURLM *handle, long milliseconds, void *owner) {
    (void)handle;
    (void)owner;
    timeout_ms = milliseconds;
    return 0;
}

static void configure(struct transfer *transfer) {
    CURL *easy = transfer->easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 60000L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static void start(struct transfer *transfer) {
    char *host = hosts.lines[next++];
    const char *address = split_word(host);
    char text[512];
    struct curl_slist *before = transfer->address;
    snprintf(text, sizeof text, "%s:%s:%s", host, port, address);
    transfer->address = curl_slist_append(NULL, text);
    curl_slist_free_all(before);
    curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, transfer->address);
    snprintf(text, sizeof text, "https://%s:%s/.well-known/mta-sts.txt", host, port);
    curl_easy_setopt(transfer->easy, CURLOPT_URL, text);
    transfer->length = 0;
    curl_multi_add_handle(multi, transfer->easy);
}

static void take_finished(void) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        struct transfer *transfer;
        long status;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        if (message->data.result == CURLE_OK && status == 200) good++;
        done++;
        curl_multi_remove_handle(multi, transfer->easy);
        if (next < hosts.count) start(transfer);
    }
}

static void run(void) {
    while (done < hosts.count) {
        struct epoll_event events[64];
        int running, ready = epoll_wait(poller, events, 64, timeout_ms);
        for (int i = 0; i < ready; i++) {
            int what = 0;
            if (events[i].events & EPOLLIN) what |= CURL_CSELECT_IN;
            if (events[i].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
            if (events[i].events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
            curl_multi_socket_action(multi, events[i].data.fd, what, &running);
        }
        if (ready == 0) {
            timeout_ms = -1;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        take_finished();
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: fetch PORT TRUSTED WINDOW LIST\n");
        return 64;
    }
    port = arguments[1];
    size_t window = strtoul(arguments[3], NULL, 10);
    hosts = list_read(arguments[4]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    store = X509_STORE_new();
    if (X509_STORE_load_file(store, arguments[2]) != 1) {
        fprintf(stderr, "no certificates in %s\n", arguments[2]);
        return 1;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
    double began = now_seconds(), cpu = cpu_seconds();
    for (size_t i = 0; i < window && next < hosts.count; i++) {
        struct transfer *transfer = calloc(1, sizeof *transfer);
        configure(transfer);
        start(transfer);
    }
    run();
    tell(hosts.count, good, began, cpu);
    return 0;
}
