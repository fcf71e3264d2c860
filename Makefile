# SPDX-License-Identifier: GPL-2.0-only
# bitmap-trace. `make help` lists what there is to make.

BUILD ?= build
PREFIX ?= /usr/local
CC = gcc
CLANG = clang
# Debian has it in /usr/sbin, which an ordinary user's PATH lacks.
BPFTOOL ?= $(or $(shell PATH=$$PATH:/usr/local/sbin:/usr/sbin:/sbin; command -v bpftool),bpftool)

# What --version prints: of a clone, with '+' if it was changed since; an archive of git's has it in a file.
COMMIT ?= $(or $(shell { [ -e .git ] && git describe --always --exclude='*' --abbrev=12 --dirty=+ || \
	sed -n 's/^\([0-9a-f]\{12\}\).*/\1/p' packaging/commit; } 2>/dev/null),unknown)

# V=1 shows the commands.
ifeq ($(V),1)
Q =
say =
else
Q = @
say = @printf '  %-8s %s\n' $(1) $(2);
endif

# Another compiler has other warnings, another clang-format another opinion: for whoever merges (.ci/run) they are
# errors, and the formatter is this one. For whoever builds they are not.
CI ?=
WERROR = $(if $(CI),-Werror)
CLANG_FORMAT_VERSION = 14
# What newer linters find is told and does not fail: these are Debian 12's.
LINT_DECIDES = $(or $(CI),$(shell clang-format --version 2>/dev/null | grep -o 'version $(CLANG_FORMAT_VERSION)[.]'))
WARNINGS = -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS ?= -O2 -g
CPPFLAGS_OWN = -D_GNU_SOURCE -Ibpf -Iuser -I$(BUILD)
CFLAGS_OWN = -std=gnu11 $(WARNINGS) $(CPPFLAGS_OWN)
LDLIBS = -lbpf -lelf -lz -ldeflate -ljson-c -lcap
export CMOCKA_MESSAGE_OUTPUT = TAP
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# The probes are one object, compiled at once: libbpf's linker takes an external function of
# the kernel (core/kernel_read.h) in one file only before 1.5. What runs before they are loaded is an
# object of its own, and so are those that measure or delay, and emit no event.
BPF_ALONE = bpf/helpers/module_btf.bpf.c bpf/hist/latency.bpf.c bpf/perturb/spin.bpf.c
BPF_SRC = $(filter-out $(BPF_ALONE),$(wildcard bpf/*/*.bpf.c))
BPF_OBJ = $(BUILD)/bpf/bitmap_trace.bpf.o
SKEL = $(addprefix $(BUILD)/skel/,$(addsuffix .skel.h,bitmap_trace $(notdir $(BPF_ALONE:.bpf.c=))))

USER_SRC = $(wildcard user/*/*.c user/*/*/*.c)
LIB_SRC = $(filter-out user/cli/main.c,$(USER_SRC))
OBJ = $(USER_SRC:%.c=$(BUILD)/%.o)
SAN_OBJ = $(USER_SRC:%.c=$(BUILD)/san/%.o)
SAN_LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/san/%.o)

