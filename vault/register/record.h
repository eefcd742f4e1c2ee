/*
 * record.h - what is written down of a subscription (domain.md 7.1): the
 * fields, what each may hold, and whether they agree with one another. What
 * they refer to (posts, mailboxes, credentials) is for the rules to look up.
 *
 * A record is an object of texts and lists of texts with exactly these keys;
 * "" and [] where there is nothing. One that was entered before there were
 * csp_status, open_criteria, open_criteria_ref and hosting_approval has none of
 * them, and reads as if they were empty.
 */

#ifndef AM_RECORD_H
#define AM_RECORD_H

#include "vault/log/canon.h"
#include "vault/register/dates.h"

enum {
	RECORD_TEXT_MAX = 1024, /* bytes of a text */
	RECORD_NAME_MAX = 128,
	RECORD_LIST_MAX = 32,
	RECORD_LINKS_MAX = 16,
	RECORD_MAIL_MAX = 254,
};

/* Symbol, key, kind, needed, what it is (for the manual and `sub lint`). */
/* clang-format off */
#define RECORD_FIELDS(X)							\
	X(NAME, "name", LABEL, true, "plain name")				\
	X(PURPOSE, "purpose", TEXT, true, "what it is for")			\
	X(CLASS, "class", CLASS, true, "class of its data")			\
	X(REACH, "reach", CLASS, true, "class of what it can reach")		\
	X(USERS, "users", TEXT, false, "who uses it")				\
	X(VENDOR, "vendor", TEXT, true, "legal name of the vendor")		\
	X(RESELLER, "reseller", TEXT, false, "who sells it")			\
	X(CONTRACT, "contract", TEXT, true, "number of contract or order")	\
	X(TYPE, "type", TYPE, true, "new, renewal, repeat-order or call-off")	\
	X(START, "start", DAY, true, "first day")				\
	X(END, "end", DAY, true, "last day")					\
	X(RENEWS, "renews", RENEWS, true, "no, or the months it renews itself for: 12m") \
	X(NOTICE, "notice", SPAN, true, "notice period")			\
	X(PROCUREMENT, "procurement", SPAN, true, "how long an order takes")	\
	X(MARGIN, "margin", DAYS, false, "days before that")			\
	X(PRICE, "price", TEXT, false, "price of a term")			\
	X(CURRENCY, "currency", CURRENCY, false, "its currency")		\
	X(PAYMENT, "payment", PAYMENT, true, "po, invoice, card or personal")	\
	X(BUDGET_HEAD, "budget_head", TEXT, true, "account that pays")		\
	X(FISCAL_YEAR, "fiscal_year", YEAR, true, "such as 2021-22")		\
	X(SLA, "sla", TEXT, false, "reference of the service level")		\
	X(OWNER, "owner", POST, true, "post that answers for it")		\
	X(DEPUTY, "deputy", POST, true, "post that stands in")			\
	X(TECHNICAL, "technical", POST, true, "post that runs it")		\
	X(BUDGET, "budget", POST, true, "post that pays")			\
	X(ESCALATION, "escalation", POST, true, "post above: head of entity")	\
	X(HOLDER, "account_holder", TEXT, true, "legal entity that holds the account") \
	X(CUSTOMER, "customer", TEXT, true, "tenant or customer number")	\
	X(MAILBOX, "mailbox", MAIL, true, "registered role mailbox")		\
	X(PHONE, "recovery_phone", PHONE, true, "office NUMBER, or token LABEL") \
	X(MFA, "mfa", LINKS, false, "second factors: SAFE/NAME")		\
	X(ADMINS, "administrators", WHO, true, "administrators at the vendor: posts, persons, role mailboxes") \
	X(ADMINS_CHECKED, "administrators_checked", DAY, true, "when that was checked") \
	X(RECOVERY, "vendor_recovery", TEXT, true, "how the vendor gives an account back, and the proof") \
	X(CONTACTS, "vendor_contacts", TEXTS, true, "two or more")		\
	X(OWNERSHIP_TEST, "ownership_test", DAY, true, "when ownership was last tested") \
	X(ORIGIN, "origin", COUNTRY, true, "country of origin")			\
	X(ULTIMATE_OWNER, "ultimate_owner", COUNTRY, true, "country of the ultimate owner") \
	X(DEVELOPER, "developer", COUNTRY, true, "country of the developer")	\
	X(DATA_LOCATION, "data_location", COUNTRY, true, "country of the data")	\
	X(SUPPORT_LOCATION, "support_location", COUNTRY, false, "country of support") \
	X(STATUS, "csp_status", STATUS, false, "with the Cloud Office: registered or accredited") \
	X(ACCREDITATION, "accreditation", TEXT, false, "of the provider")	\
	X(CERTIFICATES, "certificates", TEXTS, false, "of the provider")	\
	X(DILIGENCE, "due_diligence", DAY, true, "when the supplier was checked") \
	X(DILIGENCE_HASH, "due_diligence_hash", HASH, true, "SHA-256 of that file") \
	X(CRITERIA, "open_criteria", DAY, false, "when the criteria of class open went to the Cloud Office") \
	X(CRITERIA_REF, "open_criteria_ref", TEXT, false, "reference of that") \
	X(APPROVAL, "hosting_approval", TEXT, false, "reference of the approval of the hosting") \
	X(EXPORT, "export_format", TEXT, false, "how the data come out")	\
	X(DELETION, "deletion_proof", TEXT, false, "how deletion is proved")	\
	X(REPLACEMENTS, "replacements", TEXTS, false, "candidates")		\
	X(HANDOVER, "handover", TEXT, true, "what a successor has to know")	\
	X(CREDENTIALS, "credentials", LINKS, false, "what renewing needs: SAFE/NAME") \
	X(LEADS, "leads", LEADS, false, "days before the decision and the end")	\
	X(AFTER, "after", LEADS, false, "days after the end")			\
	X(REPEAT, "repeat", DAYS, false, "and then every so many days")
/* clang-format on */

enum record_field {
#define X(symbol, key, kind, needed, what) RECORD_##symbol,
	RECORD_FIELDS(X)
#undef X
};
enum {
#define X(symbol, key, kind, needed, what) +1 /* NOLINT */
	RECORD_COUNT = 0 RECORD_FIELDS(X)
#undef X
};

struct record {
	struct bytes text[RECORD_COUNT];         /* lent */
	const struct json_t *list[RECORD_COUNT]; /* NULL: it is a text */
};

/* The keys, in the order of the enum, and what they are. */
const char *record_key(enum record_field f);
const char *record_what(enum record_field f);
bool record_is_list(enum record_field f);
/* One that is given as SAFE/NAME and kept as the id of the record, in hex. */
bool record_is_link(enum record_field f);

/* Errors: AM_ERR_CORRUPT (other keys, another type). */
AM_RESULT record_read(const struct json_t *obj, struct record *out);

/* Calls `fn` for every field that is missing, no such thing, or at odds with
 * another. `rule` is of domain.md: "R-1". Errors: that of `fn`. */
typedef enum am_err record_fault(
    void *arg, enum record_field f, const char *rule, const char *text);
AM_RESULT record_check(const struct record *r, record_fault *fn, void *arg);

/* Of a record without faults. */
struct record_dates {
	int32_t start;
	struct dates_plan plan;
};
void record_dates(const struct record *r, struct record_dates *out);

/* somebody@where, and one of those that anybody gets for nothing. */
bool record_is_mail(struct bytes text);
bool record_is_free_mail(struct bytes text);
/* Two capital letters (ISO 3166). */
bool record_is_country(struct bytes text);

#endif /* AM_RECORD_H */
