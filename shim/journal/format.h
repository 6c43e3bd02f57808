// The journal: the one contract between the host process and the exporter.
//
// A host writes what happened into memory that outlives it; the exporter reads it, turns it into spans and
// hands space back. They share files and nothing else: no lock, no descriptor, no message. Either may be
// killed at any instruction and the other goes on.
//
//   <journal dir>/<session>/control                 SessionControl: the space that the session has taken
//   <journal dir>/<session>/exporter.lock           flock()ed by the one exporter that serves the session
//   <journal dir>/<session>/<pid>-<start>.journal   one per process, mapped shared by host and exporter;
//                                                   behind an execve() with a number: …-1.journal
//
// A journal is a header page and an array of blocks of one size. The file is sparse; a host makes sure that a
// block's pages exist before it stores into them, so it never meets SIGBUS when the file system is full.
//
//   ┌────────────┬─────────┬─────────┬─────────┬─────────┐
//   │ FileHeader │ block 0 │ block 1 │ block 2 │  …      │     block = BlockHeader, then what its kind says
//   └────────────┴─────────┴─────────┴─────────┴─────────┘
//
//   kFrames       one span stack, or a segment of it: Frame[511], growing upwards. kContextFrame at its
//                 bottom, above it the open calls (kOpenFrame), those that are open and not recorded
//                 (kMutedFrame), and scopes (kScopeFrame)
//   kRecords      finished spans of one thread, one record after the other: kFunctionSpan, kSpan, and kNone
//                 for room to be stepped over
//   kOpenSpans    spans that are open and on no stack (a transfer under way): OpenSpan slots
//   kOpenCalls    calls that are open and on no stack (a coroutine, suspended or not; a scope stands on the
//                 stack while it runs): Frame[511], any slot
//   kLeftOut      calls that were left out of the trace, counted: LeftOut[511], any slot
//   kDefinitions  kModule, kFunction and kNote, one record after the other, written once and kept
//
// Rules that make it safe:
//
//   1. A record exists once its `word` is not zero; that store is the last and has release order. All bytes
//      after the last record of a block are zero, so a reader that meets a zero word has read all there is.
//   2. What is open lies in an open area (Frame, OpenSpan) and is taken out only after its record was
//      published. A process that dies between the two leaves both: the record wins, span ids tell that they
//      are one.
//   3. A finished record is whole: it never needs an earlier record of the same span.
//   4. One thread at a time writes a kFrames, kRecords or kLeftOut block. The exporter writes `consumed`, and
//      takes a kSealed block that it has read to the end back to kFree: payload zeroed first, then
//      generation + 1, then the state.
//   5. A reader believes nothing: it copies, checks bounds, skips what is damaged and counts it.
//
// All numbers are little endian, all offsets are bytes from the start of the structure that holds them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace llmo::journal {

inline constexpr std::uint64_t kFileMagic = 0x4c4e524a4f4d4c4c;     // "LLMOJRNL"
inline constexpr std::uint64_t kControlMagic = 0x4c5254434f4d4c4c;  // "LLMOCTRL"
inline constexpr std::uint32_t kBlockMagic = 0x4b4c424c;            // "LBLK"
inline constexpr std::uint32_t kVersion = 2;

inline constexpr std::size_t kHeaderSize = 4096;
inline constexpr std::size_t kBlockSize = 32 * 1024;
inline constexpr std::size_t kBlockHeaderSize = 64;
inline constexpr std::size_t kRecordAlignment = 8;
// The largest record: what a block holds. Writers keep variable records well below it.
inline constexpr std::size_t kMaxRecordSize = kBlockSize - kBlockHeaderSize;

inline constexpr char kControlName[] = "control";
inline constexpr char kExporterLockName[] = "exporter.lock";
inline constexpr char kJournalSuffix[] = ".journal";