UNIT_SRC = $(wildcard tests/unit/*_test.c)
UNIT = $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
UNIT_SHARED = $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
UNIT_SHARED_OBJ = $(UNIT_SHARED:%.c=$(BUILD)/san/%.o)
UNIT_OBJ = $(UNIT_SRC:%.c=$(BUILD)/san/%.o) $(UNIT_SHARED_OBJ)

# One target a file; libFuzzer comes with clang's runtime library.
FUZZ_SRC = $(wildcard tests/fuzz/*_fuzz.c)
FUZZ = $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
FUZZ_LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/fuzz/%.o) $(BUILD)/fuzz/tests/fuzz/fuzz.o
FUZZ_OBJ = $(FUZZ_LIB_OBJ) $(FUZZ_SRC:%.c=$(BUILD)/fuzz/%.o)
FUZZ_SANITIZE = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FUZZ_SECONDS ?= 60

# The protocol simulator: a test, with sanitizers, and a program that is as fast as it goes.
SIM_SRC = $(wildcard tests/sim/*.c)
SIM_SHARED = $(filter-out %/main.c %/sim_test.c,$(SIM_SRC))
SIM_OBJ = $(SIM_SHARED:%.c=$(BUILD)/%.o) $(BUILD)/tests/sim/main.o
SIM_SAN_OBJ = $(SIM_SHARED:%.c=$(BUILD)/san/%.o) $(BUILD)/san/tests/sim/sim_test.o
TESTS = $(UNIT) $(BUILD)/tests/sim/sim_test
SIM_EVENTS ?= 10000000
SIM_SEED ?= 1000
PROOF_SEED ?= 1

C_FILES = $(wildcard bpf/*/*.[ch] user/*/*.[ch] user/*/*/*.[ch] tests/*/*.[ch]) vmlinux.h
# As many compilers at a time as there are processors, unless whoever calls has said how many.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
SHELL_FILES = $(shell find .ci docs packaging tests vm -type f -not -name '*.patch' -not -name '*.md' -print0 | \
	xargs -0 grep -lE '^(\#!.*\b(ba|da)?sh|\# shellcheck shell=)')

.PHONY: all help deps demo check check-fast check-series check-view verdicts mutants upstream-check matrix leave-one-out crash-proof \
	agreement ci kernels soak fuzz sim coverage unit bench implementations bench-native bench-crash lint format man install uninstall dist \
	deb clean FORCE
.DELETE_ON_ERROR:

all: $(BUILD)/bitmap-trace ## build bitmap-trace (default)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@printf '\n  V=1 shows commands; BUILD=DIR builds elsewhere; XDG_CACHE_HOME holds kernels.\n'

deps: ## check for the tools needed; installs missing packages where apt may
	$(Q)vm/deps

demo: deps ## build, judge a stock and a patched kernel in a VM, show verdicts and histograms
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all
	$(Q)BUILD=$(abspath $(BUILD)) vm/demo

