#include <stdarg.h>

#include "cli/rescue.h"

#include "cli/out.h"

/* A page has 66 lines: no field takes more than two, and no list more than
 * three, of commands that fit on one. */
enum { CUT = 80, LINKS = 2, LINK_MAX = 44 };

static AM_RESULT
cut(struct bytes text, struct blob *out)
{
	size_t n = text.len < CUT ? text.len : CUT;

	while (n < text.len && n > 0 && (text.p[n] & 0xc0) == 0x80)
		n--; /* not in the middle of a character */
	AM_TRY(blob_add(out, (struct bytes){ text.p, n }));
	if (n < text.len)
		AM_TRY(
		    blob_add(out, (struct bytes){ (const uint8_t *)"...", 3 }));
	return blob_add(out, (struct bytes){ (const uint8_t *)"", 1 });
}

/* The fields that the page speaks of, cut and ended with NUL. */
struct account {
	struct blob name, holder, vendor, customer, mailbox, domain, phone,
	    contract, way, contacts, admins;
};

static void
account_free(struct account *a)
{
	struct blob *const all[] = { &a->name, &a->holder, &a->vendor,
		&a->customer, &a->mailbox, &a->domain, &a->phone, &a->contract,
		&a->way, &a->contacts, &a->admins };

	for (size_t i = 0; i < AM_ARRAY_LEN(all); i++)
		blob_free(all[i]);
}

static AM_RESULT
read_list(const struct subread *r, const struct record *in, enum record_field f,
    struct blob *out)
{
	blob_auto text = { 0 };

	AM_TRY(subread_list(r, in, f, &text));
	return cut(blob_bytes(&text), out);
}

static struct bytes
domain_of(struct bytes mail)
{
	const uint8_t *at = mail.len > 0 ? memchr(mail.p, '@', mail.len) : NULL;

	return at == NULL
	    ? mail
	    : (struct bytes){ at + 1, mail.len - (size_t)(at + 1 - mail.p) };
}

static AM_RESULT
read_account(
    const struct subread *r, const struct record *in, struct account *a)
{
	AM_TRY(cut(in->text[RECORD_NAME], &a->name));
	AM_TRY(cut(in->text[RECORD_HOLDER], &a->holder));
	AM_TRY(cut(in->text[RECORD_VENDOR], &a->vendor));
	AM_TRY(cut(in->text[RECORD_CUSTOMER], &a->customer));
	AM_TRY(cut(in->text[RECORD_MAILBOX], &a->mailbox));
	AM_TRY(cut(domain_of(in->text[RECORD_MAILBOX]), &a->domain));
	AM_TRY(cut(in->text[RECORD_PHONE], &a->phone));
	AM_TRY(cut(in->text[RECORD_CONTRACT], &a->contract));
	AM_TRY(cut(in->text[RECORD_RECOVERY], &a->way));
	AM_TRY(read_list(r, in, RECORD_CONTACTS, &a->contacts));
	return read_list(r, in, RECORD_ADMINS, &a->admins);
}

static const char *
text_of(const struct blob *b)
{
	return (const char *)b->p;
}

/* One paragraph, its first line behind `lead`. */
static void AM_PRINTF(2, 3) say(const char *lead, const char *fmt, ...)
{
	char text[1024]; /* four fields that are cut, and our words */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_wrapped(stdout, lead, strlen(lead), text);
}

/* A paragraph that begins a step. */
static void
step(const char *number, const char *text)
{
	printf("\n");
	say(number, "%s", text);
}

#define STEP  "   "
#define ITEM  "   - "
#define TYPED "       "

static void
print_head(const struct rows_subscription *s, const struct account *a)
{
	say("", "Rescue of '%s' (%s)", text_of(&a->name), s->id);
	say("account:  ", "%s at %s, now %s", text_of(&a->customer),
	    text_of(&a->vendor), subscription_control(s));
	say("belongs:  ", "to %s", text_of(&a->holder));
}

static AM_RESULT
print_alarm(const struct subread *r, const struct rows_subscription *s)
{
	blob_auto path = { 0 };

	step("1. ",
	    "Open an incident, today: its reports count from the discovery.");
	if (s->link_count > 0)
		AM_TRY(subread_link(r, s, 0, &path));
	say(TYPED, "amanat incident open --cause ownership%s%.*s",
	    path.len > 0 ? " --cred " : "", (int)path.len,
	    path.len > 0 ? (const char *)path.p : "");
	if (s->control != ROWS_NOT_CONTROLLED)
		say(TYPED, "amanat sub test %s --failed --evidence FILE",
		    s->id);
	return AM_OK;
}

