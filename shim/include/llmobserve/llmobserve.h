/* Traces of LLM workflows, by hand: for code that no function name describes, and for work that goes from one
 * thread to another.
 *
 * Header only, C99 and C++11 and up, gcc and clang. There is nothing to link: where libllmobserve.so was not
 * loaded before the module that calls, every call here does nothing (a load and a comparison), and what it
 * returns says so. The program need not be instrumented.
 *
 *   void rank(const docs& found) {
 *     LLMOBSERVE_FUNCTION();                     // this function is a span, whatever its name
 *     llmobserve::attribute("docs", found.size());
 *     {
 *       llmobserve::Scope scope("score");        // a span from here to the end of the block
 *       ...
 *     }
 *   }
 *
 * A span that is opened here is `workflow.<name>`, a child of the workflow that is open on the thread; API
 * calls made in it are its children. Where memory or room run out a span is missing; nothing else changes.
 * No call here throws, changes errno or waits for anything but other calls of this header. All may be made
 * from any thread, at any time, also from signal handlers; each thread has its own open spans.
 *
 * Texts are UTF-8 and copied. Names are kept up to 247 bytes, values up to 4096.
 */
#ifndef LLMOBSERVE_LLMOBSERVE_H
#define LLMOBSERVE_LLMOBSERVE_H

#include <stddef.h>
#include <stdint.h>

/* This part is C as well. NOLINTBEGIN(modernize-*) */

/* --- types --- */

/* An open span or an entered context. 0: none; every call takes it and does nothing. A number is never used
 * twice in a process: one that has ended is harmless. */
typedef uint64_t llmobserve_block;

/* A place in a trace, to be carried to another thread. Plain memory: it may be copied, moved and kept, also
 * beyond the end of the span it was taken from. All zero (`llmobserve_context c = {0};`) is no place at all:
 * what opens there begins a trace of its own. The fields are the library's. */
typedef struct llmobserve_context {
  uint64_t opaque[8];
} llmobserve_context;

/* What llmobserve_current_workflow() tells, each text ended by a zero. */
typedef struct llmobserve_workflow {
  char trace_id[33];    /* 32 hex digits */
  char span_id[17];     /* 16 hex digits */
  char traceparent[56]; /* the value of a W3C `traceparent` header: the workflow as parent */
  char name[256];       /* the span's name, `workflow.research_agent`; empty where it has ended meanwhile */
} llmobserve_workflow;

/* --- how the library is reached: not for use --- */

#define LLMOBSERVE_INLINE_ static inline __attribute__((always_inline, no_instrument_function, unused))

/* A weak reference by way of the global offset table. A plain weak declaration would be settled by the linker
 * in programs that are not position independent, before anything can be loaded. */
#if defined(__x86_64__) && defined(__linux__) && !defined(__ILP32__)
#define LLMOBSERVE_FIND_(symbol, pointer)        \
  __asm__(".weak " #symbol "\n\t{movq " #symbol  \
          "@GOTPCREL(%%rip), %0|mov %0, "        \
          "qword ptr " #symbol "@GOTPCREL[rip]}" \
          : "=r"(pointer))
#else
#define LLMOBSERVE_FIND_(symbol, pointer) ((void)((pointer) = 0))
#endif

/* Fields are only ever added, at the end: `size` says which there are. */
struct llmobserve_abi_block {
  size_t size;
  const char* name; /* may be null: named by `function` */
  size_t name_size;
  const char* file;
  const char* function;
  const void* frame; /* of the function that holds the block; null: it may begin and end anywhere */
  const void* call_site;
  uint32_t line;
  uint32_t is_function;
};

enum {
  LLMOBSERVE_ABI_STRING = 1,
  LLMOBSERVE_ABI_BOOL = 2,
  LLMOBSERVE_ABI_INT = 3,
  LLMOBSERVE_ABI_DOUBLE = 4
};

#ifdef __cplusplus
extern "C" {
#endif
typedef uint64_t llmobserve_abi_begin_type(const struct llmobserve_abi_block*);
typedef void llmobserve_abi_end_type(uint64_t block, int is_exception);
typedef int llmobserve_abi_attribute_type(uint64_t block, const char* key, size_t key_size, int type,
                                          const void* value, size_t value_size);
typedef int llmobserve_abi_error_type(uint64_t block, const char* message, size_t message_size);
typedef int llmobserve_abi_event_type(uint64_t block, const char* name, size_t name_size, const char* message,
                                      size_t message_size);
typedef int llmobserve_abi_workflow_type(llmobserve_workflow*, size_t size);
typedef int llmobserve_abi_capture_type(llmobserve_context*);
typedef int llmobserve_abi_parse_type(llmobserve_context*, const char* traceparent, size_t traceparent_size);
typedef uint64_t llmobserve_abi_enter_type(const llmobserve_context*, const void* frame);
typedef int llmobserve_abi_set_enabled_type(int enabled);
typedef int llmobserve_abi_is_enabled_type(void);
#ifdef __cplusplus
}
#endif

