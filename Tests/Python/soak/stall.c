// One event loop that never returns from a wait: preloaded into the program.
//
// The first thread named "loop" that waits STALL_AFTER times waits for ever then, as if its wake had
// been lost, and so does all that others want of it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

typedef int (*Wait)(int, struct epoll_event *, int, int);

static Wait real_wait;
static long after;
static atomic_flag stalled = ATOMIC_FLAG_INIT;

__attribute__((constructor)) static void prepare(void) {
    real_wait = (Wait)dlsym(RTLD_NEXT, "epoll_wait");
    const char *text = getenv("STALL_AFTER");
    after = text ? atol(text) : 0;
}

int epoll_wait(int poller, struct epoll_event *events, int room, int milliseconds) {
    static __thread long waits;
    char name[16] = "";
    if (after > 0 && ++waits == after && prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "loop")
        && !atomic_flag_test_and_set(&stalled)) {
        for (;;) pause();
    }
    return real_wait(poller, events, room, milliseconds);
}
