#include <string.h>

#include "policy/explain.h"

/* In the order of `explain_order`; the words are those of the manual. */
static const struct explain table[] = {
	{ "3.3", "A sealed credential opens as it was sealed, or not at all",
	    "What was stored is compared with its hash, and the key with a "
	    "commitment that only one key fits, before a byte is shown. A "
	    "refusal means that the stored data was damaged or exchanged, or "
	    "that the custodians' parts do not belong together. Nothing was "
	    "shown: leave the vault as it is, run 'amanat doctor' and 'amanat "
	    "verify', and look for a backup.",
	    "protocol 3.3, 4.3" },
	{ "5.1", "The two committees of a safe have different people",
	    "Who stands in the operating and in the recovery committee takes "
	    "both along in one accident. It is advice and not refused: name "
	    "other people, at another place, while there are any.",
	    "protocol 5.1, 5.7" },
	{ "5.4", "What a custodian deals when a safe is set up",
	    "Every custodian hands a part to every other: exactly k "
	    "commitments, one encrypted share for each member, and a proof "
	    "that the dealer knows what was dealt. A longer list would raise "
	    "the quorum without anybody noticing. The dealer's program is at "
	    "fault or was changed: give the plan up, and plan the safe again.",
	    "protocol 5.4" },
	{ "5.5", "What a custodian deals to the next committee",
	    "Who hands on to the next committee deals exactly k commitments "
	    "and one locked box for each member, and the first commitment is "
	    "the dealer's own public share. So the key of the safe stays the "
	    "same and nobody can slip in a key of their own. Give the change "
	    "up with 'amanat safe abort' and plan it again.",
	    "protocol 5.5" },
	{ "5.7", "Recovery committee",
	    "Other people, at another place, hold shares of the same key, for "
	    "the day on which the operating committee is lost; the operating "
	    "committee has to hand it to them while it still can. Levels above "
	    "baseline ask for one, of so many people, and maximum for people "
	    "who are in the other committee not at all: 'amanat analyze' finds "
	    "what is missing where a policy is in force. Make one with 'amanat "
	    "safe reshare SAFE --recovery --custodians A,B,C', or have a "
	    "quorum say until when the safe goes without: 'amanat waive 5.7 "
	    "SAFE'.",
	    "protocol 5.7; domain 3.1" },
	{ "6.1", "The host name that keys are made for",
	    "Every key is made for one host name, stands for it in every "
	    "signature, and the name can never be changed. It has to be a host "
	    "name that your office owns, such as vault.office.example, without "
	    "https:// or a path.",
	    "protocol 6.1" },
	{ "6.2", "What a key is tried for before it is enrolled",
	    "A key must have a PIN that need not be changed first, verify its "
	    "user, give the same secret twice, and another one without the "
	    "PIN; a key that fails would lock its owner out, or would open for "
	    "whoever finds it. Set a new PIN with 'fido2-token -C' if that is "
	    "what is asked, else take another model.",
	    "protocol 6.2" },
	{ "6.5", "A key bag has room for eight keys",
	    "A share lies in a file, its key bag, that every key of its owner "
	    "opens, up to eight. This one is full. After the next change of "
	    "the committee a new bag has only the key in hand, and 'amanat "
	    "token slot' adds those that are still in use.",
	    "protocol 6.5" },
	{ "6.7", "How a software key is named",
	    "A software key is named by its address, udp:SEND:RECV with two "
	    "port numbers, or unix:PATH. Only vaults that were founded for "
	    "evaluation take one; a real key needs no name at all when it is "
	    "plugged in.",
	    "protocol 6.7" },
	{ "7.2", "Whose signature counts",
	    "A statement is signed by a key in force of the person who makes "
	    "it, with PIN and touch, for this vault's host name, over exactly "
	    "these words. The vault itself signs nothing but a report of what "
	    "it refused, which gives nobody a right.",
	    "protocol 7.2" },
	{ "7.4", "The signed checkpoint fits the log",
	    "After every statement the vault signs how long the log is and "
	    "what its root hash is. Here checkpoint and log do not belong "
	    "together: a file was damaged, or two copies were mixed. Use "
	    "another copy, and repair nothing by hand.",
	    "protocol 7.4; domain 10" },
	{ "A-3",
	    "No value weaker than the policy that is shipped, unless waived",
	    "Each value of a policy is compared with the file that comes with "
	    "the program, by 'amanat policy check' and before it is proposed. "
	    "A weaker one may have its reasons, but then a quorum says so, "
	    "with a last day, in a waiver that 'amanat analyze' shows from "
	    "then on; a policy that came into force without one is a finding "
	    "of 'amanat verify' for ever. Bring the value back, or have the "
	    "waiver moved first: "
	    "'amanat waive A-3 LEVEL.KEY'. And once a policy is in force no "
	    "safe is bound to rules that ask for less than its level does; "
	    "'amanat policy bind' gives those of the level, and a waiver of "
	    "'A-3 SAFE' lets others pass.",
	    "domain A-3" },
	{ "A-7", "Keys of a model under an advisory",
	    "The policy in force names an advisory for the model of this key, "
	    "and the level of the safe refuses such keys: what is wrong with "
	    "one of them is wrong with all, so that one who knows of it may "
	    "have them all. Approve with a key of another model, or enrol "
	    "one: 'amanat token enrol'. 'amanat token list' says what is wrong "
	    "with each key, and 'amanat analyze --fail token=advisory' what "
	    "would be left without them. Is the advisory settled, a quorum "
	    "changes the policy: 'amanat policy propose FILE'.",
	    "domain A-7" },
	{ "A-9", "A vault outlives the program that made it",
	    "The log is the vault; what is in its tables follows from it. A "
	    "newer program may keep other tables, and then reads those of "
	    "before not at all rather than wrongly: 'amanat doctor --rebuild' "
	    "replays the log, with every signature and proof, into tables of "
	    "its own, and changes nothing else. An older program meets a "
	    "format that it does not know and changes nothing: use the newer "
	    "one.",
	    "domain A-9" },
	{ "C-1", "A custodian accepts the duties, and again from time to time",
	    "Whoever accepts a share promises what goes with it: to keep key "
	    "and PIN apart and to themselves, to approve only what they "
	    "understand, to report a loss at once. It is their own signature, "
	    "so nobody gives it for them, and who holds no share has nothing "
	    "to promise. 'amanat me --duties' prints the text, 'amanat me "
	    "--accept' signs it again when 'amanat due' asks.",
	    "domain C-1" },
	{ "C-2", "A custodian has keys enough, kept apart",
	    "With a policy in force the level of a safe asks each custodian "
	    "for a number of keys in use, kept at a number of places, for a "
	    "key that is lost, or a site that burns, then costs nobody their "
	    "share. It is asked of who comes in, when they join; who is in "
	    "already is never refused for it, and 'amanat analyze' and "
	    "'amanat due' tell what is missing. Enrol another key, 'amanat "
	    "token enrol', and have its owner or an official say in plain "
	    "words where each is kept, 'amanat token place'; or have a quorum "
	    "let it pass until a day: 'amanat waive C-2 SAFE'.",
	    "domain C-2, 3.1" },
	{ "C-4", "A decline before the cool-off ends is a veto",
	    "Where the rules of a safe give a veto, as levels enhanced and "
	    "maximum do for a safe that is bound to them, one custodian who "
	    "declines in time closes the request for everybody, so that an "
	    "official who is pressed, or who doubts, can stop it alone. After "
	    "the cool-off a decline is one no among others. Talk to whoever "
	    "declined, then ask again; the decline and its reason stay in the "
	    "log.",
	    "domain C-4; protocol 4.5" },
	{ "C-5", "A key that was out of sight too long does not come back",
	    "A lost key is suspended at once, and lifting that takes another "
	    "key of its owner and a quorum. At levels enhanced and maximum a "
	    "key that was gone for more than a day may have been copied or "
	    "tried, and is not lifted at all. Retire it, reset it, and enrol "
	    "it as a new key.",
	    "domain C-5, 3.1" },
	{ "C-9", "Who is recorded absent does not approve",
	    "An approval or a vote by someone who is recorded absent may come "
	    "from a key that somebody else has in hand, so it is refused; "
	    "what was given before the absence counts on. If you are back, "
	    "say so with your own key: 'amanat absent --end'. If you are not, "
	    "leave the approval to the others.",
	    "domain C-9" },
	{ "INV-1", "At least two approve, and one loss locks nobody out",
	    "A committee has 3 to 16 members, and its quorum is at least two "
	    "and at least one fewer than all of them. With a quorum of one a "
	    "single person could take what is kept, and with a quorum of all "
	    "a single lost key would end access for ever. Choose n and k "
	    "within these limits. A required post that only one person holds "
	    "makes that person indispensable all the same: 'amanat analyze' "
	    "says where.",
	    "domain invariant 1; NIST SP 800-53 AC-3(2)" },
	{ "INV-2", "A quorum is counted in people",
	    "Two posts, two keys or two shares of one person count once, and "
	    "two required posts are filled by two persons. An office in which "
	    "one official holds several charges would otherwise be one person "
	    "deciding alone. Ask somebody else.",
	    "domain invariant 2" },
	{ "INV-3", "Who is eligible",
	    "An approval counts while the person and the key are in force "
	    "and, for who was ever appointed, an appointment was valid all "
	    "the time since it was given. Who is recorded absent gives none. "
	    "Have the missing one of these put right, or ask another "
	    "custodian. A proof of the key that is overdue does not void an "
	    "approval, but the person is not counted on.",
	    "domain invariant 3" },
	{ "INV-4", "Contractors never decide, own or stand alone",
	    "A contractor counts towards no quorum, holds no post and no "
	    "share, and signs for no rotation. The first account that this "
	    "program was made for went away with the contractor who held it. "
	    "Name an official.",
	    "domain invariant 4, 1.1" },
	{ "INV-5", "A change of committee or policy has two phases",
	    "A new committee comes into force only when a quorum of the old "
	    "one has dealt and every new member has proved the new share; new "
	    "rules and a new policy only when a quorum has agreed and the "
	    "objection period, where there is one, is over. Until then the "
	    "old ones work, so a crash or a missing person never leaves an "
	    "office without a committee. Look with 'amanat safe status' and "
	    "'amanat motions' who still has to act.",
	    "domain invariant 5" },
	{ "INV-6", "No change that leaves too little in reserve",
	    "With a policy in force a committee whose quorum or number of "
	    "people is below its level is refused (X-8), unless a quorum "
	    "waives that until a day; and where the safe is bound to its "
	    "rules, so is one with too few spare people, with a required post "
	    "that too few hold, or with a loss of quorum that is already "
	    "known. Facts are never refused: a death, a departure or a "
	    "suspension takes effect, and 'amanat analyze' says what follows "
	    "(30).",
	    "domain invariant 6" },
	{ "INV-7", "To make things easier add people",
	    "When approvals are hard to get the committee grows; the quorum "
	    "does not fall below the level's default, unless a quorum waives "
	    "that. Plan a larger committee with 'amanat safe reshare "
	    "--custodians'.",
	    "domain invariant 7" },
	{ "INV-8", "Closing needs one person, opening needs the quorum",
	    "Anybody may suspend at once, since it can be undone; whatever "
	    "widens access, as admitting a person or lifting a suspension, "
	    "takes the quorum and, where the rules have one, the objection "
	    "period. Move it, and let the custodians vote.",
	    "domain invariant 8" },
	{ "INV-9", "The log is written before anything happens",
	    "A statement is on disk before what it permits takes effect; if it "
	    "cannot be written, nothing happens and nothing is shown. Free "
	    "some space or mend the disk, run 'amanat doctor', then do it "
	    "again.",
	    "domain invariant 9; protocol R7.1" },
	{ "INV-10", "Nothing is taken out of the log",
	    "No command deletes or rewrites a statement, for an administrator "
	    "as little as for anybody else, so what happened stays provable. A "
	    "log that has grown long is archived, never pruned.",
	    "domain invariant 10" },
	{ "INV-11", "Who has read a secret knows it until it is changed",
	    "Removing a person does not remove knowledge. Whoever received a "
	    "version is exposed to it until the vendor has a new one and two "
	    "people have said so with evidence. Change it at the vendor, put "
	    "it with 'amanat put --new-version', and run 'amanat rotate'.",
	    "domain invariant 11; NIST SP 800-53 AC-2 k, IA-5 i" },
	{ "INV-12", "A secret has one way out",
	    "Secrets are in no argument, environment, log, export, core file "
	    "or swap, and go alone to standard output or to a new file. Use "
	    "the prompt, a pipe or '--from FILE' to hand one in, and '-o FILE' "
	    "to take one out.",
	    "domain invariant 12" },
	{ "INV-13", "Times are UTC, and an end is an end",
	    "Records hold UTC; Pakistan time is shown beside it. An "
	    "appointment or contract is valid from its first instant, and no "
	    "longer at its end; a last day that is given as a date ends at "
	    "24:00 in Pakistan, 19:00 UTC. After that only a new order helps.",
	    "domain invariant 13" },
	{ "INV-14", "The class is that of the most that can be reached",
	    "A credential has the highest class of all that it opens, resets "
	    "or looks into, and a safe the level of its highest credential. "
	    "Lowering a class takes a waiver by a quorum, with a reason. Put "
	    "the credential into a safe of a higher level.",
	    "domain invariant 14, 4" },
	{ "INV-15", "Everything works offline",
	    "No check that an auditor needs asks for a network or for a "
	    "secret. If a program asks you for either before it verifies an "
	    "export, do not give it; run 'amanat verify DIR' on a machine of "
	    "your own.",
	    "domain invariant 15" },
	{ "K-2", "A contractor is never a custodian",
	    "Only officials hold shares, at every level, since a contractor "
	    "leaves with the contract and answers to another employer. Name an "
	    "official in the committee; a contractor may still deposit.",
	    "domain K-2, invariant 4" },
	{ "K-3",
	    "A contractor's deposit is unverified until two officials tested "
	    "it",
	    "What a contractor deposits may be wrong, or open something else, "
	    "and the day on which that shows is the day on which the "
	    "contractor is gone. Two officials, neither of them the depositor, "
	    "log in with it and say so with their keys: 'amanat tested "
	    "SAFE/NAME'. One person counts once, and only the newest version "
	    "is tested.",
	    "domain K-3, invariant 4" },
	{ "O-1", "A policy is replaced by a newer one only",
	    "The file has a version, and one that is not higher than what is "
	    "in "
	    "force is an old copy, by accident or on purpose. Raise the number "
	    "and propose it again; but by little, for after the highest number "
	    "that there is nothing could be changed any more.",
	    "domain O-1" },
	{ "O-2", "A status is signed by the vault that it is about",
	    "'amanat export --status' writes how a vault stands in numbers, "
	    "without a name, and its log key signs them. What was altered "
	    "afterwards, is signed by a key that is not the one of that vault, "
	    "or is older than another one at hand is not put into a table: it "
	    "would look like a fact. Ask for a new file, and compare the keys "
	    "with the keys.txt of an export that you have verified.",
	    "domain O-2" },
	{ "O-3", "An incident names what is there",
	    "An incident is about a credential, a person or a key of this "
	    "vault, or about the vault as a whole, and its entries follow one "
	    "another. The name is wrong, or somebody else has written an entry "
	    "at the same time: look at 'amanat incident list', and try again.",
	    "domain O-3, 9" },
	{ "O-4", "The clock of an incident runs from its discovery",
	    "The times for the first notice, the details and the final report "
	    "run from the moment at which somebody found out, not from when it "
	    "was written down. That moment cannot lie ahead, and one in the "
	    "past is worth saying: 'amanat due' then shows the hours that are "
	    "left.",
	    "domain O-4, 9" },
	{ "O-5", "A freeze stops at once, and a quorum lifts it",
	    "Whoever sees an incident may freeze what it is about: nothing of "
	    "that is approved or opened any more, and what was asked before is "
	    "cancelled for good. Lifting that widens access, so a quorum does: "
	    "'amanat incident lift I'. An incident is closed when every "
	    "reaction is done and nothing is frozen.",
	    "domain O-5, invariant 8" },
	{ "O-6", "A report that was sent stays what it was",
	    "The log keeps the hash of each report that was sent, and the "
	    "report can be made again from the log, byte for byte. Each of the "
	    "three is sent once. If the bytes differ, this program makes "
	    "reports otherwise than the one that was used then: use that one.",
	    "domain O-6" },
	{ "O-8", "A deny list is replaced by a newer one only",
	    "Versions of the deny list count upwards, so that nobody brings "
	    "back an older, weaker one. Look which is in force with 'amanat "
	    "sub deny', and move yours with a higher number, but not with one "
	    "after which there could be no other.",
	    "domain O-8" },
	{ "R2.1", "Numbers from outside are checked before use",
	    "Every point and scalar that comes from another machine has one "
	    "right form and is refused in any other, so that a proof cannot be "
	    "bent. The program that made it is at fault, or the statement was "
	    "changed on its way: do it again with a sound copy of the program.",
	    "protocol 2.2" },
	{ "R2.9", "A statement has exactly one spelling",
	    "Statements are written in one fixed form, without white space or "
	    "signs that could be left out, so that one meaning has one "
	    "signature. This one would not be: a value is out of range or of "
	    "the wrong kind. It is a fault of the program; report it.",
	    "protocol 2.4" },
	{ "R2.10", "Plain text, without signs that steer or hide",
	    "A reason, name or ticket is plain text: no line breaks, no "
	    "control characters, no signs that turn the direction of writing "
	    "or cannot be seen, and not longer than the refusal says. Whoever "
	    "approves must read what you wrote. Shorten it, or type it anew "
	    "instead of pasting it.",
	    "protocol 2.4" },
	{ "R2.11", "What was read is written again and compared",
	    "A statement that is not what the program itself would write, with "
	    "a field missing, doubled or unknown, or too long or too deep, is "
	    "refused. Its bytes were changed, or a newer program made it. Take "
	    "another copy of the export, or update the program.",
	    "protocol 2.4" },
	{ "R2.12", "Bytes and times have one spelling",
	    "Ids and hashes are lower-case hexadecimal, other bytes base64url, "
	    "times YYYY-MM-DDTHH:MM:SSZ and real dates. Anything else was not "
	    "written by this program. Take another copy of the export.",
	    "protocol 2.4" },
	{ "R3.1", "The register key is for officials",
	    "Names and history are readable with the register key, which every "
	    "official's identity holds and those of contractors and auditors "
	    "do not. Restore with the key of an official.",
	    "protocol 3.1" },
	{ "R3.2", "The log key stays on the host, and a quorum replaces it",
	    "The key that signs the log is a file of the host, which no backup "
	    "holds. When it is lost the custodians of the first safe replace "
	    "it together, here, a quorum of them with their keys at the same "
	    "time. Bring them together, or find the copy of keys/log.key that "
	    "was put away.",
	    "protocol 3.2" },
	{ "R3.3", "An enrolment over the network is marked",
	    "Stored data stays closed to a future quantum computer only while "
	    "no copy of the register key has crossed a network. A person who "
	    "was enrolled remotely got it that way, and the mark stays. "
	    "Nothing is to be done; enrol in person on the host where that "
	    "matters.",
	    "protocol 3.1, 12" },
	{ "R3.5", "A sealed credential proves what it is",
	    "Each sealed credential carries a proof that ties it to its safe, "
	    "record and version, and custodians unlock their share for nothing "
	    "else; without that, one approved test record could open another. "
	    "If a safe has no committee yet, let its custodians finish 'amanat "
	    "safe join'. If the proof does not hold, approve nothing and run "
	    "'amanat verify'.",
	    "protocol 3.3, 3.4" },
	{ "R3.6", "Sizes are rounded up",
	    "Secrets have at most 1 MiB and are padded, so that the size tells "
	    "a thief of the disk little. A stored size that padding cannot "
	    "give was not made by this program. Split what is larger.",
	    "protocol 3.5" },
	{ "R3.9", "An old copy of the vault is noticed",
	    "An older copy of a vault passes every other test, so each machine "
	    "remembers the newest head that it has seen and refuses less (21). "
	    "Find the newer copy. If there is none, 'amanat restore "
	    "--accept-loss' puts the loss to the quorum, which decides on "
	    "exactly that head.",
	    "protocol 3.5, 7.5" },
	{ "R4.1", "A request has a key of its own",
	    "The custodians' parts are locked to a key that was made for this "
	    "one request, so that only the requester can use them, and only "
	    "once. A key that has served before is refused. Ask again.",
	    "protocol 4.1, 4.2" },
	{ "R4.3", "One person counts once in a request",
	    "The first answer of a person counts, whichever key it was given "
	    "with; a second one, or an approval after a decline, changes "
	    "nothing. Another custodian has to approve.",
	    "protocol 4.2; domain X-1" },
	{ "R4.4", "No request runs into a dead end",
	    "A request that can no longer get its quorum is over, as when too "
	    "many have declined; and an approval that would use up the quorum "
	    "while a required post is still open, or with too many of one "
	    "line, employer, site or wing, is not taken, so that k approvals "
	    "against the rules never exist. Ask the holder of the missing "
	    "post first, or ask again for the credential.",
	    "protocol 4.5" },
	{ "R5.1", "A committee has 3 to 16 members and a quorum of 2 to n-1",
	    "Each person stands in it once and keeps the same index for ever. "
	    "A quorum of one would let one person in alone, and a quorum of "
	    "all would let one lost key lock everybody out. Name more people, "
	    "or another quorum.",
	    "protocol 5.1; domain invariant 1; NIST SP 800-53 AC-3(2)" },
	{ "R5.2", "Committees are numbered without gaps",
	    "Each plan for a committee has the next number, also when the plan "
	    "before it failed, so that two plans cannot be taken for each "
	    "other. Somebody else planned at the same time: look at 'amanat "
	    "safe status' and plan again if it is still needed.",
	    "protocol 5.1" },
	{ "R5.4", "Every plan has receive keys of its own",
	    "The key to which shares are sent is made for one plan and wiped "
	    "afterwards; with a lasting one, a thief of that key could read "
	    "every share that was ever sent. Your key bag belongs to another "
	    "plan: run 'amanat safe join' on the vault in which you joined.",
	    "protocol 5.3" },
	{ "R5.5", "A custodian accepts only what was checked and kept",
	    "Before accepting, a custodian's program checks each deal, stores "
	    "the new share, reads it back with the key, and signs only then. A "
	    "deal that does not fit is named: complain when you are asked, "
	    "which voids the plan and makes its dealer show what was sent. If "
	    "your key bag is of another committee, restore the right one from "
	    "a backup.",
	    "protocol 5.3" },
	{ "R5.7", "Old shares are erased after the change, never earlier",
	    "The log has to show that all of the next committee have accepted; "
	    "erasing earlier could leave nobody with a key. If the key bag is "
	    "newer than the database, an old copy was put in its place: find "
	    "the newer vault and change nothing until then.",
	    "protocol 5.3" },
	{ "R5.8", "A quorum of the committee before hands the key on",
	    "k custodians deal, and dealing is their consent to the people and "
	    "the quorum of the plan; who leaves does not deal. Too few of them "
	    "can act, or somebody named does not belong: name other dealers, "
	    "have keys or suspensions put right, or let the recovery committee "
	    "deal.",
	    "protocol 5.3" },
	{ "R5.9", "A change of committee closes the requests before it",
	    "Approvals are made with shares of one committee and are worth "
	    "nothing with the next, so its open requests end when the "
	    "committee changes. Ask again.",
	    "protocol 5.3" },
	{ "R5.11", "A dealer who is blamed shows what was sent",
	    "Who is complained about publishes what was in that one box, and "
	    "everybody sees who was right; silence counts against the dealer. "
	    "What your program kept for this is not in this vault. Answer on "
	    "the vault in which you dealt, before the plan ends.",
	    "protocol 5.6" },
	{ "R5.13",
	    "Any one person suspends, unless the rules leave it to custodians",
	    "To stop somebody must be quick, so one person is enough; the "
	    "rules "
	    "of the safe that governs may leave it to its custodians. Ask one "
	    "of them.",
	    "protocol 5.9; domain invariant 8" },
	{ "R5.14", "A suspension is lifted by a quorum, and not by oneself",
	    "One person can suspend, a quorum lifts or confirms it, and nobody "
	    "votes on their own; that a key works again is moved by its owner "
	    "with another key. Otherwise whoever suspends, or steals a key, "
	    "could also undo it. Let the person named in the refusal move it, "
	    "then have the custodians vote.",
	    "protocol 5.9; domain invariant 8" },
	{ "R5.15", "What widens access waits, so that others can object",
	    "To admit, appoint, let back, change rules or waive takes a "
	    "quorum, and where the rules of the safe that decides have an "
	    "objection period it takes effect only when that is over, counted "
	    "from the motion. Votes are given meanwhile, and who said yes may "
	    "still say no; another no, with its reason, is for all to see and "
	    "does not undo a quorum. Come back at the time that is named and "
	    "put it into effect.",
	    "protocol 5.9; domain invariant 8" },
	{ "R6.1", "A key hides what it holds from whoever does not verify",
	    "The key was asked to protect its credential against use without "
	    "PIN and did not do so. Take another model.",
	    "protocol 6.1" },
	{ "R6.2", "Nothing counts without PIN and touch",
	    "A key gives one secret with its PIN and another without; the "
	    "second is never used, and neither is a signature without PIN. The "
	    "key answered without checking its user. Try once more, with the "
	    "PIN; if it happens again take another key, and suspend this one.",
	    "protocol 6.1" },
	{ "R6.3", "Only keys that cannot be copied",
	    "A key has a PIN, cannot be backed up or synchronised, and is of a "
	    "maker and model that proves itself; passkeys in a telephone or "
	    "browser are not. Set a PIN with 'fido2-token -S', or take a "
	    "hardware key. Who approves in a safe that is bound to its level "
	    "has a key as that level asks: of a model that the policy names, "
	    "with its certification, and with certificates that lead to a root "
	    "of that model. 'amanat token list' says what is wrong with each "
	    "key; a quorum names a model more with 'amanat policy propose "
	    "FILE'.",
	    "protocol 6.1; domain 4" },
	{ "R6.4", "An unlocking is never a signature",
	    "The challenge with which a share is unlocked is drawn here, at "
	    "random, and the answer never leaves this machine. An answer "
	    "without a checked PIN and touch is thrown away. Try again with "
	    "the PIN.",
	    "protocol 6.3" },
	{ "R6.5", "An identity belongs to one vault",
	    "What a key unlocks is derived from the ids of vault, person and "
	    "safe. The identity in this backup is of another vault: take the "
	    "backup of this one.",
	    "protocol 6.3" },
	{ "R6.6", "A key bag opens with its owner's keys only",
	    "Each share lies in a file that opens with a key of its owner and "
	    "that key's PIN, and is made anew for each committee, so a new "
	    "committee has to be opened once with every key. If the file is "
	    "missing, copy it from a backup; if it does not open, use the key "
	    "with which you joined, then run 'amanat token slot' with both.",
	    "protocol 6.5" },
	{ "R6.14", "Evaluation is for ever, and so is its absence",
	    "A vault that was founded with --evaluation takes software keys, "
	    "keys without proof of their maker, and a clock that is set by "
	    "AMANAT_NOW; every export says so. No other vault takes any of "
	    "these, and the attempt is kept in the log. Use a real key, or "
	    "unset AMANAT_NOW.",
	    "protocol 6.7; domain X-18" },
	{ "R7.1", "First the log, then the effect",
	    "A statement with all that follows from it is written in one step, "
	    "and only then does anything happen. It could not be written, so "
	    "nothing happened. Free some space, run 'amanat doctor', and do it "
	    "again.",
	    "protocol 7.1; domain invariant 9, X-9" },
	{ "R7.2", "A statement is of now",
	    "What you sign names the state of the log and the time, within two "
	    "minutes of the clock of the vault, and stands in the log once. It "
	    "took longer, so do it again. A statement dated back by more than "
	    "that is a finding of 'amanat verify'.",
	    "protocol 7.1" },
	{ "R7.3", "The history only goes forward",
	    "This machine remembers how long the log was and what its root was "
	    "when it last looked, and shows nothing of a vault that is shorter "
	    "(21) or has another past (20). Shorter: find the newer copy. "
	    "Another past: stop, keep both copies, and call the auditor, for "
	    "one of them was made up.",
	    "protocol 7.5" },
	{ "R7.4", "Only deposits and register entries are signed in bulk",
	    "One touch may stand for thousands of deposits of an import, of "
	    "one kind, by one person, at one time. What grants, approves or "
	    "changes people takes a touch of its own. Take what does not "
	    "belong out of the batch.",
	    "protocol 7.1" },
	{ "R13.2", "A motion has one act",
	    "A motion proposes exactly one thing, in a fixed form, so that "
	    "everybody votes on the same. This one has none or several, or one "
	    "that this version does not know. Move each by itself, or update "
	    "the program.",
	    "protocol 13" },
	{ "R13.4", "The rules of a safe are complete",
	    "The rules of a safe say how many approve, which posts must be "
	    "among them, how many may share an employer, line, site or wing, "
	    "how long to wait, and how long an approval holds; a value that "
	    "is missing is an error and never no limit, and fewer than k is "
	    "never enough; and a committee must be able to keep "
	    "them. 'amanat policy bind' takes all of them from the "
	    "level of the safe: have a policy put in force first, and make "
	    "the posts that the refusal names. The rules named in a request "
	    "decide it to its end, also when newer ones come into force.",
	    "protocol 13, 4.5" },
	{ "R13.5", "A request has a beginning, a waiting time and an end",
	    "Nobody approves before the cool-off is over, counted from the "
	    "asking, so that others can object; approvals are taken from then "
	    "until the request ends; and it is opened within the time for "
	    "which a grant holds, counted from the approval that completed "
	    "it, for old approvals should not lie about. Wait until the time "
	    "that is named, or ask again, for longer where the cool-off would "
	    "outlast the request.",
	    "protocol 13" },
	{ "R13.6", "Nobody approves their own request",
	    "Who asks is never counted among those who decide, under any rules "
	    "and at any level. Ask other custodians; where the committee is so "
	    "small that this hurts, make it larger.",
	    "protocol 13; domain 4" },
	{ "R13.7", "Who was appointed needs an appointment that is valid now",
	    "A person whose last appointment has ended asks, approves and "
	    "deposits no more, what they approved for requests that are still "
	    "open lapses, and a later order does not make up for the days "
	    "between; the attempt is kept in the log. What is left is to "
	    "suspend, to record that somebody "
	    "leaves or is away, to prove and to erase, and a part in entering "
	    "the orders of others, never one's own. Get the order and have a "
	    "colleague enter it with 'amanat appoint', or act in another post "
	    "that is still valid. A contract that has ended leaves nothing at "
	    "all.",
	    "protocol 13; domain X-3, 8.2" },
	{ "R13.13", "A request is used up when it was opened",
	    "An opened request cannot be opened again or cancelled, unless the "
	    "rules of the safe allow more uses by the same person within the "
	    "grant. Ask again.",
	    "protocol 13" },
	{ "R13.14", "An opening uses k sound parts",
	    "The requester's program combines exactly k parts of different "
	    "custodians, each checked again. Some are missing or damaged, so "
	    "too few are left. Copy what is missing from a backup, or let "
	    "another custodian approve, or ask again.",
	    "protocol 13" },
	{ "R13.15", "One change of a committee at a time",
	    "A plan starts from the committee that is in force, and when one "
	    "plan becomes active all others of that committee are void. Finish "
	    "the one that is under way, or give it up with 'amanat safe "
	    "abort', then plan again.",
	    "protocol 13" },
	{ "R13.17", "Fewer than a quorum may come or leave at once",
	    "At most k-1 people come, and at most k-1 leave, in one plan, so "
	    "that nobody can exchange the deciding majority in one step. Take "
	    "several steps: the refusal prints them.",
	    "protocol 13, 5.3" },
	{ "R13.18", "Complaints and answers belong to their plan",
	    "A complaint names a deal and a member of its plan; it is answered "
	    "once, before the plan ends; and a sum that gives no key at all is "
	    "refused. Check the plan with 'amanat safe status'. If it is void, "
	    "plan again.",
	    "protocol 13" },
	{ "R13.19", "The recovery committee is for emergencies",
	    "Everyday requests go to the operating committee. The recovery "
	    "committee serves requests that are marked as emergencies, and "
	    "renews the operating one. Ask without --recovery, or with "
	    "--break-glass if it is an emergency.",
	    "protocol 13" },
	{ "R13.20", "The founder's right ends with the first safe",
	    "Until the first safe has its committee the founder alone admits, "
	    "and nobody else's motion takes effect; from then on its "
	    "custodians decide, and the founder is one of many. Finish the "
	    "first safe with 'amanat safe join', or ask the founder.",
	    "protocol 13" },
	{ "R13.24", "The log is signed by the log key in force",
	    "Checkpoint and reports of faults are signed by the one key that "
	    "was in force when they were made. keys/log.key is another one: "
	    "put the right copy in its place, or have a quorum replace it with "
	    "'amanat restore --new-log-key'.",
	    "protocol 13" },
	{ "R-1", "A subscription is entered whole",
	    "All fields that matter years later are asked for when somebody "
	    "still knows them: 'amanat sub add' names every one that is "
	    "missing or at odds with another. 'amanat sub lint' repeats that "
	    "for the whole register.",
	    "domain R-1, 7.1" },
	{ "R-2", "Posts answer for a subscription",
	    "A person leaves, a post does not: owner, deputy and the others "
	    "are posts, and no contractor answers for anything. Whoever takes "
	    "a step or acknowledges a reminder holds one of them and names it "
	    "with --post; who changes the record of what is in force holds one "
	    "too. See 'amanat post list'.",
	    "domain R-2, K-2" },
	{ "R-3", "The account belongs to the entity",
	    "Whoever gets the mail that resets a password owns the account. It "
	    "is registered to a role mailbox of the entity, with an office "
	    "number or a key in custody behind it, and nobody who has left or "
	    "comes from outside administers it. The list of mailboxes is that "
	    "of 'amanat sub entity'; who adds one, or renames the entity, has "
	    "another official be the first to use it.",
	    "domain R-3" },
	{ "R-4", "Reminders come on working days",
	    "What falls on a weekend or a listed holiday is raised on the "
	    "working day before. The holidays are those of 'amanat sub "
	    "entity'.",
	    "domain R-4, 7.3" },
	{ "R-5", "A reminder is acknowledged, or goes on to the next post",
	    "After seven days without an answer it goes to the deputy, then to "
	    "who pays, then to the head; past a vacant post at once. 'amanat "
	    "sub ack' says that it was seen; it does not decide anything.",
	    "domain R-5, R-6" },
	{ "R-8", "What the deny list names is neither bought nor renewed",
	    "Origin, ultimate owner, developer, data and support are compared "
	    "with the list that a quorum has put in force. An exception is a "
	    "waiver of a quorum with an end: amanat waive R-8 SUBSCRIPTION. It "
	    "stands in every dossier.",
	    "domain R-8" },
	{ "R-9", "Money has its seasons",
	    "What is not spent is given back before the fiscal year ends on 30 "
	    "June, and releases are slow from July to September. The last day "
	    "for spending is that of 'amanat sub entity'.",
	    "domain R-9" },
	{ "R-10", "What renews itself has a day for a notice",
	    "Without one nobody knows until when it can be stopped. Write the "
	    "notice period of the contract into 'notice', such as 60d or 2m.",
	    "domain R-10" },
	{ "R-11", "A renewal is finished with evidence",
	    "The steps follow one another and none is left out: a decision, "
	    "the order, logins of two people within thirty days, the new end; "
	    "each is signed and names the hash of what proves it. See 'amanat "
	    "sub show' for the step that is next.",
	    "domain R-11, 7.2" },
	{ "R-14", "A record shows what its class asks of the provider",
	    "Where a policy is in force: what the provider is with the Cloud "
	    "Office, where the data are, an approval of the hosting, shared "
	    "criteria of class open, and how old the examination of the "
	    "supplier is, as class_checks of the policy has it. Enter what is "
	    "missing, 'amanat sub add FILE --new-version'. Hosting elsewhere "
	    "or "
	    "without an approval takes a waiver of a quorum with an end: "
	    "amanat waive R-14 SUBSCRIPTION.",
	    "domain 4, 2.1" },
	{ "R-15", "A supplier is examined again",
	    "Where a policy is in force: after supplier_review, in time for a "
	    "renewal, and when it has another owner or name, as the level "
	    "asks. "
	    "Examine it, and enter the day and the hash of what was found, "
	    "'amanat sub add FILE --new-version'. Otherwise a waiver of a "
	    "quorum with an end: amanat waive R-15 SUBSCRIPTION.",
	    "domain 2.2, SP 800-53 SR-6" },
	{ "U-6", "Emergencies, access, and who is in post are reviewed",
	    "Somebody who neither asked nor approved looks at what was opened "
	    "by break-glass and writes down what they found; and from time to "
	    "time somebody looks at who has access to a safe, and another "
	    "official at whether a person is still in post and should hold "
	    "what they hold. 'amanat due' says when, 'amanat review' records "
	    "it. Of an emergency, ask a colleague who had no part in it; of "
	    "yourself, any colleague.",
	    "domain U-6, 3.1" },
	{ "V01", "The files of an export are all there and unchanged",
	    "An export has a fixed set of files, and their sums stand in "
	    "SHA256SUMS; files that can be made from the log have to be what "
	    "the log says. One is missing, strange or changed. Copy the export "
	    "again; if it stays so, ask who made it.",
	    "protocol 7.7" },
	{ "V02", "Every line of the log is well formed",
	    "Each statement stands on one line, in the one form that is "
	    "allowed. The line that is named was changed or cut. Take another "
	    "copy; if it is the same there, the log is broken at that line.",
	    "protocol 7.7, 2.4" },
	{ "V03", "One first statement, one vault",
	    "The first statement founds the vault, stands there once, is "
	    "signed by the key that it names, and all others carry its id. "
	    "What you have is another vault, a mixture, or made by a newer "
	    "program. Compare the hash of the first statement with the one you "
	    "noted.",
	    "protocol 7.7" },
	{ "V04", "The checkpoint fits the lines",
	    "All lines together give the size and root that the vault's log "
	    "key has signed. They do not: lines were taken out, put in or "
	    "changed, or the checkpoint is of another state. Take another "
	    "copy, and keep this one as evidence.",
	    "protocol 7.7" },
	{ "V05", "Today's history continues the earlier one",
	    "A checkpoint that you kept, or that this machine remembers, must "
	    "be the beginning of what you check now. A shorter history is "
	    "stale (21), one with another past is broken (20) and was "
	    "rewritten. Keep both and call the auditor.",
	    "protocol 7.7, 13; domain U-3" },
	{ "V06", "Witnesses have signed what is shown",
	    "Other machines sign each checkpoint that they saw grow from the "
	    "one before. A signature that does not verify means that they saw "
	    "another history. Keep the export and ask the witness.",
	    "protocol 7.4, 7.7" },
	{ "V07", "Time stamps fit the checkpoint",
	    "A time stamp by a third party proves that a checkpoint existed at "
	    "a time; it is over exactly that checkpoint. One that does not fit "
	    "proves nothing. Ask for the right one.",
	    "protocol 7.4, 7.7" },
	{ "V08",
	    "Every statement is of a known kind and makes sense where it "
	    "stands",
	    "The log is replayed from the first line, and each statement must "
	    "make sense where it stands: the kind is known, the fields are "
	    "those of that kind, names are well formed and not taken, and what "
	    "it speaks of is there. Correct what the refusal names. In an "
	    "export, the line was not written by this program, or by a newer "
	    "one.",
	    "protocol 7.7" },
	{ "V09", "Every statement is signed by a key of its author",
	    "The key was enrolled and in force at that line, belongs to the "
	    "person who is named, and signed exactly these bytes; what is "
	    "signed in bulk is complete and in order. If it is your key, it is "
	    "not admitted yet, or not yours: see 'amanat token list'. In an "
	    "export the line is forged or damaged.",
	    "protocol 7.2, 7.7" },
	{ "V10", "No statement twice",
	    "A statement that was repeated would be an approval or a vote that "
	    "nobody gave again. It is in the log already, so nothing is left "
	    "to do; if you wanted another one, do it again.",
	    "protocol 7.1, 7.7" },
	{ "V11", "Who signs has seen the log so far",
	    "Each signature names the state of the log that its signer had "
	    "checked, and never an older one than that key has signed before. "
	    "Someone else was faster, or this is an old copy: try again, and "
	    "if it stays so look for the newer vault.",
	    "protocol 7.1, 7.7" },
	{ "V12",
	    "A key is enrolled once, under one label, with proof of its make",
	    "The maker's proof fits the model, the key signs its own "
	    "enrolment, and label and credential are new. In a vault for "
	    "evaluation the maker's proof may be missing. Choose another "
	    "label, or another key.",
	    "protocol 6.2, 7.7" },
	{ "V13", "A receive key belongs to who names it",
	    "Each key to which something is locked comes with a proof that its "
	    "owner can open it, and serves one person and one plan. A key or "
	    "proof that does not hold was changed on its way or copied from "
	    "elsewhere. Join again; do not deal to that person until it is "
	    "clear.",
	    "protocol 5.3, 7.7" },
	{ "V14", "Ceremonies go step by step",
	    "All join, then the dealers deal, then all accept; the members are "
	    "officials with an admitted key; everybody does a step once and "
	    "proves it; the key of a safe never changes; and a recovery "
	    "committee never has the lower quorum. See 'amanat safe status' "
	    "for the step that is due and by whom.",
	    "protocol 5.3, 7.7" },
	{ "V15", "A complaint is judged by everybody alike",
	    "The dealer who is blamed, and nobody else, shows what was sent, "
	    "and the log tells who was at fault. Answer the complaint that is "
	    "named, as its dealer; a plan that is void cannot be saved, so "
	    "plan again.",
	    "protocol 5.6, 7.7" },
	{ "V16", "Versions of a credential follow one another",
	    "The first version is 1, each further one continues the newest, a "
	    "name is used once in a safe, and the sealed data is new and "
	    "proves what it is. Choose another name, or use --new-version for "
	    "one that exists. If somebody was faster, do it again.",
	    "protocol 3.4, 7.7" },
	{ "V17",
	    "A request is for something that exists, for a time that is "
	    "allowed",
	    "Only officials ask; a request has a reason, begins before it "
	    "ends, lasts at most 72 hours, and names a version and a committee "
	    "that are there. Correct what the refusal names and ask again.",
	    "protocol 4.1, 7.7" },
	{ "V18", "An approval is a custodian's, for this request",
	    "Approvals and declines come from a custodian of that safe, with "
	    "their own share, while the request is open, and the proof of the "
	    "share fits. Check the id of the request with 'amanat history'. In "
	    "an export, a part that is not included can be asked for with "
	    "'amanat export --partials'.",
	    "protocol 4.2, 7.7" },
	{ "V19", "An opening has its quorum, and is the requester's",
	    "At every opening it is counted again whether enough different "
	    "people had approved who were in force then, and only who asked "
	    "may open. Get the approvals that are missing: 'amanat show "
	    "REQUEST' says from whom they are.",
	    "protocol 4.5, 7.7" },
	{ "V20", "Enough approvals without an opening",
	    "A quorum has approved, so the credential may have been read, and "
	    "the log does not show that it was. That is a finding, not an "
	    "error: ask the requester, and rotate the credential if the answer "
	    "does not satisfy.",
	    "protocol 4.3, 7.7" },
	{ "V21", "What a quorum decides, and when it takes effect",
	    "A motion is decided by the custodians of the first safe, or, "
	    "about the rules of a safe, by those of that one: each once, and "
	    "before it ends. Where their rules have an objection period its "
	    "effect waits until that time is over, so that others can object. "
	    "Get the votes that are missing, wait for the time that is named, "
	    "or move it again.",
	    "protocol 7.3, 7.7; domain invariant 8" },
	{ "V22", "Who is suspended or retired signs nothing",
	    "From that line on nothing of a suspended person or key counts, "
	    "except a part in lifting other people's suspensions until a "
	    "quorum has confirmed it. The attempt is kept in the log. Use "
	    "another key; to get this one back, ask for 'amanat token lift'. "
	    "What is retired stays so.",
	    "protocol 13, 5.9" },
	{ "V23", "Custodians prove that their keys still work",
	    "A drill asks all custodians of the committee that is in force, "
	    "for at most 31 days, and each proves the share with the key, "
	    "opening nothing. Prove with 'amanat drill', or call a new drill "
	    "when the committee has changed.",
	    "protocol 5.8, 7.7; domain C-8" },
	{ "V24", "Worth a look although every rule holds",
	    "Signature counters that fell, a clock that went back, what was "
	    "refused, declines, waivers, emergencies, and people who always "
	    "approve together are listed for a person to judge; so a report of "
	    "a fault has to name the rule it is about. Read each, and ask "
	    "those concerned.",
	    "protocol 7.7; NIST SP 800-53 AC-3(2)" },
	{ "X-2", "An appointment names its order and its end",
	    "An appointment says of what kind it is, by which order, who gave "
	    "that, and from when; and unless it is substantive, its last day. "
	    "Additional, current, acting and look-after charges, contracts "
	    "and surrogates end on a day that the order names; an open end is "
	    "how charges run on without anybody deciding it. Give what the "
	    "refusal names: --to is the last day served.",
	    "domain X-2, 1.2" },
	{ "X-4", "A new period needs a new order",
	    "An appointment is extended only by a new one with an order "
	    "number of its own, on which the custodians of the first safe "
	    "vote. One order gives one person one post once: the same number "
	    "again would be the silent extension that this is there to stop. "
	    "Ask for the new order and enter that.",
	    "domain X-4, 1.2" },
	{ "X-5", "The quorum is smaller than the committee",
	    "If all had to approve, one lost key would lock you out for ever; "
	    "with a quorum of one, one person could open alone. Name at least "
	    "one custodian more than the quorum, and a quorum of two or more.",
	    "domain X-5, invariant 1" },
	{ "X-8", "A committee keeps people in reserve",
	    "With a policy in force the quorum and the number of people of a "
	    "committee are at least what the level of its safe asks for, "
	    "since people fall ill, leave and lose keys; and of a safe that is "
	    "bound, so are its reserve, the holders of its posts, and the "
	    "models of its keys. A plan "
	    "below that is refused, but for one that only leaves out people "
	    "who have left, are suspended or hold no post any more, unless a "
	    "quorum waives it with a reason and a last day, "
	    "which 'amanat analyze' shows from then on. Name more custodians, "
	    "or have the waiver moved first: 'amanat waive X-8 SAFE'.",
	    "domain X-8, invariant 6" },
	{ "X-10", "A departure is closed when nothing is left open",
	    "Who left is custodian of no safe any more, and everything they "
	    "knew has been changed or its risk accepted by a quorum until a "
	    "day. 'amanat depart PERSON --status' lists what is open, with the "
	    "next command for each.",
	    "domain X-10, invariant 11, 8.1; NIST SP 800-53 PS-4" },
	{ "X-11", "A rotation is closed with a new version and evidence",
	    "First the secret is changed at the vendor, then its new version "
	    "is deposited, then two different people, neither of them a "
	    "contractor, say that it is in force, each with the same one to "
	    "eight files of evidence. One word alone would not show that "
	    "anything was changed. Do the step that is missing, with exactly "
	    "the files of the first signer.",
	    "domain X-11, 8.2" },
	{ "X-14", "A safe is never below what its credentials reach",
	    "The class of a credential is the highest of everything it opens "
	    "or can reset. With a policy in force, a safe whose level is "
	    "lower than that class needs does not take it: put it into a safe "
	    "of the level that is named. Lowering the class of a credential "
	    "takes a quorum and a reason: 'amanat waive X-14 SAFE/NAME'.",
	    "domain X-14, invariant 14, 4" },
	{ "X-17", "The clock is not behind the log",
	    "The last statement is later than the clock of this machine, so "
	    "the clock is wrong, or was wrong then. Times would otherwise "
	    "prove nothing. Set the clock right and try again.",
	    "domain X-17" },
	{ "X-19", "What is quiet is seen, and for a time only",
	    "There is no hidden path. The words of an incident, or a departure "
	    "to come, can be sealed until a date; their hash, and that there "
	    "is something, are in the log at once, and everything that "
	    "decides what may be opened stays in the open. The date lies "
	    "ahead, by 90 days at most. From then on anybody can read it, and "
	    "check it against that hash: what is recorded as sealed before is "
	    "word for word what was. Wait for the date, or record it openly.",
	    "domain X-19, 3.1, 9" },
};

