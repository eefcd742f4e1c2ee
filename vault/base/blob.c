#include <stdarg.h>
#include <stdio.h>

#include "vault/base/blob.h"

void
blob_free(struct blob *b)
{
	free(b->p);
	*b = (struct blob){ 0 };
}

/* Grows by doubling into a new block: `realloc` is not for this house. */
static AM_RESULT
reserve(struct blob *b, size_t want)
{
	size_t cap = b->cap == 0 ? 256 : b->cap;
	uint8_t *p;

	if (want <= b->cap)
		return AM_OK;
	while (cap < want) {
		if (cap > SIZE_MAX / 2)
			return AM_ERR_NOMEM;
		cap *= 2;
	}
	if ((p = malloc(cap)) == NULL)
		return AM_ERR_NOMEM;
	if (b->len > 0)
		memcpy(p, b->p, b->len);
	free(b->p);
	b->p = p;
	b->cap = cap;
	return AM_OK;
}

AM_RESULT
blob_resize(struct blob *b, size_t len)
{
	AM_TRY(reserve(b, len));
	if (len > b->len)
		memset(b->p + b->len, 0, len - b->len);
	b->len = len;
	return AM_OK;
}

AM_RESULT
blob_add(struct blob *b, struct bytes in)
{
	if (in.len > SIZE_MAX - b->len)
		return AM_ERR_NOMEM;
	AM_TRY(reserve(b, b->len + in.len));
	if (in.len > 0)
		memcpy(b->p + b->len, in.p, in.len);
	b->len += in.len;
	return AM_OK;
}

AM_RESULT
blob_text(struct blob *b, const char *text)
{
	return blob_add(
	    b, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

AM_RESULT
blob_printf(struct blob *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return AM_ERR_INTERNAL;
	AM_TRY(reserve(b, b->len + (size_t)n + 1)); /* vsnprintf's NUL */
	va_start(ap, fmt);
	(void)vsnprintf((char *)b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return AM_OK;
}
