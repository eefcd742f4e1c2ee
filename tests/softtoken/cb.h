/*
 * cb.h - the CTAP2 canonical CBOR of the software key (CTAP 2.1, section 8):
 * a writer with a cap and a strict reader that allocates nothing.
 *
 * The reader accepts integers, byte and text strings, arrays, maps, false and
 * true, in their shortest form, map keys in canonical order, four levels deep.
 * It is written by hand because libcbor 0.8 allocates by the claimed length
 * and keeps no trace of the order and width in which things arrived.
 */

#ifndef SOFT_CB_H
#define SOFT_CB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/softtoken/status.h"

#define CB_DEPTH_MAX 4

struct span {
	const uint8_t *p;
	size_t len;
};

/* The bytes of an array, and of a string literal without its NUL. */
#define SPAN(a) ((struct span){ (a), sizeof(a) })
#define TEXT(s) ((struct span){ (const uint8_t *)(s), sizeof(s) - 1 })

/* ---- writer: `full` is set once something did not fit */

struct cb_out {
	uint8_t *p;
	size_t len, cap;
	bool full;
};

void cb_put(struct cb_out *o, struct span raw);
void cb_uint(struct cb_out *o, uint64_t v);
void cb_int(struct cb_out *o, int64_t v);
void cb_bool(struct cb_out *o, bool v);
void cb_bytes(struct cb_out *o, struct span v);
void cb_text(struct cb_out *o, struct span v);
void cb_array(struct cb_out *o, size_t count);
void cb_map(struct cb_out *o, size_t pairs);

/* ---- reader */

enum cb_major {
	CB_UINT = 0,
	CB_NINT = 1,
	CB_BYTES = 2,
	CB_TEXT = 3,
	CB_ARRAY = 4,
	CB_MAP = 5,
	CB_SIMPLE = 7,
	CB_ABSENT = 255,
};

/*
 * One item. `n` is the value, length or count of its head; `body` the content
 * of a string, or the encoded items of an array or a map.
 */
struct cb_item {
	enum cb_major major;
	uint64_t n;
	struct span body;
};

/* `doc` is exactly one canonical item, with nothing after it. */
bool cb_valid(struct span doc);

/* Reads one whole item from the front of `rest`. */
bool cb_next(struct span *rest, struct cb_item *out);

/*
 * The value under an integer or text key of `map`; its major is CB_ABSENT when
 * there is none.
 */
struct cb_item cb_find(const struct cb_item *map, int64_t key);
struct cb_item cb_find_text(const struct cb_item *map, struct span key);

/* True when the item is the integer `v`. */
bool cb_is_int(const struct cb_item *it, int64_t v);

/*
 * The `need` functions fail on an absent value, the `want` functions accept it
 * and leave `out` as it was. Errors: CTAP_MISSING_PARAMETER,
 * CTAP_UNEXPECTED_TYPE.
 */
enum ctap cb_need(const struct cb_item *map, int64_t key, enum cb_major m,
    struct cb_item *out);
enum ctap cb_want(const struct cb_item *map, int64_t key, enum cb_major m,
    struct cb_item *out);
enum ctap cb_want_bool(
    const struct cb_item *map, struct span key, bool *out, bool *present);

#endif /* SOFT_CB_H */
