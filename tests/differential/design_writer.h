// The inside of random_design.h: what the generator knows about a design while it writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/differential/random.h"
#include "tests/differential/random_design.h"

namespace quiesce {

/// A type of the language, as far as the generator uses them.
struct DesignType {
  enum class Kind { Bool, Int, Enum, Level, Cpu, Struct, Array, Set, Queue, Ref };
  Kind kind = Kind::Bool;
  bool optional = false;
  std::int64_t lo = 0, hi = 0;                  // Int; Queue: hi is its capacity
  std::string name;                             // Enum, Struct, Ref
  std::shared_ptr<const DesignType> element{};  // Array, Set, Queue
  std::shared_ptr<const DesignType> index{};    // Array

  bool operator==(const DesignType& other) const { return text() == other.text(); }
  std::string text() const;
  DesignType value() const;  // without '?'
  DesignType or_null() const;

  static DesignType boolean() { return {}; }
  static DesignType integer(std::int64_t lo, std::int64_t hi);
  static DesignType level();
  static DesignType cpu();
  static DesignType of(Kind kind, std::string name);
};

struct DesignVariable {
  std::string name;
  DesignType type;
  bool writable = true;
};

struct DesignFunction {
  enum class Form { Expression, Atomic, Steps };
  std::string name;
  Form form = Form::Steps;
  std::vector<DesignType> parameters{};
  std::optional<DesignType> result{};
  bool waits = false;     // may only be called below the pin level
  bool executes = false;  // asks level() or cpu(): not for actions and conditions
  bool locks = false;     // takes locks: not while one is held
};

struct DesignLock {
  std::string name;
  bool is_mutex = false;
  int level = -1;  // of a spin lock that has one
};

struct DesignHandover {
  std::string name;
  std::optional<DesignType> type{};  // of what passes; none: nothing does
};

struct DesignMachine;

/// A way to a machine: the text before what it declares ("", "box.", "boxes[1].").
struct DesignReach {
  std::string prefix;
  const DesignMachine* machine = nullptr;
};

struct DesignMachine {
  std::string name;
  bool is_object = false;
  bool is_client = false;  // implements Client
  std::vector<DesignVariable> variables{};
  std::vector<DesignFunction> functions{};
  std::vector<DesignLock> locks{};
  std::vector<DesignHandover> handovers{};
  std::vector<std::string> threads{};
  std::vector<std::string> handlers{};
  std::vector<std::string> actions{};
  std::vector<std::string> labels{};
  std::vector<DesignReach> inner{};  // instances and references in it, with their prefixes
};

/// Where a statement or an expression stands.
struct DesignPlace {
  DesignMachine* own = nullptr;  // null: a function of the module
  std::vector<DesignVariable> locals{};
  bool executes = false;  // in a context or a function of one: level() and cpu() have a meaning
  bool asks_cpu = true;   // cpu() may be asked for; not in conditions to wait for
  bool in_step = false;   // inside atomic, an atomic function, an action
  bool in_action = false;
  bool in_function = false;
  bool in_thread = false;
  bool may_wait = false;   // below the pin level for certain
  bool in_loop = false;    // break and continue may stand here
  bool may_return = true;  // no block around that must be left at its end
  int level = -1;          // of the context here; -1: not known
  int depth = 0;           // blocks around
  std::optional<DesignType> result{};
  std::vector<std::string> held{};  // locks
};

class DesignWriter {
 public:
  DesignWriter(std::uint64_t seed, int size, bool has_formulas = false, bool counts_steps = true)
      : random_(seed), size_(size), has_formulas_(has_formulas), counts_steps_(counts_steps) {}
  /// From now on contexts also give and take.
  void use_hand_overs() { hands_over_ = true; }
  DesignLines write();

 private:
  // random_design.cpp: declarations
  void declarations();
  void interface_and_functions();
  DesignMachine& machine(const std::string& name);
  void box_machine();
  void object_machine();
  void worker_machine();
  void system();
  void checks();
  void variables(DesignMachine& m, DesignLines& out, int count, bool of_system);
  void locks(DesignMachine& m, DesignLines& out);
  void handovers(DesignMachine& m, DesignLines& out);
  void functions(DesignMachine& m, DesignLines& out, int count);
  DesignLine function(DesignMachine* m, const std::string& name, DesignFunction& f);
  void thread(DesignMachine& m, DesignLines& out, bool may_begin_pinned);
  void handler(DesignMachine& m, DesignLines& out);
  void action(DesignMachine& m, DesignLines& out);
  void properties(DesignMachine& m, DesignLines& out, int count);
  std::string initial(const DesignType& type, bool of_system);
  std::string fairness();

