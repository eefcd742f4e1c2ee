/*
 * Each call of libyaml and libcyaml that can fail, and each allocation of
 * ours, fails in turn: out of memory is said as that, nothing is written and
 * nothing is left behind.
 */

#include <cyaml/cyaml.h>
#include <yaml.h>

#include "policy/levels.h"
#include "tests/check.h"
#include "tests/fault/turn.h"

TURN_WRAP(void *, malloc, (size_t n), (n), NULL)
TURN_WRAP(int, yaml_parser_initialize, (yaml_parser_t * p), (p), 0)
TURN_WRAP(cyaml_err_t, cyaml_load_data,
    (const uint8_t *in, size_t len, const cyaml_config_t *config,
	const cyaml_schema_value_t *schema, cyaml_data_t **out,
	unsigned *count),
    (in, len, config, schema, out, count), CYAML_ERR_OOM)

int __real_yaml_parser_parse(yaml_parser_t *p, yaml_event_t *e);
int __wrap_yaml_parser_parse(yaml_parser_t *p, yaml_event_t *e);

int
__wrap_yaml_parser_parse(yaml_parser_t *p, yaml_event_t *e)
{
	if (!turn_fails("yaml_parser_parse"))
		return __real_yaml_parser_parse(p, e);
	p->error = YAML_MEMORY_ERROR;
	return 0;
}

static bool
is_nomem(enum am_err err)
{
	return err == AM_ERR_NOMEM;
}

static enum am_err
do_read(void *arg)
{
	struct levels out = { .version = 77 };
	struct why why = { 0 };
	const enum am_err err = levels_read(levels_shipped_text(), &out, &why);

	(void)arg;
	turn_off();
	assert_int_equal(out.version == 77, err != AM_OK);
	assert_false(err == AM_OK && turn_came);
	assert_string_equal(why.text, "");
	return err;
}

static void
reading(void **state)
{
	(void)state;
	turn_each(do_read, NULL, is_nomem, 500);
}

static enum am_err
count_one(void *arg, const struct levels_value *v)
{
	(void)v;
	++*(int *)arg;
	return AM_OK;
}

static enum am_err
do_compare(void *arg)
{
	int seen = 0;
	const enum am_err err = levels_compare(arg, arg, count_one, &seen);

	turn_off();
	assert_int_equal(seen, 0);
	return err;
}

static void
comparing(void **state)
{
	static struct levels l;

	(void)state;
	assert_int_equal(levels_shipped(&l), AM_OK);
	turn_each(do_compare, &l, is_nomem, 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(comparing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
