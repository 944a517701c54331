#include "CSimdjson.h"

#include <simdjson.h>

#include <new>

struct csimdjson_parser {
    simdjson::dom::parser parser;
};

csimdjson_parser *csimdjson_new(void) { return new (std::nothrow) csimdjson_parser; }

void csimdjson_free(csimdjson_parser *parser) { delete parser; }

size_t csimdjson_padding(void) { return simdjson::SIMDJSON_PADDING; }

int csimdjson_parse(csimdjson_parser *parser, const void *text, size_t length,
                    const uint64_t **tape, const uint8_t **strings) {
    const auto *octets = static_cast<const uint8_t *>(text);
    const auto error = parser->parser.parse(octets, length, false).error();
    *tape = parser->parser.doc.tape.get();
    *strings = parser->parser.doc.string_buf.get();
    return error;
}

const char *csimdjson_words(int code) {
    return simdjson::error_message(static_cast<simdjson::error_code>(code));
}

int csimdjson_version(void) {
    return (simdjson::SIMDJSON_VERSION_MAJOR * 100 + simdjson::SIMDJSON_VERSION_MINOR) * 100 +
           simdjson::SIMDJSON_VERSION_REVISION;
}
