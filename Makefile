# make             build/amanat             make test       everything a change must pass
# make demo        the three stories        make check      test, gates, analysis, sanitizers
# make bench       speed as ratios          make bench-large  the same for a million lines
# make deps        Debian packages, when missing
# make install     DESTDIR, PREFIX          make clean
# make fuzz T=60   libFuzzer, T seconds a parser; make mutants, make coverage
# make crash       stopped at every write, those of a change of committee too
#
# V=1 shows the commands; BUILD=dir puts objects elsewhere; STRICT=1 makes a
# missing checker an error instead of a line saying so.

VERSION   := 0.1.0
PREFIX    ?= /usr/local
BUILD     ?= build
ifeq ($(origin CC),default)
CC        := gcc
endif
PKGS      := libsodium lmdb libfido2 jansson libcrypto libcyaml yaml-0.1 expat zlib \
             libical
DEB_BUILD := gcc libc6-dev pkg-config libsodium-dev liblmdb-dev libfido2-dev \
             libjansson-dev libssl-dev libcyaml-dev libyaml-dev libexpat1-dev \
             zlib1g-dev libical-dev libcmocka-dev
DEB_RUN   := openssl procps python3
DEB_TEST  := keepassxc pass# they make the files that import reads

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

, := ,
Q := $(if $(filter 1,$(V)),,@)

# What a distribution may override ...
CFLAGS    ?= -O2 -g
# ... and what it may not.
STD       := -std=gnu17 -D_GNU_SOURCE -DAM_VERSION='"$(VERSION)"' -I.
WARN      := -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion \
             -Wcast-qual -Wcast-align=strict -Wwrite-strings -Wformat=2 \
             -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition \
             -Wimplicit-fallthrough=5 -Wswitch-enum -Wundef -Wvla -Walloca \
             -Wnull-dereference -Wdouble-promotion -Wdate-time \
             -Wduplicated-cond -Wduplicated-branches -Wlogical-op \
             -Wstack-usage=131072 -Wfree-nonheap-object
HARDEN    := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
             -fstack-protector-strong -fstack-clash-protection \
             -fcf-protection=full -ftrivial-auto-var-init=zero \
             -fzero-call-used-regs=used-gpr -fno-delete-null-pointer-checks \
             -fno-strict-overflow -fno-strict-aliasing -fPIE
REPRO     := -ffile-prefix-map=$(CURDIR)=. -frandom-seed=$(VERSION)
LDHARDEN  := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
             -Wl,--as-needed -Wl,--fatal-warnings

# Variants replace hardening by instrumentation; each has its own BUILD.
ifeq ($(SAN),asan)
HARDEN    := -fsanitize=address,undefined -fno-sanitize-recover=all \
             -fno-omit-frame-pointer -fPIE
LDHARDEN  := -pie -fsanitize=address,undefined
else ifeq ($(SAN),cov)
HARDEN    := --coverage -fprofile-abs-path -O0
LDHARDEN  := --coverage
REPRO     :=
endif

ALL_CFLAGS = $(STD) $(WARN) $(CFLAGS) $(HARDEN) $(REPRO) $(EXTRA_CFLAGS) \
             $(shell pkg-config --cflags $(PKGS)) -pthread
LDLIBS     = $(shell pkg-config --libs $(PKGS)) -pthread

LIB_SRC := $(sort $(wildcard vault/*/*.c policy/*.c hsm/*.c))
CLI_SRC := $(sort $(wildcard cli/*.c))
TOKEN_SRC := $(sort $(wildcard tests/softtoken/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ = $(CLI_SRC:%.c=$(BUILD)/%.o)
TOKEN_OBJ = $(TOKEN_SRC:%.c=$(BUILD)/%.o)
HEADERS := $(sort $(wildcard vault/*/*.h policy/*.h hsm/*.h cli/*.h tests/*.h tests/*/*.h))
UNIT    := $(sort $(patsubst %.c,%,$(wildcard tests/unit/test_*.c tests/prop/test_*.c tests/vectors/test_*.c)))
BIN     := $(BUILD)/amanat
TOKEN   := $(BUILD)/amanat-softtoken