// How `ticks` count. The TSC is used only where the kernel itself trusts it as its clock.
enum class ClockKind : std::uint32_t { kMonotonicNanos = 0, kTsc = 1 };

// One instant on three clocks. Ticks become Unix time by way of CLOCK_MONOTONIC, which is never stepped: the
// rate from two pairs, the offset (unix - monotonic) from the first.
struct ClockPair {
  std::uint64_t ticks;
  std::uint64_t monotonic_nanos;
  std::uint64_t unix_nanos;
};

// Why a span closed, `llmobserve.end` of a span where it is not kReturned.
enum class EndKind : std::uint8_t {
  kReturned = 0,       // the function returned, the transfer completed
  kUnwound = 1,        // left without its exit hook: seen dead at a later event, time is that event's
  kThreadExit = 2,     // its thread ended: pthread_exit() or the end of its function
  kProcessExit = 3,    // the process ended by exit()
  kKilled = 4,         // the process was gone; set by the exporter, never by a host
  kCancelled = 5,      // given up by the program before its end
  kException = 6,      // left by an exception
  kLongjmp = 7,        // left by longjmp() or siglongjmp()
  kQuickExit = 8,      // the process ended by quick_exit()
  kImmediateExit = 9,  // the process ended by _exit()
  kAbort = 10,         // the process ended by abort()
  kTerminate = 11,     // the process ended by std::terminate(), for an exception that nobody caught
  kExec = 12,          // another program took the process's place
  kSignal = 13,        // the process died of a signal that is known; set by the exporter, never by a host
  kThreadCancel = 14,  // its thread was cancelled
  kDestroyed = 15,     // a coroutine, or the stack of a fiber, was destroyed before its end
};
inline constexpr EndKind kLastEndKind = EndKind::kDestroyed;

// Bits of `flags` in a record or frame word.
inline constexpr std::uint32_t kFlagSampled = 1U << 0;       // W3C trace-flags, bit 0
inline constexpr std::uint32_t kFlagRandom = 1U << 1;        // W3C trace-flags, bit 1 (Level 2)
inline constexpr std::uint32_t kFlagParentRemote = 1U << 2;  // the parent came from TRACEPARENT or a header
inline constexpr std::uint32_t kTraceFlagsMask = kFlagSampled | kFlagRandom;
// In a frame only, for the host alone: closing it takes a look, as there is more to it than a plain call.
inline constexpr std::uint32_t kFlagLook = 1U << 3;
// The same, for calls in it too: its thread may be ending, so that an exit of the call need not be a return.
inline constexpr std::uint32_t kFlagLeaving = 1U << 4;
// For the host alone: something that is in the trace has the call as parent, so it is kept however short.
inline constexpr std::uint32_t kFlagKept = 1U << 5;
inline constexpr std::uint32_t kRecordFlagsMask = kTraceFlagsMask | kFlagParentRemote;

enum class RecordKind : std::uint8_t {
  kNone = 0,          // with a length: room in a kRecords block that its writer has given up
  kOpenFrame = 1,     // Frame: a call that is open
  kContextFrame = 2,  // Frame: no call; the context that a stack (or a new segment of one) begins with
  kFunctionSpan = 3,  // FunctionSpan
  kSpan = 4,          // SpanRecord
  kScopeFrame = 5,    // Frame: no call; the context of what runs above it, of a span that is open elsewhere
  kMutedFrame = 6,    // Frame: a call that is open and not recorded; what runs above it has what is below it
  kModule = 16,       // ModuleRecord
  kFunction = 17,     // FunctionRecord
  kNote = 18,         // NoteRecord
};

