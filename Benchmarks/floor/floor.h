/* What the floor programs share: the list they work through, and how they tell what it cost. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The lines of a file, each ended by a NUL. */
struct list {
    char **lines;
    size_t count;
};

static inline struct list list_read(const char *path) {
    struct list list = {NULL, 0};
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    char *line = NULL;
    size_t room = 0, capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        if (list.count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            list.lines = realloc(list.lines, capacity * sizeof *list.lines);
        }
        list.lines[list.count++] = strdup(line);
    }
    free(line);
    fclose(file);
    return list;
}

/* Cuts the line's first word off: its rest is returned. */
static inline char *split_word(char *line) {
    char *space = strchr(line, ' ');
    if (space == NULL) {
        fprintf(stderr, "no second word: %s\n", line);
        exit(1);
    }
    *space = 0;
    return space + 1;
}

static inline double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* The CPU time of the process so far, in seconds. */
static inline double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Prints the cost of everything since `began`, list and libraries prepared before left out. */
static inline void tell(size_t operations, size_t good, double began, double cpu_before) {
    printf("{\"operations\":%zu,\"good\":%zu,\"cpu_seconds\":%.6f,\"wall_seconds\":%.6f}\n",
           operations, good, cpu_seconds() - cpu_before, now_seconds() - began);
}
