// Reports to ThreadSanitizer what the locks of Swift's library do: preloaded into what is built with it.
//
// Mutex takes a free lock by an atomic instruction in the program's own, instrumented code, but
// waits for one that is held in libswiftSynchronization, which is not instrumented. Without this
// whatever a contended lock guards is reported as a race.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*Lock)(uint32_t thread, SELF);
typedef SWIFT void (*Unlock)(SELF);
typedef void (*Note)(void *address);

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

static Lock real_lock;
static Unlock real_unlock;
static Note acquire, release;

__attribute__((constructor)) static void prepare(void) {
    real_lock = (Lock)dlsym(RTLD_NEXT, LOCK_SLOW);
    real_unlock = (Unlock)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    acquire = (Note)dlsym(RTLD_DEFAULT, "__tsan_acquire");
    release = (Note)dlsym(RTLD_DEFAULT, "__tsan_release");
}

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, SELF) {
    real_lock(thread, self);
    if (acquire) acquire(self);
}

SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(SELF) {
    if (release) release(self);
    real_unlock(self);
}
