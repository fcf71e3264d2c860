# SPDX-License-Identifier: GPL-2.0-only
# bitmap-trace. `make help` lists what there is to make.

BUILD ?= build
PREFIX ?= /usr/local
CC = gcc
CLANG = clang
# Debian has it in /usr/sbin, which an ordinary user's PATH lacks.
BPFTOOL ?= $(or $(shell PATH=$$PATH:/usr/local/sbin:/usr/sbin:/sbin; command -v bpftool),bpftool)

# V=1 shows the commands.
ifeq ($(V),1)
Q =
say =
else
Q = @
say = @printf '  %-8s %s\n' $(1) $(2);
endif

WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
CFLAGS ?= -O2 -g
CPPFLAGS_OWN = -D_GNU_SOURCE -Ibpf -Iuser -I$(BUILD)/bpf
CFLAGS_OWN = -std=gnu11 $(WARNINGS) $(CPPFLAGS_OWN)
LDLIBS = -lbpf -lelf -lz -ljson-c
export CMOCKA_MESSAGE_OUTPUT = TAP
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

BPF_SRC = $(wildcard bpf/*.bpf.c)
BPF_OBJ = $(BPF_SRC:%.c=$(BUILD)/%.o)
SKEL = $(BUILD)/bpf/bitmap_trace.skel.h

USER_SRC = $(wildcard user/*.c user/*/*.c)
LIB_SRC = $(filter-out user/main.c,$(USER_SRC))
OBJ = $(USER_SRC:%.c=$(BUILD)/%.o)
SAN_OBJ = $(USER_SRC:%.c=$(BUILD)/san/%.o)
SAN_LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/san/%.o)

UNIT_SRC = $(wildcard tests/unit/*_test.c)
UNIT = $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
UNIT_SHARED = $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
UNIT_SHARED_OBJ = $(UNIT_SHARED:%.c=$(BUILD)/san/%.o)
UNIT_OBJ = $(UNIT_SRC:%.c=$(BUILD)/san/%.o) $(UNIT_SHARED_OBJ)

# The protocol simulator: a test, with sanitizers, and a program that is as fast as it goes.
SIM_SRC = $(wildcard tests/sim/*.c)
SIM_SHARED = $(filter-out %/main.c %/sim_test.c,$(SIM_SRC))
SIM_OBJ = $(SIM_SHARED:%.c=$(BUILD)/%.o) $(BUILD)/tests/sim/main.o
SIM_SAN_OBJ = $(SIM_SHARED:%.c=$(BUILD)/san/%.o) $(BUILD)/san/tests/sim/sim_test.o
TESTS = $(UNIT) $(BUILD)/tests/sim/sim_test
SIM_EVENTS ?= 10000000
SIM_SEED ?= 1000

C_FILES = $(wildcard bpf/*.[ch] user/*.[ch] user/*/*.[ch] tests/*/*.[ch]) vmlinux.h
SHELL_FILES = $(shell find .ci docs tests vm -type f -not -name '*.patch' -print0 | \
	xargs -0 grep -lE '^(\#!.*\b(ba|da)?sh|\# shellcheck shell=)')

.PHONY: all help deps demo check check-fast soak unit sim lint format install clean
.DELETE_ON_ERROR:

all: $(BUILD)/bitmap-trace ## build bitmap-trace (default)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@printf '\n  V=1 shows commands; BUILD=DIR builds elsewhere; XDG_CACHE_HOME holds kernels.\n'

deps: ## check for the tools needed; installs missing packages where apt may
	$(Q)vm/deps

demo: deps ## build, judge a stock and a patched kernel in a VM, show verdicts and histograms
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(abspath $(BUILD)) vm/demo

check: deps ## everything that must hold before a merge
	$(Q)$(MAKE) --no-print-directory all lint
	$(Q)$(MAKE) --no-print-directory $(TESTS) $(BUILD)/san/bitmap-trace
	$(Q)BT_VM=1 BUILD=$(abspath $(BUILD)) prove --timer $(TESTS) tests/*_test.sh

soak: all ## stock: cases again and again, bitmap in a file and internal; every verdict a PASS
	$(Q)BUILD=$(abspath $(BUILD)) vm/soak 20
	$(Q)BUILD=$(abspath $(BUILD)) BITMAP=internal vm/soak 20 stock single-writer

check-fast: all $(TESTS) $(BUILD)/san/bitmap-trace ## the tests that need no VM
	$(Q)BUILD=$(abspath $(BUILD)) prove --timer $(TESTS) tests/*_test.sh

unit: $(UNIT) ## unit tests only
	$(Q)prove $(UNIT)

sim: $(BUILD)/sim ## simulate and judge SIM_EVENTS events of legal histories from SIM_SEED on
	$(Q)$(BUILD)/sim --seed $(SIM_SEED) --runs $$(($(SIM_EVENTS) / 10000)) --events 10000

# ---- the probes ----

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h) vmlinux.h
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(CLANG) -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -Wall -Wextra -Werror \
		-Wno-unused-parameter -I. -Ibpf -c $< -o $@

$(BUILD)/bpf/bitmap_trace.bpf.o: $(BPF_OBJ)
	$(call say,GENOBJ,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKEL): $(BUILD)/bpf/bitmap_trace.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name bitmap_trace > $@

# ---- the tool ----

$(BUILD)/user/%.o: user/%.c $(SKEL)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_OWN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

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

# ---- keeping it clean ----

lint: $(SKEL) ## clang-format, clang's warnings, cppcheck, shellcheck
	$(call say,FORMAT,C)
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	$(call say,CLANG,warnings)
	$(Q)for f in $(USER_SRC) $(wildcard tests/unit/*.c) $(SIM_SRC); do \
		$(CLANG) $(CFLAGS_OWN) -Itests/unit -fsyntax-only $$f || exit 1; done
	$(call say,CPPCHECK,user)
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=varFuncNullUB \
		--library=tests/cppcheck.cfg -D__GNUC__ -Ibpf -Iuser \
		user tests/unit tests/sim
	$(call say,SHELL,shellcheck)
	$(Q)shellcheck -x $(SHELL_FILES)

format: ## reformat the C sources
	$(Q)clang-format -i $(C_FILES)

install: all ## install bitmap-trace below PREFIX
	install -D -m 755 $(BUILD)/bitmap-trace $(DESTDIR)$(PREFIX)/bin/bitmap-trace

clean: ## remove what was built here (not the cache)
	rm -rf $(BUILD) out

-include $(OBJ:.o=.d) $(SAN_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(SIM_OBJ:.o=.d) $(SIM_SAN_OBJ:.o=.d)
