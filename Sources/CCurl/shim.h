#pragma once
#include <curl/curl.h>

/* Typed names for libcurl's variadic functions, which Swift cannot call. */

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_on_bytes(
    CURL *easy, CURLoption option, size_t (*function)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(easy, option, function);
}
static inline CURLcode ccurl_on_context(
    CURL *easy, CURLcode (*function)(CURL *, void *, void *)) {
    return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, function);
}
/* `function` makes each socket; CURL_SOCKET_BAD ends the attempt. */
static inline void ccurl_make_socket(
    CURL *easy, curl_socket_t (*function)(void *, curlsocktype, struct curl_sockaddr *)) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}
/* `function` is told of each socket before it connects; other than 0 ends the transfer. */
static inline void ccurl_on_socket(
    CURL *easy, int (*function)(void *, curl_socket_t, curlsocktype)) {
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, function);
}
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}
static inline curl_off_t ccurl_get_time(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}
static inline const char *ccurl_get_string(CURL *easy, CURLINFO info) {
    char *value = NULL;
    curl_easy_getinfo(easy, info, &value);
    return value;
}
static inline void *ccurl_get_private(CURL *easy) {
    char *value = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}
static inline void ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    curl_multi_setopt(multi, option, value);
}
static inline void ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    curl_multi_setopt(multi, option, value);
}
static inline void ccurl_multi_on_socket(
    CURLM *multi, int (*function)(CURL *, curl_socket_t, int, void *, void *)) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}
static inline void ccurl_multi_on_timer(CURLM *multi, int (*function)(CURLM *, long, void *)) {
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}
/* The next transfer that has ended, or NULL. */
static inline CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}
static inline const curl_version_info_data *ccurl_versions(void) {
    return curl_version_info(CURLVERSION_NOW);
}
