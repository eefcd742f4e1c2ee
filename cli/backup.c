#include <stdio.h>

#include "cli/cmd.h"
#include "cli/desk.h"
#include "cli/out.h"
#include "cli/verbs.h"
#include "vault/acts/backup.h"
#include "vault/acts/copies.h"
#include "vault/acts/restore.h"
#include "vault/base/enc.h"
#include "vault/base/words.h"

static void
json_hex(struct out_json *j, const char *key, const uint8_t *p, size_t len)
{
	char hex[ENC_HEX_LEN(32) + 1];

	enc_hex((struct bytes){ p, len }, hex);
	out_json_text(j, key, hex);
}

/* ---- backup */

static AM_RESULT
list(struct cmd_call *call)
{
	char words[WORDS_TEXT_MAX], vault[ENC_HEX_LEN(16) + 1];
	out_json_auto j = { .to = stdout };
	struct backup_said s;
	struct why why = { 0 };
	const enum am_err err = backup_look(call->args[0], &why, &s);

	if (err != AM_OK)
		return cmd_refuse(err, &why, "read the backup");
	enc_hex((struct bytes){ s.vault, 16 }, vault);
	words_text(s.head.root, words);
	if (call->json) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "vault", vault);
		out_json_text(&j, "origin", s.origin);
		out_json_uint(&j, "statements", s.head.size);
		json_hex(&j, "root", s.head.root, 32);
		out_json_uint(&j, "bytes", s.bytes);
		out_json_uint(&j, "bags", s.bags);
		out_json_uint(&j, "identities", s.identities);
		return AM_OK;
	}
	printf("backup of %s\n", s.origin);
	printf("%lu statements; head in words:\n  %s\n",
	    (unsigned long)s.head.size, words);
	printf("%lu bytes, %zu key bags, %zu of them identities\n",
	    (unsigned long)s.bytes, s.bags, s.identities);
	out_wrapped(stdout, "", 0,
	    "form and sum are right; what is inside is checked by a restore");
	return AM_OK;
}

static void
say_made(
    struct cmd_call *call, const struct desk *d, const struct backup_made *made)
{
	char words[WORDS_TEXT_MAX];
	out_json_auto j = { .to = stdout };

	words_text(made->head.root, words);
	if (call->json) {
		out_json_open(&j, NULL, '{');
		json_hex(&j, "vault", d->session->vault.vault, 16);
		out_json_uint(&j, "statements", made->head.size);
		json_hex(&j, "root", made->head.root, 32);
		out_json_uint(&j, "bytes", made->bytes);
		out_json_uint(&j, "bags", made->bags);
		return;
	}
	cmd_say(call,
	    "'%s': %lu bytes, %lu statements, %zu key bags; head in words: %s",
	    call->args[0], (unsigned long)made->bytes,
	    (unsigned long)made->head.size, made->bags, words);
	cmd_say(call,
	    "no host key is in it: keep a copy of keys/log.key elsewhere, "
	    "under lock; the register key comes back from any official's key");
}

AM_RESULT
backup_make(struct cmd_call *call)
{
	struct backup_made made;
	desk_auto d = { 0 };
	enum am_err err;

	if (cmd_flag(call, "list"))
		return list(call);
	AM_TRY(desk_open(call, true, &d));
	err = backup_write(d.session, call->args[0], &made);
	AM_TRY(desk_done(&d, err, "back up the vault"));
	say_made(call, &d, &made);
	/* it is made all the same */
	if (copies_done(d.session, made.head.size) != AM_OK)
		(void)cmd_complain(AM_ERR_IO, "warning: %s", d.why.text);
	return AM_OK;
}

/* ---- restore */

static void
say_restored(struct cmd_call *call, const struct restore_done *done)
{
	cmd_say(call, "'%s' is restored: %lu statements, by the key of '%s'",
	    call->vault, (unsigned long)done->head.size, done->person);
	if (!done->writable)
		cmd_say(call,
		    "it can be read, not written: put your copy of the log key "
		    "to '%s/keys/log.key', mode 0600; if that is lost, restore "
		    "again with --new-log-key",
		    call->vault);
	if (cmd_flag(call, "new-log-key"))
		cmd_say(call,
		    "it has a new log key; keep a copy of '%s/keys/log.key' "
		    "elsewhere, under lock",
		    call->vault);
	if (done->lost != 0)
		cmd_say(call,
		    "motion m-%u puts the loss of the history up to statement "
		    "%lu to the quorum: each custodian runs 'amanat approve "
		    "m-%u'; until it is enacted nothing else is possible",
		    done->motion, (unsigned long)done->lost, done->motion);
	cmd_say(call, "next: 'amanat doctor' replays the log");
}

static void
json_restored(struct cmd_call *call, const struct restore_done *done)
{
	out_json_auto j = { .to = stdout };
	char motion[16];

	out_json_open(&j, NULL, '{');
	out_json_text(&j, "directory", call->vault);
	out_json_uint(&j, "statements", done->head.size);
	json_hex(&j, "root", done->head.root, 32);
	out_json_text(&j, "person", done->person);
	out_json_bool(&j, "writable", done->writable);
	if (done->lost == 0) {
		out_json_null(&j, "lost");
		out_json_null(&j, "motion");
		return;
	}
	out_json_uint(&j, "lost", done->lost);
	(void)snprintf(motion, sizeof(motion), "m-%u", done->motion);
	out_json_text(&j, "motion", motion);
}

AM_RESULT
backup_restore(struct cmd_call *call)
{
	const struct restore_wish w = { .backup = call->args[0],
		.dir = call->vault,
		.log_key = cmd_opt(call, "log-key"),
		.since = cmd_opt(call, "since"),
		.accept_loss = cmd_flag(call, "accept-loss"),
		.new_log_key = cmd_flag(call, "new-log-key") };
	struct restore_done done;
	desk_auto d = { 0 };
	enum am_err err;

	AM_TRY(desk_prepare(call, &d));
	err = restore_vault(&w, &d.env, &d.why, &done);
	if (err != AM_OK)
		return cmd_refuse(err, &d.why, "restore '%s'", call->vault);
	say_restored(call, &done);
	if (call->json)
		json_restored(call, &done);
	return AM_OK;
}
