#include "policy/shipped.h"

/* The path is from the root of the tree, where the compiler runs. */
__asm__(".pushsection .rodata\n"
	"shipped_first: .incbin \"policy/levels.yaml\"\n"
	"shipped_end: .byte 0\n"
	".popsection\n");

extern const uint8_t shipped_first[] __attribute__((visibility("hidden")));
extern const uint8_t shipped_end[] __attribute__((visibility("hidden")));

struct bytes
shipped_text(void)
{
	return (struct bytes){ shipped_first,
		(size_t)((uintptr_t)shipped_end - (uintptr_t)shipped_first) };
}