  // design_monitors.cpp
  void monitors(DesignMachine& m, DesignLines& out);
  std::string monitor(const DesignReach* subject, const DesignReach* other);
  DesignLine transition(DesignMachine& monitor, const std::string& event);
  void monitor_statements(DesignLines& out, DesignPlace& here, int count);
  std::vector<std::string> events(const DesignPlace& here);

  // design_formulas.cpp
  void formulas(DesignMachine& m, DesignLines& out);
  void agreeing_monitor(DesignMachine& m, DesignLines& out);
  std::string formula(const DesignPlace& here, const std::vector<std::string>& events, int depth);

  // design_expressions.cpp
  DesignType any_type(int depth, bool of_system);
  DesignType scalar_type();
  std::string value(const DesignType& type, const DesignPlace& here, int depth);
  std::string condition(const DesignPlace& here, int depth);
  std::string atom(const DesignPlace& here, int depth);
  std::string quantifier(const DesignPlace& here, int depth);
  std::string number(const DesignPlace& here, int depth);
  std::string constant(const DesignType& type);
  struct Found {
    std::string text;
    DesignType type;
  };
  std::optional<Found> find(const DesignPlace& here, const std::function<bool(const DesignType&)>& wanted,
                            bool to_write);
  std::optional<Found> find_type(const DesignPlace& here, const DesignType& type, bool to_write);
  std::vector<DesignReach> reaches(const DesignPlace& here) const;
  std::string arguments(const DesignFunction& f, const DesignPlace& here);

  // design_statements.cpp
  struct Statement {
    int weight;
    bool in_step;  // may stand inside a step
    bool (DesignWriter::*write)(DesignLines&, DesignPlace&);
    bool hands_over = false;
  };
  static const std::vector<Statement>& kinds_of_statements();
  bool may_stand(const Statement& kind, const DesignPlace& here) const {
    return (!here.in_step || kind.in_step) && (hands_over_ || !kind.hands_over);
  }
  void statements(DesignLines& out, DesignPlace& here, int count);
  void statement(DesignLines& out, DesignPlace& here);
  void line(DesignLines& out, const DesignPlace& here, std::string text);
  DesignLine block(const std::string& head, const DesignPlace& here, int count);
  bool assign(DesignLines& out, DesignPlace& here);
  bool count_up(DesignLines& out, DesignPlace& here);
  bool change_collection(DesignLines& out, DesignPlace& here);
  bool declare_local(DesignLines& out, DesignPlace& here);
  bool call(DesignLines& out, DesignPlace& here);
  bool call_reference(DesignLines& out, DesignPlace& here);
  bool branch(DesignLines& out, DesignPlace& here);
  bool while_loop(DesignLines& out, DesignPlace& here);
  bool endless_loop(DesignLines& out, DesignPlace& here);
  bool for_constant(DesignLines& out, DesignPlace& here);
  bool for_collection(DesignLines& out, DesignPlace& here);
  bool for_cpus(DesignLines& out, DesignPlace& here);
  bool either(DesignLines& out, DesignPlace& here);
  bool choose(DesignLines& out, DesignPlace& here);
  bool await(DesignLines& out, DesignPlace& here);
  bool spin(DesignLines& out, DesignPlace& here);
  bool atomic(DesignLines& out, DesignPlace& here);
  bool with_lock(DesignLines& out, DesignPlace& here);
  bool hand_over(DesignLines& out, DesignPlace& here);
  std::string give_or_take(const DesignPlace& here, bool gives, const std::string& name, const DesignHandover& one);
  bool change_level(DesignLines& out, DesignPlace& here);
  bool on_cpu(DesignLines& out, DesignPlace& here);
  bool judge(DesignLines& out, DesignPlace& here);
  bool leave(DesignLines& out, DesignPlace& here);
  bool pass(DesignLines& out, DesignPlace& here);
  bool life(DesignLines& out, DesignPlace& here);

  std::string fresh(const std::string& stem) { return stem + std::to_string(++names_); }

  Random random_;
  int size_;
  bool has_formulas_;
  bool counts_steps_;  // formulas: events, next, previously
  bool hands_over_ = false;
  int names_ = 0;
  int pin_ = 2;
  int cpus_ = 1;
  int threads_left_ = 3;
  int handlers_left_ = 3;
  bool uses_std_ = false;
  bool has_client_ = false;
  bool no_locks_ = false;              // in functions that are called in unknown places
  DesignFunction* writing_ = nullptr;  // what the function being written does, collected on the way
  DesignLines lines_;
  DesignMachine module_;                        // constants and functions of the module
  DesignMachine event_, work_item_, deferred_;  // of std
  std::vector<std::unique_ptr<DesignMachine>> machines_;
  std::vector<std::string> rules_;
};

}  // namespace quiesce