static void
print_letter(const char *head, const struct account *a)
{
	printf("\n");
	say("2. ",
	    "Letter of the head of the entity (post %s) to %s, on its paper, "
	    "signed and dated:",
	    head, text_of(&a->vendor));
	say(TYPED,
	    "\"Account %s was bought by %s, is paid for by it and belongs to "
	    "it. Whoever entered another name there acted for us, not for "
	    "themselves, and acts for us no more. Take no orders about it but "
	    "from %s, and give its administration to the officials named "
	    "below.\"",
	    text_of(&a->customer), text_of(&a->holder), text_of(&a->mailbox));
	say(ITEM,
	    "Proof of purchase: contract or order %s, its invoices, what was "
	    "paid.",
	    text_of(&a->contract));
	say(ITEM,
	    "Proof of domain: a DNS entry of the vendor's choice under %s.",
	    text_of(&a->domain));
}

static void
print_demands(const struct account *a)
{
	step("3. ", "Ask in the same letter:");
	say(ITEM,
	    "to validate the holder anew, by these papers and not by who can "
	    "log in;");
	say(ITEM,
	    "to freeze all other administrators, sessions and keys until then, "
	    "to delete nothing, and to keep the logs;");
	say(ITEM, "for a case number and a person to call.");
	say(STEP, "To: %s", text_of(&a->contacts));
	say(STEP, "How it gives an account back: %s", text_of(&a->way));
}

static AM_RESULT
print_links(const struct subread *r, const struct rows_subscription *s,
    const char *before, const char *after)
{
	unsigned shown = 0;

	for (size_t i = 0; i < s->link_count && shown < LINKS; i++) {
		blob_auto path = { 0 };

		AM_TRY(subread_link(r, s, i, &path));
		if (path.len > LINK_MAX)
			continue;
		shown++;
		say(TYPED, "amanat %s %.*s %s", before, (int)path.len,
		    (const char *)path.p, after);
	}
	if (shown == 0)
		say(TYPED, "amanat %s SAFE/NAME %s", before, after);
	if (shown < s->link_count)
		say(TYPED, "and %u more, see: amanat sub show %s",
		    s->link_count - shown, s->id);
	return AM_OK;
}

/* The mailbox first: what is changed before can be reset through it. */
static AM_RESULT
print_return(const struct subread *r, const struct rows_subscription *s,
    const struct account *a)
{
	step("4. ",
	    "The vendor has given it back. On that day, two officials "
	    "together, in this order:");
	say(ITEM, "mailbox: %s; phone: %s.", text_of(&a->mailbox),
	    text_of(&a->phone));
	say(ITEM,
	    "change ALL factors: password, seeds, security keys, recovery "
	    "codes, API keys, app passwords, sessions; one that is left lets "
	    "them in again. Deposit each at once:");
	AM_TRY(print_links(r, s, "put", "--new-version"));
	say(ITEM, "each of the two says that they are rotated:");
	AM_TRY(print_links(r, s, "rotate", "--evidence FILE"));
	say(ITEM,
	    "list the administrators, and remove whoever is not one of: %s.",
	    text_of(&a->admins));
	say(TYPED,
	    "amanat sub add FILE --new-version (administrators_checked)");
	return AM_OK;
}

static void
print_end(const struct rows_subscription *s)
{
	step("5. ",
	    "Two officials log in, each alone. With the second it is under "
	    "control, and not before.");
	say(TYPED, "amanat sub test %s --evidence FILE", s->id);
	step("6. ", "Close the incident.");
	say(TYPED, "amanat incident close I --reason TEXT");
}

AM_RESULT
rescue_print(const struct subread *r, const struct rows_subscription *s,
    const struct record *in)
{
	AM_CLEANUP(account_free) struct account a = { 0 };
	const char *head;

	AM_TRY(subread_post(r, s, ROWS_ESCALATION, &head));
	AM_TRY(read_account(r, in, &a));
	print_head(s, &a);
	AM_TRY(print_alarm(r, s));
	print_letter(head, &a);
	print_demands(&a);
	AM_TRY(print_return(r, s, &a));
	print_end(s);
	return AM_OK;
}
