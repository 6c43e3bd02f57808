# The benchmark: `make bench` from the top calls `make -f tests/bench/bench.mk BUILD=build run`.
#
#   run                all of it: calls of functions, and what stands below
#   run-http           HTTP requests only
#   run-exceptions     throwing and catching only
#   run-processes      starting processes only
#   run-threads        making threads, and OpenMP's regions only
#   run-messages       sending messages only
#   run-export         the exporter's way from the journal to the bytes that are sent only
#   BENCH_ROUNDS=3     fewer rounds: quicker, noisier
#   BENCH_PAIRS=40     fewer pairs of batches of HTTP requests
#   BENCH_SPANS=50000  a smaller journal to export

BUILD        ?= build
BENCH_ROUNDS ?= 5
BENCH_PAIRS  ?= 150
BENCH_SPANS  ?= 200000
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
THREAD_BUILT := $(OUT)/bench_threads $(OUT)/thread_worker $(OUT)/thread_worker_clang
PROCESS_BUILT := $(OUT)/bench_processes $(OUT)/process_starter
MESSAGE_BUILT := $(OUT)/bench_messages $(OUT)/amqp_sender $(OUT)/kafka_sender
HTTP_BUILT := $(OUT)/bench_http $(OUT)/http_server $(OUT)/http_client

EXPORT_BUILT := $(OUT)/bench_export

.PHONY: run run-http run-exceptions run-processes run-threads run-messages run-export programs
run: $(BUILT) $(HTTP_BUILT) $(THROW_BUILT) $(PROCESS_BUILT) $(THREAD_BUILT) $(MESSAGE_BUILT) $(EXPORT_BUILT)
	$(Q)$(RUNNER) $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-exceptions
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-threads
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-processes
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-messages
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-http
	@echo
	$(Q)$(MAKE) -f tests/bench/bench.mk BUILD=$(BUILD) run-export

run-http: $(HTTP_BUILT)
	$(Q)$(OUT)/bench_http $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_PAIRS)

run-exceptions: $(THROW_BUILT)
	$(Q)$(OUT)/bench_exceptions $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)

run-processes: $(PROCESS_BUILT)
	$(Q)$(OUT)/bench_processes $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)

run-threads: $(THREAD_BUILT)
	$(Q)$(OUT)/bench_threads $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)

run-messages: $(MESSAGE_BUILT)
	$(Q)$(OUT)/bench_messages $(OUT) $(BUILD)/libllmobserve.so $(BUILD)/llmobserve $(BENCH_ROUNDS)

run-export: $(EXPORT_BUILT)
	$(Q)$(OUT)/bench_export $(BENCH_ROUNDS) $(BENCH_SPANS)

programs: $(BUILT) $(HTTP_BUILT) $(THROW_BUILT) $(PROCESS_BUILT) $(THREAD_BUILT) $(MESSAGE_BUILT) $(EXPORT_BUILT)

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

# With and without us: a program of its own each.
with_without := with_without process processors samples scratch subjects trace_spans

$(OUT)/bench_exceptions $(OUT)/bench_processes $(OUT)/bench_threads $(OUT)/bench_messages: $(OUT)/bench_%: $(OUT)/%/main.o $(with_without:%=$(OUT)/%.o)
	$(call say,LINK,$@)$(CXX) -o $@ $^

# OpenMP of either compiler.
$(OUT)/thread_worker: tests/bench/threads/worker.cpp
	@mkdir -p $(@D)
	$(call say,PROG,$@)g++ $(FLAGS) -MF $@.d -fopenmp -finstrument-functions $< -o $@ -lpthread

$(OUT)/thread_worker_clang: tests/bench/threads/worker.cpp
	@mkdir -p $(@D)
	$(call say,PROG,$@)clang++ $(FLAGS) -MF $@.d -fopenmp -finstrument-functions-after-inlining $< -o $@ -lpthread

$(OUT)/process_starter: tests/bench/processes/starter.cpp
	@mkdir -p $(@D)
	$(call say,PROG,$@)g++ $(FLAGS) -MF $@.d -finstrument-functions $< -o $@

$(OUT)/exceptions/thrower.o: tests/bench/exceptions/thrower.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/thrower: $(OUT)/exceptions/thrower.o
	$(call say,LINK,$@)g++ -o $@ $^

$(OUT)/messages/%_sender.o: tests/bench/messages/%_sender.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/amqp_sender: $(OUT)/messages/amqp_sender.o
	$(call say,LINK,$@)g++ -o $@ $^ -lrabbitmq

$(OUT)/kafka_sender: $(OUT)/messages/kafka_sender.o
	$(call say,LINK,$@)g++ -o $@ $^ -lrdkafka -lpthread

$(OUT)/http_server: $(OUT)/http/server.o $(OUT)/processors.o
	$(call say,LINK,$@)$(CXX) -o $@ $^

$(OUT)/http/client.o: tests/bench/http/client.cpp
	@mkdir -p $(@D)
	$(call say,CXX,$<)g++ $(FLAGS) -finstrument-functions -c $< -o $@

$(OUT)/http_client: $(OUT)/http/client.o $(OUT)/processors.o
	$(call say,LINK,$@)g++ -o $@ $^ -lcurl

# The exporter's own objects, as the product was built with them; of the archive goes in what is needed.
EXPORTER_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(filter-out exporters/cli/main.cpp,$(wildcard exporters/*/*.cpp)) \
                   $(wildcard shim/config/*.cpp shim/filter/*.cpp symbolizer/*.cpp symbolizer/lines/*.cpp))
EXPORT_OBJS   := $(patsubst tests/bench/%.cpp,$(OUT)/%.o,$(wildcard tests/bench/export/*.cpp)) \
                 $(OUT)/samples.o $(OUT)/scratch.o

$(OUT)/export/%.o: FLAGS += -Ishim/include

$(OUT)/exporter.a: $(EXPORTER_OBJS)
	$(Q)rm -f $@ && ar rc $@ $^

$(OUT)/bench_export: $(EXPORT_OBJS) $(OUT)/exporter.a
	$(call say,LINK,$@)$(CXX) -o $@ $^ -lcurl -lspdlog -lfmt -ldw -lelf -lz -lzstd -lpthread

# Without the C++ library: what is measured is the hook, not what comes with it.
$(OUT)/%_hooks.so: tests/bench/%_hooks.cpp
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CXX) $(FLAGS) -fPIC -shared -nostdlib -fvisibility=hidden $< -o $@

-include $(wildcard $(OUT)/*.d $(OUT)/http/*.d $(OUT)/exceptions/*.d $(OUT)/threads/*.d $(OUT)/messages/*.d $(OUT)/export/*.d)
