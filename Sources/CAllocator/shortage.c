/* Ends the program with a message when the system gives no more memory.
 *
 * Neither Swift nor the libraries can go on without: they would end by SIGILL or SIGSEGV. Set up
 * ahead of the initializers of Swift's runtime, which take memory before main does. What is
 * committed of a scan is on the disk then, as after a kill. */
#include "callocator.h"

#include <errno.h>
#include <mimalloc.h>
#include <stddef.h>
#include <unistd.h>

/* EX_OSERR of sysexits.h. */
enum { SHORTAGE = 71 };

static const char message[] =
    "stsurvey: error: the system gave no more memory (see 'ulimit -v', and memory.max of the "
    "control group); a scan can be resumed from its last checkpoint\n";

void callocator_end_program(void) {
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;  /* A closed standard error changes nothing. */
    _exit(SHORTAGE);
}

static void failed(int error, void *argument) {
    (void)argument;
    if (error == ENOMEM || error == EOVERFLOW) callocator_end_program();
}

__attribute__((constructor(101))) static void set_up(void) {
    mi_register_error(failed, NULL);
}