LLMOBSERVE_INLINE_ size_t llmobserve_length_(const char* text) {
  return text != NULL ? __builtin_strlen(text) : 0;
}

LLMOBSERVE_INLINE_ llmobserve_block llmobserve_begin_(const char* name, size_t name_size, const char* file,
                                                      uint32_t line, const char* function, const void* frame,
                                                      const void* call_site, uint32_t is_function) {
  llmobserve_abi_begin_type* begin;
  LLMOBSERVE_FIND_(llmobserve_abi_begin, begin);
  if (begin == NULL) return 0;
  {
    struct llmobserve_abi_block block;
    block.size = sizeof block;
    block.name = name;
    block.name_size = name_size;
    block.file = file;
    block.function = function;
    block.frame = frame;
    block.call_site = call_site;
    block.line = line;
    block.is_function = is_function;
    return begin(&block);
  }
}

LLMOBSERVE_INLINE_ llmobserve_block llmobserve_begin_text_(const char* name, const char* file, uint32_t line,
                                                           const char* function, const void* frame) {
  return llmobserve_begin_(name, llmobserve_length_(name), file, line, function, frame, NULL, 0);
}

LLMOBSERVE_INLINE_ void llmobserve_end_(llmobserve_block block, int is_exception) {
  llmobserve_abi_end_type* end;
  if (block == 0) return;
  LLMOBSERVE_FIND_(llmobserve_abi_end, end);
  if (end != NULL) end(block, is_exception);
}

LLMOBSERVE_INLINE_ int llmobserve_attribute_(llmobserve_block block, const char* key, size_t key_size,
                                             int type, const void* value, size_t value_size) {
  llmobserve_abi_attribute_type* attribute;
  LLMOBSERVE_FIND_(llmobserve_abi_attribute, attribute);
  return attribute != NULL ? attribute(block, key, key_size, type, value, value_size) : 0;
}

LLMOBSERVE_INLINE_ int llmobserve_error_(llmobserve_block block, const char* message, size_t message_size) {
  llmobserve_abi_error_type* error;
  LLMOBSERVE_FIND_(llmobserve_abi_error, error);
  return error != NULL ? error(block, message, message_size) : 0;
}

LLMOBSERVE_INLINE_ int llmobserve_event_(llmobserve_block block, const char* name, size_t name_size,
                                         const char* message, size_t message_size) {
  llmobserve_abi_event_type* event;
  LLMOBSERVE_FIND_(llmobserve_abi_event, event);
  return event != NULL ? event(block, name, name_size, message, message_size) : 0;
}

LLMOBSERVE_INLINE_ llmobserve_block llmobserve_enter_(const llmobserve_context* context, const void* frame) {
  llmobserve_abi_enter_type* enter;
  LLMOBSERVE_FIND_(llmobserve_abi_enter, enter);
  return enter != NULL ? enter(context, frame) : 0;
}

LLMOBSERVE_INLINE_ void llmobserve_cleanup_(const llmobserve_block* block) { llmobserve_end_(*block, 0); }

#define LLMOBSERVE_JOIN2_(a, b) a##b
#define LLMOBSERVE_JOIN_(a, b) LLMOBSERVE_JOIN2_(a, b)
#define LLMOBSERVE_UNIQUE_ LLMOBSERVE_JOIN_(llmobserve_scope_, __LINE__)

/* --- spans --- */

#ifndef __cplusplus

/* As a statement at the top of a function: the call is a span, whatever the function's name. Where the
 * program is instrumented and the name matches anyway, there is still one span. */
#define LLMOBSERVE_FUNCTION()                                                                        \
  __attribute__((cleanup(llmobserve_cleanup_), unused)) const llmobserve_block LLMOBSERVE_UNIQUE_ =  \
      llmobserve_begin_(NULL, 0, __FILE__, (uint32_t)__LINE__, __func__, __builtin_frame_address(0), \
                        __builtin_return_address(0), 1)

