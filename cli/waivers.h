/*
 * waivers.h - what a quorum may let pass until a day, in words.
 */

#ifndef AM_WAIVERS_H
#define AM_WAIVERS_H

#include <stddef.h>

/* What is accepted, as a sentence: "that the committee of safe 'mdm' is smaller
 * than its level asks"; a rule that is not known as it is. Returns `plain`. */
const char *waivers_words(const char *waiver, char *plain, size_t size);

#endif /* AM_WAIVERS_H */