# Two at a time, each with one VM: the longest first, so that no processor idles in the end.
LONGEST = tests/vm_verdict_test.sh
check: deps ## everything that must hold before a merge
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all lint
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) $(TESTS) $(BUILD)/san/bitmap-trace $(BUILD)/sim $(FUZZ)
	$(Q)BT_VM=1 JOBS=1 BUILD=$(abspath $(BUILD)) prove -j 2 --timer $(LONGEST) $(TESTS) \
		$(filter-out $(LONGEST),$(wildcard tests/*_test.sh))

verdicts: all ## all verdicts on real kernels; make check leaves some out
	$(Q)BT_VM=1 BT_WIDE=1 JOBS=1 BUILD=$(abspath $(BUILD)) prove --timer tests/vm_verdict_test.sh

mutants: all ## kernels with one bug each: every one breaks what it should, and nothing else
	$(Q)BUILD=$(abspath $(BUILD)) vm/run-mutants

matrix: all ## bitmap files through the file system: cases by kernel and file system, a table
	$(Q)BUILD=$(abspath $(BUILD)) vm/matrix

leave-one-out: all ## each patch of `fixed` is needed, on 6.12 and 7.3: a table
	$(Q)for s in 6.12 7.3; do BUILD=$(abspath $(BUILD)) vm/leave-one-out --series $$s || exit 1; done

upstream-check: ## the patches that are to be sent: git am, and the kernel's checkpatch.pl
	$(Q)docs/upstream/check

crash-proof: all ## crash points of many write logs: md does with each what the oracle says
	$(Q)BUILD=$(abspath $(BUILD)) vm/crash-proof --seed $(PROOF_SEED)

# What was made is kept only when the rule holds.
agreement: all ## each kernel with each case, judged by trace and crash oracle: docs/agreement.md
	$(Q)BUILD=$(abspath $(BUILD)) vm/agreement -o out/agreement >/dev/null
	$(Q)cp out/agreement/agreement.md docs/agreement.md

# Where no bitmap file can be set, what wants one runs on the kernel that is mended (vm/patches/bitmap-file).
SERIES ?= 7.3
check-series: all ## on SERIES (7.3) what check does on 6.12: verdicts, privileges, kill, loss, latency, late hooks, mutants; 30 min
	$(Q)SERIES=$(SERIES) BUILD=$(abspath $(BUILD)) prove --timer tests/series/verdicts
	$(Q)for t in privileges loss kill asked; do BT_VM=1 BUILD=$(abspath $(BUILD)) \
		prove --timer tests/vm_$${t}_test.sh :: --series $(SERIES) --bitmap internal || exit 1; done
	$(Q)BT_VM=1 BUILD=$(abspath $(BUILD)) prove --timer tests/vm_latency_test.sh :: --series $(SERIES) -k bitmap-file
	$(Q)BUILD=$(abspath $(BUILD)) vm/run-mutants --series $(SERIES) --no-base

check-view: all ## in a VM: top, early failures, check --fail-fast
	$(Q)BT_VM=1 BT_WIDE=1 BUILD=$(abspath $(BUILD)) prove --timer tests/vm_view_test.sh

SUITE ?= quick
ci: all ## SUITE (quick) on stock, in VMs, by vm/ci (docs/ci.md)
	$(Q)vm/deps --ci
	$(Q)BUILD=$(abspath $(BUILD)) vm/ci --suite $(SUITE)

kernels: all ## what doctor says on 6.1, 6.12 and 7.3, in VMs; into docs/kernels.md
	$(Q)BUILD=$(abspath $(BUILD)) tests/kernels-doc

soak: all ## stock: the same again and again, and a million events of mixed load; no false alarm; 200 times kill -9
	$(Q)BUILD=$(abspath $(BUILD)) vm/soak 20
	$(Q)BUILD=$(abspath $(BUILD)) BITMAP=internal vm/soak 20 stock single-writer
	$(Q)BUILD=$(abspath $(BUILD)) LEVEL='raid1 raid10 raid5' BITMAP='file internal' \
		FINDINGS=intent-before-data EVENTS_MIN=1000000 vm/soak 2 stock mix
	$(Q)BT_VM=1 KILLS=200 BUILD=$(abspath $(BUILD)) prove --timer tests/vm_kill_test.sh

check-fast: all $(TESTS) $(BUILD)/san/bitmap-trace $(BUILD)/sim $(FUZZ) ## the tests that need no VM
	$(Q)BUILD=$(abspath $(BUILD)) prove --timer $(TESTS) tests/*_test.sh

fuzz: $(FUZZ) ## fuzz each target for FUZZ_SECONDS (60), a table of executions and findings
	$(Q)BUILD=$(abspath $(BUILD)) tests/fuzz/run $(FUZZ_SECONDS)

# Built once more with gcc's counters, in a directory of its own. What only a VM runs counts as not run.
coverage: ## lines and branches of user/ that unit and command line tests run, per file
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage CFLAGS='-O0 -g --coverage' SANITIZE= \
		$(UNIT:$(BUILD)/%=$(BUILD)/coverage/%) $(BUILD)/coverage/san/bitmap-trace
	$(Q)tests/coverage $(abspath $(BUILD)/coverage)

unit: $(UNIT) ## unit tests only
	$(Q)prove $(UNIT)

sim: $(BUILD)/sim ## simulate and judge SIM_EVENTS events of legal histories from SIM_SEED on
	$(Q)$(BUILD)/sim --seed $(SIM_SEED) --runs $$(($(SIM_EVENTS) / 10000)) --events 10000

# ---- the probes ----

# As libbpf's headers call it
BPF_ARCH ?= $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/ppc64le/powerpc/; s/s390x/s390/; s/riscv64/riscv/; s/loongarch64/loongarch/')
BPF_FLAGS = -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra $(WERROR) \
	-Wno-unused-parameter -I. -Ibpf

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*/*.h) vmlinux.h
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@

$(BUILD)/bpf/bitmap_trace.bpf.c: Makefile $(BPF_SRC)
	@mkdir -p $(@D)
	$(Q)printf '#include "%s"\n' $(sort $(BPF_SRC)) >$@

# Without what the linker leaves out, the debugger's part
$(BUILD)/bpf/bitmap_trace.bpf.o: $(BUILD)/bpf/bitmap_trace.bpf.c $(BPF_SRC) $(wildcard bpf/*/*.h) vmlinux.h
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@.all
	$(Q)$(BPFTOOL) gen object $@ $@.all
	$(Q)rm -f $@.all

$(BUILD)/skel/bitmap_trace.skel.h: $(BUILD)/bpf/bitmap_trace.bpf.o
$(foreach src,$(BPF_ALONE),$(eval $(BUILD)/skel/$(notdir $(src:.bpf.c=.skel.h)): $(BUILD)/$(src:.c=.o)))
$(SKEL):
	@mkdir -p $(@D)
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $(@:.skel.h=)) > $@

# ---- the tool ----

# Touched only when it changes
$(BUILD)/commit.h: FORCE
	@mkdir -p $(@D)
	@echo '#define BT_COMMIT "$(COMMIT)"' | cmp -s - $@ || echo '#define BT_COMMIT "$(COMMIT)"' >$@
FORCE:
$(BUILD)/user/cli/main.o $(BUILD)/san/user/cli/main.o: $(BUILD)/commit.h

# What a check of a long trace spends its time in: across files, a tenth of it is worth the longer build.
$(BUILD)/user/model/%.o $(BUILD)/user/invariants/%.o $(BUILD)/user/check/checker.o: FAST = -O3 -flto=auto

$(BUILD)/user/%.o: user/%.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(FAST) $(CPPFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/bitmap-trace: $(OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- the same with sanitizers, for the tests ----

$(BUILD)/san/%.o: %.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) $(SANITIZE) -Itests/unit -MMD -MP -c $< -o $@

$(BUILD)/san/bitmap-trace: $(SAN_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SANITIZE) -o $@ $^ $(LDLIBS)

$(BUILD)/san/libbitmap-trace.a: $(SAN_LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/tests/unit/%_test: $(BUILD)/san/tests/unit/%_test.o $(UNIT_SHARED_OBJ) \
		$(BUILD)/san/libbitmap-trace.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SANITIZE) -o $@ $^ -lcmocka $(LDLIBS)

# ---- the same for libFuzzer ----

$(BUILD)/fuzz/%.o: %.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,FUZZ-CC,$@)
	$(Q)$(CLANG) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) $(FUZZ_SANITIZE) -Itests/fuzz -MMD -MP \
		-c $< -o $@

# The targets' own code need not be explored.
$(BUILD)/fuzz/tests/%.o: FUZZ_SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all

$(BUILD)/fuzz/libbitmap-trace.a: $(FUZZ_LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/fuzz/%_fuzz: $(BUILD)/fuzz/tests/fuzz/%_fuzz.o $(BUILD)/fuzz/libbitmap-trace.a
	$(call say,LD,$@)
	$(Q)$(CLANG) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDLIBS)

$(BUILD)/tests/sim/%.o: tests/sim/%.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/sim: $(SIM_OBJ) $(filter-out %/main.o,$(OBJ))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/sim/sim_test: $(SIM_SAN_OBJ) $(BUILD)/san/libbitmap-trace.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(SANITIZE) -o $@ $^ -lcmocka $(LDLIBS)

.SECONDARY:

# ---- measuring ----

FORMAT_OBJ = $(addprefix $(BUILD)/user/crash/,bitmap_super.o classic.o lockless.o)
$(BUILD)/tests/bench/%: tests/bench/%.c tests/unit/crash_disk.c $(FORMAT_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) -Itests/unit -o $@ $^

# These make and read events as the tool does.
TRACE_BENCH = $(addprefix $(BUILD)/tests/bench/,trace_gen trace_read ring_feed)
HISTORY = $(addprefix $(BUILD)/tests/bench/,history.o pace.o)
$(TRACE_BENCH) $(BUILD)/tests/bench/source: %: %.o $(HISTORY) $(filter-out %/main.o,$(OBJ))
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/bench/%.o: tests/bench/%.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

# A source of events within the kernel: one program more, with all of the probes' maps.
$(BUILD)/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(wildcard bpf/*/*.h) tests/bench/source.h vmlinux.h
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_FLAGS) -Itests/bench -c $< -o $@