/* As a statement: a span from here to the end of the enclosing block, however that is left. After a longjmp()
 * over it, the span ends when that is noticed: at the next event further up the stack. */
#define LLMOBSERVE_SCOPE(name)                                                                      \
  __attribute__((cleanup(llmobserve_cleanup_), unused)) const llmobserve_block LLMOBSERVE_UNIQUE_ = \
      llmobserve_begin_text_(name, __FILE__, (uint32_t)__LINE__, __func__, __builtin_frame_address(0))

/* As a statement: what opens on this thread, from here to the end of the enclosing block, is below `context`
 * (a `const llmobserve_context*`). */
#define LLMOBSERVE_ENTER(context)                                                                   \
  __attribute__((cleanup(llmobserve_cleanup_), unused)) const llmobserve_block LLMOBSERVE_UNIQUE_ = \
      llmobserve_enter_(context, __builtin_frame_address(0))

#endif

/* Opens a span on this thread and returns it; 0 where nothing is recorded. It ends with llmobserve_end(),
 * else with the traced function, span or thread around it. It may be begun in one function and ended in
 * another. */
#define llmobserve_begin(name) llmobserve_begin_text_(name, __FILE__, (uint32_t)__LINE__, __func__, NULL)

/* Ends what llmobserve_begin() or llmobserve_enter() has begun. Spans that were begun after it go on, and so
 * does a span whose thread is not the one that ends it; what opens there afterwards is below the span around
 * it. Nothing happens for 0, and for what has ended. */
LLMOBSERVE_INLINE_ void llmobserve_end(llmobserve_block block) { llmobserve_end_(block, 0); }

/* --- facts --- */

/* Adds an attribute to the current workflow: the innermost span of this thread that is open, a function's or
 * one of llmobserve_begin(). The last value of a key counts. Returns 1, and 0 where it was not recorded: no
 * span is open, the innermost one is another thread's, or it has as many attributes as it can hold. */
LLMOBSERVE_INLINE_ int llmobserve_set_string(const char* key, const char* value) {
  return llmobserve_attribute_(0, key, llmobserve_length_(key), LLMOBSERVE_ABI_STRING, value,
                               llmobserve_length_(value));
}
LLMOBSERVE_INLINE_ int llmobserve_set_int(const char* key, int64_t value) {
  return llmobserve_attribute_(0, key, llmobserve_length_(key), LLMOBSERVE_ABI_INT, &value, sizeof value);
}
LLMOBSERVE_INLINE_ int llmobserve_set_double(const char* key, double value) {
  return llmobserve_attribute_(0, key, llmobserve_length_(key), LLMOBSERVE_ABI_DOUBLE, &value, sizeof value);
}
LLMOBSERVE_INLINE_ int llmobserve_set_bool(const char* key, int value) {
  const unsigned char byte = value != 0 ? 1 : 0;
  return llmobserve_attribute_(0, key, llmobserve_length_(key), LLMOBSERVE_ABI_BOOL, &byte, sizeof byte);
}

/* Makes the status of the current workflow ERROR. `message` may be null. Returns as the setters do. */
LLMOBSERVE_INLINE_ int llmobserve_set_error(const char* message) {
  return llmobserve_error_(0, message, llmobserve_length_(message));
}

/* Adds an event to the current workflow, now. `message` becomes its attribute `message` and may be null.
 * Returns as the setters do. */
LLMOBSERVE_INLINE_ int llmobserve_add_event(const char* name, const char* message) {
  return llmobserve_event_(0, name, llmobserve_length_(name), message, llmobserve_length_(message));
}

/* The same for one span of llmobserve_begin(), from any thread, while it is open. */
LLMOBSERVE_INLINE_ int llmobserve_block_set_string(llmobserve_block block, const char* key,
                                                   const char* value) {
  return block == 0 ? 0
                    : llmobserve_attribute_(block, key, llmobserve_length_(key), LLMOBSERVE_ABI_STRING, value,
                                            llmobserve_length_(value));
}
LLMOBSERVE_INLINE_ int llmobserve_block_set_int(llmobserve_block block, const char* key, int64_t value) {
  return block == 0 ? 0
                    : llmobserve_attribute_(block, key, llmobserve_length_(key), LLMOBSERVE_ABI_INT, &value,
                                            sizeof value);
}
LLMOBSERVE_INLINE_ int llmobserve_block_set_double(llmobserve_block block, const char* key, double value) {
  return block == 0 ? 0
                    : llmobserve_attribute_(block, key, llmobserve_length_(key), LLMOBSERVE_ABI_DOUBLE,
                                            &value, sizeof value);
}
LLMOBSERVE_INLINE_ int llmobserve_block_set_bool(llmobserve_block block, const char* key, int value) {
  const unsigned char byte = value != 0 ? 1 : 0;
  return block == 0 ? 0
                    : llmobserve_attribute_(block, key, llmobserve_length_(key), LLMOBSERVE_ABI_BOOL, &byte,
                                            sizeof byte);
}
LLMOBSERVE_INLINE_ int llmobserve_block_set_error(llmobserve_block block, const char* message) {
  return block == 0 ? 0 : llmobserve_error_(block, message, llmobserve_length_(message));
}
LLMOBSERVE_INLINE_ int llmobserve_block_add_event(llmobserve_block block, const char* name,
                                                  const char* message) {
  return block == 0
             ? 0
             : llmobserve_event_(block, name, llmobserve_length_(name), message, llmobserve_length_(message));
}

