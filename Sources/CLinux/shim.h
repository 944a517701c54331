#pragma once
#include <netinet/udp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>

/* prctl is variadic, which Swift cannot call. */
static inline void clinux_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Behind _GNU_SOURCE, with which Swift does not read the system's headers. */
#ifndef __USE_GNU
struct mmsghdr {
    struct msghdr msg_hdr;
    unsigned int msg_len;
};
int sendmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags);
int recvmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags,
             struct timespec *timeout);
int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
                         const struct timespec *limit);
#endif

/* A control message that says at which lengths a datagram is to be taken apart. */
struct clinux_segment_size {
    struct cmsghdr header;
    uint16_t size;
};