// The first four bytes of every record: length in bytes (a multiple of kRecordAlignment, itself included),
// kind, flags.
constexpr std::uint32_t make_word(std::size_t length, RecordKind kind, std::uint32_t flags = 0) {
  return static_cast<std::uint32_t>(length) | static_cast<std::uint32_t>(kind) << 16 | flags << 24;
}
constexpr std::size_t word_length(std::uint32_t word) { return word & 0xffff; }
constexpr RecordKind word_kind(std::uint32_t word) { return static_cast<RecordKind>(word >> 16 & 0xff); }
constexpr std::uint32_t word_flags(std::uint32_t word) { return word >> 24; }
constexpr std::uint32_t with_flags(std::uint32_t word, std::uint32_t flags) { return word | flags << 24; }

// --- the files ---------------------------------------------------------------------------------------------

// Mapped by every process of a session and by its exporter.
struct SessionControl {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t reserved;
  // Bytes of block space that the hosts of the session have taken and the exporter has not given back.
  std::atomic<std::uint64_t> bytes_reserved;
  std::uint64_t bytes_max;
  // CLOCK_MONOTONIC when a host last started an exporter: it takes a moment until that has taken the lock.
  std::atomic<std::uint64_t> launched_nanos;
};
static_assert(sizeof(SessionControl) == 40);

// How far the process is in ending.
enum class ProcessState : std::uint32_t {
  kRunning = 0,
  kExiting = 1,  // exit() has run its handlers; `end_ticks` says when. Functions may still run after that.
  // On the way to these ends, `end_ticks` says since when. All but the last are final; a host whose exec
  // fails takes it back.
  kQuickExiting = 2,
  kImmediateExiting = 3,
  kAborting = 4,
  kTerminating = 5,
  kExecuting = 6,
};

struct FileHeader {
  std::uint64_t magic;  // stored last, with release: a file without it is not yet a journal
  std::uint32_t version;
  std::uint32_t block_size;
  std::uint32_t block_capacity;  // blocks that fit into the file
  ClockKind clock_kind;
  std::uint32_t pid;
  std::uint32_t parent_pid;
  // Clock ticks after boot, field 22 of /proc/<pid>/stat: pid and this name a process.
  std::uint64_t process_start;
  ClockPair opened;                             // taken when the journal was opened
  std::atomic<std::uint32_t> blocks_allocated;  // blocks [0, n) have been handed out at least once
  std::atomic<ProcessState> state;
  std::atomic<std::uint64_t> end_ticks;
  std::uint64_t process_unix_nanos;  // when the process began, for process.creation.time

  // What could not be kept. Written by the host, relaxed: they are counts and order nothing.
  std::atomic<std::uint64_t> lost_spans;        // finished, no room for the record
  std::atomic<std::uint64_t> lost_frames;       // too deep, or no room for the thread's stack
  std::atomic<std::uint64_t> lost_definitions;  // a function or module that could not be described
  std::atomic<std::uint64_t> lost_attributes;   // attributes that did not fit into their span

  char executable[1024];  // path of the program, NUL-terminated, cut where longer

  // The pid namespace that `pid` and `parent_pid` count in: the inode of /proc/<pid>/ns/pid. 0: not known.
  std::uint64_t pid_namespace;
};
static_assert(offsetof(FileHeader, pid) == 24);
static_assert(offsetof(FileHeader, opened) == 40);
static_assert(offsetof(FileHeader, blocks_allocated) == 64);
static_assert(offsetof(FileHeader, lost_spans) == 88);
static_assert(offsetof(FileHeader, executable) == 120);
static_assert(sizeof(FileHeader) <= kHeaderSize);

// --- blocks ------------------------------------------------------------------------------------------------

enum class BlockKind : std::uint32_t {
  kNone = 0,
  kFrames = 1,
  kRecords = 2,
  kOpenSpans = 3,
  kDefinitions = 4,
  kOpenCalls = 5,
  kLeftOut = 6,
};

enum class BlockState : std::uint32_t {
  kFree = 0,    // payload is zero; a host takes it by compare-and-swap
  kOpen = 1,    // being written
  kSealed = 2,  // kRecords only: the writer has left it for good
};

