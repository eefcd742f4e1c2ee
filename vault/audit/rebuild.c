#include "vault/audit/rebuild.h"

#include "vault/base/enc.h"
#include "vault/state/view.h"

/* Rows in memory under the keys that the database has for them. */
struct shadow {
	const struct store *store;
	struct view_memory *memory;
	struct view view;
	uint64_t rows;
};

static enum am_err
shadow_get(void *arg, const char *table, struct bytes key, struct blob *out)
{
	const struct shadow *sh = arg;
	uint8_t db_key[REGKEY_DB_KEY];

	store_view_key(sh->store, table, key, db_key);
	return view_get(
	    &sh->view, "", (struct bytes){ db_key, sizeof(db_key) }, out);
}

static enum am_err
shadow_put(void *arg, const char *table, struct bytes key, struct bytes value)
{
	struct shadow *sh = arg;
	uint8_t db_key[REGKEY_DB_KEY];
	const struct bytes k = { db_key, sizeof(db_key) };
	bool known = false;

	store_view_key(sh->store, table, key, db_key);
	AM_TRY(view_has(&sh->view, "", k, &known));
	sh->rows += known ? 0 : 1;
	return view_put(&sh->view, "", k, value);
}

/* How far: no more statements than that, none of a later time. */
struct extent {
	uint64_t size;
	int64_t until;
};

static const struct extent everything = { UINT64_MAX, INT64_MAX };

static AM_RESULT
replay(struct session *s, struct store_txn *t, const struct view *into,
    const struct extent *e, uint64_t *out)
{
	struct state st = session_state(t);
	uint64_t size = 0;

	st.view = *into;
	AM_TRY(store_log_size(t, &size));
	for (uint64_t leaf = 0; leaf < size && leaf < e->size; leaf++) {
		statement_auto line = { 0 };
		blob_auto bytes = { 0 };
		struct why why = { 0 };
		enum am_err err = store_log_read(t, leaf, &bytes);

		if (err == AM_OK)
			err = statement_parse(blob_bytes(&bytes), &why, &line);
		if (err == AM_OK && line.at > e->until)
			break;
		if (err == AM_OK)
			err = state_apply(&st, &line, leaf, NULL, &why);
		if (err != AM_OK)
			return why_say(s->why, err, why.rule,
			    "statement %lu of the log does not replay: %s; "
			    "restore the vault from a backup",
			    (unsigned long)leaf,
			    why.text[0] != '\0' ? why.text : err_text(err));
	}
	*out = size;
	return AM_OK;
}

struct comparison {
	const struct shadow *shadow;
	struct rebuild_difference *out;
};

static enum am_err
compare_row(void *arg, const uint8_t db_key[static 16], struct bytes value)
{
	struct comparison *c = arg;
	blob_auto want = { 0 };

	c->out->rows++;
	if (view_get(&c->shadow->view, "", (struct bytes){ db_key, 16 },
		&want) != AM_OK ||
	    !bytes_same(blob_bytes(&want), value))
		c->out->wrong++;
	return AM_OK;
}

static AM_RESULT
compare(struct session *s, struct shadow *sh, struct rebuild_difference *out)
{
	const struct view into = { shadow_get, shadow_put, sh };
	struct comparison c = { .shadow = sh, .out = out };
	store_txn_auto *t = NULL;

	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(replay(s, t, &into, &everything, &out->statements));
	AM_TRY(store_each_view(t, compare_row, &c));
	if (sh->rows > out->rows)
		out->wrong += sh->rows - out->rows;
	return AM_OK;
}

AM_RESULT
rebuild_compare(struct session *s, struct rebuild_difference *out)
{
	struct shadow sh = { .store = s->store };
	enum am_err err;

	*out = (struct rebuild_difference){ 0 };
	AM_TRY(view_memory_new(&sh.memory));
	sh.view = view_memory(sh.memory);
	err = compare(s, &sh, out);
	view_memory_free(sh.memory);
	return err;
}

AM_RESULT
rebuild_tables(struct session *s, uint64_t *out_statements)
{
	store_txn_auto *t = NULL;
	struct view v;

	AM_TRY(store_begin(s->store, true, &t));
	AM_TRY(store_clear_views(t));
	v = view_store(t);
	AM_TRY(replay(s, t, &v, &everything, out_statements));
	return store_commit(&t);
}

AM_RESULT
rebuild_until(struct session *s, int64_t at, const struct view *into)
{
	const struct extent e = { .size = UINT64_MAX, .until = at };
	store_txn_auto *t = NULL;
	uint64_t size = 0;

	AM_TRY(store_begin(s->store, false, &t));
	return replay(s, t, into, &e, &size);
}

AM_RESULT
rebuild_first(struct session *s, struct store_txn *t, uint64_t size,
    const struct view *into)
{
	const struct extent e = { .size = size, .until = INT64_MAX };
	uint64_t replayed = 0;

	return replay(s, t, into, &e, &replayed);
}

AM_RESULT
rebuild_check_note(struct session *s)
{
	char origin[NOTE_ORIGIN_MAX], hex[ENC_HEX_LEN(16) + 1];
	store_txn_auto *t = NULL;
	blob_auto text = { 0 };
	struct note n = { 0 }, head;

	enc_hex((struct bytes){ s->vault.vault, 16 }, hex);
	(void)snprintf(
	    origin, sizeof(origin), "%s/amanat/%s", s->vault.rpid, hex);
	AM_TRY(store_begin(s->store, false, &t));
	AM_TRY(store_note_get(t, &text));
	AM_TRY(session_head(t, &head));
	if (note_open(blob_bytes(&text), origin, s->vault.logkey, &n) !=
		AM_OK ||
	    n.size != head.size ||
	    !bytes_same(
		(struct bytes){ n.root, 32 }, (struct bytes){ head.root, 32 }))
		return why_say(s->why, AM_ERR_VERIFY, "7.4",
		    "the checkpoint does not fit the log; restore the vault "
		    "from a backup");
	return AM_OK;
}
