# SPDX-License-Identifier: GPL-2.0-or-later
# One flat makefile; `make help` lists what it can do.
# Variables: V=1 (show commands), O=DIR (build there), CC=, CROSS_COMPILE=, CFLAGS=, EXTRA_CFLAGS=,
# LDFLAGS=, WERROR=1, DESTDIR=, PREFIX=/usr, INIT_SYSTEM=, ROOT_DIR=, RUN_DIR=, KCONFIG=, PKG_CONFIG=

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: FORCE all install install-service check-service uninstall nuke clean distclean help format lint bench sizes \
	baseline bloatcheck defconfigs crash-test check check-bats check-unit check-layers check-configs \
	check-asan check-clang check-valgrind check-fuzz fuzz-programs
ifneq ($(words $(CURDIR) $(O) $(MAKEFILE_LIST)),$(words . $(and $(O),.) .))
$(error a path with a space in it: make cannot work with $(CURDIR) $(O) $(MAKEFILE_LIST))
endif
all: ## Build tcrbox (the default; configs/full_defconfig if there is no .config)

srctree := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
O ?= .
override O := $(abspath $(O))
T := $(srctree)/host_tools
G := $(O)/include/generated
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
# $(call say,CC): one short line per command, unless make is silent or verbose
silent := $(findstring s,$(filter-out --%,$(firstword $(MAKEFLAGS))))
say = $(if $(Q),$(if $(silent),,@printf '  %-7s %s\n' '$1' '$(patsubst $(O)/%,%,$@)'))

# Goals that need no .config, and goals that write one; the latter run alone, before the others.
goals := $(or $(MAKECMDGOALS),all)
free_goals := help format defconfigs
config_goals := clean distclean menuconfig oldconfig olddefconfig savedefconfig allyesconfig allnoconfig %_defconfig
building := $(filter-out $(free_goals) $(config_goals),$(goals))

ifneq ($(filter $(config_goals),$(goals)),)
ifneq ($(filter-out $(config_goals),$(goals))$(word 2,$(goals)),)
mixed := y
endif
endif

ifdef mixed
.NOTPARALLEL:
.PHONY: $(goals)
$(goals): FORCE
	+$(Q)$(MAKE) -f $(srctree)/Makefile $@
FORCE:
else

## Configuration

KCONFIG ?= /usr/bin/python3 -m
kconfig_prepare = $(T)/gen-annotations $(srctree) $(G) && cd $(G)
# A program kconfig-conf (and kconfig-mconf beside it) wants options, modules of kconfiglib are called
# like the goals. $1: the argument of the goal
ifneq ($(filter %conf,$(KCONFIG)),)
kconfig_run = $(if $(filter menuconfig,$@),$(KCONFIG:conf=mconf),$(KCONFIG) --$@$(addprefix =,$1))
else
kconfig_run = $(KCONFIG) $@ $(if $1,--out $1 --kconfig)
endif
kconfig_failed = { echo 'make $@: "$(KCONFIG)" failed; if it is missing, install python3-kconfiglib,' \
	'or kconfig-frontends and set KCONFIG=kconfig-conf' >&2; exit 1; }

menuconfig: ## Change the configuration in a full-screen menu
oldconfig: ## Ask about options that .config does not name
olddefconfig: ## Give options that .config does not name their default
savedefconfig: ## Write the options that differ from their default to defconfig
menuconfig oldconfig olddefconfig: kconfig_argument =
savedefconfig: kconfig_argument = $(O)/defconfig
menuconfig oldconfig olddefconfig savedefconfig: FORCE
	$(Q)$(kconfig_prepare) && export KCONFIG_CONFIG=$(O)/.config && \
		{ $(call kconfig_run,$(kconfig_argument)) $(srctree)/Config.in || $(kconfig_failed); }

allyesconfig: ## Switch every option on
allnoconfig: ## Switch every option off
allyesconfig allnoconfig: all%config: FORCE
	$(Q)$(T)/gen-annotations $(srctree) $(G)
	$(Q)$(T)/gen-config $* $(srctree)/Config.in $(G)/Config.features </dev/null >$(O)/.config

