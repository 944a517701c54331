#pragma once
#include <ares.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/uio.h>

/* What differs between the versions of c-ares, 1.18 to 1.34, under one name for each. */

/* The version that the program is built with, such as 0x011201 for 1.18.1. */
static inline int cares_built_version(void) { return ARES_VERSION; }

/* Whether this program sets the upper bound of time limits, which c-ares has from 1.22 on. */
static inline bool cares_sets_longest_limit(void) {
#ifdef ARES_OPT_MAXTIMEOUTMS
    return true;
#else
    return false;
#endif
}

/* Whether this program uses the sockets' interface that c-ares has from 1.34 on. */
#define CARES_HAS_LATER_SOCKETS (ARES_VERSION >= 0x012200)
static inline bool cares_needs_later_sockets(void) { return CARES_HAS_LATER_SOCKETS; }

/* The reasons for which c-ares ends a question; later versions have them as an enumeration. */
static inline bool cares_is_success(int status) { return status == ARES_SUCCESS; }
static inline bool cares_is_timeout(int status) { return status == ARES_ETIMEOUT; }
static inline bool cares_is_unreachable(int status) {
    return status == ARES_ECONNREFUSED || status == ARES_EDESTRUCTION
        || status == ARES_ECANCELLED;
}

/* Makes a channel whose time limit is the one of `options`, without a cache, and that sends no
   question of its own to a server that has failed. */
static inline int cares_make(ares_channel *channel, struct ares_options *options, int mask) {
#ifdef ARES_OPT_MAXTIMEOUTMS
    options->maxtimeout = options->timeout;
    mask |= ARES_OPT_MAXTIMEOUTMS;
#endif
#ifdef ARES_OPT_QUERY_CACHE
    options->qcache_max_ttl = 0;
    mask |= ARES_OPT_QUERY_CACHE;
#endif
#ifdef ARES_OPT_SERVER_FAILOVER
    options->server_failover_opts.retry_chance = 0;
    options->server_failover_opts.retry_delay = 0;
    mask |= ARES_OPT_SERVER_FAILOVER;
#endif
    return ares_init_options(channel, options, mask);
}

/* Functions of sockets, and what they are called with. */
struct cares_sockets {
    struct ares_socket_functions functions;
    void *owner;
};

#if CARES_HAS_LATER_SOCKETS
static inline ares_socket_t cares_open(int family, int kind, int transport, void *data) {
    const struct cares_sockets *sockets = (const struct cares_sockets *)data;
    return sockets->functions.asocket(family, kind, transport, sockets->owner);
}
static inline int cares_close(ares_socket_t descriptor, void *data) {
    const struct cares_sockets *sockets = (const struct cares_sockets *)data;
    return sockets->functions.aclose(descriptor, sockets->owner);
}
/* TCP Fast Open is asked for here, and refused. */
static inline int cares_set_option(
    ares_socket_t descriptor, ares_socket_opt_t option, const void *value, ares_socklen_t size,
    void *data) {
    (void)descriptor, (void)option, (void)value, (void)size, (void)data;
    errno = ENOSYS;
    return -1;
}
static inline int cares_connect(
    ares_socket_t descriptor, const struct sockaddr *address, ares_socklen_t size,
    unsigned int flags, void *data) {
    const struct cares_sockets *sockets = (const struct cares_sockets *)data;
    (void)flags;
    return sockets->functions.aconnect(descriptor, address, size, sockets->owner);
}
static inline ares_ssize_t cares_receive(
    ares_socket_t descriptor, void *room, size_t size, int flags, struct sockaddr *sender,
    ares_socklen_t *sender_size, void *data) {
    const struct cares_sockets *sockets = (const struct cares_sockets *)data;
    return sockets->functions.arecvfrom(
        descriptor, room, size, flags, sender, sender_size, sockets->owner);
}
static inline ares_ssize_t cares_write(
    ares_socket_t descriptor, const void *octets, size_t count, int flags,
    const struct sockaddr *peer, ares_socklen_t peer_size, void *data) {
    const struct cares_sockets *sockets = (const struct cares_sockets *)data;
    struct iovec vector = {(void *)octets, count};
    (void)flags, (void)peer, (void)peer_size;
    return sockets->functions.asendv(descriptor, &vector, 1, sockets->owner);
}
#endif

/* Has a channel use these sockets, which do not block; they must outlive it. */
static inline int cares_use_sockets(ares_channel channel, struct cares_sockets *sockets) {
#if CARES_HAS_LATER_SOCKETS
    struct ares_socket_functions_ex later = {0};
    later.version = 1;
    /* Without it c-ares takes one datagram at a time. */
    later.flags = ARES_SOCKFUNC_FLAG_NONBLOCKING;
    later.asocket = cares_open;
    later.aclose = cares_close;
    later.asetsockopt = cares_set_option;
    later.aconnect = cares_connect;
    later.arecvfrom = cares_receive;
    later.asendto = cares_write;
    return ares_set_socket_functions_ex(channel, &later, sockets);
#else
    ares_set_socket_functions(channel, &sockets->functions, sockets->owner);
    return ARES_SUCCESS;
#endif
}

/* Sends a message; `ended` gets `argument` exactly once, perhaps before this returns. */
static inline void cares_send(
    ares_channel channel, const unsigned char *message, int count, ares_callback ended,
    void *argument) {
    ares_send(channel, message, count, ended, argument);
}