/* --- where this thread is --- */

/* Fills `workflow` with the current workflow, also where that is open on the thread that this one was started
 * by or whose context it has entered. Returns 1; 0 where there is none, and then all texts are empty. */
LLMOBSERVE_INLINE_ int llmobserve_current_workflow(llmobserve_workflow* workflow) {
  llmobserve_abi_workflow_type* read;
  LLMOBSERVE_FIND_(llmobserve_abi_workflow, read);
  workflow->trace_id[0] = workflow->span_id[0] = workflow->traceparent[0] = workflow->name[0] = '\0';
  return read != NULL ? read(workflow, sizeof *workflow) : 0;
}

/* The place in its trace where this thread is; all zero where it is in none. */
LLMOBSERVE_INLINE_ llmobserve_context llmobserve_capture(void) {
  llmobserve_context context = {{0, 0, 0, 0, 0, 0, 0, 0}};
  llmobserve_abi_capture_type* capture;
  LLMOBSERVE_FIND_(llmobserve_abi_capture, capture);
  if (capture != NULL) capture(&context);
  return context;
}

/* The place that a W3C `traceparent` names, of a request that came from elsewhere; all zero for one that
 * cannot be read (or is null). */
LLMOBSERVE_INLINE_ llmobserve_context llmobserve_context_from(const char* traceparent) {
  llmobserve_context context = {{0, 0, 0, 0, 0, 0, 0, 0}};
  llmobserve_abi_parse_type* parse;
  LLMOBSERVE_FIND_(llmobserve_abi_parse, parse);
  if (parse != NULL) parse(&context, traceparent, llmobserve_length_(traceparent));
  return context;
}

/* From here on, what opens on this thread is below `context`, until llmobserve_end(): instead of what is open
 * here. Null or all zero: what opens begins traces of its own. Memory that was never filled counts as that.
 */
LLMOBSERVE_INLINE_ llmobserve_block llmobserve_enter(const llmobserve_context* context) {
  return llmobserve_enter_(context, NULL);
}

/* --- on and off --- */

/* Whether the library is there. It may still record nothing, see llmobserve_is_enabled(). */
LLMOBSERVE_INLINE_ int llmobserve_is_loaded(void) {
  llmobserve_abi_begin_type* begin;
  LLMOBSERVE_FIND_(llmobserve_abi_begin, begin);
  return begin != NULL;
}

/* Switches recording off (0) or on for the whole process, and children that it forks. While it is off no span
 * opens, of a function, an API call or by hand; what is open stays open and ends as it would. Returns whether
 * it was on before. Where the environment says that nothing is recorded, it stays off. */
LLMOBSERVE_INLINE_ int llmobserve_set_enabled(int enabled) {
  llmobserve_abi_set_enabled_type* set_enabled;
  LLMOBSERVE_FIND_(llmobserve_abi_set_enabled, set_enabled);
  return set_enabled != NULL ? set_enabled(enabled) : 0;
}

/* Whether spans are recorded now. */
LLMOBSERVE_INLINE_ int llmobserve_is_enabled(void) {
  llmobserve_abi_is_enabled_type* is_enabled;
  LLMOBSERVE_FIND_(llmobserve_abi_is_enabled, is_enabled);
  return is_enabled != NULL ? is_enabled() : 0;
}

/* NOLINTEND(modernize-*) */

/* --- C++ --- */

#ifdef __cplusplus

#include <exception>
#include <type_traits>

/* All is inlined: a function that modules share would be the one of the module that was loaded first, which
 * may not have found the library. */
#define LLMOBSERVE_MEMBER_ __attribute__((always_inline, no_instrument_function)) inline

