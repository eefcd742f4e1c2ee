/*
 * canon.h - canonical JSON: a subset of RFC 8785 (protocol.md 2.4).
 *
 * Objects, arrays, strings, integers 0..2^53-1, true and false; no floats, no
 * null, no white space; keys [a-z][a-z0-9_]{0,31}, strictly ascending
 * (R2.9). Strings are valid UTF-8 without control characters, separators and
 * direction marks (R2.10). The parser is the inverse of the writer (R2.11).
 *
 * A value is a `struct json_t *` (jansson's type, opaque here): reference
 * counted; `canon_auto` drops the reference on every way out.
 */

#ifndef AM_CANON_H
#define AM_CANON_H

#include "vault/base/am.h"
#include "vault/base/blob.h"

struct json_t;

enum {
	CANON_LINE_MAX = 65536, /* without the newline */
	CANON_DEPTH_MAX = 8,    /* the outermost object is depth 1 */
	CANON_ARRAY_MAX = 256,
	CANON_STRING_MAX = 24576, /* bytes of decoded UTF-8 */
};

void canon_free(struct json_t **v);
#define canon_auto AM_CLEANUP(canon_free) struct json_t

/*
 * `canon_parse` reads one object, refusing everything whose canonical form is
 * not `in` byte for byte. `*out` belongs to the caller.
 * Errors: AM_ERR_CORRUPT, AM_ERR_NOMEM.
 */
AM_RESULT canon_parse(struct bytes in, struct json_t **out);

/* `canon_write` appends the canonical form to `out`; keys may have been set
 * in any order. On failure `out` keeps its length.
 * Errors: AM_ERR_INVALID (a value outside the subset or its limits),
 * AM_ERR_NOMEM. */
AM_RESULT canon_write(const struct json_t *v, struct blob *out);

/* `canon_text_ok` tells whether a text may stand in a string (R2.10). */
bool canon_text_ok(struct bytes text);

/*
 * Building. The constructors return NULL when memory is short. Text outside
 * R2.10, strings above CANON_STRING_MAX and numbers above 2^53-1 become a
 * value that `canon_set` and `canon_push` refuse, so that a chain of calls
 * needs one check. These two take over the reference `v`, also when they
 * fail; setting a key again replaces its value.
 * Errors: AM_ERR_NOMEM (one of the two is NULL), AM_ERR_INVALID (a refused
 * value, a key outside R2.9, a full array).
 */
struct json_t *canon_object(void);
struct json_t *canon_array(void);
struct json_t *canon_hex(struct bytes b); /* a string of lower-case hex */
struct json_t *canon_b64(struct bytes b); /* base64url, no padding */
struct json_t *canon_text(struct bytes b);
struct json_t *canon_str(const char *s); /* canon_text of a C string */
struct json_t *canon_uint(uint64_t v);
struct json_t *canon_bool(bool v);
AM_RESULT canon_set(struct json_t *obj, const char *key, struct json_t *v);
AM_RESULT canon_push(struct json_t *arr, struct json_t *v);
/* A second reference to `v`. */
struct json_t *canon_ref(struct json_t *v);

/*
 * Reading. Absent or of another type or length: AM_ERR_CORRUPT. What is lent
 * (const char *, json_t *) lives as long as `obj`.
 */
AM_RESULT
canon_get(const struct json_t *obj, const char *key, const struct json_t **out);
AM_RESULT canon_get_object(
    const struct json_t *obj, const char *key, const struct json_t **out);
AM_RESULT canon_get_array(
    const struct json_t *obj, const char *key, const struct json_t **out);
AM_RESULT canon_get_hex(
    const struct json_t *obj, const char *key, uint8_t *out, size_t out_len);
/* Exactly `out_len` bytes / up to `cap` bytes of base64url. */
AM_RESULT canon_get_b64(
    const struct json_t *obj, const char *key, uint8_t *out, size_t out_len);
AM_RESULT canon_get_b64_var(const struct json_t *obj, const char *key,
    uint8_t *out, size_t cap, size_t *out_len);
AM_RESULT
canon_get_text(const struct json_t *obj, const char *key, struct bytes *out);
AM_RESULT
canon_get_uint(const struct json_t *obj, const char *key, uint64_t *out);
AM_RESULT
canon_get_u32(const struct json_t *obj, const char *key, uint32_t *out);
AM_RESULT canon_get_bool(const struct json_t *obj, const char *key, bool *out);
AM_RESULT
canon_get_when(const struct json_t *obj, const char *key, int64_t *out);

bool canon_is_object(const struct json_t *v);
size_t canon_size(const struct json_t *arr_or_obj);
AM_RESULT
canon_at(const struct json_t *arr, size_t i, const struct json_t **out);
/* Element `i` as hex / base64url / text, like the getters by key. */
AM_RESULT
canon_at_hex(const struct json_t *arr, size_t i, uint8_t *out, size_t out_len);
AM_RESULT
canon_at_b64(const struct json_t *arr, size_t i, uint8_t *out, size_t out_len);
AM_RESULT canon_at_text(const struct json_t *arr, size_t i, struct bytes *out);
AM_RESULT canon_at_uint(const struct json_t *arr, size_t i, uint64_t *out);

/*
 * `canon_keys_are` tells whether `obj` has exactly the `count` keys `keys`
 * (any order): unknown and missing keys are refused (R2.11).
 */
bool
canon_keys_are(const struct json_t *obj, const char *const *keys, size_t count);

/* Key of member `i` in ascending order and its value, for display. */
AM_RESULT canon_member(const struct json_t *obj, size_t i, const char **key,
    const struct json_t **value);

#endif /* AM_CANON_H */
