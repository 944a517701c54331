// simdjson's DOM parser behind C: the tape it makes is read where it lies, without a call a value.
//
// The tape is simdjson's documented format (doc/tape.md): 64-bit words with a type in the highest
// octet. A string's word holds the place of its length (32 bits, host order) and octets.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

// A parser, which keeps its memory from document to document; NULL where there is none to be had.
csimdjson_parser *csimdjson_new(void);
void csimdjson_free(csimdjson_parser *parser);

// How many octets behind a text must be readable, whatever they hold.
size_t csimdjson_padding(void);

// Parses one document; 0, or an error code. Tape and strings stay until the next call.
int csimdjson_parse(csimdjson_parser *parser, const void *text, size_t length,
                    const uint64_t **tape, const uint8_t **strings);

// An error code in words.
const char *csimdjson_words(int code);

// The version that this was built with, such as 30001 for 3.0.1.
int csimdjson_version(void);

#ifdef __cplusplus
}
#endif

#endif