#if defined(__cpp_exceptions) && defined(__cpp_lib_uncaught_exceptions)
#define LLMOBSERVE_EXCEPTIONS_ std::uncaught_exceptions()
#elif defined(__cpp_exceptions)
#define LLMOBSERVE_EXCEPTIONS_ (std::uncaught_exception() ? 1 : 0)
#else
#define LLMOBSERVE_EXCEPTIONS_ 0
#endif

namespace llmobserve {

/* A text of any kind: a C string, std::string, std::string_view, whatever has data() and size(). */
class Text {
 public:
  LLMOBSERVE_MEMBER_ Text(const char* text) : data_(text), size_(llmobserve_length_(text)) {}
  template <typename String, typename = typename std::enable_if<std::is_convertible<
                                 decltype(std::declval<const String&>().data()), const char*>::value>::type>
  LLMOBSERVE_MEMBER_ Text(const String& text) : data_(text.data()), size_(text.size()) {}

  LLMOBSERVE_MEMBER_ const char* data() const { return data_; }
  LLMOBSERVE_MEMBER_ size_t size() const { return size_; }

 private:
  const char* data_;
  size_t size_;
};

/* As llmobserve_set_*() and llmobserve_block_set_*(), by the value's type: bool, any integer, any floating
 * point number, any text. 0 for `block`: the current workflow. Returns whether it was recorded. */
template <typename Value>
LLMOBSERVE_MEMBER_ typename std::enable_if<std::is_same<Value, bool>::value, bool>::type set_attribute(
    llmobserve_block block, Text key, const Value& value) {
  const unsigned char byte = value ? 1 : 0;
  return llmobserve_attribute_(block, key.data(), key.size(), LLMOBSERVE_ABI_BOOL, &byte, sizeof byte) != 0;
}
template <typename Value>
LLMOBSERVE_MEMBER_
    typename std::enable_if<std::is_integral<Value>::value && !std::is_same<Value, bool>::value, bool>::type
    set_attribute(llmobserve_block block, Text key, const Value& value) {
  const bool fits = std::is_signed<Value>::value || static_cast<uint64_t>(value) <= uint64_t{INT64_MAX};
  const int64_t number = fits ? static_cast<int64_t>(value) : INT64_MAX;
  return llmobserve_attribute_(block, key.data(), key.size(), LLMOBSERVE_ABI_INT, &number, sizeof number) !=
         0;
}
template <typename Value>
LLMOBSERVE_MEMBER_ typename std::enable_if<std::is_floating_point<Value>::value, bool>::type set_attribute(
    llmobserve_block block, Text key, const Value& value) {
  const double number = static_cast<double>(value);
  return llmobserve_attribute_(block, key.data(), key.size(), LLMOBSERVE_ABI_DOUBLE, &number,
                               sizeof number) != 0;
}
template <typename Value>
LLMOBSERVE_MEMBER_ typename std::enable_if<std::is_convertible<const Value&, Text>::value, bool>::type
set_attribute(llmobserve_block block, Text key, const Value& value) {
  const Text text = value;
  return llmobserve_attribute_(block, key.data(), key.size(), LLMOBSERVE_ABI_STRING, text.data(),
                               text.size()) != 0;
}

/* Adds an attribute to the current workflow, as llmobserve_set_string() and its kin do. */
template <typename Value>
LLMOBSERVE_MEMBER_ bool attribute(Text key, const Value& value) {
  return set_attribute(0, key, value);
}

/* As llmobserve_set_error(). */
LLMOBSERVE_INLINE_ bool error(Text message) {
  return llmobserve_error_(0, message.data(), message.size()) != 0;
}

/* As llmobserve_add_event(). */
LLMOBSERVE_INLINE_ bool event(Text name, Text message = nullptr) {
  return llmobserve_event_(0, name.data(), name.size(), message.data(), message.size()) != 0;
}

/* A function's call, as LLMOBSERVE_FUNCTION() tells of it. */
struct Call {
  const char* function;
  const char* file;
  uint32_t line;
  const void* frame;
  const void* call_site;
};

/* A span that lives as long as the object: a variable, or a member of something. One that an exception ends
 * has status ERROR. It belongs to the thread that makes it. Where it stands in a coroutine, it may not
 * outlive a suspension: the span may end there. */
class Scope {
 public:
  LLMOBSERVE_MEMBER_ explicit Scope(Text name, const char* file = __builtin_FILE(),
                                    int line = __builtin_LINE(), const char* function = __builtin_FUNCTION(),
                                    const void* frame = nullptr)
      : block_(llmobserve_begin_(name.data(), name.size(), file, static_cast<uint32_t>(line), function, frame,
                                 nullptr, 0)),
        exceptions_(LLMOBSERVE_EXCEPTIONS_) {}

