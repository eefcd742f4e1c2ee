/*
 * published.h - reading published test vectors: ordinary JSON, hex strings.
 * They live beside the checkout (AMANAT_VECTORS, else ../shared/vectors).
 */

#ifndef AM_TEST_PUBLISHED_H
#define AM_TEST_PUBLISHED_H

#include <stdio.h>

#include <jansson.h>

#include "tests/check.h"
#include "vault/base/am.h"
#include "vault/base/enc.h"

/* NULL: not there, and a line says so. */
static inline json_t *
published_open(const char *file)
{
	const char *dir = getenv("AMANAT_VECTORS");
	char path[512];
	json_t *doc;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    dir != NULL ? dir : "../shared/vectors", file);
	doc = json_load_file(path, 0, NULL);
	if (doc == NULL)
		printf("ok 1 - %s # SKIP published vectors are not there\n"
		       "1..1\n",
		    file);
	return doc;
}

/* Hex of `len` bytes from a string value. */
static inline void
published_hex(const json_t *v, uint8_t *out, size_t len)
{
	const char *s = json_string_value(v);

	assert_non_null(s);
	assert_int_equal(
	    enc_hex_decode(
		(struct bytes){ (const uint8_t *)s, strlen(s) }, out, len),
	    AM_OK);
}

static inline size_t
published_len(const json_t *v)
{
	return json_string_length(v) / 2;
}

#endif /* AM_TEST_PUBLISHED_H */
