#include "checker/smt/solver.h"

#include <malloc.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <z3++.h>

#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

constexpr std::chrono::milliseconds kPoll{50};

/// A Z3 takes some MiB when it is made, which glibc would give back to the system with each and take again: two thirds
/// of the time of a recheck with some hundred questions. These are the limits to which glibc itself goes in the end.
void keep_freed_memory() {
#ifdef __GLIBC__
  static const bool once = mallopt(M_MMAP_THRESHOLD, 32 << 20) != 0 && mallopt(M_TRIM_THRESHOLD, 64 << 20) != 0;
  static_cast<void>(once);
#endif
}

/// Interrupts Z3 while it works, when `control` says so. Z3's own handler of Ctrl-C is off, so that the command's is
/// the only one.
class Watch {
 public:
  Watch(z3::context& context, const SearchControl& control)
      : context_(context), control_(control), thread_([this] { run(); }) {}
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void begin() { set(true); }
  void end() { set(false); }

 private:
  void set(bool works) {
    {
      const std::lock_guard lock(mutex_);
      works_ = works;
    }
    if (works) changed_.notify_all();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ends_ || works_; });
      if (ends_) return;
      if (control_.reason() != LimitKind::None) context_.interrupt();
      changed_.wait_for(lock, kPoll, [this] { return ends_; });
    }
  }

  z3::context& context_;
  const SearchControl& control_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool works_ = false;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace

struct Solver::Z3 {
  Z3(const SearchControl& the_control, Kind kind)
      : control(the_control),
        // QF_FD, Z3's incremental solver for finite domains, took four times as long for many small questions.
        solver(kind == Kind::Thorough   ? z3::solver(context, "QF_BV")
               : kind == Kind::Integers ? z3::solver(context)
                                        : z3::solver(context, z3::solver::simple())),
        watch(context, the_control) {
    set_time(std::nullopt);
  }

  void set_time(std::optional<std::chrono::milliseconds> most) {
    z3::params params(context);
    params.set("ctrl_c", false);
    params.set("timeout", most ? static_cast<unsigned>(most->count()) : ~0u);
    solver.set(params);
    time = most;
  }

  const z3::expr& at(Term term) const { return terms[term.number]; }

  Term keep(const z3::expr& expr) {
    terms.push_back(expr);
    return {static_cast<std::uint32_t>(terms.size() - 1)};
  }

  z3::expr_vector vector_of(const std::vector<Term>& some) {
    z3::expr_vector result(context);
    for (const Term term : some) result.push_back(at(term));
    return result;
  }

  const SearchControl& control;
  z3::context context;
  z3::solver solver;
  std::vector<z3::expr> terms;
  std::vector<Term> asked;  // by the last check(), beside what was asserted
  std::optional<z3::model> model;
  std::optional<std::chrono::milliseconds> time;  // as Z3 knows it
  Watch watch;
};

Solver::Solver(const SearchControl& control, Kind kind) {
  keep_freed_memory();
  z3_ = std::make_unique<Z3>(control, kind);
}
Solver::~Solver() = default;

std::vector<Term> Solver::read(const std::string& smtlib2) {
  std::vector<Term> result;
  try {
    for (const z3::expr& formula : z3_->context.parse_string(smtlib2.c_str())) {
      const bool is_value = formula.is_app() && formula.decl().name().kind() == Z3_STRING_SYMBOL &&
                            formula.decl().name().str() == "value" && formula.num_args() == 1;
      result.push_back(z3_->keep(is_value ? formula.arg(0) : formula));
    }
  } catch (const z3::exception& problem) {
    QUIESCE_CHECK(false) << "Z3 cannot read a text of ours: " << problem.msg();
  }
  return result;
}

Term Solver::negation(Term formula) { return z3_->keep(!z3_->at(formula)); }
Term Solver::all_of(const std::vector<Term>& formulas) { return z3_->keep(z3::mk_and(z3_->vector_of(formulas))); }
Term Solver::any_of(const std::vector<Term>& formulas) { return z3_->keep(z3::mk_or(z3_->vector_of(formulas))); }

Term Solver::is(Term term, std::int64_t value) {
  const z3::expr& expr = z3_->at(term);
  if (expr.is_bool()) return value != 0 ? term : negation(term);
  return z3_->keep(expr == z3_->context.bv_val(value, expr.get_sort().bv_size()));
}

Term Solver::at_most(Term number, std::int64_t value) {
  const z3::expr& expr = z3_->at(number);
  return z3_->keep(z3::sle(expr, z3_->context.bv_val(value, expr.get_sort().bv_size())));
}

Term Solver::at_least(Term number, std::int64_t value) {
  const z3::expr& expr = z3_->at(number);
  return z3_->keep(z3::sge(expr, z3_->context.bv_val(value, expr.get_sort().bv_size())));
}

void Solver::assert_that(Term formula) { z3_->solver.add(z3_->at(formula)); }

Answer Solver::check(const std::vector<Term>& also, std::optional<std::chrono::milliseconds> time) {
  z3_->model.reset();
  z3_->asked = also;
  if (z3_->control.reason() != LimitKind::None) return Answer::Unknown;
  try {
    if (time != z3_->time) z3_->set_time(time);
    z3_->watch.begin();
    const z3::check_result answer = z3_->solver.check(z3_->vector_of(also));
    z3_->watch.end();
    if (answer == z3::sat) z3_->model = z3_->solver.get_model();
    return answer == z3::sat ? Answer::Satisfiable : answer == z3::unsat ? Answer::Unsatisfiable : Answer::Unknown;
  } catch (const z3::exception&) {  // interrupted, or out of memory
    z3_->watch.end();
    z3_->model.reset();
    return Answer::Unknown;
  }
}

std::int64_t Solver::value(Term term) const {
  QUIESCE_CHECK(z3_->model.has_value()) << "there is no model";
  const z3::expr value = z3_->model->eval(z3_->at(term), true);
  if (value.is_bool()) return value.is_true() ? 1 : 0;
  const unsigned width = value.get_sort().bv_size();
  const std::uint64_t bits = value.get_numeral_uint64();
  const bool negative = (bits >> (width - 1) & 1) != 0;
  return static_cast<std::int64_t>(negative && width < 64 ? bits | ~std::uint64_t{0} << width : bits);
}

std::optional<std::int64_t> Solver::integer(Term term) const {
  QUIESCE_CHECK(z3_->model.has_value()) << "there is no model";
  std::int64_t value = 0;
  if (!z3_->model->eval(z3_->at(term), true).is_numeral_i64(value)) return std::nullopt;
  return value;
}

std::vector<Term> Solver::core() const {
  std::vector<Term> result;
  const z3::expr_vector used = z3_->solver.unsat_core();
  for (const Term term : z3_->asked) {
    for (unsigned i = 0; i < used.size(); ++i) {
      if (z3::eq(used[static_cast<int>(i)], z3_->at(term))) {
        result.push_back(term);
        break;
      }
    }
  }
  return result;
}

std::string solver_version() {
  unsigned major = 0, minor = 0, build = 0, revision = 0;
  Z3_get_version(&major, &minor, &build, &revision);
  return fmt::format("{}.{}.{}", major, minor, build);
}

}  // namespace quiesce::checker
