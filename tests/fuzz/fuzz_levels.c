#include "policy/levels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum am_err
look(void *arg, const struct levels_value *v)
{
	if (v->where[0] == '\0' || v->now[0] == '\0' ||
	    (v->weaker && v->before[0] == '\0'))
		abort();
	++*(size_t *)arg;
	return AM_OK;
}

static enum am_err
no_difference(void *arg, const struct levels_value *v)
{
	(void)arg;
	(void)v;
	abort();
}

/* What is read prints, is like itself, and has room for its quorum. */
static void
check(const struct levels *l)
{
	struct levels shipped;
	size_t seen = 0;

	for (size_t i = 0; i < LEVELS_COUNT; i++)
		if (l->level[i].quorum_k < 2 ||
		    l->level[i].quorum_k >= l->level[i].n_min ||
		    l->level[i].group_count > l->level[i].quorum_k)
			abort();
	if (levels_compare(NULL, l, look, &seen) != AM_OK || seen < 200 ||
	    levels_compare(l, l, no_difference, NULL) != AM_OK ||
	    levels_shipped(&shipped) != AM_OK ||
	    levels_compare(&shipped, l, look, &seen) != AM_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct levels l = { 0 }, again = { 0 };
	struct why why = { 0 }, same = { 0 };
	const enum am_err err =
	    levels_read((struct bytes){ data, size }, &l, &why);

	if (levels_read((struct bytes){ data, size }, &again, &same) != err ||
	    strcmp(why.text, same.text) != 0)
		abort();
	if (err != AM_OK && strncmp(why.text, "line ", 5) != 0)
		abort();
	if (err == AM_OK)
		check(&l);
	return 0;
}
