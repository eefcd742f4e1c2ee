#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"

#include "cli/out.h"
#include "cli/verbs.h"

static enum am_err help(struct cmd_call *call);
static enum am_err version(struct cmd_call *call);

static const struct cmd cmds[] = {
	{ "founding", "init", "", "make a vault", 0, 0, found_init,
	    { { "name", "NAME", "name of the vault, for people" },
		{ "rp-id", "HOST",
		    "a host name of your office; fixed for ever" },
		{ "founder", "ID", "short id of the founder (founder)" },
		{ "founder-name", "NAME", "the founder's post or name" },
		{ "evaluation", NULL,
		    "allow software keys; marked so for ever" } },
	    .needs = "--name NAME --rp-id HOST", .touches = 9,
	    .more = "Makes the directory of --vault and enrols the key that is "
		    "plugged in as the founder's. Nothing is there until the "
		    "last touch. Next: person add." },
	{ "founding", "person add", "ID", "enter a person", 1, 1, person_add,
	    { { "name", "NAME", "post or name, as in the file" },
		{ "kind", "KIND", "official (default), contractor or auditor" },
		{ "sponsor", "ID", "who answers for a contractor" },
		{ "until", "DATE", "last day of a contractor's contract" } },
	    .needs = "--name NAME", .touches = 2,
	    .more = "Contractors and auditors hold no share and may not ask; "
		    "they may deposit, a contractor until the contract ends. "
		    "Next: token enrol." },
	{ "founding", "person list", "", "list people", 0, 0, person_list,
	    { { 0 } }, .touches = 0 },
	{ "founding", "person show", "ID", "show a person and the keys", 1, 1,
	    person_show, { { 0 } }, .touches = 0 },
	{ "founding", "token enrol", "PERSON", "enrol a person's key", 1, 1,
	    tokens_enrol,
	    { { "label", "LABEL", "what is written on the key" },
		{ "reason", "TEXT", "what those who decide are told" },
		{ "anew", NULL, "none of the person's keys is left" } },
	    .needs = "--label LABEL", .touches = 8,
	    .more =
		"Plug in both, the new key and one that is enrolled: for a "
		"first key that of whoever enrols it, the founder's until the "
		"first safe is active; for a further key another one of the "
		"same person, and until then the founder's too, or it waits. "
		"The new key's PIN is asked for last. It is "
		"tested, then enrolled. While founding, the founder's touch "
		"admits it; later the custodians of the first safe decide: "
		"amanat approve m-N." },
	{ "founding", "token list", "", "list keys", 0, 0, tokens_list,
	    { { 0 } }, .touches = 0 },
	{ "founding", "token place", "LABEL PLACE", "say where a key is kept",
	    2, 2, tokens_place, { { 0 } }, .touches = 1,
	    .more = "PLACE is plain text, such as 'HQ safe 2'. For the owner "
		    "of the key or any official. Some levels ask each "
		    "custodian for keys at different places." },
	{ "offices", "post add", "ID", "make a post", 1, 1, office_post_add,
	    { { "title", "TEXT", "as in the orders" },
		{ "wing", "WING",
		    "owner, audit, security, legal, outside, ..." },
		{ "succeeds", "POST", "the post in whose place it comes" },
		{ "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--title TEXT", .touches = 1,
	    .more = "Rules ask for posts, never for names. The founder makes "
		    "them at once; later the custodians decide: amanat approve "
		    "m-N. A post that succeeds another counts as that one "
		    "wherever rules name it. Next: appoint." },
	{ "offices", "post list", "", "list posts and who holds them", 0, 0,
	    office_post_list, { { 0 } }, .touches = 0 },
	{ "offices", "appoint", "PERSON POST", "enter an appointment", 2, 2,
	    office_appoint_verb,
	    { { "kind", "KIND",
		  "substantive, additional, current, acting, look-after, "
		  "contract or surrogate" },
		{ "order", "NO", "number of the order" },
		{ "authority", "TEXT", "who gave it" },
		{ "from", "DATE", "first day served" },
		{ "to", "DATE", "last day served; only substantive has none" },
		{ "employer", "NAME", "whose staff the person is" },
		{ "line", "NAME", "reporting line" },
		{ "site", "NAME", "where the person works" },
		{ "wing", "NAME", "else: of the post" },
		{ "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--kind KIND --order NO --authority TEXT --from DATE",
	    .touches = 1,
	    .more = "It ends to the second: at midnight PKT after the last "
		    "day nothing that the person signs counts, and approvals "
		    "given for open requests lapse. It is never prolonged: a "
		    "new period is a new order. The founder enters it at once; "
		    "later the custodians decide: amanat approve m-N." },
	{ "offices", "absent", "[PERSON]", "record that somebody is away", 0, 1,
	    office_absent,
	    { { "to", "DATE", "last day away" },
		{ "from", "DATE", "first day away (now)" },
		{ "reason", "TEXT", "stays in the log" },
		{ "end", NULL, "you are back" } },
	    .needs = "--to DATE | --end", .touches = 1,
	    .more = "For anyone, of anyone; without PERSON of yourself. Who is "
		    "away is not counted on, and does not approve. Only they "
		    "end it, with --end and a key of theirs." },
	{ "offices", "waive", "RULE SUBJECT", "move that a rule need not hold",
	    2, 2, waivers_run,
	    { { "until", "DATE", "the last day of the waiver" },
		{ "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--until DATE --reason TEXT", .touches = 1,
	    .more = "C-2 SAFE: a custodian with fewer keys or places of keys "
		    "than its level asks. X-8 SAFE: a committee below what "
		    "its level asks. 5.7 SAFE: no recovery committee as it "
		    "asks. X-14 "
		    "SAFE/NAME: a lower class than before. A-3 LEVEL.KEY: a "
		    "value weaker than shipped. A-3 SAFE: its rules ask for "
		    "less than its level. R-8 SUBSCRIPTION: an origin on "
		    "the deny list; R-14: hosting elsewhere, or without an "
		    "approval; R-15: a supplier that is not examined again. A "
		    "quorum decides: amanat approve m-N. It "
		    "stands in every report for ever." },
	{ "subscriptions", "sub add", "[FILE]", "enter a subscription", 0, 1,
	    sub_add,
	    { { "set", "FIELD=VALUE...", "a field that is not in the file" },
		{ "new-version", NULL,
		    "change the record of one that is there: without FILE "
		    "only the fields of --set, such as id=mdm" } },
	    .touches = 1,
	    .more = "FILE is YAML with the fields of amanat(1), "
		    "SUBSCRIPTIONS; --set name='...' is one more of them, and "
		    "--set mfa='[safe/a, safe/b]' a list. Everything that is "
		    "missing or wrong is "
		    "named at once (40); an origin on the deny list is "
		    "refused (10). Next: sub renew --step active." },
	{ "subscriptions", "sub list", "", "list subscriptions by urgency", 0,
	    0, sublist_list,
	    { { "at", "DATE", "as it will be then" },
		{ "html", "FILE", "a year as a page to print, in its place" } },
	    .touches = 0,
	    .more = "REACH says whether the people who will be in office on "
		    "the day that counts can open what renewing needs. 31: a "
		    "decision or an end was missed; 30: something is out of "
		    "reach." },
	{ "subscriptions", "sub show", "ID", "show a subscription", 1, 1,
	    subshow_show, { { "dossier", NULL, "the whole record too" } },
	    .touches = 0 },
	{ "subscriptions", "sub lint", "", "check the whole register", 0, 0,
	    subcheck_lint, { { 0 } }, .touches = 0,
	    .more = "What was right when it was entered may not be so any "
		    "more: a mailbox that was given up, an administrator who "
		    "has left, a new deny list. 40: something is wrong." },
	{ "subscriptions", "sub renew", "ID", "take a step of a renewal", 1, 1,
	    sub_renew,
	    { { "step", "STEP",
		  "active, decision, renewing, replacing, ending, verified" },
		{ "choice", "CHOICE", "of a decision: renew, replace or end" },
		{ "order", "NUMBER", "of the contract or order" },
		{ "end", "DATE", "the new last day" },
		{ "for", "MONTHS", "in its place: the new term, such as 12m" },
		{ "from", "DATE", "... from that day (old-end)" },
		{ "evidence", "FILE", "what proves it; the log has its hash" },
		{ "post", "POST", "the post you act in" } },
	    .needs = "--step STEP --evidence FILE", .touches = 1,
	    .more = "For who holds one of its posts. No step is left out; "
		    "'amanat sub show ID' names the next one. Verified needs "
		    "two login tests (sub test) of the last thirty days." },
	{ "subscriptions", "sub close", "ID", "close a subscription", 1, 1,
	    sub_close,
	    { { "order", "NUMBER", "of the notice or of the proof" },
		{ "end", "DATE", "the day it ended" },
		{ "evidence", "FILE", "what proves it, such as the deletion" },
		{ "post", "POST", "the post you act in" } },
	    .needs = "--order NUMBER --end DATE --evidence FILE", .touches = 1,
	    .more = "After a decision to replace or end it, and 'verified'." },
	{ "subscriptions", "sub test", "ID", "record that a login was tried", 1,
	    1, sub_test,
	    { { "evidence", "FILE", "such as a print of the vendor's page" },
		{ "failed", NULL, "it did not work" } },
	    .needs = "--evidence FILE", .touches = 1,
	    .more = "The account counts as controlled once two different "
		    "officials have logged in." },
	{ "subscriptions", "sub ack", "ID", "acknowledge its reminders", 1, 1,
	    sub_ack, { { "post", "POST", "the post you act in" } },
	    .touches = 1,
	    .more = "Says that it was seen, by somebody in one of its posts; "
		    "until then 'amanat due' asks the next post after seven "
		    "days. A missed decision is not acknowledged away." },
	{ "subscriptions", "sub note", "ID", "print a hand-over note", 1, 1,
	    subshow_note,
	    { { "rescue", NULL, "the steps when the account is not yours" } },
	    .touches = 0,
	    .more = "One page: what, whom to call, the next dates, what is "
		    "open, how to get access. With --rescue what to do when "
		    "the account stands in somebody else's name: the letter "
		    "to the vendor, the proofs, and what to change once it is "
		    "back." },
	{ "subscriptions", "sub ics", "[ID]", "print deadlines as a calendar",
	    0, 1, subexport_ics, { { "with-price", NULL, "prices too" } },
	    .touches = 0,
	    .more = "iCalendar (RFC 5545) on standard output, of one or of "
		    "all: a task for the decision, and an all-day event for "
		    "every reminder, for clients that pass over alarms. No "
		    "secret, and no price unless asked." },
	{ "subscriptions", "sub export", "", "print the register as a table", 0,
	    0, subexport_table,
	    { { "format", "FORMAT", "csv (default) or json" },
		{ "records", NULL, "all fields, as import reads them" },
		{ "with-price", NULL, "prices too" } },
	    .touches = 0,
	    .more = "One row a subscription, in the order of entry, on "
		    "standard output: for a spreadsheet or another register. "
		    "A cell that a spreadsheet would run begins with '. "
		    "--records prints the fields of every record that is not "
		    "closed, for import --as subscriptions. No secret, and no "
		    "price unless asked." },
	{ "subscriptions", "remind", "", "tell what is raised, for a timer", 0,
	    0, remind_run,
	    { { "sendmail", "ADDRESS", "by mail, to a role mailbox" },
		{ "command", "FILE",
		    "to that program, as JSON on its standard input" } },
	    .touches = 0,
	    .more = "Each reminder, each step to the next post and each "
		    "missed date once, however long ago the last run was; "
		    "what was not delivered is told again. Never a secret. "
		    "No key is needed. 'amanat due' and doctor notice when no "
		    "run has succeeded for 48 hours." },
	{ "subscriptions", "sub orphans", "", "find what stands alone", 0, 0,
	    subcheck_orphans, { { 0 } }, .touches = 0,
	    .more = "Credentials that no subscription needs, subscriptions "
		    "without one, and owners whose post is vacant (31)." },
	{ "subscriptions", "sub entity", "FILE", "describe the agency", 1, 1,
	    sub_entity, { { 0 } }, .touches = 1,
	    .more = "FILE is YAML: id, name as in contracts, mailboxes (role "
		    "mailboxes), holidays (days), surrender (last day for "
		    "spending, such as 04-30). A later file replaces it." },
	{ "subscriptions", "sub deny", "VERSION COUNTRIES",
	    "move a list of countries", 2, 2, sub_deny,
	    { { "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "Nothing whose origin, ultimate owner, developer, data or "
		    "support is in one of COUNTRIES (IN,IL) is entered or "
		    "renewed, but for a waiver: amanat waive R-8 ID. A quorum "
		    "decides; versions rise." },
	{ "lost keys", "lost", "LABEL", "suspend a lost key, at once", 1, 1,
	    suspension_lost, { { "reason", "TEXT", "else: reported lost" } },
	    .touches = 1,
	    .more = "For anyone with a key of their own. The lost key signs "
		    "nothing from now on. Its owner can have it lifted, with "
		    "another key and a quorum." },
	{ "lost keys", "token suspend", "[LABEL]", "suspend a key or person", 0,
	    1, suspension_suspend,
	    { { "person", "ID", "a person, not a key" },
		{ "reason", "TEXT", "stays in the log" },
		{ "confirm", NULL, "move that a quorum confirms it" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more =
		"At once, on one person's word. Who is suspended signs "
		"nothing, but may still help to lift the suspensions of "
		"others, until a quorum confirms it: --confirm moves that." },
	{ "lost keys", "token lift", "[LABEL]", "move to lift a suspension", 0,
	    1, suspension_lift,
	    { { "person", "ID", "a person, not a key" },
		{ "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "For a key its owner does this, with another key; for a "
		    "person anyone else does. A quorum decides: amanat approve "
		    "m-N. Nobody votes on their own suspension." },
	{ "lost keys", "token retire", "LABEL", "end a key, for good", 1, 1,
	    suspension_retire,
	    { { "reason", "TEXT", "stays in the log" },
		{ "receipt", "TEXT", "where it went: a receipt's number" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "Its owner does this, with another key; or anyone, once a "
		    "quorum has confirmed that it is suspended, or its owner "
		    "has left. It cannot be undone." },
	{ "lost keys", "token slot", "", "have both your keys open your shares",
	    0, 0, suspension_slot,
	    { { "alone", NULL, "one key, and no other is left" } },
	    .touches = 0,
	    .more =
		"Plug in two keys of yours. What one of them opens, both "
		"open afterwards: two touches for each share that only one "
		"opens. Needed after a committee has changed. With --alone a "
		"new identity is made for the one key, and what the old "
		"one has asked for is lost." },
	{ "safes", "safe create", "ID", "plan a safe and its committee", 1, 1,
	    safe_create,
	    { { "quorum", "K", "how many must approve, 2 to n-1" },
		{ "custodians", "A,B,C", "who holds a share, 3 to 16" },
		{ "level", "LEVEL",
		    "baseline (default), intermediate, enhanced, maximum" },
		{ "within", "TIME", "how long set-up may take (7d)" } },
	    .needs = "--quorum K --custodians A,B,C", .touches = 2,
	    .more = "Next: every custodian runs 'safe join' three times, each "
		    "time after all others have done the step before." },
	{ "safes", "safe join", "ID", "do the step that you owe", 1, 1,
	    change_join, { { 0 } }, .touches = 2,
	    .more = "Three steps make the key of a safe that nobody ever "
		    "holds, or hand it to the next committee: all custodians "
		    "join, then the dealers deal, then all accept. This does "
		    "the next one that you owe, or says whom it waits for; "
		    "after a change it erases your old share. At the end read "
		    "the eight words to the others: all see the same. A deal "
		    "that is bad is named, and you are asked whether to "
		    "complain." },
	{ "safes", "safe reshare", "ID", "plan the next committee", 1, 1,
	    change_reshare,
	    { { "custodians", "A,B,C",
		  "all members of the next one (those of now who can act)" },
		{ "quorum", "K", "how many must approve (as now)" },
		{ "recovery", NULL, "make or renew the recovery committee" },
		{ "from-recovery", NULL,
		    "let that one deal: the operating one is lost" },
		{ "dealers", "A,B,C", "who hands the key on (k who can)" },
		{ "within", "TIME",
		    "how long it may take (7d, after objections)" },
		{ "plan", NULL, "only show batches for a mass change" },
		{ "until", "DATE", "with --plan: its last day" },
		{ "reason", "TEXT", "stays in the log" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "For who leaves, who comes, another quorum, or a refresh: "
		    "with --reason alone, the same people get new shares and "
		    "the old ones become worthless. The key and what is sealed "
		    "with it stay. The committee of now goes on until all of "
		    "the next one have accepted; a plan that is not finished "
		    "in time changes nothing. Next: safe join." },
	{ "safes", "safe abort", "ID", "give a planned change up", 1, 1,
	    change_abort,
	    { { "recovery", NULL, "that of the recovery committee" },
		{ "reason", "TEXT", "stays in the log" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "Whoever planned it, deals or becomes a member can. The "
		    "committee stays as it is." },
	{ "safes", "safe status", "[ID]", "show safes and who has to act", 0, 1,
	    safe_status,
	    { { "check", NULL,
		"exit 30 when a safe is locked, or the next loss would" } },
	    .touches = 0,
	    .more = "A custodian counts who has not left, is not suspended, "
		    "has a key, and proved in a drill, or by accepting the "
		    "share, within the level's interval." },
	{ "safes", "drill", "[SAFE]",
	    "prove that keys open shares, or call for it", 0, 1, drill_run,
	    { { "within", "TIME", "how long the drill is open (14d)" },
		{ "recovery", NULL, "of the recovery committee" },
		{ "report", NULL, "show who proved in the last drill" } },
	    .touches = 2,
	    .more = "If a drill is open in which you have not proved, you do: "
		    "two touches. Else it calls one, after a question: one "
		    "touch. Nothing is rebuilt and nothing opened." },
	{ "credentials", "put", "SAFE/NAME", "seal a credential", 1, 1,
	    credential_put,
	    { { "type", "TYPE",
		  "login, totp, api-key, private-key, recovery-codes, file, "
		  "note (default)" },
		{ "class", "CLASS",
		    "open, public, restricted (default), sensitive, secret" },
		{ "reach", "CLASS",
		    "the highest class that it opens the way to" },
		{ "can-reset", "SAFE/NAME,...",
		    "credentials that it can reset, as a mailbox can" },
		{ "from", "FILE", "read the secret there, not from stdin" },
		{ "user", "USER", "with --type login" },
		{ "url", "URL", "with --type login" },
		{ "new-version", NULL, "of a credential that exists" } },
	    .touches = 1,
	    .more = "The secret is asked for twice at a terminal, or read from "
		    "a file or pipe: 1 byte to 1 MiB. Afterwards only the "
		    "custodians together can open it, not you. Its level is "
		    "the highest of its class, of --reach and of all that it "
		    "can reset; a safe of a lower level refuses it." },
	{ "credentials", "import", "FILE...",
	    "seal many, or enter contracts, with one touch", 1, CMD_ARGS_MAX,
	    import_file,
	    { { "safe", "SAFE", "for rows that name none" },
		{ "class", "CLASS", "for rows that give none (restricted)" },
		{ "type", "TYPE", "for rows that give none" },
		{ "format", "FORMAT",
		    "csv, bitwarden, keepass, pass or 1pux; else seen" },
		{ "map", "FILE.yaml", "what the columns of a CSV file mean" },
		{ "as", "KIND", "credentials, or subscriptions (of CSV)" },
		{ "skip-existing", NULL, "pass over names that exist" },
		{ "skip-refused", NULL, "pass over rows at fault" },
		{ "status", NULL,
		    "one table of the files of 'export --status'; no key" },
		{ "keys", "FILE", "with --status: keys.txt of those vaults" },
		{ "dry-run", NULL, "show what would be made; needs no key" } },
	    .touches = 1,
	    .more = "Reads CSV, the unencrypted JSON export of Bitwarden, the "
		    "XML export of KeePass 2, the 1PUX export of 1Password, "
		    "and the directory of pass, whose "
		    "entries gpg decrypts. Checks the whole file first; "
		    "a row at fault is named, and then nothing is sealed. "
		    "Columns of CSV: name and secret (or password), and user, "
		    "url, notes, totp, safe, class, type; with --map, any. "
		    "One-time codes become a credential of their own, "
		    "NAME-totp. After a stop, --skip-existing goes on. Remove "
		    "the file afterwards: it holds the secrets in clear. --as "
		    "subscriptions enters records of the register instead: a "
		    "row each, the columns their fields (amanat(1), "
		    "SUBSCRIPTIONS) and id. With --status it takes up to 64 "
		    "files and no vault." },
	{ "credentials", "list", "[SAFE]", "list credentials", 0, 1,
	    credential_list,
	    { { "due", NULL,
		"those that are soon to be changed or tested in any case" } },
	    .touches = 0 },
	{ "credentials", "show", "SAFE/NAME|REQUEST|MOTION",
	    "show a record, a request or a motion", 1, 1, credential_show,
	    { { 0 } }, .touches = 0,
	    .more = "Secrets are never shown; that takes ask and open." },
	{ "requests", "ask", "SAFE/NAME", "ask for a credential", 1, 1,
	    request_ask,
	    { { "reason", "TEXT", "what its approvers judge" },
		{ "ticket", "TEXT", "file or ticket number" },
		{ "renewal", "ID",
		    "in their place: the subscription that needs it" },
		{ "dry-run", NULL, "show what it would need; ask nothing" },
		{ "for", "TIME",
		    "how long it holds, at most 72h (4h; with a cool-off a day "
		    "more)" },
		{ "version", "N", "an older one than the newest" },
		{ "break-glass", NULL, "an emergency; marked so for ever" },
		{ "recovery", NULL,
		    "ask the recovery committee; with --break-glass" } },
	    .needs = "--reason TEXT | --renewal ID", .touches = 1,
	    .more = "Prints the request's id and eight words. Tell the "
		    "custodians the id and read them the words; when enough "
		    "have approved, 'amanat open' reads it." },
	{ "requests", "approve", "REQUEST|MOTION", "approve it with your key",
	    1, 1, request_approve,
	    { { "dry-run", NULL, "only show it; needs no key" } }, .touches = 2,
	    .more =
		"Shows who asks, for what, why and until when, and eight "
		"words. Compare the words with those that the requester reads "
		"to you. Then your PIN and two touches: the first unlocks your "
		"share, the second signs. Until the second, Ctrl-C stops and "
		"nothing is changed. If in doubt: amanat decline. A motion "
		"(m-1) takes one touch, and the yes that completes its quorum "
		"a second one, which puts it into effect." },
	{ "requests", "decline", "REQUEST|MOTION", "refuse it with your key", 1,
	    1, request_decline, { { "reason", "TEXT", "shown to who asks" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more =
		"Your refusal and reason stay in the log. When so many have "
		"declined that not enough are left, the request is over." },
	{ "requests", "motions", "", "list what waits for a quorum's vote", 0,
	    0, motions_list, { { "all", NULL, "also what is over" } },
	    .touches = 0,
	    .more = "Who is admitted and what is lifted is for the custodians "
		    "of the first safe to decide: amanat approve m-N, amanat "
		    "decline m-N." },
	{ "requests", "open", "REQUEST", "read what was approved", 1, 1,
	    request_open,
	    { { "output", "FILE", "write it there (0600), not to stdout" },
		{ "field", "NAME", "user, url, ... instead of the secret" } },
	    .touches = 2,
	    .more = "Only the requester; once, or as often as the rules of "
		    "the safe say while the grant lasts. FILE must not exist "
		    "yet." },
	{ "requests", "rotate", "SAFE/NAME",
	    "record that a new version is in force", 1, 1, exposure_rotate,
	    { { "evidence", "FILE...", "its SHA-256 is kept, not the file" } },
	    .needs = "--evidence FILE", .touches = 1,
	    .more = "First change it at the vendor and put the new version "
		    "with 'put --new-version'. Two people then say that it is "
		    "in force, each with the same evidence, such as a print "
		    "of the vendor's page. Until the second has, everybody "
		    "who knows an older version stays exposed." },
	{ "requests", "tested", "SAFE/NAME", "record that the login works", 1,
	    1, tested_login,
	    { { "evidence", "FILE...", "its SHA-256 is kept, not the file" } },
	    .touches = 1,
	    .more = "What a contractor deposits is unverified until two "
		    "officials have logged in with it and say so, each with "
		    "their own key. 'amanat show SAFE/NAME' has the times." },
	{ "leaving", "depart", "[PERSON]", "record that a person leaves", 0, 1,
	    depart_person,
	    { { "effective", "TIME", "when the person left, or a date" },
		{ "kind", "KIND",
		    "transfer, resignation, contract-end, retirement, "
		    "dismissal, deceased" },
		{ "reason", "TEXT", "order or letter; stays in the log" },
		{ "no-plan", NULL,
		    "plan no new committees: a successor is to be in them" },
		{ "quiet", NULL, "seal it until --effective; suspend nobody" },
		{ "quiet-of", "Q", "record what is sealed as q-N" },
		{ "withdraw", NULL, "... or that nothing follows from it" },
		{ "status", NULL, "show what is still open; needs no key" },
		{ "close", NULL, "close it: nothing is open any more" },
		{ "certificate", NULL, "print the leaver's certificate" } },
	    .touches = 2,
	    .more =
		"One person's key is enough, anybody's but the leaver's. "
		"The leaver is suspended at once, whatever follows from "
		"it; only a quorum can lift that. For each safe of "
		"theirs the next committee is planned, the same people "
		"without them: one touch more. Then it says what "
		"follows: committees to change, credentials that must be "
		"rotated, keys to take back. 'depart --status' shows what "
		"is left (31: overdue); 'depart --close' signs the "
		"certificate when nothing is. With --quiet only a hash "
		"goes into the log until the day, which names nobody, and "
		"nothing happens by itself: 'depart --quiet-of q-N' then." },
	{ "leaving", "exposure", "", "show who knows which version of what", 0,
	    2, exposure_list,
	    { { "person", "ID", "what this person knows" },
		{ "credential", "SAFE/NAME", "who knows this" },
		{ "accept", NULL,
		    "move that the risk be accepted: PERSON SAFE/NAME" },
		{ "until", "DATE", "with --accept: last day" },
		{ "reason", "TEXT", "with --accept" } },
	    .touches = 1,
	    .more = "Who has opened or deposited a version knows it until it "
		    "is rotated. 'exposure --accept PERSON SAFE/NAME --until "
		    "DATE --reason TEXT' makes a motion instead, on which the "
		    "custodians vote. Only --accept needs a key." },
	{ "leaving", "due", "", "show what somebody owes, by date", 0, 0,
	    due_list, { { "at", "DATE", "as it will be then" } }, .touches = 0,
	    .more = "Exit status 31 when something is overdue. Changes "
		    "nothing and needs no key." },
	{ "leaving", "me", "", "show what you owe, accept your duties", 0, 0,
	    due_me,
	    { { "person", "ID", "of this person, without a key" },
		{ "duties", NULL, "print the duties of a custodian" },
		{ "accept", NULL, "accept them again, with your key" } },
	    .touches = 0,
	    .more = "Finds out whose key is plugged in; asks for no PIN and no "
		    "touch. Exit status 31 when something is overdue. With "
		    "--accept it shows the duties, asks, and takes the PIN and "
		    "one touch; accepting a share accepts them as well." },
	{ "incidents", "incident open", "", "record an incident", 0, 0,
	    incident_open,
	    { { "cause", "TEXT", "what happened, as far as it is known" },
		{ "discovered", "TIME", "when somebody found out (now)" },
		{ "cred", "SAFE/NAME", "the credential it is about" },
		{ "token", "LABEL", "the key it is about" },
		{ "person", "ID", "the person it is about" },
		{ "freeze", NULL, "stop what it is about, at once" },
		{ "quiet", NULL, "seal the cause; its hash is in the log" },
		{ "until", "TIME", "... and from then on it is shown" } },
	    .touches = 1,
	    .more = "For anyone with a key. With --freeze nothing of what is "
		    "named, or nothing at all where nothing is named, is "
		    "approved or opened until a quorum lifts it, and requests "
		    "that are open are cancelled. The times for the reports "
		    "run from the discovery: 'amanat due'. A stolen key or a "
		    "person is suspended besides: token suspend. --quiet keeps "
		    "the words of --cause from being shown before --until, at "
		    "most 90 days; nothing else is hidden, and who holds the "
		    "register key can read it." },
	{ "incidents", "incident list", "", "list incidents", 0, 0,
	    incident_list, { { 0 } }, .touches = 0 },
	{ "incidents", "incident show", "I", "show an incident, what is owed",
	    1, 1, incident_show, { { 0 } }, .touches = 0 },
	{ "incidents", "incident note", "I", "note a fact, reaction or report",
	    1, 1, incident_note,
	    { { "what", "TEXT", "in words" },
		{ "owner", "ID", "a reaction: who does it" },
		{ "due", "TIME", "... until when" },
		{ "done", "N", "that reaction is done" },
		{ "sent", "REPORT", "first, detail or final: it is sent" },
		{ "evidence", "FILE...",
		    "its SHA-256 is kept, not the file" } },
	    .needs = "--what TEXT | --sent REPORT", .touches = 1,
	    .more = "A reaction has an owner and a time, and keeps the "
		    "incident open until --done. With --sent the hash of the "
		    "report, as the log has it now, is recorded: print it "
		    "afterwards with 'incident export I --report REPORT', and "
		    "send that." },
	{ "incidents", "incident close", "I", "close an incident", 1, 1,
	    incident_close, { { "reason", "TEXT", "stays in the log" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "When no reaction is open and no freeze in force." },
	{ "incidents", "incident lift", "I", "move that its freeze is lifted",
	    1, 1, incident_lift,
	    { { "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--reason TEXT", .touches = 1,
	    .more = "A quorum decides: amanat approve m-N. Nobody votes whom "
		    "the freeze names. What it has cancelled stays so." },
	{ "incidents", "incident export", "I", "print the report", 1, 1,
	    incident_export,
	    { { "format", "FORMAT", "md (default) or json" },
		{ "report", "REPORT",
		    "first, detail or final, as it was sent" } },
	    .touches = 0,
	    .more = "Made from the log: who knows what is concerned, "
		    "every access with its approvals, what was refused, what "
		    "was done. One that was sent is printed byte for byte." },
	{ "evidence", "review", "[SAFE|REQUEST]",
	    "record what, or who, was looked at", 0, 1, review_run,
	    { { "finding", "TEXT", "what was found" },
		{ "person", "ID", "a person, not a safe or request" } },
	    .needs = "--finding TEXT", .touches = 1,
	    .more = "Of a safe: who holds shares and has access, and whether "
		    "they still should (amanat safe status, amanat exposure). "
		    "Of a request that was opened by break-glass: by one who "
		    "neither asked nor approved. With --person: by another "
		    "official, that the person is still in post, and should "
		    "hold what they hold, which is shown first. 'amanat due' "
		    "says when." },
	{ "evidence", "log", "", "print statements, one a line", 0, 0,
	    evidence_log,
	    { { "from", "N", "first leaf; they count from 0" },
		{ "to", "N", "last leaf" } },
	    .touches = 0 },
	{ "evidence", "history", "[SAFE/NAME]", "show who asked and read what",
	    0, 1, evidence_history,
	    { { "format", "FORMAT", "table (default), csv or jsonl" },
		{ "from", "DATE", "first day, or a time" },
		{ "to", "DATE", "last day, or a time" } },
	    .touches = 0,
	    .more = "With --from and --to, each access of which something "
		    "happened in that time: asked, answered or opened." },
	{ "evidence", "export", "[DIR]", "write the history for an auditor", 0,
	    1, evidence_export,
	    { { "partials", NULL, "with the custodians' partials" },
		{ "status", "FILE",
		    "in its place numbers alone, signed by the vault" } },
	    .touches = 0,
	    .more = "DIR must not exist yet. It holds no secret, but names and "
		    "reasons. Next: amanat verify DIR, on any machine. FILE "
		    "has counts of safes, overdue steps, waivers and "
		    "subscriptions, and no name: amanat import --status makes "
		    "one table of many." },
	{ "evidence", "verify", "[DIR]", "check a history, or this vault's", 0,
	    1, evidence_verify,
	    { { "since", "FILE", "an earlier checkpoint.note" } }, .touches = 0,
	    .more = "Needs no key and no vault when DIR is given. Exit status "
		    "0: all rules hold; 20: the first bad line and its rule "
		    "are named; 21: shorter than the earlier checkpoint." },
	{ "policy", "analyze", "[SAFE]", "find who could lock a safe, and when",
	    0, 1, analyze_run,
	    { { "at", "DATE", "as it was, or will be, then" },
		{ "horizon", "TIME", "how far to look ahead (400d)" },
		{ "without", "P,Q", "what if these are lost" },
		{ "fail", "ATTR=VALUE",
		    "what if that fails: order, end-date, employer, line, "
		    "site, token-model; or token=advisory" },
		{ "transition", "DATE", "batches for a mass change by then" },
		{ "openers", NULL, "list every set of people who can open" },
		{ "pairs", NULL, "who approves together, and never alone" },
		{ "html", "FILE", "draw it: one page, to look at or print" },
		{ "subscriptions", NULL,
		    "which renewals nobody will be able to open, and why" } },
	    .touches = 0,
	    .more = "Smallest sets of people whose loss locks the safe, those "
		    "who are counted on, and every date on which that changes. "
		    "Exit status 30 when anything is below what the level "
		    "asks, or a quorum will be lost, or with "
		    "--subscriptions a renewal is out of reach; each says what "
		    "to do. Needs no key." },
	{ "policy", "policy show", "[FILE|MOTION]", "print a policy file", 0, 1,
	    policy_show, { { 0 } }, .touches = 0,
	    .more = "Without FILE the policy in force in the vault, or the one "
		    "that is shipped. Copy it, change it, and run 'amanat "
		    "policy check FILE'." },
	{ "policy", "policy check", "FILE", "look for faults and weak values",
	    1, 1, policy_check, { { 0 } }, .touches = 0,
	    .more = "Needs no vault and no key. Exit status 0: it is sound, "
		    "and nowhere weaker than the policy that is shipped, or "
		    "only where a waiver says so; 40: it is no policy, and the "
		    "line is named, or the values that are weaker are "
		    "listed." },
	{ "policy", "policy diff", "FILE|MOTION", "list what it would change",
	    1, 1, policy_diff, { { 0 } }, .touches = 0,
	    .more = "Against the policy in force, or the one that is shipped "
		    "where none is or no vault is at hand. What is weaker than "
		    "shipped is marked so." },
	{ "policy", "policy propose", "[FILE]", "move that it comes into force",
	    0, 1, policy_propose_verb,
	    { { "reason", "TEXT", "what those who decide are told" } },
	    .touches = 1,
	    .more = "Without FILE the policy that is shipped. The whole file "
		    "goes into the log, and is never edited there: a change is "
		    "a file with a higher version. A quorum decides: amanat "
		    "approve m-N. Next: policy bind." },
	{ "policy", "policy bind", "SAFE", "move that its level's rules hold",
	    1, 1, policy_bind_verb,
	    { { "owner", "WING", "the wing whose data it is" },
		{ "reason", "TEXT", "what those who decide are told" } },
	    .needs = "--owner WING", .touches = 1,
	    .more = "Turns the wings that the level asks for into the posts "
		    "that there are now: bind again after a post was added. "
		    "Until a safe is bound any k custodians open at once. The "
		    "safe's own custodians decide: amanat approve m-N." },
	{ "policy", "policy explain", "[RULE|REQUEST]",
	    "explain a refusal, or what a request needs", 0, 1, explain_rule,
	    { { 0 } }, .touches = 0,
	    .more = "A refusal ends with the rule that it follows, such as "
		    "[R5.1]. This says in plain words what the rule asks, why "
		    "it is there and what can be done. Without RULE it lists "
		    "all rules. Of a request it says what is missing and who "
		    "could give it. Needs no key." },
	{ "care", "backup", "FILE", "copy the vault to one new file", 1, 1,
	    backup_make,
	    { { "list", NULL, "show what a backup holds, without any key" } },
	    .touches = 0,
	    .more = "The vault may be in use: who writes waits a moment. The "
		    "file is encrypted as the vault is, and holds no host key: "
		    "keep keys/log.key elsewhere as well." },
	{ "care", "restore", "FILE", "make a vault anew from a backup", 1, 1,
	    backup_restore,
	    { { "log-key", "FILE",
		  "your copy of keys/log.key; else read-only" },
		{ "since", "CHECKPOINT",
		    "refuse a backup older than that checkpoint.note" },
		{ "accept-loss", NULL,
		    "put the loss of newer statements to the quorum" },
		{ "new-log-key", NULL,
		    "the log key is lost: k custodians replace it, here" } },
	    .touches = 0,
	    .more = "Into the directory of --vault, which must not exist, with "
		    "any official's key. A backup older than what was seen on "
		    "this machine is refused (21). With --new-log-key plug in "
		    "the keys of a quorum of the first safe; each touches "
		    "once, the first and last once more." },
	{ "care", "doctor", "", "check files, clock, log and tables", 0, 0,
	    care_doctor,
	    { { "rebuild", NULL, "make the tables anew from the log" } },
	    .touches = 0 },
	{ "care", "help", "[VERB]", "explain a verb", 0, 2, help, { { 0 } },
	    .touches = 0 },
	{ "care", "version", "", "print the version", 0, 0, version, { { 0 } },
	    .touches = 0 },
};

static const struct cmd_opt globals[] = {
	{ "vault", "DIR", "else $AMANAT_VAULT, else /var/lib/amanat" },
	{ "token", "PATH", "the key to use; may be repeated" },
	{ "pin-fd", "N", "read PINs there, a line each" },
	{ "json", NULL, "output for programs" },
	{ "yes", NULL, "go on where you would be asked" },
	{ "help", NULL, "explain the verb" },
	{ "version", NULL, "print the version" },
};

/* ---- complaints */

enum am_err
cmd_complain(enum am_err err, const char *fmt, ...)
{
	char space[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(space, sizeof(space), fmt, ap);
	va_end(ap);
	(void)fflush(stdout); /* in the order in which it happened */
	out_wrapped(stderr, "amanat: ", 4, space);
	return err;
}

void
cmd_say(const struct cmd_call *call, const char *fmt, ...)
{
	char space[1024];
	va_list ap;

	if (call->json)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(space, sizeof(space), fmt, ap);
	va_end(ap);
	(void)fflush(stdout);
	out_wrapped(stderr, "", 4, space);
}

enum am_err
cmd_refuse(enum am_err err, const struct why *why, const char *what, ...)
{
	char space[512];
	va_list ap;

	va_start(ap, what);
	(void)vsnprintf(space, sizeof(space), what, ap);
	va_end(ap);
	if (why->text[0] == '\0')
		return cmd_complain(err, "cannot %s: %s", space, err_text(err));
	if (why->rule[0] == '\0')
		return cmd_complain(err, "cannot %s: %s", space, why->text);
	(void)cmd_complain(
	    err, "cannot %s: %s [%s]", space, why->text, why->rule);
	if (isatty(STDERR_FILENO) == 1) /* one who reads, not a log */
		(void)fprintf(
		    stderr, "    why: amanat policy explain %s\n", why->rule);
	return err;
}

/* ---- options */

static size_t
opt_count(const struct cmd *c)
{
	size_t n = 0;

	while (n < CMD_OPTS_MAX && c->opts[n].name != NULL)
		n++;
	return n;
}

static const char *
value_of(const struct cmd_call *call, const char *name)
{
	for (size_t i = 0; i < opt_count(call->cmd); i++)
		if (strcmp(call->cmd->opts[i].name, name) == 0)
			return call->values[i];
	abort(); /* the row and the function disagree */
}

const char *
cmd_opt(const struct cmd_call *call, const char *name)
{
	return value_of(call, name);
}

bool
cmd_flag(const struct cmd_call *call, const char *name)
{
	return value_of(call, name) != NULL;
}

/* One option as it was typed: name, and value when it has '='. */
struct typed {
	const char *name;
	size_t name_len;
	const char *value; /* NULL: without '=' */
};

static struct typed
typed_of(const char *arg)
{
	const char *equals;

	if (strcmp(arg, "-o") == 0) /* the one short option */
		return (struct typed){ "output", 6, NULL };
	equals = strchr(arg + 2, '=');
	return (struct typed){ arg + 2,
		equals == NULL ? strlen(arg + 2) : (size_t)(equals - arg - 2),
		equals == NULL ? NULL : equals + 1 };
}

static bool
is_named(const struct typed *t, const char *name)
{
	return strlen(name) == t->name_len &&
	    strncmp(t->name, name, t->name_len) == 0;
}

/* What goes round while the arguments are read. */
struct reading {
	int argc, at;
	char *const *argv;
	struct cmd_call *call;
	bool options_end; /* after "--" */
};

/* The value of an option that takes one. */
static AM_RESULT
take_value(struct reading *r, const struct typed *t, const struct cmd_opt *o,
    const char **out)
{
	const char *v = t->value;

	if (o->value == NULL) {
		if (v != NULL)
			return cmd_complain(
			    AM_ERR_INVALID, "--%s takes no value", o->name);
		*out = "";
		return AM_OK;
	}
	if (v == NULL && r->at < r->argc)
		v = r->argv[r->at++];
	if (v == NULL || v[0] == '\0')
		return cmd_complain(AM_ERR_INVALID, "--%s needs a value (%s)",
		    o->name, o->value);
	*out = v;
	return AM_OK;
}

static AM_RESULT
set_fd(struct cmd_call *call, const char *v)
{
	char *end = NULL;
	const long fd = strtol(v, &end, 10);

	if (*v < '0' || *v > '9' || *end != '\0' || fd > 1023)
		return cmd_complain(AM_ERR_INVALID,
		    "--pin-fd is the number of an open descriptor, not '%s'",
		    v);
	call->pin_fd = (int)fd;
	return AM_OK;
}

static AM_RESULT
set_global(struct reading *r, const struct cmd_opt *o, const char *v)
{
	struct cmd_call *c = r->call;

	if (strcmp(o->name, "vault") == 0)
		c->vault = v;
	else if (strcmp(o->name, "pin-fd") == 0)
		return set_fd(c, v);
	else if (strcmp(o->name, "json") == 0)
		c->json = true;
	else if (strcmp(o->name, "yes") == 0)
		c->yes = true;
	else if (strcmp(o->name, "help") == 0)
		c->help = true;
	else if (strcmp(o->name, "version") == 0)
		c->version = true;
	else if (c->token_count == CMD_TOKENS_MAX)
		return cmd_complain(AM_ERR_INVALID,
		    "--token may be given %d times", CMD_TOKENS_MAX);
	else
		c->tokens[c->token_count++] = v;
	return AM_OK;
}

static bool
is_repeated(const struct cmd_opt *o)
{
	const size_t n = o->value == NULL ? 0 : strlen(o->value);

	return n > 3 && strcmp(o->value + n - 3, "...") == 0;
}

static AM_RESULT
set_own(struct reading *r, const struct typed *t, size_t i)
{
	const struct cmd_opt *o = &r->call->cmd->opts[i];
	struct cmd_call *c = r->call;

	if (!is_repeated(o)) {
		if (c->values[i] != NULL)
			return cmd_complain(
			    AM_ERR_INVALID, "--%s is given twice", o->name);
		return take_value(r, t, o, &c->values[i]);
	}
	if (c->many_count == CMD_MANY_MAX)
		return cmd_complain(AM_ERR_INVALID,
		    "--%s may be given %d times", o->name, CMD_MANY_MAX);
	AM_TRY(take_value(r, t, o, &c->values[i]));
	c->many[c->many_count++] = c->values[i];
	return AM_OK;
}

/* A verb's own options first: 'ask --version 2' is no question of ours. */
static AM_RESULT
read_option(struct reading *r)
{
	const struct typed t = typed_of(r->argv[r->at++]);
	const struct cmd *c = r->call->cmd;
	const char *v = NULL;

	for (size_t i = 0; c != NULL && i < opt_count(c); i++)
		if (is_named(&t, c->opts[i].name))
			return set_own(r, &t, i);
	for (size_t i = 0; i < AM_ARRAY_LEN(globals); i++)
		if (is_named(&t, globals[i].name)) {
			AM_TRY(take_value(r, &t, &globals[i], &v));
			return set_global(r, &globals[i], v);
		}
	if (c == NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "no option '--%.*s' before the verb; try 'amanat help'",
		    (int)t.name_len, t.name);
	return cmd_complain(AM_ERR_INVALID,
	    "'%s' has no option '--%.*s'; try 'amanat help %s'", c->verb,
	    (int)t.name_len, t.name, c->verb);
}

static bool
is_option(const struct reading *r)
{
	const char *arg = r->argv[r->at];

	return !r->options_end && arg[0] == '-' &&
	    (strncmp(arg, "--", 2) == 0 || strcmp(arg, "-o") == 0) &&
	    strcmp(arg, "--") != 0;
}

/* ---- verbs */

/* A verb of one word, or of two when `second` fits. */
static const struct cmd *
find(const char *first, const char *second)
{
	const size_t n = strlen(first);

	for (size_t i = 0; i < AM_ARRAY_LEN(cmds); i++) {
		const char *verb = cmds[i].verb;

		if (strcmp(verb, first) == 0)
			return &cmds[i];
		if (second != NULL && strncmp(verb, first, n) == 0 &&
		    verb[n] == ' ' && strcmp(verb + n + 1, second) == 0)
			return &cmds[i];
	}
	return NULL;
}

/* How many characters must be changed, at most 2 apart in length. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[32], last, keep;
	const size_t n = strlen(a), m = strlen(b);

	if (m >= AM_ARRAY_LEN(row) || n > m + 2 || m > n + 2)
		return 99;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		last = row[0]++;
		for (size_t j = 1; j <= m; j++) {
			keep = row[j];
			row[j] = a[i - 1] == b[j - 1] ? last : last + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			if (keep + 1 < row[j])
				row[j] = keep + 1;
			last = keep;
		}
	}
	return row[m];
}

static void
nearer(const char *typed, const char *verb, const char **near, unsigned *best)
{
	const unsigned d = distance(typed, verb);

	if (d >= *best)
		return;
	*best = d;
	*near = verb;
}

static enum am_err
no_verb(const char *first, const char *second)
{
	const size_t n = strlen(first);
	const char *near = NULL, *half = NULL;
	unsigned best = 3; /* farther apart is no slip of the hand */
	char two[64];

	(void)snprintf(two, sizeof(two), "%s%s%s", first,
	    second != NULL ? " " : "", second != NULL ? second : "");
	for (size_t i = 0; i < AM_ARRAY_LEN(cmds); i++) {
		if (second != NULL)
			nearer(two, cmds[i].verb, &near, &best);
		if (strchr(cmds[i].verb, ' ') == NULL)
			nearer(first, cmds[i].verb, &near, &best);
		if (half == NULL && strncmp(cmds[i].verb, first, n) == 0 &&
		    cmds[i].verb[n] == ' ')
			half = cmds[i].verb;
	}
	if (half != NULL && (near == NULL || strchr(near, ' ') == NULL))
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' needs a second word, such as '%s'; try 'amanat help'",
		    first, half);
	if (near != NULL)
		return cmd_complain(AM_ERR_INVALID,
		    "no verb '%s'; did you mean '%s'?",
		    strchr(near, ' ') != NULL ? two : first, near);
	return cmd_complain(
	    AM_ERR_INVALID, "no verb '%s'; try 'amanat help'", first);
}

static AM_RESULT
read_verb(struct reading *r)
{
	const char *first = r->argv[r->at],
		   *second = r->at + 1 < r->argc ? r->argv[r->at + 1] : NULL;

	r->call->cmd = find(first, second);
	if (r->call->cmd == NULL)
		return no_verb(first, second);
	r->at += strchr(r->call->cmd->verb, ' ') != NULL ? 2 : 1;
	return AM_OK;
}

static AM_RESULT
read_all(struct reading *r)
{
	while (r->at < r->argc) {
		if (!r->options_end && strcmp(r->argv[r->at], "--") == 0) {
			r->options_end = true;
			r->at++;
		} else if (is_option(r)) {
			AM_TRY(read_option(r));
		} else if (r->call->cmd == NULL) {
			AM_TRY(read_verb(r));
		} else if (r->call->arg_count == CMD_ARGS_MAX) {
			return cmd_complain(
			    AM_ERR_INVALID, "too many arguments");
		} else {
			r->call->args[r->call->arg_count++] = r->argv[r->at++];
		}
	}
	return AM_OK;
}

/* ---- help */

static void
synopsis(FILE *to, const struct cmd *c)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "amanat %s%s%s%s%s%s", c->verb,
	    *c->args ? " " : "", c->args, c->needs != NULL ? " " : "",
	    c->needs != NULL ? c->needs : "",
	    opt_count(c) > 0 ? " [--option ...]" : "");
	out_wrapped(to, "usage: ", 7, text);
}

static void
option_line(const struct cmd_opt *o)
{
	enum { HELP_LEFT = 25 };
	char left[48], lead[64];

	(void)snprintf(left, sizeof(left), "  %s--%s%s%s",
	    strcmp(o->name, "output") == 0 ? "-o, " : "", o->name,
	    o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
	(void)snprintf(lead, sizeof(lead), "%-*s ", HELP_LEFT - 1, left);
	out_wrapped(stdout, lead, HELP_LEFT, o->help);
}

enum { LINE_LEFT = 31 }; /* a verb and its arguments, in the list of all */

static void
help_line(const struct cmd *c)
{
	char left[64];

	(void)snprintf(left, sizeof(left), "%-12s %s", c->verb, c->args);
	printf("  %-*s %s\n", LINE_LEFT, left, c->summary);
}

static void
help_all(void)
{
	const char *group = "";

	puts("usage: amanat [--vault DIR] [--token PATH] [--pin-fd N] [--json] "
	     "[--yes] VERB");
	for (size_t i = 0; i < AM_ARRAY_LEN(cmds); i++) {
		if (strcmp(group, cmds[i].group) != 0)
			printf("\n%s\n", group = cmds[i].group);
		help_line(&cmds[i]);
	}
	puts("\n'amanat help VERB' explains one; 'man amanat' has everything.\n"
	     "An official who was sent a request needs two: approve, decline.");
}

static void
help_one(const struct cmd *c)
{
	synopsis(stdout, c);
	printf("\n%s\n", c->summary);
	if (c->more != NULL) {
		puts("");
		out_wrapped(stdout, "", 0, c->more);
	}
	if (opt_count(c) > 0)
		puts("");
	for (size_t i = 0; i < opt_count(c); i++)
		option_line(&c->opts[i]);
	puts("\nanywhere:");
	for (size_t i = 0; i < AM_ARRAY_LEN(globals); i++)
		option_line(&globals[i]);
}

/* The table itself, for completions and other programs. */
static void
help_json(void)
{
	out_json_auto j = { .to = stdout };

	out_json_open(&j, NULL, '[');
	for (size_t i = 0; i < AM_ARRAY_LEN(cmds); i++) {
		out_json_open(&j, NULL, '{');
		out_json_text(&j, "verb", cmds[i].verb);
		out_json_text(&j, "args", cmds[i].args);
		out_json_text(&j, "summary", cmds[i].summary);
		out_json_int(&j, "touches", cmds[i].touches);
		out_json_open(&j, "options", '[');
		for (size_t k = 0; k < opt_count(&cmds[i]); k++)
			out_json_text(&j, NULL, cmds[i].opts[k].name);
		out_json_close(&j);
		out_json_close(&j);
	}
}

static enum am_err
help(struct cmd_call *call)
{
	const char *second = call->arg_count > 1 ? call->args[1] : NULL;
	const struct cmd *c;

	if (call->json) {
		help_json();
		return AM_OK;
	}
	if (call->arg_count == 0) {
		help_all();
		return AM_OK;
	}
	if ((c = find(call->args[0], second)) == NULL)
		return no_verb(call->args[0], second);
	help_one(c);
	return AM_OK;
}

static enum am_err
version(struct cmd_call *call)
{
	out_json_auto j = { .to = stdout };

	if (!call->json) {
		puts("amanat " AM_VERSION);
		return AM_OK;
	}
	out_json_open(&j, NULL, '{');
	out_json_text(&j, "version", AM_VERSION);
	return AM_OK;
}

/* ---- dispatch */

static enum am_err
dispatch(int argc, char *const argv[])
{
	struct cmd_call call = { .pin_fd = -1 };
	struct reading r = {
		.argc = argc, .at = 1, .argv = argv, .call = &call
	};

	AM_TRY(read_all(&r));
	if (call.version)
		return version(&call);
	if (call.cmd == NULL && call.help) {
		help_all();
		return AM_OK;
	}
	if (call.cmd == NULL)
		return cmd_complain(
		    AM_ERR_INVALID, "no verb given; try 'amanat help'");
	if (call.help) {
		help_one(call.cmd);
		return AM_OK;
	}
	if (call.arg_count < call.cmd->min_args ||
	    call.arg_count > call.cmd->max_args) {
		synopsis(stderr, call.cmd);
		return cmd_complain(AM_ERR_INVALID,
		    "'%s' takes %s; try 'amanat help %s'", call.cmd->verb,
		    call.cmd->args[0] != '\0' ? call.cmd->args : "no argument",
		    call.cmd->verb);
	}
	if (call.vault == NULL)
		call.vault = getenv("AMANAT_VAULT");
	if (call.vault == NULL || call.vault[0] == '\0')
		call.vault = "/var/lib/amanat";
	return call.cmd->run(&call);
}

int
cmd_main(int argc, char *const argv[])
{
	enum am_err err = dispatch(argc, argv);

	const bool flushed = fflush(stdout) == 0;

	if (err == AM_OK && !flushed)
		err = cmd_complain(
		    AM_ERR_IO, "cannot write output: %s", strerror(errno));
	else if (err == AM_OK && ferror(stdout) != 0)
		err = cmd_complain(AM_ERR_IO,
		    "cannot write output: some of it was lost on the way");
	return err_status(err);
}
