"""A strict reader of RFC 5545, which shares nothing with libical.

    ics.py FILE [OLDER]

Complains and exits 1 where the file breaks a rule; where it no longer has a UID
of OLDER, of a subscription that both have, and that is not over for a year; where
a SEQUENCE went down, or something changed and it did not rise. Prints a line an item: kind, UID,
SEQUENCE, STATUS, start, end or due. Where python3-icalendar is installed it has
to read the same.
"""
import datetime
import re
import sys

NAME = re.compile(r"[A-Z][A-Z0-9-]*\Z")
DATE = re.compile(r"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\Z")
STAMP = re.compile(r"\d{8}T\d{6}Z\Z")
DURATION = re.compile(r"-PT\d+H\Z")  # one unit, before
ONCE = {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "DUE", "SUMMARY",
        "STATUS", "TRANSP", "DESCRIPTION"}
STATUS = {"VTODO": {"NEEDS-ACTION", "COMPLETED", "CANCELLED"},
          "VEVENT": {"CONFIRMED", "CANCELLED"}}


def fail(why):
    print("ics:", why)
    sys.exit(1)


def lines(raw):
    if not raw.endswith(b"\r\n") or b"\n" in raw.replace(b"\r\n", b""):
        fail("a line that does not end with CRLF")
    if b"\r" in raw.replace(b"\r\n", b""):
        fail("a CR inside a line")
    out = []
    for line in raw[:-2].split(b"\r\n"):
        if len(line) > 75:
            fail(f"{len(line)} octets in a line: {line!r}")
        if line[:1] in (b" ", b"\t"):
            out[-1] += line[1:]
        else:
            out.append(line)
    return [l.decode("utf-8") for l in out]


def unescape(text):
    if re.search(r"\\(?![\\;,nN])", text) or re.search(r"(?<!\\)[;,]", text):
        fail(f"an escape that is none: {text!r}")
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


def read(raw):
    """[(kind, {name: (params, value)}, [alarms])] of the items."""
    stack, items = [], []
    for line in lines(raw):
        head, colon, value = line.partition(":")
        name, *params = head.split(";")
        if not colon or not NAME.match(name):
            fail(f"no property: {line!r}")
        if any(c < " " and c != "\t" for c in line):
            fail(f"a control character: {line!r}")
        if name == "BEGIN":
            stack.append((value, {}, []))
            continue
        if name == "END":
            kind, props, inner = stack.pop()
            if kind != value:
                fail(f"{value} ends inside {kind}")
            if stack and kind == "VALARM":
                stack[-1][2].append((kind, props, inner))
            elif stack:
                items.append((kind, props, inner))
            else:
                top = props
            continue
        if name in stack[-1][1] and (name in ONCE or len(stack) == 1):
            fail(f"{name} twice")
        stack[-1][1][name] = (params, value)
    if stack or top.get("VERSION") != ([], "2.0") or "PRODID" not in top:
        fail("not a whole VCALENDAR")
    if "METHOD" in top:
        fail("a METHOD would make DTSTAMP mean something else")
    return items


def day(props, name):
    params, value = props[name]
    if params != ["VALUE=DATE"] or not DATE.match(value):
        fail(f"{name}: {params} {value}")
    return value


def check(kind, props, alarms):
    last = "DUE" if kind == "VTODO" else "DTEND"
    for need in ("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "SUMMARY", "STATUS",
                 last):
        if need not in props:
            fail(f"{kind} without {need}")
    if not STAMP.match(props["DTSTAMP"][1]):
        fail(f"DTSTAMP {props['DTSTAMP'][1]}")
    if not re.match(r"\d+\Z", props["SEQUENCE"][1]):
        fail("SEQUENCE is a number")
    if day(props, "DTSTART") >= day(props, last):
        fail(f"{props['UID'][1]} ends before it begins")
    if props["STATUS"][1] not in STATUS[kind]:
        fail(f"STATUS {props['STATUS'][1]}")
    if kind == "VEVENT" and props.get("TRANSP") != ([], "TRANSPARENT"):
        fail("an event that makes people busy")
    unescape(props["SUMMARY"][1])
    if "DESCRIPTION" in props:
        unescape(props["DESCRIPTION"][1])
    for _, alarm, _ in alarms:
        if set(alarm) != {"ACTION", "DESCRIPTION", "TRIGGER"}:
            fail(f"an alarm of {sorted(alarm)}")
        params, value = alarm["TRIGGER"]
        if params != ["RELATED=END"] or not DURATION.match(value):
            fail(f"TRIGGER {params} {value}")


def summary(items):
    return {p["UID"][1]: int(p["SEQUENCE"][1]) for _, p, _ in items}


def told(props):
    return {k: v for k, v in props.items() if k not in ("SEQUENCE", "DTSTAMP")}


def over(props, at):
    last = datetime.datetime.strptime(props["DTSTART"][1], "%Y%m%d")
    now = datetime.datetime.strptime(at, "%Y%m%dT%H%M%SZ")
    return last + datetime.timedelta(days=366) < now


def follows(older, items):
    """What a calendar that has read `older` makes of `items`."""
    now = {p["UID"][1]: p for _, p, _ in items}
    before = {p["UID"][1]: p for _, p, _ in older}
    both = tuple(p["UID"][1].partition("@")[0] + "-" for k, p, _ in items
                 if k == "VTODO" and p["UID"][1] in before)
    at = max(p["DTSTAMP"][1] for p in now.values())
    if not both:
        fail("no subscription of before")
    for uid, was in before.items():
        if uid not in now:
            if uid.startswith(both) and not over(was, at):
                fail(f"{uid} is left in calendars")
            continue
        rise = int(now[uid]["SEQUENCE"][1]) - int(was["SEQUENCE"][1])
        if rise < 0:
            fail(f"SEQUENCE of {uid} went down")
        if rise == 0 and told(was) != told(now[uid]):
            fail(f"{uid} changed, and its SEQUENCE did not rise")


def second_opinion(raw, items):
    try:
        import icalendar
    except ImportError:
        return
    seen = [str(c["UID"]) for c in icalendar.Calendar.from_ical(raw).walk()
            if c.name in STATUS]
    if seen != [p["UID"][1] for _, p, _ in items]:
        fail("icalendar reads something else")


def main():
    raw = open(sys.argv[1], "rb").read()
    items = read(raw)
    for kind, props, alarms in items:
        if kind not in STATUS:
            fail(f"a {kind}")
        check(kind, props, alarms)
        last = "DUE" if kind == "VTODO" else "DTEND"
        print(kind, props["UID"][1], props["SEQUENCE"][1], props["STATUS"][1],
              props["DTSTART"][1], props[last][1], len(alarms))
    if len(summary(items)) != len(items):
        fail("a UID twice")
    second_opinion(raw, items)
    if len(sys.argv) > 2:
        follows(read(open(sys.argv[2], "rb").read()), items)


main()
