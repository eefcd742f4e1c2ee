/*
 * policy: read a policy file and hold it against another. Needs no vault.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "policy/levels.h"
#include "vault/base/blob.h"

enum { WHERE_COLUMNS = 17 }; /* "class restricted " */

/* ---- files */

/* At most a byte more than a policy has: levels_read says that it is long. */
static AM_RESULT
read_to_end(int fd, struct blob *out)
{
	ssize_t n = 1;

	AM_TRY(blob_resize(out, LEVELS_FILE_MAX + 1));
	out->len = 0;
	while (n != 0 && out->len <= LEVELS_FILE_MAX) {
		n = read(fd, out->p + out->len, LEVELS_FILE_MAX + 1 - out->len);
		if (n < 0 && errno != EINTR)
			return AM_ERR_IO;
		out->len += n > 0 ? (size_t)n : 0;
	}
	return AM_OK;
}

static AM_RESULT
read_file(const char *path, struct blob *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum am_err err = AM_ERR_IO;
	int saved;

	if (fd >= 0) {
		err = read_to_end(fd, out);
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	if (err == AM_ERR_IO)
		return cmd_complain(
		    err, "cannot read '%s': %s", path, strerror(errno));
	return err;
}

/* A refusal is printed; `why` is for --json. */
static AM_RESULT
read_policy(
    const char *path, struct blob *text, struct levels *out, struct why *why)
{
	enum am_err err;

	AM_TRY(read_file(path, text));
	err = levels_read(blob_bytes(text), out, why);
	if (err != AM_OK)
		return cmd_refuse(err, why, "read '%s' as a policy", path);
	return AM_OK;
}

/* ---- values */

struct listing {
	struct out_json *j; /* NULL: for people */
	bool all;           /* also what is not weaker */
	size_t told, weaker;
};

static void
value_json(struct out_json *j, const struct levels_value *v, bool all)
{
	out_json_open(j, NULL, '{');
	out_json_text(j, "where", v->where);
	out_json_text(j, "key", v->key);
	out_json_text(j, "shipped", v->before);
	out_json_text(j, "here", v->now);
	if (all)
		out_json_bool(j, "weaker", v->weaker);
	out_json_close(j);
}

static AM_RESULT
value_line(const struct levels_value *v, bool all)
{
	char lead[64];
	blob_auto text = { 0 };

	(void)snprintf(lead, sizeof(lead), "%s%-*s",
	    !all            ? ""
		: v->weaker ? "weaker  "
			    : "        ",
	    WHERE_COLUMNS, v->where);
	AM_TRY(blob_printf(
	    &text, "%s: %s shipped, %s here", v->key, v->before, v->now));
	AM_TRY(blob_add(&text, (struct bytes){ (const uint8_t *)"", 1 }));
	out_wrapped(stdout, lead, strlen(lead), (const char *)text.p);
	return AM_OK;
}

static AM_RESULT
tell(void *arg, const struct levels_value *v)
{
	struct listing *l = arg;

	l->weaker += v->weaker;
	if (!l->all && !v->weaker)
		return AM_OK;
	l->told++;
	if (l->j == NULL)
		return value_line(v, l->all);
	value_json(l->j, v, l->all);
	return AM_OK;
}

/* Another policy may be the measure one day: that in force in the vault. */
static AM_RESULT
compare_with_shipped(const struct levels *here, struct listing *l)
{
	struct levels shipped;

	AM_TRY(levels_shipped(&shipped));
	return levels_compare(&shipped, here, tell, l);
}

/* ---- verbs */

static AM_RESULT
say_verdict(struct cmd_call *call, const struct listing *l)
{
	const char *path = call->args[0];

	if (l->weaker > 0)
		return cmd_complain(AM_ERR_INCOMPLETE,
		    "'%s' is weaker than the policy that is shipped, in %zu "
		    "value%s",
		    path, l->weaker, l->weaker == 1 ? "" : "s");
	cmd_say(call,
	    "'%s' is sound, and nowhere weaker than the policy that is "
	    "shipped",
	    path);
	return AM_OK;
}

/* The list, and for programs the verdict as well, also on a file that is no
 * policy. */
AM_RESULT
policy_check(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct listing l = { .j = call->json ? &j : NULL };
	blob_auto text = { 0 };
	struct why why = { 0 };
	struct levels here;
	const enum am_err err = read_policy(call->args[0], &text, &here, &why);

	if (err != AM_OK && err != AM_ERR_INCOMPLETE)
		return err;
	if (call->json) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "why", why.text);
		out_json_open(&j, "weaker", '[');
	}
	AM_TRY(err == AM_OK ? compare_with_shipped(&here, &l) : AM_OK);
	if (call->json) {
		out_json_close(&j);
		out_json_bool(&j, "sound", err == AM_OK && l.weaker == 0);
	}
	return err != AM_OK ? err : say_verdict(call, &l);
}

AM_RESULT
policy_diff(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };
	struct listing l = { .j = call->json ? &j : NULL, .all = true };
	blob_auto text = { 0 };
	struct why why = { 0 };
	struct levels here;

	AM_TRY(read_policy(call->args[0], &text, &here, &why));
	if (call->json)
		out_json_open(&j, NULL, '[');
	AM_TRY(compare_with_shipped(&here, &l));
	if (l.told == 0)
		cmd_say(call,
		    "'%s' has the values of the policy that is shipped",
		    call->args[0]);
	else
		cmd_say(call, "%zu value%s differ%s, %zu of them weaker",
		    l.told, l.told == 1 ? "" : "s", l.told == 1 ? "s" : "",
		    l.weaker);
	return AM_OK;
}

/* ---- show */

struct part {
	struct out_json *j;
	char where[LEVELS_NAME_MAX + 8]; /* the one that is wanted */
};

static AM_RESULT
tell_part(void *arg, const struct levels_value *v)
{
	struct part *p = arg;

	if (strcmp(p->where, v->where) == 0)
		out_json_text(p->j, v->key, v->now);
	return AM_OK;
}

static AM_RESULT
part_json(struct out_json *j, const char *lead, const char *name,
    const struct levels *l)
{
	struct part p = { .j = j };

	(void)snprintf(p.where, sizeof(p.where), "%s%s", lead, name);
	out_json_open(j, name, '{');
	AM_TRY(levels_compare(NULL, l, tell_part, &p));
	out_json_close(j);
	return AM_OK;
}

static AM_RESULT
policy_json(const struct levels *l)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '{');
	out_json_uint(&j, "version", l->version);
	out_json_open(&j, "classes", '{');
	for (size_t i = 0; i < LEVELS_CLASSES; i++)
		AM_TRY(part_json(&j, "class ", levels_class_name(i), l));
	out_json_close(&j);
	out_json_open(&j, "levels", '{');
	for (size_t i = 0; i < LEVELS_COUNT; i++)
		AM_TRY(part_json(&j, "", levels_name(i), l));
	return AM_OK;
}

/* As it is: levels_read refuses what could steer a terminal. */
AM_RESULT
policy_show(struct cmd_call *call)
{
	struct bytes text = levels_shipped_text();
	blob_auto file = { 0 };
	struct why why = { 0 };
	struct levels l;

	if (call->arg_count > 0) {
		AM_TRY(read_policy(call->args[0], &file, &l, &why));
		text = blob_bytes(&file);
	} else {
		AM_TRY(levels_shipped(&l));
	}
	if (call->json)
		return policy_json(&l);
	(void)fwrite(text.p, 1, text.len, stdout);
	return AM_OK;
}