$(BUILD)/tests/bench/source.linked.o: $(BPF_OBJ) $(BUILD)/tests/bench/source.bpf.o
	$(call say,GENOBJ,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

# The hooks of check and of hist with nothing behind them
$(BUILD)/tests/bench/floor-check.bpf.c: $(BPF_SRC)
$(BUILD)/tests/bench/floor-hist.bpf.c: bpf/hist/latency.bpf.c
$(BUILD)/tests/bench/floor-%.bpf.c: tests/bench/hooks-to-floor
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)tests/bench/hooks-to-floor $(filter %.bpf.c,$^) >$@

$(BUILD)/tests/bench/floor-%.bpf.o: $(BUILD)/tests/bench/floor-%.bpf.c vmlinux.h
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_FLAGS) -c $< -o $@

$(BUILD)/tests/bench/floor: tests/bench/floor.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) -o $@ $< $(LDLIBS)

VM_BENCH = $(addprefix $(BUILD)/tests/bench/,source source.linked.o floor floor-check.bpf.o floor-hist.bpf.o)
implementations: all ## the classic and the lockless bitmap side by side, in a VM: latencies, resync amplification
	$(Q)BUILD=$(abspath $(BUILD)) tests/bench/implementations

bench: all $(VM_BENCH) ## what tracing costs a write, in a VM, beside bpftrace and trace-cmd; into docs/performance.md
	$(Q)BUILD=$(abspath $(BUILD)) tests/bench/vm/run
	$(Q)tests/bench/report out/bench docs/performance.md

