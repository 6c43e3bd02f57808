# llmobserve: one file, read top to bottom: settings, sources, rules, tests, bench, install.
#
#   make               build/libllmobserve.so and build/llmobserve
#   make V=1           show whole commands
#   make BUILD=out     build elsewhere
#   make SAN=address   the same rules under a sanitizer (address, thread, undefined), in build-<name>

# --- settings ---------------------------------------------------------------------------------------------------

SAN      ?=
BUILD    ?= build$(if $(SAN),-$(SAN))
PREFIX   ?= /usr/local
DESTDIR  ?=
CXX      := $(if $(filter default undefined,$(origin CXX)),g++,$(CXX))
CC       := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
OPT      ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wconversion
WERROR   ?= $(if $(SAN),,-Werror)  # a sanitizer makes gcc see what is not there

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)';)

san_flags := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-maybe-uninitialized)
CPPFLAGS  += -I. -Ishim/include -D_GNU_SOURCE
COMMON    := $(OPT) $(WARNINGS) $(WERROR) -MMD -MP $(san_flags)
# How Debian builds spdlog. RAPIDJSON_SSE2 stays off: its writer lets the bytes 0x1a to 0x1f through unescaped.
CPPFLAGS  += -DSPDLOG_COMPILED_LIB -DSPDLOG_FMT_EXTERNAL
CXXFLAGS_ALL := -std=c++20 $(COMMON) $(CXXFLAGS)

# What runs inside the host: position independent, nothing visible but the hooks (shim/libllmobserve.map says
# which), thread state reached without a call. Exceptions stay on: host code unwinds through our frames.
SHIM_FLAGS := -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -ftls-model=initial-exec \
              -fno-semantic-interposition -fexceptions -fasynchronous-unwind-tables

# --- sources ----------------------------------------------------------------------------------------------------