all: deps
	$(Q)$(MAKE) --no-print-directory $(BIN)

# Installs what is missing and asks nothing when all is there.
deps:
	$(Q)tests/deps $(DEB_BUILD) $(DEB_RUN)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# It holds the policy that is shipped.
$(BUILD)/policy/shipped.o: policy/levels.yaml

$(BIN): $(CLI_OBJ) $(LIB_OBJ)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $^ $(LDLIBS)

$(TOKEN): $(TOKEN_OBJ)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $^ -lcrypto

# ---- tests: a program each, linked with the same objects as the command

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/tests/forge.o $(LIB_OBJ)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LDHARDEN) $(TLDFLAGS) -o $@ \
	    $(filter %.o,$^) $(LDLIBS) -lcmocka

# Tests of cli/ have its objects too, all but main.
CLI_TEST := $(sort $(patsubst %.c,%,$(wildcard tests/cli/test_*.c)))
$(CLI_TEST:%=$(BUILD)/%): $(filter-out $(BUILD)/cli/main.o,$(CLI_OBJ))

# A corpus is replayed by the harness of its name.
FUZZ := $(sort $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/replay.o \
    $(BUILD)/tests/fuzz/fuzz_%.o $(LIB_OBJ)
	$(if $(Q),@echo "  LINK  $@")
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(LDHARDEN) -o $@ $^ $(LDLIBS)

TOKEN_TEST := $(sort $(patsubst %.c,%,$(wildcard tests/softtoken_test/test_*.c tests/token/test_*.c)))
# Calls that fail in turn: a program a library (tests/fault/calls).
FAULT := $(sort $(patsubst %.c,%,$(wildcard tests/fault/test_*.c)))
fails_in = $(shell awk '$$1 == "$(1)" && $$2 == "fails" \
    { for (i = 3; i <= NF; i++) print $$i }' tests/fault/calls)
$(FAULT:%=$(BUILD)/%): tests/fault/calls
$(FAULT:%=$(BUILD)/%): TLDFLAGS = \
    $(addprefix -Wl$(,)--wrap=,$(call fails_in,$(@F:test_%=%)))
# Replaces free(), which AddressSanitizer wants for itself.
WIPE := $(if $(filter asan,$(SAN)),,tests/wipe/test_wipe)
$(BUILD)/tests/wipe/test_wipe: $(filter-out $(BUILD)/cli/main.o,$(CLI_OBJ))
TESTS := $(UNIT) $(CLI_TEST) $(TOKEN_TEST) $(FAULT) $(WIPE)
SECOND := $(sort $(wildcard tests/second/check_*.py))
RUN   := $(addprefix $(BUILD)/,$(TESTS)) \
    $(foreach f,$(FUZZ),"$(BUILD)/tests/fuzz/replay_$(f) $(sort $(wildcard tests/fuzz/corpus/$(f)/*))") \
    $(foreach p,$(SECOND),"python3 $(p)")
PROGRAMS := $(addprefix $(BUILD)/,$(TESTS) $(FUZZ:%=tests/fuzz/replay_%)) $(BIN) $(TOKEN)

# Kills a process, or fills its disk, at any write (tests/crash/run.sh).
STOPAT := $(BUILD)/tests/crash/stopat.so
$(STOPAT): tests/crash/stopat.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(STD) -O1 -Wall -Wno-nonnull -fPIC -shared -o $@ $< -ldl

# Damages a vault (tests/e2e/damage.sh).
SPOIL := $(BUILD)/tests/e2e/spoil

# A dishonest member's program (tests/e2e/reshare.sh).
BADBOX := $(BUILD)/tests/e2e/badbox.so
$(BADBOX): tests/e2e/badbox.c Makefile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(STD) -O1 -Wall -fPIC -shared -o $@ $< -ldl

programs: $(PROGRAMS) $(STOPAT) $(SPOIL) $(BADBOX)

test: deps
	$(Q)tests/deps $(DEB_TEST)
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    STOPAT_SO=$(abspath $(STOPAT)) SPOIL=$(abspath $(SPOIL)) \
	    BADBOX_SO=$(abspath $(BADBOX)) \
	    tests/run $(RUN) $(sort $(wildcard tests/e2e/*.sh)) tests/crash/run.sh
test-c: programs
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    tests/run $(RUN)

# A change of committee, stopped at every write: some two minutes.
crash: programs
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    STOPAT_SO=$(abspath $(STOPAT)) LONG_STEP=1 tests/crash/run.sh

demo: deps
	$(Q)$(MAKE) $(if $(Q),-s) --no-print-directory $(BIN) $(TOKEN)
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    tests/demo/run.sh

# ---- gates: each has been seen to fail (tests/gates/selftest)

DEB_CHECK := mandoc clang-format clang-tidy cppcheck valgrind
GATES := check-format check-ct check-headers check-errtypes check-layers check-rules check-names \
         check-cited check-wrapped check-docs check-explained check-man check-elf check-gates
need = command -v $(1) >/dev/null || \
       { echo "skipped: $(1) is not installed"; [ -z "$(STRICT)" ]; exit; }

check: deps
	$(Q)tests/deps $(DEB_CHECK)
	$(Q)$(MAKE) --no-print-directory $(BIN) $(TOKEN)
	$(Q)$(MAKE) --no-print-directory $(GATES) analyze
	$(Q)$(MAKE) --no-print-directory asan
	$(Q)$(MAKE) --no-print-directory test

# Layout is settled by .clang-format, of the version that Debian 12 has.
check-format:
	$(Q)$(call need,clang-format); clang-format --dry-run -Werror \
	    $(LIB_SRC) $(CLI_SRC) $(HEADERS) $(sort $(wildcard tests/*.c tests/*/*.c))

# Every header compiles on its own.
check-headers:
	$(Q)for h in $(HEADERS); do echo "#include \"$$h\"" | $(CC) $(STD) \
	    $(WARN) -O2 -xc -c - -o /dev/null || exit 1; done
# An int from libsodium, OpenSSL, LMDB or libfido2 is never returned as am_err:
# gcc 12 sees that only with -Wc++-compat, whose other warnings are not ours.
check-errtypes:
	$(Q)! for f in $(LIB_SRC) $(CLI_SRC); do LC_ALL=C $(CC) $(STD) -O2 \
	    -Wc++-compat -c $$f -o /dev/null 2>&1; done | grep "to 'enum am_err'"
check-layers check-rules check-cited check-explained:
	$(Q)tests/gates/$(@:check-%=%)
check-names: $(LIB_OBJ) $(CLI_OBJ)
	$(Q)tests/gates/names $^
check-wrapped: $(LIB_OBJ)
	$(Q)tests/gates/wrapped $^
check-docs: $(BIN)
	$(Q)tests/gates/docs $(BIN)
check-man:
	$(Q)$(call need,mandoc); mandoc -T lint -W warning docs/*.[17]
	$(Q)$(call need,mandoc); mandoc -T pdf -O paper=a4 docs/amanat-renewals.7 | \
	    grep -a -c '/Type /Page$$' | grep -q '^1$$' || \
	    { echo "docs/amanat-renewals.7 is not one sheet"; exit 1; }
check-elf: $(BIN)
	$(Q)tests/gates/elf $(BIN) $(firstword $(LIB_OBJ))
check-gates: $(LIB_OBJ) $(CLI_OBJ) $(BIN)
	$(Q)tests/gates/selftest $(BUILD)

# No branch and no address depends on a secret.
check-ct: $(BUILD)/tests/ct/test_ct
	$(Q)$(call need,valgrind); \
	    valgrind -q --error-exitcode=9 $< && \
	    ! valgrind -q --error-exitcode=9 $< leak 2>/dev/null

# Lines that the C tests run, by file.
coverage:
	$(Q)$(MAKE) --no-print-directory SAN=cov BUILD=$(BUILD)/cov test-c >/dev/null
	$(Q)cd $(BUILD)/cov && for s in $(LIB_SRC) $(CLI_SRC); do \
	    gcov -n -o $$(dirname $$s) $(CURDIR)/$$s 2>/dev/null | awk -v s=$$s \
	    '/^File/{f=index($$0,s)} f&&/^Lines/{printf "%-28s %s\n", s, $$0; f=0}'; \
	    done

# Are the tests awake? Some twenty minutes.
mutants: deps
	$(Q)tests/gates/mutants

# Two builds from two directories are the same bytes.
check-repro:
	$(Q)rm -rf $(BUILD)/r && mkdir -p $(BUILD)/r/a $(BUILD)/r/bb
	$(Q)for d in a bb; do cp -r Makefile vault policy hsm cli tests $(BUILD)/r/$$d \
	    && $(MAKE) -s -C $(BUILD)/r/$$d BUILD=o o/amanat >/dev/null || exit 1; done
	$(Q)cmp $(BUILD)/r/a/o/amanat $(BUILD)/r/bb/o/amanat && echo reproducible

asan:
	$(Q)$(MAKE) --no-print-directory SAN=asan BUILD=$(BUILD)/asan test-c

# gcc's analyzer, cppcheck, clang-tidy: nets with holes, but nets.
analyze:
	$(Q)$(MAKE) -s BUILD=$(BUILD)/analyze2 CC=gcc EXTRA_CFLAGS=-fanalyzer \
	    $(BUILD)/analyze2/amanat
	$(Q)$(call need,cppcheck); cppcheck --quiet --std=c11 --inline-suppr \
	    --enable=warning,portability,performance --error-exitcode=1 -I. \
	    -DAM_VERSION='"0"' vault policy hsm cli
	$(Q)$(call need,clang-tidy); \
	    clang-tidy --quiet $(LIB_SRC) $(CLI_SRC) -- $(STD) 2>/dev/null

# libFuzzer, T seconds a parser (60 unless given).
fuzz:
	$(Q)mkdir -p $(BUILD)/fuzz; for f in $(FUZZ); do \
	    mkdir -p $(BUILD)/corpus/$$f && clang $(STD) -g -O1 -w \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    tests/fuzz/fuzz_$$f.c $(LIB_SRC) $(LDLIBS) -o $(BUILD)/fuzz/$$f && \
	    $(BUILD)/fuzz/$$f -max_total_time=$(or $(T),60) -max_len=70000 \
	    -print_final_stats=1 $(BUILD)/corpus/$$f tests/fuzz/corpus/$$f || exit 1; \
	done

LARGE := $(BUILD)/tests/bench/large
RESHARE := $(BUILD)/tests/bench/reshare
POLICY := $(BUILD)/tests/bench/policy
REGISTER := $(BUILD)/tests/bench/register
PEOPLE := $(BUILD)/tests/bench/people
bench: deps
	$(Q)$(MAKE) --no-print-directory $(BUILD)/tests/bench/bench $(LARGE) $(RESHARE) \
	    $(POLICY) $(REGISTER) $(PEOPLE) $(BIN) $(TOKEN)
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    $(abspath $(BUILD)/tests/bench/bench)
	$(Q)$(POLICY)
	$(Q)$(RESHARE)
	$(Q)$(LARGE) $(abspath $(BIN)) 20000
	$(Q)AMANAT=$(abspath $(BIN)) AMANAT_SOFTTOKEN=$(abspath $(TOKEN)) \
	    FILL=$(abspath $(REGISTER)) PEOPLE=$(abspath $(PEOPLE)) \
	    tests/bench/register.sh

# A million statements: some five minutes on two cores, and 1 GiB in /tmp.
bench-large: deps
	$(Q)$(MAKE) --no-print-directory $(LARGE) $(BIN)
	$(Q)$(LARGE) $(abspath $(BIN)) 1000000

install: $(BIN)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man7 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(DESTDIR)$(PREFIX)/share/amanat
	install -m 0755 $(BIN) $(DESTDIR)$(PREFIX)/bin/amanat
	install -m 0644 docs/amanat.1 $(DESTDIR)$(PREFIX)/share/man/man1/amanat.1
	install -m 0644 docs/amanat-rules.7 docs/amanat-renewals.7 \
	    $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 0644 cli/amanat.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/amanat
	install -m 0644 policy/levels.yaml $(DESTDIR)$(PREFIX)/share/amanat/levels.yaml
clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
.SECONDARY:
.PHONY: all deps programs test test-c crash demo check $(GATES) check-repro asan \
	analyze fuzz bench bench-large install clean