struct BlockHeader {
  std::uint32_t magic;
  std::atomic<BlockKind> kind;  // threads of the host look at it while another takes the block
  std::atomic<BlockState> state;
  std::uint32_t generation;  // counts the block's uses
  std::uint32_t thread;      // number of the thread within the process, from 1; 0: belongs to no thread
  std::uint32_t tid;         // its kernel thread id
  std::uint32_t sequence;    // kRecords: counts the thread's blocks; kFrames: depth of the segment, from 0
  std::uint32_t reserved;
  std::uint64_t opened_ticks;           // when this use of the block began
  std::atomic<std::uint32_t> consumed;  // payload bytes that the exporter has done with (exporter writes)
  std::uint32_t reserved2;
  char thread_name[16];  // NUL-terminated, as prctl(PR_GET_NAME) gives it
};
static_assert(sizeof(BlockHeader) == kBlockHeaderSize);
static_assert(offsetof(BlockHeader, consumed) == 40);
static_assert(offsetof(BlockHeader, thread_name) == 48);

// --- spans -------------------------------------------------------------------------------------------------

// Values as OTLP numbers them.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };
enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

struct TraceId {
  std::uint64_t high;  // the first eight bytes of the id, as a big-endian number
  std::uint64_t low;
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// An open call on a thread's stack. 64 bytes, one cache line, and up to `trace` the same as FunctionSpan.
//
// A slot whose word is zero is not open, whatever else it holds.
struct Frame {
  std::atomic<std::uint32_t> word;
  std::uint32_t function;     // id of a FunctionRecord of the same journal
  std::uint64_t start_ticks;  // not set where kFlagSampled is not
  // As a big-endian number. In all kinds but kOpenFrame the id that new spans have as parent, or 0.
  std::uint64_t span_id;
  std::uint64_t parent_span_id;
  TraceId trace;  // all zero only where span_id is 0
  std::uint64_t stack_address;
  std::uint64_t call_site;
};
static_assert(sizeof(Frame) == 64);

// A finished call. Attributes follow where there are any, laid out as those of a SpanRecord.
struct FunctionSpan {
  std::atomic<std::uint32_t> word;
  std::uint32_t function;
  std::uint64_t start_ticks;
  std::uint64_t span_id;
  std::uint64_t parent_span_id;  // 0: a root
  TraceId trace;
  std::uint64_t end_ticks;
  EndKind end_kind;
  SpanStatus status;
  std::uint8_t reserved[2];
  std::uint32_t attributes_size;
};
static_assert(sizeof(FunctionSpan) == sizeof(Frame));
static_assert(offsetof(FunctionSpan, trace) == offsetof(Frame, trace));
static_assert(offsetof(FunctionSpan, end_ticks) == 48);

inline constexpr std::size_t kFramesPerBlock = (kBlockSize - kBlockHeaderSize) / sizeof(Frame);

// Why calls are left out of the trace.
enum class LeftOutReason : std::uint8_t {
  kTooShort = 1,   // LLMOBSERVE_MIN_DURATION
  kTooDeep = 2,    // LLMOBSERVE_MAX_DEPTH
  kThrottled = 3,  // LLMOBSERVE_THROTTLE
};

// How many calls of one function were left out for one reason; of several slots the sum. One thread adds.
struct LeftOut {
  std::atomic<std::uint64_t> key;  // left_out_key(); 0: the slot is free
  std::atomic<std::uint64_t> calls;
  std::atomic<std::uint64_t> ticks;  // that they took together; of calls within calls that are left out, none
  std::uint64_t reserved[5];
};
static_assert(sizeof(LeftOut) == sizeof(Frame));

constexpr std::uint64_t left_out_key(std::uint32_t function, LeftOutReason reason) {
  return std::uint64_t{function} << 8 | static_cast<std::uint64_t>(reason);
}

// Any span that is not a plain call. The fixed part is followed by name, status message and attributes, each
// of the size that is given, without padding between them.
struct SpanRecord {
  std::atomic<std::uint32_t> word;
  std::uint32_t attributes_size;
  std::uint64_t start_ticks;
  std::uint64_t span_id;
  std::uint64_t parent_span_id;
  TraceId trace;
  std::uint64_t end_ticks;  // 0 in an OpenSpan
  EndKind end_kind;
  SpanKind kind;
  SpanStatus status;
  std::uint8_t reserved;
  std::uint16_t name_size;
  std::uint16_t status_message_size;
};
static_assert(sizeof(SpanRecord) == 64);

// A span that is open outside any stack: a SpanRecord as far as it is known, end_ticks 0, in a slot of fixed
// size. The slot is free while its word is zero.
inline constexpr std::size_t kOpenSpanSize = 2048;
// The word of a slot that is taken and not filled yet.
inline constexpr std::uint32_t kClaimedSlot = make_word(kRecordAlignment, RecordKind::kNone);
inline constexpr std::size_t kOpenSpansPerBlock = (kBlockSize - kBlockHeaderSize) / kOpenSpanSize;

// Attributes follow each other without padding: AttributeHeader, key, value.
enum class AttributeType : std::uint8_t {
  kString = 1,   // value_size bytes, UTF-8 meant but not promised
  kBool = 2,     // one byte, 0 or 1
  kInt = 3,      // eight bytes, signed
  kDouble = 4,   // eight bytes, IEEE 754
  kStrings = 5,  // any number of: four bytes of size, then so many bytes
  // These become something else than an attribute.
  kStack = 6,  // any number of CodeAddress: return addresses of calls, the innermost first
  kEvent = 7,  // an event of the span, its key is its name: eight bytes of ticks, then its attributes
  kLink = 8,   // a link of the span, its key says to what: Link, its tracestate, then its attributes
};

// An instruction: its address in the ELF file of a module.
struct CodeAddress {
  std::uint32_t module;  // id of a ModuleRecord of the same journal
  std::uint32_t reserved;
  std::uint64_t address;  // run-time address - load_bias
};
static_assert(sizeof(CodeAddress) == 16);

// A span that another one has to do with and is no child of.
struct Link {
  TraceId trace;
  std::uint64_t span_id;
  std::uint32_t flags;  // kFlag*: W3C trace flags, kFlagParentRemote for a span of another process
  std::uint32_t tracestate_size;
};
static_assert(sizeof(Link) == 32);

struct AttributeHeader {
  AttributeType type;
  std::uint8_t reserved;
  std::uint16_t key_size;
  std::uint32_t value_size;
};
static_assert(sizeof(AttributeHeader) == 8);

// --- definitions -------------------------------------------------------------------------------------------

// Followed by path and build id.
struct ModuleRecord {
  std::atomic<std::uint32_t> word;
  std::uint32_t module;      // its id, from 0
  std::uint64_t load_bias;   // run-time address = load_bias + address in the ELF file
  std::uint64_t text_start;  // run-time addresses of its executable part
  std::uint64_t text_end;
  std::uint16_t path_size;
  std::uint16_t build_id_size;
  std::uint32_t reserved;
};
static_assert(sizeof(ModuleRecord) == 40);

// Followed by the qualified name.
struct FunctionRecord {
  std::atomic<std::uint32_t> word;
  std::uint32_t function;  // its id, from 0
  std::uint32_t module;
  std::uint32_t name_size;
  std::uint64_t address;  // in the ELF file: run-time address - load_bias
};
static_assert(sizeof(FunctionRecord) == 24);

// Something that the user should know: a setting that could not be read. Followed by the text.
struct NoteRecord {
  std::atomic<std::uint32_t> word;
  std::uint32_t text_size;
};
static_assert(sizeof(NoteRecord) == 8);

constexpr std::size_t aligned_record_size(std::size_t bytes) {
  return (bytes + kRecordAlignment - 1) & ~(kRecordAlignment - 1);
}

}  // namespace llmo::journal
