#pragma once
#include <openssl/core_dispatch.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Typed names for what OpenSSL offers as macros, which Swift cannot call. */

/* TLS 1.2 and what is above it, the highest that the library has. */
static inline int copenssl_ctx_set_versions(SSL_CTX *ctx) {
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1
        && SSL_CTX_set_max_proto_version(ctx, 0) == 1;
}
static inline int copenssl_ctx_set_groups(SSL_CTX *ctx, const char *names) {
    return (int)SSL_CTX_set1_groups_list(ctx, names);
}
static inline int copenssl_ctx_set_signatures(SSL_CTX *ctx, const char *names) {
    return (int)SSL_CTX_set1_sigalgs_list(ctx, names);
}
static inline void copenssl_ctx_set_certificate_octets(SSL_CTX *ctx, long most) {
    SSL_CTX_set_max_cert_list(ctx, most);
}
static inline int copenssl_cipher_count(STACK_OF(SSL_CIPHER) *ciphers) {
    return sk_SSL_CIPHER_num(ciphers);
}
static inline const SSL_CIPHER *copenssl_cipher_item(STACK_OF(SSL_CIPHER) *ciphers, int index) {
    return sk_SSL_CIPHER_value(ciphers, index);
}
static inline void copenssl_ciphers_free(STACK_OF(SSL_CIPHER) *ciphers) {
    sk_SSL_CIPHER_free(ciphers);
}
static inline void copenssl_ctx_release_buffers(SSL_CTX *ctx) {
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
}
static inline void copenssl_ctx_no_session_cache(SSL_CTX *ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}
static inline void copenssl_ctx_ask_ocsp(SSL_CTX *ctx) {
    SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp);
}
static inline int copenssl_has_ocsp(SSL *ssl) {
    const unsigned char *response;
    return SSL_get_tlsext_status_ocsp_resp(ssl, &response) > 0;
}
static inline void copenssl_set_sni(SSL *ssl, const char *name) {
    SSL_set_tlsext_host_name(ssl, name);
}
static inline const char *copenssl_group(SSL *ssl) {
    int group = SSL_get_negotiated_group(ssl);
    return group == 0 ? NULL : SSL_group_to_name(ssl, group);
}
static inline int copenssl_ssl_index(void) {
    return SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}
/* `released` is called with what a context holds there, when the last of its sessions is gone. */
static inline int copenssl_ctx_index(CRYPTO_EX_free *released) {
    return SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, released);
}
static inline void copenssl_store_ctx_set_data(X509_STORE_CTX *ctx, void *data) {
    X509_STORE_CTX_set_app_data(ctx, data);
}
static inline void *copenssl_store_ctx_data(X509_STORE_CTX *ctx) {
    return X509_STORE_CTX_get_app_data(ctx);
}
static inline int copenssl_chain_count(STACK_OF(X509) *chain) { return sk_X509_num(chain); }
static inline X509 *copenssl_chain_item(STACK_OF(X509) *chain, int index) {
    return sk_X509_value(chain, index);
}
static inline int copenssl_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
static inline int copenssl_error_is_no_start_line(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}
static inline int copenssl_error_is_system(unsigned long error) {
    return ERR_SYSTEM_ERROR(error) != 0;
}

/* Calls `found` for each dNSName of the certificate's subjectAltName. */
static inline void copenssl_each_dns_name(
    X509 *certificate, void *context, void (*found)(void *, const unsigned char *, int)) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            found(context, ASN1_STRING_get0_data(name->d.dNSName),
                  ASN1_STRING_length(name->d.dNSName));
        }
    }
    GENERAL_NAMES_free(names);
}

/* Whether a certificate has no dNSName: one whose subjectAltName stands there twice or cannot be
   read may have some. */
static inline int copenssl_has_no_dns_name(X509 *certificate) {
    int critical = 0;
    int found = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    if (names == NULL) return critical == -1;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        if (sk_GENERAL_NAME_value(names, i)->type == GEN_DNS) found = 1;
    }
    GENERAL_NAMES_free(names);
    return !found;
}

/* How many extended key usages a certificate has, of which `found` is called for the first `most`
   with a short name or an OID; -1 without the extension or where it cannot be read. */
static inline int copenssl_each_extended_key_usage(
    X509 *certificate, int most, void *context,
    void (*found)(void *, const unsigned char *, int)) {
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    if (usages == NULL) return -1;
    int count = sk_ASN1_OBJECT_num(usages);
    for (int i = 0; i < count && i < most; i++) {
        const ASN1_OBJECT *usage = sk_ASN1_OBJECT_value(usages, i);
        int nid = OBJ_obj2nid(usage);
        char text[128];
        int length = OBJ_obj2txt(text, sizeof text, usage, 1);
        const char *name = nid == NID_undef ? text : OBJ_nid2sn(nid);
        if (nid == NID_undef && length >= (int)sizeof text) length = sizeof text - 1;
        found(context, (const unsigned char *)name,
              nid == NID_undef ? length : (int)strlen(name));
    }
    EXTENDED_KEY_USAGE_free(usages);
    return count;
}

/* Whether a certificate names an OCSP responder by a URI. */
static inline int copenssl_names_ocsp_responder(X509 *certificate) {
    STACK_OF(OPENSSL_STRING) *uris = X509_get1_ocsp(certificate);
    int count = sk_OPENSSL_STRING_num(uris);
    X509_email_free(uris);
    return count > 0;
}

/* Calls `found` with the first organization of a name, in UTF-8; returns 0 where it has none. */
static inline int copenssl_organization(
    const X509_NAME *name, void *context, void (*found)(void *, const unsigned char *, int)) {
    int at = X509_NAME_get_index_by_NID((X509_NAME *)name, NID_organizationName, -1);
    if (at < 0) return 0;
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(
        &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length < 0) return 0;
    found(context, text, length);
    OPENSSL_free(text);
    return 1;
}

/* Writes a distinguished name in RFC 2253 form; returns its length. */
static inline int copenssl_print_name(const X509_NAME *name, char *buffer, int size) {
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    int length = BIO_read(bio, buffer, size);
    BIO_free(bio);
    return length < 0 ? 0 : length;
}

/* Calls `found` for each certificate of a PEM or default trust store. */
static inline void copenssl_each_trusted(
    X509_STORE *store, void *context, void (*found)(void *, X509 *)) {
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509 *certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (certificate != NULL) found(context, certificate);
    }
}

/* Has a read that was refused not look like one that is to be tried again. */
static inline void copenssl_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
