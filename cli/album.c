/*
 * analyze --html: what was found, drawn.
 */

#include "cli/analysis.h"
#include "cli/picture.h"

enum { PICTURES_MAX = 64, SENTENCES_MAX = 64 };

/* ---- the picture */

struct album {
	size_t count;
	struct prospect safes[PICTURES_MAX];
	struct picture_safe pictures[PICTURES_MAX];
	const char *sentences[PICTURES_MAX][SENTENCES_MAX];
};

static void
album_free(struct album **a)
{
	if (*a == NULL)
		return;
	for (size_t i = 0; i < (*a)->count; i++) {
		for (size_t j = 0; j < (*a)->pictures[i].sentence_count; j++)
			free((void *)(uintptr_t)(*a)->sentences[i][j]);
		prospect_free(&(*a)->safes[i]);
	}
	free(*a);
}

static AM_RESULT
add_sentence(struct album *a, size_t at, const struct prospect_line *f)
{
	struct picture_safe *to = &a->pictures[at];
	char *text = NULL;

	if (asprintf(&text, "%.*s. What to do: %.*s", (int)f->what.len,
		(const char *)f->what.p, (int)f->todo.len,
		(const char *)f->todo.p) < 0)
		return AM_ERR_NOMEM;
	a->sentences[at][to->sentence_count++] = text;
	return AM_OK;
}

AM_RESULT
album_line(struct album *a, const char *label, const struct blob *text)
{
	struct picture_safe *to = &a->pictures[0];
	char *line = NULL;

	if (a->count == 0 || to->sentence_count == SENTENCES_MAX)
		return AM_OK;
	if (asprintf(&line, "%s: %.*s", label, (int)text->len,
		(const char *)text->p) < 0)
		return AM_ERR_NOMEM;
	a->sentences[0][to->sentence_count++] = line;
	return AM_OK;
}

static enum am_err
add_picture(struct analysis *a, const struct rows_safe *safe, void *arg)
{
	struct album *to = arg;
	prospect_line_auto beyond = { 0 };
	const size_t at = to->count;
	struct prospect *p = &to->safes[at];

	if (at == PICTURES_MAX)
		return AM_OK;
	AM_TRY(analysis_look(a, safe, p));
	to->count++;
	AM_TRY(beyond_finding(a, p, &beyond));
	a->findings += prospect_count(p) + (beyond.kind != NULL);
	to->pictures[at] = (struct picture_safe){ .name = p->o->safe.id,
		.c = &p->o->is,
		.l = p->l,
		.sentences = to->sentences[at] };
	for (size_t i = 0; i < prospect_count(p); i++) {
		prospect_line_auto f = { 0 };

		AM_TRY(prospect_finding(p, i, &f));
		AM_TRY(add_sentence(to, at, &f));
	}
	return beyond.kind != NULL ? add_sentence(to, at, &beyond) : AM_OK;
}

static AM_RESULT
write_picture(struct analysis *a, const char *path, const struct album *album)
{
	out_file_auto file = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	enum am_err err = to == NULL ? AM_ERR_NOMEM : AM_OK;

	if (err == AM_OK)
		err = picture_write(to, a->d->session->vault.name,
		    album->pictures, album->count);
	if (to != NULL && fclose(to) != 0 && err == AM_OK)
		err = AM_ERR_NOMEM;
	if (err == AM_OK)
		err = out_file_new(path, &file);
	if (err == AM_OK)
		err = out_file_write(
		    &file, (struct bytes){ (const uint8_t *)text, len });
	if (err == AM_OK)
		err = out_file_keep(&file);
	free(text);
	if (err != AM_OK)
		return why_say(&a->d->why, err, "",
		    "'%s' cannot be written, or is there already", path);
	cmd_say(a->d->call, "written to '%s'; any browser shows it", path);
	return AM_OK;
}

AM_RESULT
album_draw(struct analysis *a, const char *wanted, const char *path)
{
	AM_CLEANUP(album_free)
	struct album *album = calloc(1, sizeof(*album));
	struct rows_vault vault;

	if (album == NULL)
		return AM_ERR_NOMEM;
	AM_TRY(analysis_each(a, wanted, add_picture, album));
	a->album = album;
	AM_TRY(rows_get_vault(&a->v, (struct bytes){ NULL, 0 }, &vault));
	AM_TRY(overall_waivers(a, vault.motions));
	AM_TRY(overall_history(a));
	return write_picture(a, path, album);
}