# Every .cpp of a directory belongs to it: hooks are the only part of the shim that a unit test does not link.
HOOK_SRCS       := $(wildcard shim/hooks/*.cpp)
WRAP_SRCS       := shim/platform/heap_wrap.cpp
SHIM_SRCS       := $(filter-out $(WRAP_SRCS),$(wildcard shim/span/*.cpp shim/filter/*.cpp shim/http/*.cpp \
                     shim/genai/*.cpp shim/journal/*.cpp shim/config/*.cpp shim/platform/*.cpp \
                     shim/messaging/*.cpp shim/pools/*.cpp))
SYMBOL_SRCS     := $(wildcard symbolizer/*.cpp)
LINE_SRCS       := $(wildcard symbolizer/lines/*.cpp)
EXPORTER_MAIN   := exporters/cli/main.cpp
EXPORTER_SRCS   := $(filter-out $(EXPORTER_MAIN),$(wildcard exporters/*/*.cpp))
UNIT_SRCS       := $(wildcard tests/unit/*.cpp)
E2E_SRCS        := $(wildcard tests/e2e/*.cpp)
SUPPORT_SRCS    := $(wildcard tests/support/*.cpp)
MOCK_SRCS       := $(wildcard tests/support/mock/*.cpp)
PROGRAM_SRCS    := $(wildcard tests/programs/*.c tests/programs/*.cpp)

obj = $(patsubst %.cpp,$(BUILD)/obj/%.o,$(1))

SHIM_OBJS       := $(call obj,$(SHIM_SRCS))
HOOK_OBJS       := $(call obj,$(HOOK_SRCS) $(WRAP_SRCS))
CONFIG_OBJS     := $(call obj,$(wildcard shim/config/*.cpp shim/filter/*.cpp))
SYMBOL_OBJS     := $(call obj,$(SYMBOL_SRCS))
LINE_OBJS       := $(call obj,$(LINE_SRCS))
EXPORTER_OBJS   := $(call obj,$(EXPORTER_SRCS)) $(BUILD)/obj/exporters/html/page_files_data.o

LIBRARY := $(BUILD)/libllmobserve.so
PROGRAM := $(BUILD)/llmobserve

# --- the product ------------------------------------------------------------------------------------------------

.PHONY: all
all: $(LIBRARY) $(PROGRAM)  ## build the library and the program (the default)

# The library allocates from an arena of its own, so malloc and its kin are wrapped, libstdc++ included.
# zlib is linked in: the host may have another one, or none. The version script keeps its names inside.
# libgcc_s is needed also by a program that does not have it: our hooks of the unwinder stand before the host's,
# and a C program that loads C++ libraries later must have one behind them.
wrap = -Wl,--wrap=malloc,--wrap=free,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=memalign,--wrap=aligned_alloc,--wrap=posix_memalign
SHIM_LDFLAGS = -shared -static-libstdc++ $(wrap) -Wl,--version-script=shim/libllmobserve.map \
               -Wl,-z,defs,-z,now,-z,relro,-z,nodelete -Wl,--hash-style=gnu -Wl,-soname,libllmobserve.so \
               -l:libz.a \
               -Wl,--no-as-needed -lgcc_s -Wl,--as-needed

$(LIBRARY): $(HOOK_OBJS) $(SHIM_OBJS) $(SYMBOL_OBJS) shim/libllmobserve.map
	$(call say,LINK,$@)$(CXX) $(san_flags) -o $@ $(filter %.o,$^) $(SHIM_LDFLAGS) $(LDFLAGS)

EXPORTER_LIBS := -lcurl -lspdlog -lfmt -ldw -lelf -lz -lzstd

# Host and exporter read their settings by the same table, and functions match by the same rules.
$(PROGRAM): $(call obj,$(EXPORTER_MAIN)) $(EXPORTER_OBJS) $(CONFIG_OBJS) $(SYMBOL_OBJS) $(LINE_OBJS)
	$(call say,LINK,$@)$(CXX) $(san_flags) -o $@ $^ $(LDFLAGS) $(EXPORTER_LIBS) -lpthread

# What reads a command line need not be fast, and CLI11 costs the optimiser half of what all else does.
$(call obj,$(shell grep -l CLI/CLI.hpp exporters/cli/*.cpp)): private CXXFLAGS_ALL += -O1

$(BUILD)/obj/shim/%.o: shim/%.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) $(SHIM_FLAGS) -c $< -o $@

$(BUILD)/obj/symbolizer/%.o: symbolizer/%.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) $(SHIM_FLAGS) -c $< -o $@

# Catch2's macros cost the optimiser minutes and gain nothing: what is tested is optimised, the tests are not.
$(BUILD)/obj/tests/%.o: tests/%.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -O0 -c $< -o $@

# The mock server is no test: it must not be what a test waits for.
$(BUILD)/obj/tests/support/mock/%.o: tests/support/mock/%.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -c $< -o $@

$(BUILD)/obj/%.o: %.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -c $< -o $@

# The files of the page that `llmobserve html` makes, as they are.
$(BUILD)/obj/exporters/html/page_files_data.o: exporters/html/page_files.S $(wildcard exporters/html/page/*) | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,DATA,$<)$(CXX) -I. -c $< -o $@

# --- what has to be installed -----------------------------------------------------------------------------------

.PHONY: deps
deps: ## install what is missing (Debian packages)
	$(Q)scripts/install-deps.sh
	$(Q)mkdir -p $(BUILD) && touch $(BUILD)/deps.ok

$(BUILD)/deps.ok: scripts/install-deps.sh
	$(Q)scripts/install-deps.sh
	@mkdir -p $(@D) && touch $@

# --- tests ------------------------------------------------------------------------------------------------------

UNIT    := $(BUILD)/unit_tests
E2E     := $(BUILD)/e2e_tests
MOCK    := $(BUILD)/mock_api_server

# Catch2's main is slow to compile and never changes: one object for both runners.
CATCH_MAIN := $(BUILD)/obj/tests/support/catch_main.o
SUPPORT_OBJS := $(filter-out $(CATCH_MAIN),$(call obj,$(SUPPORT_SRCS))) \
                $(call obj,tests/support/mock/connection.cpp tests/support/mock/tls.cpp)
SUPPORT_LIBS := -lssl -lcrypto -lz -lpthread

# What tests include, read once; one of them configures Catch2 before.
TEST_OBJS := $(call obj,$(filter-out tests/unit/shim_environment.cpp,$(UNIT_SRCS) $(E2E_SRCS)))
TEST_PCH  := $(BUILD)/pch/tests.h

$(TEST_PCH).gch: | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(Q)printf '#include <%s>\n' catch2/catch.hpp filesystem functional thread > $(TEST_PCH)
	$(call say,PCH,$@)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -O0 -x c++-header $(TEST_PCH) -o $@

$(TEST_OBJS): private CPPFLAGS += -include $(TEST_PCH)
$(TEST_OBJS): | $(TEST_PCH).gch

# What the fuzzers begin with, and what they once found, goes through each of them in every test run. Their
# entries all have one name, so each gets that of its file.
FUZZ_NAMES := $(basename $(notdir $(wildcard tests/fuzz/*_fuzz.cpp)))
FUZZ_OBJS  := $(FUZZ_NAMES:%=$(BUILD)/obj/tests/fuzz/%.o) $(BUILD)/obj/tests/fuzz/seeds_test.o

$(FUZZ_NAMES:%=$(BUILD)/obj/tests/fuzz/%.o): CPPFLAGS += -DLLVMFuzzerTestOneInput=$(basename $(@F))
$(BUILD)/obj/tests/fuzz/seeds_test.o: CPPFLAGS += '-DLLMO_FUZZERS=$(patsubst %,LLMO_FUZZER(%),$(FUZZ_NAMES))'
$(BUILD)/obj/tests/fuzz/seeds_test.o: $(wildcard tests/fuzz/*_fuzz.cpp)

# libunwind is what the walker of stacks is held against. It has an unwinder for exceptions too: libgcc_s goes first.
$(UNIT): $(call obj,$(UNIT_SRCS)) $(FUZZ_OBJS) $(CATCH_MAIN) $(SUPPORT_OBJS) $(SHIM_OBJS) $(SYMBOL_OBJS) $(LINE_OBJS) \
         $(EXPORTER_OBJS)
	$(call say,LINK,$@)$(CXX) $(san_flags) -o $@ $^ $(LDFLAGS) $(EXPORTER_LIBS) -lgcc_s -lunwind $(SUPPORT_LIBS)

# The other C++ library, for programs that tests build with it. It is not installed: its development package
# wants LLVM's libunwind, which cannot be installed together with the libunwind that the unit tests ask.
LIBCXX := $(BUILD)/libcxx

$(LIBCXX): | $(BUILD)/deps.ok
	$(call say,FETCH,$@)scripts/fetch-packages.sh $@ libc++-14-dev libc++abi-14-dev libunwind-14-dev libc++1-14 \
	  libc++abi1-14 libunwind-14

# A message broker, and workers that take tasks from it. They are not installed: nobody who tests this wants a
# server that starts with the machine. Where they cannot be had, their tests say so and pass.
RABBITMQ := $(BUILD)/rabbitmq

$(RABBITMQ): | $(BUILD)/deps.ok
	$(call say,FETCH,$@)scripts/fetch-packages.sh $@ rabbitmq-server erlang-base erlang-crypto erlang-public-key \
	  erlang-asn1 erlang-ssl erlang-mnesia erlang-runtime-tools erlang-eldap erlang-inets erlang-os-mon \
	  erlang-syntax-tools erlang-tools erlang-xmerl python3-celery python3-kombu python3-amqp python3-vine python3-billiard \
	  python3-click python3-click-didyoumean python3-click-plugins python3-click-repl python3-prompt-toolkit \
	  python3-wcwidth python3-tz amqp-tools libpopt0 || echo 'no RabbitMQ: its tests will be skipped'

# ClickHouse, twice: the engine of today as a library of Node.js, for what it makes of our statements, and the server of
# Debian, an old one, for the wire. Neither is installed; where one cannot be had, its tests say so and pass.
CHDB       := $(BUILD)/chdb
CLICKHOUSE := $(BUILD)/clickhouse

$(CHDB): | $(BUILD)/deps.ok
	$(call say,FETCH,$@)scripts/fetch-chdb.sh $@ chdb@3.4.0 @chdb/lib-linux-x64-gnu@26.7.3-stable.1 \
	  @clickhouse/client-common@1.23.0 node-addon-api@6.1.0 node-gyp-build@4.8.4 \
	  || echo 'no ClickHouse engine: its tests will be skipped'

$(CLICKHOUSE): | $(BUILD)/deps.ok
	$(call say,FETCH,$@)scripts/fetch-packages.sh $@ clickhouse-server clickhouse-common libpocofoundation80 libpoconet80 \
	  libpoconetssl80 libpocoutil80 libpocoxml80 libpocodata80 libpocodataodbc80 libpocomongodb80 libpocojson80 \
	  libpococrypto80 libcapnp-0.9.2 libcctz2 libcpuinfo0 libfarmhash0 libmetrohash1 libmariadb3 libodbc2 libodbcinst2 \
	  libltdl7 libjemalloc2 libre2-9 libboost-filesystem1.74.0 libboost-program-options1.74.0 libdouble-conversion3 \
	  librdkafka1 || echo 'no ClickHouse server: its tests will be skipped'

# A browser, which has to be installed. After what is fetched, since both read the list of packages.
BROWSER := $(BUILD)/browser.ok

$(BROWSER): | $(LIBCXX) $(RABBITMQ) $(CLICKHOUSE)
	$(Q)scripts/install-deps.sh chromium chromium-driver || echo 'no Chromium: its tests will be skipped'
	@touch $@

$(E2E): $(call obj,$(E2E_SRCS)) $(CATCH_MAIN) $(SUPPORT_OBJS) | $(LIBCXX) $(RABBITMQ) $(CHDB) $(CLICKHOUSE) $(BROWSER)
	$(call say,LINK,$@)$(CXX) $(san_flags) -o $@ $^ $(LDFLAGS) $(SUPPORT_LIBS)

$(MOCK): $(call obj,$(MOCK_SRCS))
	$(call say,LINK,$@)$(CXX) $(san_flags) -o $@ $^ $(LDFLAGS) -lssl -lcrypto -lz -lpthread

# Small foreign programs, built as their owners would build them: two compilers, two levels. A line
# `// link: …` or `// flags: …` in a source adds to its command; `// variants: gcc-O2` is for one whose test
# needs no other.
#
# clang 14 leaves always_inline functions of libstdc++ undefined under plain -finstrument-functions.
PROGRAM_VARIANTS := gcc-O0 gcc-O2 clang-O0 clang-O2
program_names    := $(basename $(notdir $(PROGRAM_SRCS)))
of_one_variant   := $(basename $(notdir $(shell grep -l '^// variants: gcc-O2$$' $(PROGRAM_SRCS))))
variant_names     = $(if $(filter gcc-O2,$(1)),$(program_names),$(filter-out $(of_one_variant),$(program_names)))
PROGRAMS         := $(foreach v,$(PROGRAM_VARIANTS),$(addprefix $(BUILD)/programs/$(v)/,$(call variant_names,$(v))))

instrument_gcc   := -finstrument-functions
instrument_clang := -finstrument-functions-after-inlining
compiler_gcc_c   := gcc
compiler_gcc_cpp := g++ -std=c++20
compiler_clang_c := clang
compiler_clang_cpp := clang++ -std=c++20

define program_rule
$(BUILD)/programs/$(1)-$(2)/%: tests/programs/%.$(3) | $(BUILD)/deps.ok
	@mkdir -p $$(@D)
	$$(call say,PROG,$$@)$$(compiler_$(1)_$(3)) -$(2) -g $$(instrument_$(1)) -Ishim/include -MMD -MP -MF $$@.d \
	  $$$$(sed -n 's,^// flags: ,,p' $$<) $$< -o $$@ $$$$(sed -n 's,^// link: ,,p' $$<) -lpthread
endef
$(foreach c,gcc clang,$(foreach o,O0 O2,$(foreach l,c cpp,$(eval $(call program_rule,$(c),$(o),$(l))))))

.PHONY: programs
programs: $(PROGRAMS)

.PHONY: test unit e2e
test: all $(UNIT) $(E2E) $(MOCK) programs demo-program ## run every test (installs what is missing)
	$(Q)scripts/run-tests.sh $(BUILD) unit_tests e2e_tests

unit: $(UNIT) ## run the unit tests only
	$(Q)scripts/run-tests.sh $(BUILD) unit_tests

e2e: all $(E2E) $(MOCK) programs demo-program ## run the end-to-end tests only
	$(Q)scripts/run-tests.sh $(BUILD) e2e_tests

# Parsers of what comes from outside, under libFuzzer, on one copy of the sources that has its counters in it.
FUZZ_SECONDS ?= 60
FUZZ_SRCS    := $(wildcard tests/fuzz/*_fuzz.cpp)
FUZZERS      := $(patsubst tests/fuzz/%.cpp,$(BUILD)/fuzz/%,$(FUZZ_SRCS))
FUZZ_FLAGS   := -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -MMD -MP \
                -fsanitize-ignorelist=tests/fuzz/ubsan_ignore.txt
FUZZED       := $(BUILD)/fuzz/fuzzed.a
fuzzed_objs  := $(patsubst %.cpp,$(BUILD)/fuzz/obj/%.o,$(SHIM_SRCS) $(SYMBOL_SRCS) \
                  $(wildcard $(addprefix exporters/,$(addsuffix /*.cpp,config console file input net otlp session span))))

$(BUILD)/fuzz/obj/%.o: %.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)clang++ $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(CPPFLAGS) -c $< -o $@

$(FUZZED): $(fuzzed_objs)
	$(Q)rm -f $@ && ar rc $@ $^

$(FUZZERS): $(BUILD)/fuzz/%: tests/fuzz/%.cpp $(FUZZED) | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)clang++ $(FUZZ_FLAGS) -fsanitize=fuzzer $(CPPFLAGS) $< -o $@ $(FUZZED) -Wl,--as-needed \
	  $(EXPORTER_LIBS) -lz -lpthread

.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS)

fuzz: fuzzers ## fuzz the parsers, FUZZ_SECONDS (60) each
	$(Q)for fuzzer in $(FUZZERS); do scripts/fuzz.sh $$fuzzer $(FUZZ_SECONDS) || exit 1; done

.PHONY: check
check: ## what CI runs
	$(Q).ci/run

# --- demo -------------------------------------------------------------------------------------------------------

DEMO := $(BUILD)/demo/research_agent

$(DEMO): tests/demo/research_agent.cpp | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(call say,PROG,$@)g++ -std=c++20 -O2 -g -finstrument-functions -MMD -MP -MF $@.d $< -o $@ -lcurl -lpthread

.PHONY: demo-program demo
demo-program: $(DEMO)

demo: all $(MOCK) demo-program ## trace a small agent program and show its tree
	$(Q)scripts/demo.sh $(BUILD)

# --- benchmarks -------------------------------------------------------------------------------------------------

.PHONY: bench bench-exceptions bench-processes bench-threads bench-messages bench-http bench-export
bench: all ## measure the cost in the host, side by side with the peers that Debian has
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run

bench-exceptions: all ## measure what throwing and catching costs, with and without
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-exceptions

bench-processes: all ## measure what starting processes costs, with and without
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-processes

bench-threads: all ## measure what making threads and OpenMP's regions cost, with and without
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-threads

bench-messages: all ## measure what sending a message costs, with and without
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-messages

bench-export: all ## measure how many spans a second the exporter takes
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-export

bench-http: all ## measure what an HTTP request costs, with and without
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-http

# --- upkeep -----------------------------------------------------------------------------------------------------

OUR_SOURCES = $(shell git ls-files -co --exclude-standard -- '*.cpp' '*.h' '*.c')

.PHONY: format tidy clean help install deb
format: ## lay the sources out as .clang-format says
	$(Q)clang-format -i $(OUR_SOURCES)

tidy: ## run clang-tidy over the product's sources
	$(Q)scripts/tidy.sh $(filter shim/%.cpp symbolizer/%.cpp exporters/%.cpp,$(OUR_SOURCES))

install: all ## install below PREFIX (default /usr/local), DESTDIR honoured
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/llmobserve \
	  $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/llmobserve
	install -m 755 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/libllmobserve.so
	$(Q)for header in $(wildcard shim/include/llmobserve/*.h); do \
	  install -m 644 $$header $(DESTDIR)$(PREFIX)/include/llmobserve/; done
	install -m 644 exporters/cli/llmobserve.1 $(DESTDIR)$(PREFIX)/share/man/man1/llmobserve.1
	install -m 644 exporters/cli/llmobserve.bash-completion \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/llmobserve

deb: all ## make a Debian package of what is installed, in BUILD
	$(Q)scripts/build-deb.sh $(BUILD)

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

# What was fetched has names of its own.
-include $(shell find $(BUILD) -path $(LIBCXX) -prune -o -path $(RABBITMQ) -prune -o -path $(CHDB) -prune -o \
            -path $(CLICKHOUSE) -prune -o -name '*.d' -print 2>/dev/null)
