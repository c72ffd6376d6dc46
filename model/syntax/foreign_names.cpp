#include "model/syntax/foreign_names.h"

namespace quiesce::model::syntax {
namespace {

using As = ForeignName::As;

constexpr std::string_view kNoInitialisation =
    "there is nothing to initialise: instances are members of a machine and exist from the beginning, with the "
    "arguments that stand there";
constexpr std::string_view kNoDuration =
    "time has no length, so leave it out: anything may happen between two statements anyway";
constexpr std::string_view kNoOutput = "nothing is printed, so leave it out: the report shows what happens in a run";
constexpr std::string_view kEvent = "of a member 'done: std.Event()'";
constexpr std::string_view kMemory = "of a member 'buffer: wdm.Context()', or of an 'object machine' of your own";
constexpr std::string_view kRegisters =
    "registers have no names here: call what the access does to the device, also 'hw.enable()' and 'hw.disable()'";
constexpr std::string_view kMutex = "of a member 'lock: mutex'; 'with lock { ... }' releases it by itself";
constexpr std::string_view kSpinlock =
    "of a member 'lock: spinlock(DISPATCH)'; 'with lock { ... }' releases it by itself";
constexpr std::string_view kRoutine =
    "the library has no such routine ('quiesce doc wdm' lists its own): write what it does to the variables of the "
    "design";

std::vector<ForeignName> make_table() {
  return {
      // Levels.
      {"PASSIVE_LEVEL", As::Value, "PASSIVE", ""},
      {"LOW_LEVEL", As::Value, "PASSIVE", ""},
      {"APC_LEVEL", As::Value, "APC", ""},
      {"DISPATCH_LEVEL", As::Value, "DISPATCH", ""},
      {"DIRQL", As::Value, "5", "the level of a device is a number from 3 on, the same as that of its line"},
      {"HIGH_LEVEL", As::Value, "31", "levels above DISPATCH are numbers"},
      {"IPI_LEVEL", As::Value, "29", "levels above DISPATCH are numbers"},
      {"CLOCK_LEVEL", As::Value, "28", "levels above DISPATCH are numbers"},
      {"PROFILE_LEVEL", As::Value, "27", "levels above DISPATCH are numbers"},
      {"KeRaiseIrql", As::Statement, "at DISPATCH { ... }",
       "which restores the level at its end; or 'raise DISPATCH', and 'lower old' with the level from before"},
      {"KfRaiseIrql", As::Statement, "at DISPATCH { ... }", "which restores the level at its end"},
      {"KeRaiseIrqlToDpcLevel", As::Statement, "at DISPATCH { ... }", "which restores the level at its end"},
      {"KeLowerIrql", As::Statement, "lower PASSIVE", "'at DISPATCH { ... }' restores the level by itself"},
      {"KfLowerIrql", As::Statement, "lower PASSIVE", "'at DISPATCH { ... }' restores the level by itself"},
      {"KeGetCurrentIrql", As::Value, "level()", ""},
      {"KeGetCurrentProcessorNumber*", As::Value, "cpu()", ""},
      {"PAGED_CODE", As::Statement, "assert level() < DISPATCH", ""},
      {"PagedCode", As::Statement, "assert level() < DISPATCH", ""},

      // Types.
      {"NTSTATUS", As::Type, "wdm.Status", ""},
      {"KIRQL", As::Type, "Level", ""},
      {"BOOLEAN", As::Type, "bool", ""},
      {"BOOL", As::Type, "bool", ""},
      {"Bool", As::Type, "bool", ""},
      {"KAFFINITY", As::Type, "set<Cpu>", ""},
      {"KSPIN_LOCK", As::Member, "guard: wdm.SpinLock()", "or 'guard: spinlock(DISPATCH)', which knows its level"},
      {"PKSPIN_LOCK", As::Type, "ref wdm.SpinLock", ""},
      {"KDPC", As::Member, "late: wdm.Dpc(routine)", ""},
      {"PKDPC", As::Type, "ref wdm.Dpc", ""},
      {"KTIMER", As::Member, "watchdog: wdm.Timer(dpc)", ""},
      {"PKTIMER", As::Type, "ref wdm.Timer", ""},
      {"KEVENT", As::Member, "finished: std.Event()", ""},
      {"PKEVENT", As::Type, "ref std.Event", ""},
      {"KMUTEX", As::Member, "owner: mutex", ""},
      {"FAST_MUTEX", As::Member, "owner: mutex", ""},
      {"KGUARDED_MUTEX", As::Member, "owner: mutex", ""},
      {"ERESOURCE", As::Member, "owner: mutex", "readers and writers are not distinguished"},
      {"KINTERRUPT", As::Member, "connection: wdm.InterruptObject(line, isr)", ""},
      {"PKINTERRUPT", As::Type, "ref wdm.InterruptObject", ""},
      {"IO_WORKITEM", As::Member, "later: wdm.WorkItem(routine)", ""},
      {"PIO_WORKITEM", As::Type, "ref wdm.WorkItem", ""},
      {"WORK_QUEUE_ITEM", As::Member, "later: wdm.WorkItem(routine)", ""},
      {"EX_RUNDOWN_REF", As::Member, "users: std.Rundown()", ""},
      {"Mutex", As::Member, "owner: mutex", ""},
      {"Spinlock", As::Member, "guard: spinlock(DISPATCH)", ""},
      {"Lock", As::Member, "owner: mutex", "which blocks; 'guard: spinlock(DISPATCH)' raises the level and spins"},
      {"Event", As::Member, "finished: std.Event()", ""},
      {"LIST_ENTRY", As::Type, "queue<bool, 4>", "with what it holds, and how many at most"},
      {"PDEVICE_OBJECT", As::Type, "ref wdm.DeviceObject", ""},

      // Results.
      {"NT_SUCCESS", As::Value, "status == STATUS_SUCCESS", ""},
      {"STATUS_*", As::Value, "STATUS_UNSUCCESSFUL",
       "'wdm.Status' has only the results that the library distinguishes"},

      // Things with a life of their own.
      {"KeInitialize*", As::Nothing, "", kNoInitialisation},
      {"ExInitialize*", As::Nothing, "", kNoInitialisation},
      {"IoInitialize*", As::Nothing, "", kNoInitialisation},
      {"InitializeListHead", As::Nothing, "", kNoInitialisation},
      {"IoAllocateWorkItem", As::Nothing, "", kNoInitialisation},
      {"ExAllocatePool*", As::Statement, "init buffer", kMemory},
      {"malloc", As::Statement, "init buffer", kMemory},
      {"calloc", As::Statement, "init buffer", kMemory},
      {"kmalloc", As::Statement, "init buffer", kMemory},
      {"kzalloc", As::Statement, "init buffer", kMemory},
      {"ExFreePool*", As::Statement, "free buffer", kMemory},
      {"kfree", As::Statement, "free buffer", kMemory},
      {"memcpy", As::Statement, "buffer.touch()", kMemory},
      {"memset", As::Statement, "buffer.touch()", kMemory},
      {"RtlCopyMemory", As::Statement, "buffer.touch()", kMemory},
      {"RtlMoveMemory", As::Statement, "buffer.touch()", kMemory},
      {"RtlFillMemory", As::Statement, "buffer.touch()", kMemory},
      {"RtlZeroMemory", As::Statement, "buffer.touch()", kMemory},

      // Waiting, and locks.
      {"KeWaitForSingleObject", As::Statement, "done.wait()", kEvent},
      {"KeWaitForMultipleObjects", As::Statement, "await done.signalled && other.signalled",
       "of members 'done: std.Event()' and 'other: std.Event()'; with '||' for any of them"},
      {"KeSetEvent", As::Statement, "done.signal()", kEvent},
      {"KeClearEvent", As::Statement, "done.reset()", kEvent},
      {"KeResetEvent", As::Statement, "done.reset()", kEvent},
      {"KeReadStateEvent", As::Value, "done.signalled", kEvent},
      {"wait_for_completion", As::Statement, "done.wait()", kEvent},
      {"complete", As::Statement, "done.signal()", kEvent},
      {"KeDelayExecutionThread", As::Nothing, "", kNoDuration},
      {"KeStallExecutionProcessor", As::Nothing, "", kNoDuration},
      {"Sleep", As::Nothing, "", kNoDuration},
      {"sleep", As::Nothing, "", kNoDuration},
      {"msleep", As::Nothing, "", kNoDuration},
      {"mdelay", As::Nothing, "", kNoDuration},
      {"udelay", As::Nothing, "", kNoDuration},
      {"usleep", As::Nothing, "", kNoDuration},
      {"delay", As::Nothing, "", kNoDuration},
      {"wait", As::Statement, "await ready", "with the condition that ends the wait"},
      {"KeAcquireInStackQueuedSpinLock", As::Statement, "var old = wdm.KeAcquireSpinLock(gate)",
       "of a member 'gate: wdm.SpinLock()'"},
      {"KeReleaseInStackQueuedSpinLock", As::Statement, "wdm.KeReleaseSpinLock(gate, PASSIVE)",
       "with the level that 'wdm.KeAcquireSpinLock' gave"},
      {"ExAcquireFastMutex*", As::Statement, "acquire lock", kMutex},
      {"ExReleaseFastMutex*", As::Statement, "release lock", kMutex},
      {"KeAcquireGuardedMutex*", As::Statement, "acquire lock", kMutex},
      {"KeReleaseGuardedMutex*", As::Statement, "release lock", kMutex},
      {"KeReleaseMutex", As::Statement, "release lock", kMutex},
      {"ExAcquireResource*", As::Statement, "acquire lock", kMutex},
      {"ExReleaseResource*", As::Statement, "release lock", kMutex},
      {"mutex_lock*", As::Statement, "acquire lock", kMutex},
      {"mutex_unlock", As::Statement, "release lock", kMutex},
      {"spin_lock*", As::Statement, "acquire lock", kSpinlock},
      {"spin_unlock*", As::Statement, "release lock", kSpinlock},
      {"synchronized", As::Statement, "with lock { ... }", "of a member 'lock: spinlock(DISPATCH)' or 'lock: mutex'"},

      // Memory order, single steps, registers.
      {"Interlocked*", As::Statement, "count += 1", "one statement is one step; several are one in 'atomic { ... }'"},
      {"KeMemoryBarrier*", As::Nothing, "", "memory is sequentially consistent, so leave it out"},
      {"MemoryBarrier", As::Nothing, "", "memory is sequentially consistent, so leave it out"},
      {"smp_*", As::Nothing, "", "memory is sequentially consistent, so leave it out"},
      {"READ_REGISTER_*", As::Statement, "hw.acknowledge()", kRegisters},
      {"WRITE_REGISTER_*", As::Statement, "hw.acknowledge()", kRegisters},
      {"READ_PORT_*", As::Statement, "hw.acknowledge()", kRegisters},
      {"WRITE_PORT_*", As::Statement, "hw.acknowledge()", kRegisters},

      // Work for later, threads.
      {"IoRequestDpc", As::Statement, "wdm.KeInsertQueueDpc(dpc)", "of a member 'dpc: wdm.Dpc(routine)'"},
      {"ExQueueWorkItem", As::Statement, "wdm.IoQueueWorkItem(item)", "of a member 'item: wdm.WorkItem(routine)'"},
      {"PsCreateSystemThread", As::Member, "thread worker { ... }",
       "a thread always exists; let it begin with 'await'"},
      {"PsTerminateSystemThread", As::Nothing, "", "a thread ends at its last statement, or with 'return'"},

      // What leaves no trace in a design.
      {"DbgPrint*", As::Nothing, "", kNoOutput},
      {"KdPrint*", As::Nothing, "", kNoOutput},
      {"printf", As::Nothing, "", kNoOutput},
      {"print", As::Nothing, "", kNoOutput},
      {"println", As::Nothing, "", kNoOutput},
      {"printk", As::Nothing, "", kNoOutput},
      {"UNREFERENCED_PARAMETER", As::Nothing, "", "nothing needs to be mentioned, so leave it out"},
      {"ASSERT", As::Statement, "assert ready", ""},
      {"NT_ASSERT", As::Statement, "assert ready", ""},
      {"KeBugCheck*", As::Statement, "assert false", ""},
      {"panic", As::Statement, "assert false", ""},

      // Words of other languages.
      {"this", As::Value, "self", ""},
      {"min", As::Value, "count < 2 ? count : 2", ""},
      {"max", As::Value, "count > 2 ? count : 2", ""},
      {"sizeof", As::Nothing, "", "nothing has a size in bytes; how many a queue holds is 'q.length'"},
      {"range", As::Nothing, "", "a range is written 'lo..hi', as in 'for i in 0..3 { ... }'"},

      // The rest of the kernel's routines.
      {"Ke*", As::Nothing, "", kRoutine},
      {"Io*", As::Nothing, "", kRoutine},
      {"Ex*", As::Nothing, "", kRoutine},
      {"Mm*", As::Nothing, "", kRoutine},
      {"Ob*", As::Nothing, "", kRoutine},
      {"Ps*", As::Nothing, "", kRoutine},
      {"Po*", As::Nothing, "", kRoutine},
      {"Rtl*", As::Nothing, "", kRoutine},
      {"Zw*", As::Nothing, "", kRoutine},
      {"Wdf*", As::Nothing, "", kRoutine},
  };
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Whether `name` is `pattern` with something behind its '*'. A prefix that ends in a small letter is followed by a
/// new word, so that 'Keyboard' is no routine of the kernel.
bool fits(std::string_view name, std::string_view pattern) {
  if (!pattern.ends_with('*')) return name == pattern;
  const std::string_view start = pattern.substr(0, pattern.size() - 1);
  if (!name.starts_with(start)) return false;
  if (name.size() == start.size()) return true;
  const char next = name[start.size()];
  return start.back() == '_' || is_upper(next) || next == '_' || (next >= '0' && next <= '9');
}

}  // namespace

const std::vector<ForeignName>& foreign_names() {
  static const std::vector<ForeignName> table = make_table();
  return table;
}

const ForeignName* foreign_name(std::string_view name, bool exact) {
  const ForeignName* best = nullptr;
  for (const ForeignName& entry : foreign_names()) {
    if (exact && entry.name.ends_with('*')) continue;
    if (fits(name, entry.name) && (best == nullptr || entry.name.size() > best->name.size())) best = &entry;
  }
  return best;
}

std::string foreign_advice(const ForeignName& entry) {
  std::string text;
  if (entry.as == As::Member) text = "declare it in the machine: '" + std::string(entry.example) + "'";
  if (entry.as != As::Member && entry.as != As::Nothing) text = "write '" + std::string(entry.example) + "'";
  if (entry.note.empty()) return text;
  const bool of = entry.note.starts_with("of ") || entry.note.starts_with("which ") || entry.note.starts_with("with ");
  return text + (text.empty() ? "" : of ? ", " : "; ") + std::string(entry.note);
}

}  // namespace quiesce::model::syntax
