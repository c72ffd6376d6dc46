// Where the time of a proof goes: CPU seconds of each phase of `quiesce prove --engine ic3`, for one case of one check.
//
//     bench_proof FILE CHECK [NAME=VALUE...]    CHECK: its number in the file, from 1; the values make it one case
//
// One line: name, bits, commands, then seconds of reading the design, of the guarded commands, of the engine (circuit,
// pair invariants, IC3), of the recheck by CaDiCaL and of the recheck by Z3; clauses of the invariant before and after
// it was made smaller, queries of IC3, frames. It runs until the proof is there; where the soft limit of CPU time ends
// (`ulimit -S -t`), it stops and says STOPPED, and how far it came.
#include <csignal>
#include <ctime>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "checker/evidence/recheck.h"
#include "checker/load.h"
#include "checker/result/search_control.h"
#include "checker/smt/initial_solver.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/invariant_check.h"
#include "checker/symbolic/pair_invariants.h"
#include "checker/symbolic/proof.h"

namespace {

using namespace quiesce;
using namespace quiesce::checker;

std::atomic<bool> is_over = false;
static_assert(std::atomic<bool>::is_always_lock_free);

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Seconds since it was last asked, printed.
class Phases {
 public:
  void done(const char* name) {
    const double now = cpu_seconds();
    fmt::print(" {} {:.3f}", name, now - last_);
    std::fflush(stdout);
    last_ = now;
  }

 private:
  double last_ = 0;
};

void measure(const std::string& file, const LoadOptions& options) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  const std::string name = file.substr(file.rfind('/') + 1);
  fmt::print("{}", name.substr(0, name.find('.')));
  Phases phases;
  const auto design = load_design(file, text.str(), options);
  if (!design->ok() || design->checks.empty() || design->checks.front().cases.empty()) return;
  phases.done("load");
  const auto guarded = guarded_by_solver(design->checks.front().cases.front().system);
  if (!guarded) return;
  phases.done("guarded");
  const SearchControl whole(Limits{}, &is_over);
  EngineControl control(whole, std::nullopt, &is_over);
  if (std::getenv("PHASES") != nullptr) {
    const auto encoding = encode(*guarded);
    phases.done("(encode");
    const RelationClauses relation = relation_clauses(*encoding);
    phases.done("relation");
    const auto pairs = pair_invariants(*guarded, *encoding, relation, control);
    phases.done("pairs)");
    fmt::print(" nodes {} commands {} classes {} given {} pairs {}", encoding->circuit.size(), guarded->commands.size(),
               encoding->classes, encoding->given.size(), pairs->size());
    fmt::print(" variables {} literals {}", relation.variables, relation.clauses.size());
  }
  ProofFacts facts = prove_symbolically(*guarded, {}, control);
  phases.done("engine");
  Proof& proof = *facts.proof;
  fmt::print(" bits {} clauses {} queries {} frames {}", proof.bits, proof.invariant.clauses.size(), proof.queries,
             proof.frames);
  if (facts.limit != LimitKind::None) return fmt::print(" STOPPED\n");
  auto part = check_invariant(*guarded, proof.invariant, proof.rules, InvariantPart::Sufficient, control);
  phases.done("cadical");
  if (is_over) return fmt::print(" STOPPED\n");
  const bool passed = part && part->has_value();
  if (passed) proof.invariant = std::move(**part);
  fmt::print(" of these needed {}", proof.invariant.clauses.size());
  const RecheckResult z3 = recheck(*guarded, proof.invariant, facts.unbroken, whole, [] { return true; });
  phases.done("z3");
  if (is_over) return fmt::print(" STOPPED\n");
  fmt::print(" {}{}\n", passed ? "ok" : "FAULT",
             z3.outcome == RecheckResult::Outcome::Accepted ? "" : " REFUSED " + z3.problem);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::signal(SIGXCPU, [](int) { is_over = true; });
  LoadOptions options;
  options.check = std::strtoul(argv[2], nullptr, 10);
  for (int i = 3; i < argc; ++i) {
    const std::string define = argv[i];
    const std::size_t at = define.find('=');
    options.defines[define.substr(0, at)] = define.substr(at + 1);
  }
  measure(argv[1], options);
}
