# The benchmark: `make bench` from the top calls `make -f tests/bench/bench.mk BUILD=build run`.
#
#   run                calls of functions, exceptions, HTTP requests
#   run-http           HTTP requests only
#   run-exceptions     throwing and catching only
#   BENCH_ROUNDS=3     fewer rounds: quicker, noisier
#   BENCH_PAIRS=40     fewer pairs of batches of HTTP requests

BUILD        ?= build
BENCH_ROUNDS ?= 5
BENCH_PAIRS  ?= 150
CXX          := $(if $(filter default undefined,$(origin CXX)),g++,$(CXX))

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := run

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)';)

OUT   := $(BUILD)/bench
FLAGS := -std=c++20 -O2 -g -Wall -Wextra -Wshadow -Wconversion -Werror -D_GNU_SOURCE -I. -MMD -MP

WORKLOAD_SRCS := tests/bench/workload_main.cpp tests/bench/workload_functions.cpp
HOOK_SRCS     := tests/bench/empty_hooks.cpp tests/bench/clock_hooks.cpp
RUNNER_SRCS   := $(filter-out $(WORKLOAD_SRCS) $(HOOK_SRCS),$(wildcard tests/bench/*.cpp))

SHARED_SRCS   := $(addprefix tests/bench/,interruption.cpp process.cpp processors.cpp samples.cpp scratch.cpp subjects.cpp trace_spans.cpp)
HTTP_SRCS     := tests/bench/http/main.cpp tests/bench/http/worker.cpp $(SHARED_SRCS)

RUNNER     := $(OUT)/bench
BUILT      := $(RUNNER) $(OUT)/workload $(OUT)/workload_plain $(OUT)/empty_hooks.so $(OUT)/clock_hooks.so
THROW_BUILT := $(OUT)/bench_exceptions $(OUT)/thrower
HTTP_BUILT := $(OUT)/bench_http $(OUT)/http_server $(OUT)/http_client

.PHONY: run run-http run-exceptions programs
run: $(BUILT) $(HTTP_BUILT) $(THROW_BUILT)
	$(Q)$(RUNNER) $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-exceptions
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-http

run-http: $(HTTP_BUILT)
	$(Q)$(OUT)/bench_http $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_PAIRS)

run-exceptions: $(THROW_BUILT)
	$(Q)$(OUT)/bench_exceptions $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)

programs: $(BUILT) $(HTTP_BUILT) $(THROW_BUILT)

$(RUNNER): $(patsubst tests/bench/%.cpp,$(OUT)/%.o,$(RUNNER_SRCS))
	$(call say,LINK,$@)$(CXX) -o $@ $^

$(OUT)/%.o: tests/bench/%.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(FLAGS) -c $< -o $@

# The called functions are always the work of gcc, whatever CXX says: clang puts its hooks elsewhere.
$(OUT)/workload_functions.o: tests/bench/workload_functions.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/workload_functions_plain.o: tests/bench/workload_functions.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -c $< -o $@

$(OUT)/workload: $(OUT)/workload_main.o $(OUT)/workload_functions.o
	$(call say,LINK,$@)g++ -o $@ $^ -lpthread

$(OUT)/workload_plain: $(OUT)/workload_main.o $(OUT)/workload_functions_plain.o
	$(call say,LINK,$@)g++ -o $@ $^ -lpthread

$(OUT)/bench_http: $(patsubst tests/bench/%.cpp,$(OUT)/%.o,$(HTTP_SRCS))
	$(call say,LINK,$@)$(CXX) -o $@ $^

$(OUT)/bench_exceptions: $(patsubst %,$(OUT)/%.o,exceptions/main process processors samples scratch subjects trace_spans)
	$(call say,LINK,$@)$(CXX) -o $@ $^

$(OUT)/exceptions/thrower.o: tests/bench/exceptions/thrower.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/thrower: $(OUT)/exceptions/thrower.o
	$(call say,LINK,$@)g++ -o $@ $^

$(OUT)/http_server: $(OUT)/http/server.o $(OUT)/processors.o
	$(call say,LINK,$@)$(CXX) -o $@ $^

$(OUT)/http/client.o: tests/bench/http/client.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/http_client: $(OUT)/http/client.o $(OUT)/processors.o
	$(call say,LINK,$@)g++ -o $@ $^ -lcurl

# Without the C++ library: what is measured is the hook, not what comes with it.
$(OUT)/%_hooks.so: tests/bench/%_hooks.cpp
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CXX) $(FLAGS) -fPIC -shared -nostdlib -fvisibility=hidden $< -o $@

-include $(wildcard $(OUT)/*.d $(OUT)/http/*.d $(OUT)/exceptions/*.d)