NATIVE_BENCH = $(TRACE_BENCH) $(addprefix $(BUILD)/tests/bench/,measure crash_bench)
# What trace-cmd is measured with; recorded in a VM
TRACE_DAT ?= $(BUILD)/bench/trace-dat/trace.dat
$(BUILD)/bench/trace-dat/trace.dat: tests/bench/trace-dat
	$(Q)vm/run --no-trace --bitmap internal -c tests/bench/trace-dat -o $(@D)

bench-native: all $(BUILD)/sim $(NATIVE_BENCH) $(TRACE_DAT) ## offline check, dump, simulator, crash oracle on this machine; into docs/performance.md
	$(Q)BUILD=$(abspath $(BUILD)) TRACE_DAT=$(abspath $(TRACE_DAT)) tests/bench/native $(abspath $(BUILD))/bench
	$(Q)tests/bench/report $(BUILD)/bench docs/performance.md

bench-crash: all $(BUILD)/tests/bench/crash_bench ## throughput and memory of the crash oracle, 4 GiB log
	$(Q)$(BUILD)/tests/bench/crash_bench $(BUILD)/bitmap-trace 4096
	$(Q)$(BUILD)/tests/bench/crash_bench $(BUILD)/bitmap-trace 4096 --cache

# ---- BTF of kernels for the tests (tests/fixtures/make) ----

$(BUILD)/tests/fixtures/%: tests/fixtures/%.c $(filter-out %/main.o,$(OBJ))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- keeping it clean ----