  /* LLMOBSERVE_FUNCTION() */
  LLMOBSERVE_MEMBER_ explicit Scope(const Call& call)
      : block_(llmobserve_begin_(nullptr, 0, call.file, call.line, call.function, call.frame, call.call_site,
                                 1)),
        exceptions_(LLMOBSERVE_EXCEPTIONS_) {}

  LLMOBSERVE_MEMBER_ ~Scope() {
    if (block_ != 0) llmobserve_end_(block_, LLMOBSERVE_EXCEPTIONS_ > exceptions_ ? 1 : 0);
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /* Facts of this span, whatever is open inside it, from any thread. */
  template <typename Value>
  LLMOBSERVE_MEMBER_ bool attribute(Text key, const Value& value) {
    return block_ != 0 && set_attribute(block_, key, value);
  }
  LLMOBSERVE_MEMBER_ bool error(Text message) {
    return block_ != 0 && llmobserve_error_(block_, message.data(), message.size()) != 0;
  }
  LLMOBSERVE_MEMBER_ bool event(Text name, Text message = nullptr) {
    return block_ != 0 &&
           llmobserve_event_(block_, name.data(), name.size(), message.data(), message.size()) != 0;
  }

  /* Ends the span before the block does. */
  LLMOBSERVE_MEMBER_ void end() {
    llmobserve_end_(block_, 0);
    block_ = 0;
  }

  /* False where nothing is recorded. */
  LLMOBSERVE_MEMBER_ bool is_open() const { return block_ != 0; }

 private:
  llmobserve_block block_;
  int exceptions_;
};

using Context = llmobserve_context;
using Workflow = llmobserve_workflow;

/* As llmobserve_capture(). */
LLMOBSERVE_INLINE_ Context capture() { return llmobserve_capture(); }

/* As llmobserve_context_from(); `traceparent` must end in a zero where it is a C string only. */
LLMOBSERVE_INLINE_ Context context_from(Text traceparent) {
  Context context = {{0, 0, 0, 0, 0, 0, 0, 0}};
  llmobserve_abi_parse_type* parse;
  LLMOBSERVE_FIND_(llmobserve_abi_parse, parse);
  if (parse != nullptr) parse(&context, traceparent.data(), traceparent.size());
  return context;
}

/* What opens on this thread is below `context` as long as this lives, as with llmobserve_enter(). */
class ContextScope {
 public:
  LLMOBSERVE_MEMBER_ explicit ContextScope(const Context& context, const void* frame = nullptr)
      : block_(llmobserve_enter_(&context, frame)) {}
  LLMOBSERVE_MEMBER_ ~ContextScope() { llmobserve_end_(block_, 0); }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  llmobserve_block block_;
};

/* As llmobserve_current_workflow(): all texts are empty where there is none. */
LLMOBSERVE_INLINE_ Workflow current_workflow() {
  Workflow workflow;
  llmobserve_current_workflow(&workflow);
  return workflow;
}

/* As llmobserve_set_enabled() and llmobserve_is_enabled(). */
LLMOBSERVE_INLINE_ bool set_enabled(bool enabled) { return llmobserve_set_enabled(enabled ? 1 : 0) != 0; }
LLMOBSERVE_INLINE_ bool is_enabled() { return llmobserve_is_enabled() != 0; }

}  // namespace llmobserve

/* As in C. An exception that leaves the function or the block makes the span's status ERROR. */
#define LLMOBSERVE_FUNCTION()                                                                          \
  const ::llmobserve::Scope LLMOBSERVE_UNIQUE_(                                                        \
      ::llmobserve::Call{__extension__ __PRETTY_FUNCTION__, __FILE__, static_cast<uint32_t>(__LINE__), \
                         __builtin_frame_address(0), __builtin_return_address(0)})
#define LLMOBSERVE_SCOPE(name) \
  const ::llmobserve::Scope LLMOBSERVE_UNIQUE_(name, __FILE__, __LINE__, __func__, __builtin_frame_address(0))
#define LLMOBSERVE_ENTER(context) \
  const ::llmobserve::ContextScope LLMOBSERVE_UNIQUE_(*(context), __builtin_frame_address(0))

#endif /* __cplusplus */

#endif
