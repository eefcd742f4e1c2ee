/*
 * Each allocation and call of a library that importing a file makes fails in
 * turn: it is said as that, no credential comes of it and nothing is left
 * behind.
 */

#include <cyaml/cyaml.h>
#include <expat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <yaml.h>
#include <zlib.h>

#include "tests/fault/secrets.h"
#include "tests/fault/turn.h"
#include "tests/foreign.h"
#include "tests/zipped.h"

TURN_WRAP(cyaml_err_t, cyaml_load_data,
    (const uint8_t *in, size_t len, const cyaml_config_t *config,
	const cyaml_schema_value_t *schema, cyaml_data_t **out,
	unsigned *count),
    (in, len, config, schema, out, count), CYAML_ERR_OOM)
TURN_WRAP(XML_Parser, XML_ParserCreate_MM,
    (const XML_Char *encoding, const XML_Memory_Handling_Suite *memory,
	const XML_Char *separator),
    (encoding, memory, separator), NULL)
TURN_WRAP(void *, XML_GetBuffer, (XML_Parser p, int len), (p, len), NULL)
TURN_WRAP(int, inflateInit2_,
    (z_streamp z, int bits, const char *version, int size),
    (z, bits, version, size), Z_MEM_ERROR)
TURN_WRAP(int, inflateReset, (z_streamp z), (z), Z_STREAM_ERROR)
TURN_WRAP(int, inflate, (z_streamp z, int flush), (z, flush), Z_DATA_ERROR)
TURN_WRAP(ssize_t, pread, (int fd, void *p, size_t len, off_t at),
    (fd, p, len, at), -1)
TURN_WRAP(ssize_t, read, (int fd, void *p, size_t len), (fd, p, len), -1)
TURN_WRAP(off_t, lseek, (int fd, off_t at, int from), (fd, at, from), (off_t)-1)
TURN_WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int
__wrap_open(const char *path, int flags, ...)
{
	return turn_fails("open") ? -1 : __real_open(path, flags);
}

/* XML_GetBuffer has no memory: the file seems to hold too large a tag. A zip
 * that cannot be read is none. */
static bool
is_fault(enum am_err err)
{
	return err == AM_ERR_NOMEM || err == AM_ERR_IO ||
	    err == AM_ERR_CORRUPT || err == AM_ERR_INCOMPLETE;
}

struct wanted {
	const char *text, *map;
	bool zip;
	struct foreign file, map_file;
};

static enum am_err
do_read(void *arg)
{
	const struct wanted *w = arg;
	const struct source_wish wish = { .safe = "s",
		.map = w->map != NULL ? w->map_file.path : NULL };
	source_auto *s = NULL;
	struct why why = { 0 };
	unsigned made = 0;
	enum am_err err = source_open(w->file.path, &wish, &why, &s);

	while (err == AM_OK) {
		struct draft_made one;

		err = source_next(s, &one, &why);
		made += err == AM_OK;
	}
	turn_off();
	assert_false(err == AM_ERR_NOT_FOUND && turn_came);
	assert_true(err != AM_ERR_NOT_FOUND || made == 1);
	return err == AM_ERR_NOT_FOUND ? AM_OK : err;
}

static void
reading(void **state)
{
	static struct wanted rows[] = {
		{ .text = "name,secret\nx,TEST\n" },
		{ .text = "A,B\nx,TEST\n",
		    .map = "format: 1\ncolumns:\n  name: A\n  secret: B\n" },
		{ .text = "{\"encrypted\":false,\"folders\":[{\"id\":\"f\"}],"
			  "\"items\":[{\"type\":2,\"name\":\"x\",\"notes\":"
			  "\"TEST\"}]}" },
		{ .text = "<KeePassFile><Root><Group><Entry><String><Key>"
			  "Password</Key><Value>TEST</Value></String></Entry>"
			  "</Group></Root></KeePassFile>" },
		{ .text = "{\"accounts\":[{\"vaults\":[{\"items\":[{"
			  "\"details\":{\"password\":\"TEST\"}}]}]}]}",
		    .zip = true },
	};

	(void)state;
	for (size_t i = 0; i < AM_ARRAY_LEN(rows); i++) {
		struct wanted *w = &rows[i];

		w->file = w->zip ? zipped(w->text, strlen(w->text), true)
				 : foreign_text(w->text);
		w->map_file = foreign_text(w->map != NULL ? w->map : "");
		turn_each(do_read, w, is_fault, 10);
		foreign_end(&w->file);
		foreign_end(&w->map_file);
	}
	assert_int_equal(secrets_alive, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