lint: $(SKEL) ## clang-format, clang's warnings, cppcheck, shellcheck
	$(call say,FORMAT,C)
	$(Q)if [ "$(LINT_DECIDES)" ]; then clang-format --dry-run -Werror $(C_FILES); \
		else echo '  (left out: not clang-format $(CLANG_FORMAT_VERSION))'; fi
	$(call say,CLANG,warnings)
	$(Q)for f in $(USER_SRC) $(wildcard tests/unit/*.c tests/fuzz/*.c) $(filter-out %.bpf.c,$(wildcard tests/bench/*.c)) $(SIM_SRC); do \
		$(CLANG) $(CFLAGS_OWN) -Itests/unit -Itests/fuzz -fsyntax-only $$f || exit 1; done
	$(call say,CPPCHECK,user)
	$(Q)cppcheck --quiet $(if $(LINT_DECIDES),--error-exitcode=1) --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=varFuncNullUB \
		--library=tests/cppcheck.cfg -D__GNUC__ -Ibpf -Iuser \
		-i tests/bench/source.bpf.c user tests/unit tests/fuzz tests/bench tests/sim
	$(call say,SHELL,shellcheck)
	$(Q)shellcheck -x $(SHELL_FILES)

format: ## reformat the C sources
	$(Q)clang-format -i $(C_FILES)

MAN = $(patsubst docs/man/%.scd,$(BUILD)/man/bitmap-trace-%.1,$(filter-out %/bitmap-trace.scd,$(wildcard docs/man/*.scd))) \
	$(BUILD)/man/bitmap-trace.1
# Where zsh looks below share/zsh
ZSH_DIR ?= site-functions
TO = $(DESTDIR)$(PREFIX)

man: $(MAN) ## the manual pages; needs scdoc

$(BUILD)/man/%.1: docs/man/page docs/man/*.scd $(BUILD)/bitmap-trace
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)docs/man/page $(BUILD)/bitmap-trace $(patsubst bitmap-trace-%,%,$(filter-out bitmap-trace,$*)) >$@.scd
	$(Q)scdoc <$@.scd >$@

# The documents keep their places, for their links; so does the harness, which finds the tool in build/.
install: all $(if $(shell command -v scdoc),man) ## install tool, manual pages, completion, docs and harness below PREFIX
	$(if $(shell command -v scdoc),,@echo 'install: no manual pages without scdoc')
	install -d $(TO)/share/doc/bitmap-trace/vm $(TO)/share/bitmap-trace/build
	install -D -m 755 -t $(TO)/bin $(BUILD)/bitmap-trace
	install -D -m 644 packaging/completion/bitmap-trace.bash $(TO)/share/bash-completion/completions/bitmap-trace
	install -D -m 644 -t $(TO)/share/zsh/$(ZSH_DIR) packaging/completion/_bitmap-trace
	$(if $(shell command -v scdoc),install -D -m 644 -t $(TO)/share/man/man1 $(MAN))
	cp -r README.md CHANGELOG.md docs $(TO)/share/doc/bitmap-trace
	rm -r $(TO)/share/doc/bitmap-trace/docs/man
	cp vm/README.md $(TO)/share/doc/bitmap-trace/vm
	cp -r vm $(TO)/share/bitmap-trace
	ln -sf ../../../bin/bitmap-trace $(TO)/share/bitmap-trace/build
	chmod -R u=rwX,go=rX $(TO)/share/doc/bitmap-trace $(TO)/share/bitmap-trace

uninstall: ## remove what install has made
	rm -f $(TO)/bin/bitmap-trace $(TO)/share/man/man1/bitmap-trace.1 $(TO)/share/man/man1/bitmap-trace-*.1
	rm -f $(TO)/share/bash-completion/completions/bitmap-trace $(TO)/share/zsh/$(ZSH_DIR)/_bitmap-trace
	rm -rf $(TO)/share/doc/bitmap-trace $(TO)/share/bitmap-trace

dist: ## what is committed as a tar file, build/dist/
	$(Q)packaging/dist $(BUILD)/dist

deb: ## a Debian package of what is committed, build/deb/; needs debhelper, lintian, scdoc
	$(Q)packaging/deb $(BUILD)/deb

clean: ## remove what was built here (not the cache)
	rm -rf $(BUILD) out

-include $(FUZZ_OBJ:.o=.d)
-include $(OBJ:.o=.d) $(SAN_OBJ:.o=.d) $(UNIT_OBJ:.o=.d)
-include $(wildcard $(BUILD)/tests/bench/*.d)
-include $(SIM_OBJ:.o=.d) $(SIM_SAN_OBJ:.o=.d)