const struct explain *
explain_at(size_t i)
{
	return i < AM_ARRAY_LEN(table) ? &table[i] : NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c;
}

/* Passes zeros at the start of a number. */
static const char *
number(const char *s, size_t *digits)
{
	while (s[0] == '0' && is_digit(s[1]))
		s++;
	*digits = strspn(s, "0123456789");
	return s;
}

int
explain_order(const char *a, const char *b)
{
	size_t n, m;

	while (*a != '\0' && *b != '\0') {
		/* as sort -V: what a number ends is the shorter word */
		if (is_digit(*a) != is_digit(*b))
			return is_digit(*a) ? -1 : 1;
		if (!is_digit(*a)) {
			if (lower(*a) != lower(*b))
				return lower(*a) < lower(*b) ? -1 : 1;
			a++;
			b++;
			continue;
		}
		a = number(a, &n);
		b = number(b, &m);
		if (n != m)
			return n < m ? -1 : 1;
		for (; n > 0; n--, a++, b++)
			if (*a != *b)
				return *a < *b ? -1 : 1;
	}
	return (*a != '\0') - (*b != '\0');
}

const struct explain *
explain_find(const char *id)
{
	for (size_t i = 0; i < AM_ARRAY_LEN(table); i++)
		if (explain_order(table[i].id, id) == 0)
			return &table[i];
	return NULL;
}

size_t
explain_shared(const char *id)
{
	size_t best = 0;

	for (size_t i = 0; i < AM_ARRAY_LEN(table); i++) {
		const char *row = table[i].id;
		size_t n = 0;

		while (id[n] != '\0' && lower(id[n]) == lower(row[n]))
			n++;
		if (n > best)
			best = n;
	}
	return best;
}
