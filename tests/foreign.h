/*
 * foreign.h - a text as a file that imports can open: in memory, no name.
 */

#ifndef AM_TEST_FOREIGN_H
#define AM_TEST_FOREIGN_H

#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vault/import/source.h"

struct foreign {
	int fd;
	char path[32];
};

static inline void
foreign_end(struct foreign *f)
{
	(void)close(f->fd);
}
#define foreign_auto AM_CLEANUP(foreign_end) struct foreign

static inline struct foreign
foreign_file(const void *text, size_t len)
{
	struct foreign f = { .fd = memfd_create("foreign", MFD_CLOEXEC) };

	if (sodium_init() < 0 || f.fd < 0 ||
	    write(f.fd, text, len) != (ssize_t)len)
		abort();
	(void)snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static inline struct foreign
foreign_text(const char *text)
{
	return foreign_file(text, strlen(text));
}

static inline bool
foreign_is(struct bytes b, const char *text)
{
	return bytes_same(
	    b, (struct bytes){ (const uint8_t *)text, strlen(text) });
}

/* Reads all of it twice, which must give the same; *out_made counts. Returns
 * what ended it; refused rows do not. */
static inline enum am_err
foreign_read(const char *path, const struct source_wish *wish, struct why *why,
    unsigned *out_made, unsigned *out_refused)
{
	source_auto *s = NULL;
	uint64_t sum[2] = { 0, 0 };
	enum am_err err = source_open(path, wish, why, &s);

	*out_made = *out_refused = 0;
	for (size_t pass = 0; pass < 2 && s != NULL; pass++) {
		struct draft_made m = { .again = false };

		while ((err = source_next(s, &m, why)) == AM_OK ||
		    err == AM_ERR_INCOMPLETE) {
			if (err == AM_ERR_INCOMPLETE) {
				*out_refused += pass == 0;
				sum[pass] = sum[pass] * 31 + 7;
				continue;
			}
			*out_made += pass == 0;
			if (m.row.count == 0 || m.row.fields[0].value.len == 0)
				abort();
			for (size_t i = 0; m.row.path[i] != '\0'; i++)
				sum[pass] =
				    sum[pass] * 31 + (uint8_t)m.row.path[i];
			for (size_t i = 0; i < m.row.count; i++)
				for (size_t k = 0;
				     k < m.row.fields[i].value.len; k++)
					sum[pass] = sum[pass] * 31 +
					    m.row.fields[i].value.p[k];
		}
		if (pass == 0) {
			struct why own;

			if (source_rewind(s, &own) != AM_OK)
				break;
		} else if (sum[0] != sum[1])
			abort();
	}
	return err;
}

/* For fuzzers: it is read alike again, and every refusal has its sentence. */
static inline void
foreign_holds(const struct foreign *f, const char *format)
{
	const struct source_wish wish = { .safe = "s", .format = format };
	struct why why = { 0 };
	unsigned made, refused;
	const enum am_err err =
	    foreign_read(f->path, &wish, &why, &made, &refused);

	if (err != AM_ERR_NOT_FOUND && err != AM_ERR_CORRUPT &&
	    err != AM_ERR_INCOMPLETE)
		abort();
	if (err != AM_ERR_NOT_FOUND && why.text[0] == '\0')
		abort();
}

#endif /* AM_TEST_FOREIGN_H */