# NAME_defconfig: ## Take configs/NAME_defconfig as .config
%_defconfig: FORCE
	$(Q)[ -e $(srctree)/configs/$@ ] || { echo "make $@: there is no configs/$@, but" \
		$(notdir $(wildcard $(srctree)/configs/*_defconfig)) >&2; exit 1; }
	$(Q)mkdir -p $(O)
	$(Q)cp $(srctree)/configs/$@ $(O)/.config

ifneq ($(building),)
include $(G)/config.mk
endif

defconfigs: ## Name new options in configs/*_defconfig, with their defaults
	$(Q)$(T)/gen-annotations $(srctree) $(G)
	$(Q)for c in $(srctree)/configs/*_defconfig; do \
		$(T)/gen-config old $(srctree)/Config.in $(G)/Config.features <$$c >$(G)/defconfig && \
		cp $(G)/defconfig $$c || exit; done

$(O)/.config:
	$(Q)mkdir -p $(O)
	$(Q)cp $(srctree)/configs/full_defconfig $@

# Runs each time, so that a deleted source takes its feature away; what does not change is not written.
$(G)/config.mk: $(O)/.config FORCE
	$(Q)$(T)/gen-annotations $(srctree) $(G)
	$(Q)$(T)/gen-autoconf $(srctree) $(O)/.config $(G)
	$(Q)cat $(G)/auto.conf $(G)/sources.mk >$@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

## Tools and flags

comma := ,

ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)ar
endif
STRIP ?= $(CROSS_COMPILE)strip
NM ?= $(CROSS_COMPILE)nm
SIZE ?= $(CROSS_COMPILE)size
PKG_CONFIG ?= pkg-config
export CC AR STRIP NM SIZE PKG_CONFIG V

# No -flto: gcc 12 then forgets -fstack-protector in most places, and without that saves nothing.
CFLAGS ?= $(if $(CONFIG_DEBUG),-Og -g,-Os)
flags := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wstrict-prototypes
flags += -ffunction-sections -fdata-sections -fno-common -fno-asynchronous-unwind-tables -fno-unwind-tables
flags += $(if $(CONFIG_WERROR)$(filter 1,$(WERROR)),-Werror)
flags += $(if $(CONFIG_PIE),$(if $(CONFIG_STATIC),-fno-pie,-fpie),-fno-pie)
flags += $(if $(CONFIG_STACK_PROTECTOR),-fstack-protector,-fno-stack-protector)
flags += -U_FORTIFY_SOURCE $(if $(CONFIG_FORTIFY),-D_FORTIFY_SOURCE=2)
# Smaller where the compiler knows how: no detour over the PLT, tables aligned no more than need be,
# no floating point registers to save, since nothing here calculates with them.
cc_option = $(shell $(CC) -Werror $1 -c -x c /dev/null -o /dev/null 2>/dev/null && echo $1)
ifneq ($(building),)
flags := $(flags) $(call cc_option,-fno-plt) $(call cc_option,-malign-data=abi) $(call cc_option,-mgeneral-regs-only)
endif
link := -Wl,--gc-sections -Wl,--as-needed -Wl,-z,noseparate-code -Wl,--build-id=none
link += $(if $(CONFIG_STATIC),-static,$(if $(CONFIG_PIE),-pie,-no-pie))
link += $(if $(CONFIG_RELR),$(if $(CONFIG_STATIC),,-Wl$(comma)-z$(comma)pack-relative-relocs))
link += $(if $(CONFIG_RELRO),-Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now,-Wl$(comma)-z$(comma)norelro)

# Libraries: pkg-config packages. The client alone needs none.
networks := $(and $(CONFIG_FEATURE_NETWORK),$(CONFIG_TCRD)$(CONFIG_TCR_NET))
pkgs-$(if $(networks),y) += libmnl libnftnl
own_mnl_objects := $(addprefix $(O)/libbb-tcr/net/,mnl.o mnl_attr.o)
debian-libmnl := libmnl-dev
debian-libnftnl := libnftnl-dev
debian-uuid := uuid-dev
ifneq ($(pkgs-y),)
ifneq ($(building),)
$(foreach p,$(pkgs-y),$(if $(shell $(PKG_CONFIG) --exists $p && echo y),,\
	$(error the library $p is missing: install pkg-config and $(or $(debian-$p),$p))))
flags += $(shell $(PKG_CONFIG) --cflags $(pkgs-y))
libs := $(shell $(PKG_CONFIG) $(if $(CONFIG_STATIC),--static) --libs $(pkgs-y))
# Debian has no libmnl.a: if the linker finds none, our own takes its place.
ifneq ($(and $(CONFIG_STATIC),$(networks)),)
link_mnl = echo 'int main(void) { return 0; }' | \
	$(CC) -static $(LDFLAGS) -x c - -o /dev/null -x none $(filter -L%,$(libs)) -lmnl
own_mnl := $(shell $(link_mnl) 2>/dev/null || echo $(own_mnl_objects))
libs := $(if $(own_mnl),$(filter-out -lmnl,$(libs)),$(libs))
endif
endif
endif

# What the compiler of the target decides: numbers of system calls.
seccomp_list := $(wildcard $(srctree)/applets/tcrd/seccomp.list)
generated_headers := $(if $(and $(seccomp_list),$(CONFIG_FEATURE_SECCOMP)),$(G)/seccomp_bpf.h)
$(G)/seccomp_bpf.h: $(seccomp_list) $(T)/gen-seccomp.awk $(O)/.record-cc
	$(call say,GEN)
	$(Q)echo '#include <asm/unistd.h>' | $(compile) -E -dM - >$(G)/macros
	$(Q)awk -f $(T)/gen-seccomp.awk $(seccomp_list) $(G)/macros >$@

# A program without libraries for the target, as numbers of a C array. Of CFLAGS it takes what says
# which machine that is; all else is turned off again.
reaper_sources := $(wildcard $(srctree)/applets/tcrd/reaper/*.[ch])
reaper_flags := -Wall -Wextra -std=gnu11 -Os -g0 -ffreestanding -fno-pic -fno-pie -fno-lto -fno-sanitize=all \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -U_FORTIFY_SOURCE
reaper_link := -nostdlib -static -s -Wl,-e,start_here,--build-id=none,-z,noseparate-code,-z,norelro,-z,noexecstack \
	-Wl,-z,max-page-size=4096
ifneq ($(and $(reaper_sources),$(CONFIG_TCRD),$(CONFIG_FEATURE_INIT)),)
generated_headers += $(G)/reaper.h
ifneq ($(building),)
# MIPS, RISC-V: no tables of addresses, no data apart from the other
reaper_flags += $(call cc_option,-fno-pic -mno-abicalls) $(call cc_option,-G0) $(call cc_option,-msmall-data-limit=0) \
	$(call cc_option,-fno-tree-loop-distribute-patterns)
endif
endif
$(G)/reaper.h: $(reaper_sources) $(O)/.record-cc
	$(call say,GEN)
	$(Q)$(CC) $(CFLAGS) $(EXTRA_CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(reaper_flags) $(reaper_link) \
		-o $(G)/reaper $(filter %.c,$(reaper_sources))
	$(Q)$(STRIP) -s -R .comment $(G)/reaper
	$(Q)od -An -v -tu1 $(G)/reaper | sed 's/[0-9][0-9]*/&,/g' >$@

# Paths are not in the record of the flags: a copied build directory stays valid.
# O comes first: a build in the source tree has generated headers, too.
paths = -I$(O)/include -I$(srctree)/libbb-tcr -I$(srctree)/include -include $(G)/autoconf.h \
	-ffile-prefix-map=$(srctree)/= -ffile-prefix-map=$(O)/=
compile = $(CC) $(flags) $(CFLAGS) $(EXTRA_CFLAGS) $(CPPFLAGS)

## Compiling and linking

objects := $(addprefix $(O)/,applets/main.o $(sort $(obj-y-y))) $(own_mnl)
lib_dirs := archive base image json $(if $(networks),net)
lib_sources := $(foreach d,$(lib_dirs),$(wildcard $(srctree)/libbb-tcr/$d/*.c))
lib_objects := $(filter-out $(own_mnl_objects),$(lib_sources:$(srctree)/%.c=$(O)/%.o))
library := $(O)/libbb-tcr.a

all: $(O)/tcrbox

# $(call record,TEXT): a file that changes when TEXT does, for what depends on a command line
record = $(Q)mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$1)' | cmp -s - $@ || \
	printf '%s\n' '$(subst ','\'',$1)' >$@
$(O)/.record-cc: FORCE
	$(call record,$(compile))
$(O)/.record-ar: FORCE
	$(call record,$(AR) $(patsubst $(O)/%,%,$(lib_objects)))
$(O)/.record-ld: FORCE
	$(call record,$(link) $(LDFLAGS) $(libs) $(patsubst $(O)/%,%,$(objects)))

$(O)/%.o: $(srctree)/%.c $(O)/.record-cc $(T)/gen-deps | $(generated_headers)
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile) $(paths) -MMD -MF $@.d.tmp -c -o $@ $<
	$(Q)$(T)/gen-deps $(O) $@.d.tmp >$@.d && rm $@.d.tmp

$(library): $(lib_objects) $(O)/.record-ar
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $(lib_objects)

$(O)/tcrbox_unstripped: $(objects) $(library) $(O)/.record-ld $(O)/.record-cc
	$(call say,LD)
	$(Q)$(compile) $(link) $(LDFLAGS) -o $@ $(objects) $(library) $(libs)

# Without .note.ABI-tag it would be smaller, but GNU strip then drops the RELRO segment, too.
$(O)/tcrbox: $(O)/tcrbox_unstripped
	$(call say,STRIP)
	$(Q)$(STRIP) -s -R .comment -o $@ $<

ifneq ($(building),)
-include $(shell find $(O)/applets $(O)/libbb-tcr $(O)/tests -name '*.o.d' 2>/dev/null)
endif

## Installing

PREFIX ?= /usr
prefix = $(DESTDIR)$(PREFIX)
# Links of bin/ lead to tcrbox, those of sbin/ to ../bin/tcrbox. A single applet needs no link.
# What cannot work is known before anything is installed.
install: $(if $(filter install-service,$(MAKECMDGOALS)),check-service)
check-service:
	$(service) check
install: all ## Install the binary and a link per applet below DESTDIR and PREFIX
	$(Q)install -d $(addprefix $(prefix)/,bin $(sort $(patsubst %/,%,$(dir $(applets-y)))))
ifeq ($(words $(applets-y)),1)
	$(Q)install -m 755 $(O)/tcrbox $(prefix)/$(applets-y)
else
	$(Q)install -m 755 $(O)/tcrbox $(prefix)/bin/tcrbox
	$(Q)$(foreach a,$(applets-y),ln -sf $(if $(filter bin/%,$a),,../bin/)tcrbox $(prefix)/$a && ):
endif

unquoted = $(patsubst "%",%,$1)
ROOT_DIR ?= $(call unquoted,$(CONFIG_ROOT_DIR))
RUN_DIR ?= $(call unquoted,$(CONFIG_RUN_DIR))
service = $(Q)DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) INIT_SYSTEM=$(INIT_SYSTEM) ROOT_DIR=$(ROOT_DIR) \
	RUN_DIR=$(RUN_DIR) CONFIG_RUN_DIR=$(CONFIG_RUN_DIR) TCRBOX=$(O)/tcrbox APPLETS='$(applets-y)' \
	$(T)/service
install-service: install ## Install tcrd as a service of the init system, or of INIT_SYSTEM=, and start it
	$(service) install
uninstall: ## Remove the service, the binaries, and what the kernel has of our networks; data stays
	$(service) uninstall
nuke: ## Remove all of ours: the same, and containers, images, volumes, networks; asks, but for FORCE=1
	$(service) nuke

## Checks. Each ends with a line "NAME: N passed, N failed, N skipped".

JOBS := $(shell nproc 2>/dev/null || echo 2)
run = +$(Q)MAKE='$(MAKE)' JOBS=$(JOBS)
sub_make = +$(Q)$(MAKE) -f $(srctree)/Makefile $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))
programs = $(patsubst $(srctree)/%.c,$(O)/%,$(wildcard $(srctree)/tests/$1/*.c))
unit_programs := $(call programs,unit)
fuzz_programs := $(call programs,fuzz)
link_program = $(Q)$(compile) $(link) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(libs)

# sources.mk adds the objects of //link: lines.
$(unit_programs): $(O)/%: $(O)/%.o $(library)
	$(call say,LD)
	$(link_program)
$(fuzz_programs): $(O)/%: $(O)/%.o $(library)
	$(call say,LD)
	$(link_program) -fsanitize=fuzzer
fuzz-programs: $(fuzz_programs)
mnl_tests := $(addprefix $(O)/tests/unit/,mnl mnl_attr)
$(filter-out $(mnl_tests),$(unit_programs) $(fuzz_programs)): $(own_mnl)
# Ours against libmnl: where there is no libmnl.a, there is a libmnl.so.
$(mnl_tests): link := $(if $(own_mnl),$(patsubst -static,-no-pie,$(link)),$(link))
$(mnl_tests): libs := $(filter -L%,$(libs)) -lmnl

check: all ## Check everything: layers, sizes, unit tests, configurations, tests/*.bats
	$(run) $(T)/check $(srctree)/Makefile check-layers sizes check-unit check-configs check-bats
check-bats: all ## Run tests/*.bats, or TESTS=FILES (needs root; makes sandboxes)
	$(call need,bats)
	$(Q)O=$(O) TCRBOX=$(or $(TCRBOX),$(O)/tcrbox) $(srctree)/tests/run $(TESTS)
check-unit: $(unit_programs) ## Build and run tests/unit/*.c
	$(Q)cd $(srctree) && O=$(O) $(T)/run-tap unit $(unit_programs)
check-layers: $(objects) $(library) ## Prove that applets use libbb-tcr and include, never the reverse
	$(Q)$(T)/check-layers $(srctree) $(O) $(patsubst $(O)/%,%,$(objects) $(lib_objects))
check-configs: ## Build each defconfig, allno, allyes, each option off alone; compare costs with prompts
	$(run) $(T)/check-configs $(srctree) $(O)

sanitize := -O1 -g -fno-omit-frame-pointer -U_FORTIFY_SOURCE -fno-sanitize-recover=all -fsanitize=address,undefined
check-asan: ## Run unit tests and tests/*.bats with ASan and UBSan
	$(sub_make) O=$(O)/.check/asan CFLAGS='$(sanitize)' LDFLAGS= full_defconfig all
	$(run) O=$(O)/.check/asan CFLAGS='$(sanitize)' TCRBOX=$(O)/.check/asan/tcrbox_unstripped \
		MAKEFLAGS= $(T)/check $(srctree)/Makefile check-unit check-bats
check-clang: ## Build with clang -Werror, run the unit tests, and tests/fuzz/*.c over their seeds
	$(sub_make) O=$(O)/.check/clang CC=clang WERROR=1 full_defconfig all
	$(run) O=$(O)/.check/clang CC=clang WERROR=1 FUZZ_SECONDS=0 MAKEFLAGS= \
		$(T)/check $(srctree)/Makefile check-unit check-fuzz
check-valgrind: all ## Run tests/*.bats with the daemon under valgrind
	$(call need,bats valgrind)
	$(Q)VALGRIND=1 O=$(O) TCRBOX=$(O)/tcrbox_unstripped $(srctree)/tests/run $(TESTS)
crash-test: all ## Kill tcrd at its n-th system call, for every n, or POINTS="run stop:17"; start it, look at all
	$(run) O=$(O) TCRBOX=$(or $(TCRBOX),$(O)/tcrbox) $(srctree)/tests/crash-test $(POINTS)
FUZZ_SECONDS ?= 10
check-fuzz: ## Run each of tests/fuzz/*.c for FUZZ_SECONDS=10 with libFuzzer (clang)
	$(call need,clang)
	$(sub_make) O=$(O)/.check/fuzz CC=clang CFLAGS='$(subst address,fuzzer-no-link$(comma)address,$(sanitize))' fuzz-programs
	$(Q)$(T)/check-fuzz $(srctree) $(FUZZ_SECONDS) $(patsubst $(O)/%,$(O)/.check/fuzz/%,$(fuzz_programs))

sizes: ## Build configs/*_defconfig, print their sizes, compare with configs/size-budgets
	$(run) $(T)/sizes $(srctree) $(O)
baseline: all ## Keep the binary as what bloatcheck compares with
	$(Q)cp $(O)/tcrbox_unstripped $(O)/tcrbox_baseline
bloatcheck: all ## Print the bytes that each symbol grew or shrank since make baseline
	$(Q)$(T)/bloatcheck $(O)/tcrbox_baseline $(O)/tcrbox_unstripped
bench: all ## Compare start times, memory and networks with bare crun and others (needs root)
	$(Q)O=$(O) TCRBOX=$(O)/tcrbox $(srctree)/tests/bench
	$(Q)O=$(O) TCRBOX=$(O)/tcrbox $(srctree)/tests/bench-network
	$(Q)O=$(O) TCRBOX=$(O)/tcrbox $(srctree)/tests/bench-logs
	$(Q)O=$(O) TCRBOX=$(O)/tcrbox $(srctree)/tests/bench-lifecycle

## Sources

c_files = $(sort $(shell cd $(srctree) && find applets libbb-tcr include tests \
	-path '*/generated' -prune -o -name '*.[ch]' -print))
scripts = $(shell cd $(srctree) && { ls tests/*.bats tests/lib/*.bash configs/init/*/tcrd; \
	grep -rIlE '^#!/(usr/)?bin/(env )?(ba)?(sh|ts)$$' host_tools tests .ci; } | sort -u)
need = $(Q)for tool in $1; do command -v $$tool >/dev/null || \
	{ echo "make $@: $$tool is missing; install the package $$tool" >&2; exit 1; }; done
lint: lint-shellcheck lint-cppcheck lint-clang-tidy ## Run shellcheck, cppcheck and clang-tidy
lint-%: $(if $(seccomp_list),$(G)/seccomp_bpf.h) $(if $(reaper_sources),$(G)/reaper.h)
	$(call need,$*)
	$(Q)cd $(srctree) && $(run-$*)
run-shellcheck = shellcheck --severity=warning $(scripts)
run-cppcheck = cppcheck --quiet --error-exitcode=1 --inline-suppr -j$(JOBS) --std=c11 -D__linux__ \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	-D'mnl_attr_for_each(a,b,c)=for(;;)' -D'mnl_attr_for_each_nested(a,b)=for(;;)' \
	$(filter-out -ffile%,$(subst -include ,--include=,$(paths))) $(filter %.c,$(c_files))
# One file at a time: with several, version 14 mixes up their va_lists.
run-clang-tidy = printf '%s\n' $(filter %.c,$(c_files)) | xargs -n 1 -P $(JOBS) sh -c \
	'clang-tidy --quiet "$$@" -- $(filter-out -malign-data=%,$(flags)) $(paths) 2>/dev/null' sh
format: ## Format the C sources with clang-format
	$(call need,clang-format)
	$(Q)cd $(srctree) && clang-format -i $(c_files)

clean: ## Remove what was built, and keep .config
	$(Q)rm -rf $(G) $(O)/.check $(library) $(unit_programs) $(O)/tcrbox $(O)/tcrbox_unstripped $(O)/.record-*
	$(Q)find $(O)/applets $(O)/libbb-tcr $(O)/tests -name '*.o' -delete -o -name '*.o.d*' -delete 2>/dev/null || :
distclean: clean ## Remove .config, too
	$(Q)rm -f $(O)/.config $(O)/.config.old $(O)/defconfig $(O)/tcrbox_baseline
	$(Q)rm -rf $(srctree)/tests/.cache

help: ## Show this list
	@sed -n 's/^#\{0,1\} *\([A-Za-z_-]*\):[^=]*## \(.*\)/  \1\t\2/p' $(srctree)/Makefile | \
		while IFS='	' read -r goal text; do printf '%-16s %s\n' "$$goal" "$$text"; done

FORCE:
endif
