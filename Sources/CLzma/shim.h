#pragma once
#include <lzma.h>

/* LZMA_CONCATENATED is a macro with a cast, which Swift cannot import. */
enum { clzma_concatenated = LZMA_CONCATENATED };
