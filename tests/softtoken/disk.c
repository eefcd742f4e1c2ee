#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/softtoken/disk.h"

#define STATE "state"

struct span
disk_text(const struct disk_text *t)
{
	return (struct span){ t->p, t->len };
}

void
disk_set_text(struct disk_text *t, struct span v)
{
	t->len = v.len < sizeof(t->p) ? v.len : sizeof(t->p);
	if (t->len > 0)
		memcpy(t->p, v.p, t->len);
}

/* ---- files */

static bool
write_all(int fd, struct span content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.p, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		content.p += n;
		content.len -= (size_t)n;
	}
	return true;
}

bool
disk_write(int dir, const char *name, struct span content)
{
	char fresh[64];
	bool ok;
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	(void)unlinkat(dir, fresh, 0);
	fd = openat(dir, fresh,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = write_all(fd, content) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && renameat(dir, fresh, dir, name) == 0 && fsync(dir) == 0;
}

bool
disk_read(int dir, const char *name, uint8_t *out, size_t *len)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	size_t have = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, out + have, *len - have)) > 0)
		have += (size_t)n;
	close(fd);
	if (n < 0 || have == *len) { /* a full buffer may be a cut file */
		errno = EFBIG;
		return false;
	}
	*len = have;
	return true;
}

/* ---- the state */

static void
put_rk(struct cb_out *o, const struct disk_rk *rk)
{
	cb_array(o, 5);
	cb_bytes(o, (struct span){ rk->id, rk->id_len });
	cb_bytes(o, SPAN(rk->rp_hash));
	cb_bytes(o, disk_text(&rk->user));
	cb_bytes(o, disk_text(&rk->name));
	cb_bytes(o, disk_text(&rk->display));
}

bool
disk_save(const struct disk *d)
{
	uint8_t buf[DISK_FILE_MAX];
	struct cb_out o = { .p = buf, .cap = sizeof(buf) - 1 };
	bool ok;

	cb_map(&o, 5);
	cb_uint(&o, 1);
	cb_bytes(&o, SPAN(d->master));
	cb_uint(&o, 2);
	cb_uint(&o, d->counter);
	cb_uint(&o, 3);
	cb_uint(&o, d->tries);
	cb_uint(&o, 4);
	cb_bytes(
	    &o, (struct span){ d->pin_hash, d->has_pin ? DISK_PIN_HASH : 0 });
	cb_uint(&o, 5);
	cb_array(&o, d->rk_count);
	for (size_t i = 0; i < d->rk_count; i++)
		put_rk(&o, &d->rk[i]);
	ok = !o.full && disk_write(d->dir, STATE, (struct span){ buf, o.len });
	prim_wipe(buf, sizeof(buf));
	return ok;
}

static bool
take_bytes(struct span *rest, uint8_t *out, size_t max, size_t *len)
{
	struct cb_item it;

	if (!cb_next(rest, &it) || it.major != CB_BYTES || it.body.len > max)
		return false;
	memcpy(out, it.body.p, it.body.len);
	*len = it.body.len;
	return true;
}

static bool
take_rk(struct span *rest, struct disk_rk *rk)
{
	struct cb_item it;
	size_t len = 0;

	if (!cb_next(rest, &it) || it.major != CB_ARRAY || it.n != 5)
		return false;
	return take_bytes(&it.body, rk->id, sizeof(rk->id), &rk->id_len) &&
	    take_bytes(&it.body, rk->rp_hash, PRIM_HASH, &len) &&
	    take_bytes(&it.body, rk->user.p, DISK_USER_MAX, &rk->user.len) &&
	    take_bytes(&it.body, rk->name.p, DISK_USER_MAX, &rk->name.len) &&
	    take_bytes(
		&it.body, rk->display.p, DISK_USER_MAX, &rk->display.len);
}

static bool
parse(struct disk *d, struct span doc)
{
	struct cb_item map, it;
	struct span pin, whole = doc;

	if (!cb_valid(doc) || !cb_next(&whole, &map))
		return false;
	it = cb_find(&map, 1);
	if (it.major != CB_BYTES || it.body.len != PRIM_KEY)
		return false;
	memcpy(d->master, it.body.p, PRIM_KEY);
	d->counter = (uint32_t)cb_find(&map, 2).n;
	d->tries = (unsigned)cb_find(&map, 3).n;
	pin = cb_find(&map, 4).body;
	d->has_pin = pin.len == DISK_PIN_HASH;
	if (d->tries > DISK_PIN_TRIES || (!d->has_pin && pin.len > 0))
		return false;
	if (d->has_pin)
		memcpy(d->pin_hash, pin.p, DISK_PIN_HASH);
	it = cb_find(&map, 5);
	if (it.major != CB_ARRAY || it.n > DISK_RK_MAX)
		return false;
	for (d->rk_count = 0; d->rk_count < it.n; d->rk_count++)
		if (!take_rk(&it.body, &d->rk[d->rk_count]))
			return false;
	return true;
}

void
disk_wipe(struct disk *d)
{
	prim_random(d->master, sizeof(d->master));
	d->counter = 0;
	d->tries = DISK_PIN_TRIES;
	d->has_pin = false;
	d->rk_count = 0;
	prim_wipe(d->pin_hash, sizeof(d->pin_hash));
	prim_wipe(d->rk, sizeof(d->rk));
}

static bool
load(struct disk *d, const char **why)
{
	uint8_t buf[DISK_FILE_MAX];
	size_t len = sizeof(buf);
	bool ok;

	*why = "cannot read the state";
	if (!disk_read(d->dir, STATE, buf, &len)) {
		if (errno != ENOENT)
			return false;
		*why = "cannot write the state";
		disk_wipe(d);
		return disk_save(d);
	}
	*why = "the state is damaged";
	ok = parse(d, (struct span){ buf, len });
	prim_wipe(buf, sizeof(buf));
	return ok;
}

bool
disk_open(struct disk *d, const char *path, const char **why)
{
	*d = (struct disk){ .dir = -1 };
	*why = "cannot make the state directory";
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return false;
	*why = "cannot open the state directory";
	d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0)
		return false;
	*why = "the state directory is in use by another key";
	if (flock(d->dir, LOCK_EX | LOCK_NB) != 0)
		return false;
	return load(d, why);
}

void
disk_close(struct disk *d)
{
	if (d->dir >= 0)
		close(d->dir);
	prim_wipe(d, sizeof(*d));
	d->dir = -1;
}
