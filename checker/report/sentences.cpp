#include "checker/report/sentences.h"

#include <fmt/format.h>

#include "checker/result/numbers.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {
namespace {

using model::TransitionSystem;

/// Why even a search without limits cannot have shown that there is no violation; empty when it can.
std::string lossy_text(const Incomplete& why) {
  if (why.storage == Storage::Exact) return "";
  const char* storage = why.storage == Storage::Compact ? "compact" : "bitstate";
  if (why.missed_probability >= 0.995) return fmt::format("{} storage has probably missed states", storage);
  return fmt::format("{} storage may have missed states; chance at most {:.2g} %", storage,
                     why.missed_probability * 100);
}

std::string limit_text(const Incomplete& why) {
  const auto far = [&] {
    std::string text = fmt::format("after {}, depth {}", counted(why.states, "state"), grouped(why.depth));
    return why.is_hunt ? text : text + fmt::format(", {} not yet explored", counted(why.frontier, "state"));
  };
  switch (why.limit) {
    case LimitKind::None:
      if (why.after_first) return "not searched further after the first violation; search on with --all";
      return why.stopped_at_first ? "stopped at the first violation" : "";
    case LimitKind::Time:
      return "time limit reached " + far();
    case LimitKind::Memory:
      return "memory limit reached " + far();
    case LimitKind::States:
      return "limit on states reached " + far();
    case LimitKind::Depth:
      return "limit on depth reached " + far();
    case LimitKind::Interrupted:
      return "interrupted " + far();
  }
  return "";
}

std::string incomplete_text(const Incomplete& why) {
  std::string text = limit_text(why);
  if (why.is_hunt) {
    if (text.empty()) text = "a hunt finds violations, it cannot show that there are none";
  } else if (const std::string lossy = lossy_text(why); !lossy.empty()) {
    text += (text.empty() ? "" : "; ") + lossy;
  }
  return text + (why.is_witnessed ? "; a witness was found" : "");
}

std::string unprovable_text(const Unprovable& why) {
  switch (why.why) {
    case Unprovable::Why::NoFormula:
      return "no formula says it: only the explicit engine can decide it";
    case Unprovable::Why::WantsWitness:
      return "it wants a witness: only the explicit engine can decide it";
    case Unprovable::Why::MaybeIdle:
      return "no run breaks it, but whether it is ever exercised was not seen";
    case Unprovable::Why::OnlyShortRuns:
      return why.depth ? fmt::format("no run of at most {} breaks it", counted(*why.depth, "step"))
                       : "no run was tried";
    case Unprovable::Why::Stopped:
      if (why.limit == LimitKind::None)
        return "nothing was found that shows it for all values, nor a run that breaks it with the values tried";
      return std::string(why.limit == LimitKind::Time     ? "time limit reached"
                         : why.limit == LimitKind::Memory ? "memory limit reached"
                                                          : "interrupted") +
             " before a proof or a run was found";
    case Unprovable::Why::NoReplay:
      return "a run was claimed that does not replay: please report this mistake of quiesce";
  }
  return "";
}

}  // namespace

namespace {

std::string checkpoint_text(const CheckpointTrouble& trouble) {
  const std::string& path = trouble.path;
  switch (trouble.kind) {
    case CheckpointTrouble::Kind::NotWritten:
      return fmt::format("cannot write the checkpoint '{}': {}", path, trouble.why);
    case CheckpointTrouble::Kind::NotRead:
      return fmt::format("cannot read the checkpoint '{}': {}", path, trouble.why);
    case CheckpointTrouble::Kind::NotACheckpoint:
      return fmt::format("'{}' is not a checkpoint of quiesce: give the file that --checkpoint wrote", path);
    case CheckpointTrouble::Kind::OfAnotherVersion:
      return fmt::format("'{}' was written by another version of quiesce: start the search again", path);
    case CheckpointTrouble::Kind::OfAnotherSearch:
      return fmt::format(
          "'{}' belongs to another search: the design, its parameters, the rules asked for or an option that changes "
          "what is visited is not what it was; start the search again without --resume",
          path);
    case CheckpointTrouble::Kind::Damaged:
      return fmt::format("'{}' is damaged, or there is no memory for it: start the search again without --resume",
                         path);
  }
  return "";
}

std::string not_encoded_text(const NotEncoded& trouble) {
  switch (trouble.form) {
    case NotEncoded::Form::Formulas:
      return "the design cannot be said in formulas: " + trouble.why;
    case NotEncoded::Form::Bits:
      return "the design cannot be said in bits: " + trouble.why;
    case NotEncoded::Form::Abstraction:
      return "the numbers without bounds cannot be abstracted: " + trouble.why;
  }
  return "";
}

std::string not_confirmed_text(const NotConfirmed& trouble) {
  switch (trouble.what) {
    case NotConfirmed::What::Run:
      return fmt::format("internal error: the run that breaks '{}' does not replay: {}", trouble.rule, trouble.why);
    case NotConfirmed::What::ByCadical:
      return "internal error: " + trouble.why;
    case NotConfirmed::What::ByZ3:
      return "internal error: Z3 does not confirm the invariant: " + trouble.why;
  }
  return "";
}

const char* undecided_text(Undecided::Kind kind) {
  switch (kind) {
    case Undecided::Kind::NotSearched:
      return "this search looks at no infinite runs";
    case Undecided::Kind::TooLarge:
      return "its formula is too large";
    case Undecided::Kind::NotConfirmed:
      return "a loop was found that is fair only when activations of one handler are taken for one";
  }
  return "";
}

}  // namespace

std::string reason_text(const TransitionSystem& system, const Reason& reason) {
  return std::visit(Overloaded{
                        [](const std::monostate&) { return std::string(); },
                        [](const Incomplete& why) { return incomplete_text(why); },
                        [&](const CutOff& why) { return "cut off by " + system.at(why.by).name; },
                        [](const Undecided& why) { return std::string(undecided_text(why.kind)); },
                        [](const NoInitialState&) {
                          return std::string("there is no initial state: nothing fulfils every 'any where'");
                        },
                        [](const Unprovable& why) { return unprovable_text(why); },
                    },
                    reason);
}

std::string trouble_text(const std::optional<Trouble>& trouble) {
  if (!trouble) return "";
  return std::visit(
      Overloaded{
          [](const CheckpointTrouble& it) { return checkpoint_text(it); },
          [](const PartNotWritten& it) { return it.why; },
          [](const NotEncoded& it) { return not_encoded_text(it); },
          [](const NotConfirmed& it) { return not_confirmed_text(it); },
          [](const NeedsBounds& it) {
            return fmt::format("'{}' has no bounds: only --engine ic3 (or auto) can decide rules for all its values",
                               it.name);
          },
          [](const NotLeftOpen& it) {
            return fmt::format("no param '{0}' is left open: declare it as 'param {0}: int = any where ...'", it.param);
          },
      },
      *trouble);
}

std::string asymmetry_text(const Asymmetry& it) {
  using Kind = Asymmetry::Kind;
  switch (it.kind) {
    case Kind::NotSaid:
      return "";
    case Kind::TooMany:
      return "there are too many instances to compare";
    case Kind::NotOneToOne:
      return "their parts do not correspond one to one";
    case Kind::NoCounterpart:
      return fmt::format("'{}' has no counterpart '{}'", it.first, it.second);
    case Kind::Machines:
      return fmt::format("'{}' and '{}' are different machines", it.first, it.second);
    case Kind::OneHasLife:
      return fmt::format("only one of '{}' and '{}' has a life", it.first, it.second);
    case Kind::Parts:
      return fmt::format("'{}' and '{}' have different parts", it.first, it.second);
    case Kind::Locals:
      return fmt::format("'{}' and '{}' have different locals", it.first, it.second);
    case Kind::NoSuchPlace:
      return fmt::format("a place of '{}' has no counterpart", it.first);
    case Kind::SeveralActivations:
      return fmt::format("'{}' has several activations", it.first);
    case Kind::Types:
      return fmt::format("'{}' and '{}' have different types", it.first, it.second);
    case Kind::Values:
      return fmt::format("'{}' and '{}' hold different values", it.first, it.second);
    case Kind::Locks:
      return fmt::format("lock '{}' has no counterpart", it.first);
    case Kind::CpuArrays:
      return "an array over CPUs is taken apart";
    case Kind::TwoInitialValues:
      return fmt::format("'{}' has two initial values", it.first);
    case Kind::InitialValues:
      return fmt::format("'{}' and '{}' begin with different values", it.first, it.second);
    case Kind::InitialStates:
      return "the initial states differ";
    case Kind::Conditions:
      return fmt::format("a condition of '{}' has no counterpart", it.first);
    case Kind::Declarations:
      return fmt::format("'{}' and '{}' are declared differently", it.first, it.second);
    case Kind::StartConditions:
      return fmt::format("'{}' and '{}' start under different conditions", it.first, it.second);
    case Kind::StartCpus:
      return fmt::format("'{}' and '{}' start on different CPUs", it.first, it.second);
    case Kind::Waits:
      return fmt::format("a place of '{}' where it waits differs", it.first);
    case Kind::ActionConditions:
      return fmt::format("actions '{}' and '{}' happen under different conditions", it.first, it.second);
    case Kind::Writes:
      return fmt::format("'{}' and '{}' may write different things", it.first, it.second);
    case Kind::ActionWrites:
      return fmt::format("'{}' and its counterpart may write different things", it.first);
    case Kind::Steps:
      return fmt::format("a step of '{}' has no counterpart", it.first);
  }
  return "";
}

std::string hunt_text(const SearchResult& result) {
  if (!result.hunt) return "";
  const Hunt& hunt = *result.hunt;
  switch (hunt.kind) {
    case Hunt::Kind::RandomWalks:
      return fmt::format("{} with seed {}", counted(hunt.searches, "random walk"), hunt.seed);
    case Hunt::Kind::Swarm: {
      const std::string of = hunt.searches == hunt.planned
                                 ? grouped(hunt.planned)
                                 : fmt::format("{} of {}", grouped(hunt.searches), grouped(hunt.planned));
      return fmt::format("{} searches of a swarm with seed {}", of, hunt.seed);
    }
    case Hunt::Kind::FewInterruptions:
      return hunt.interruptions ? fmt::format("all runs with at most {}", counted(*hunt.interruptions, "interruption"))
                                : "a search of runs without interruptions, which did not see all of them";
    case Hunt::Kind::DepthFirst:
      break;
  }
  std::string text = "a depth-first search";
  if (result.storage != Storage::Exact) {
    const double missed = result.missed_probability;
    text += fmt::format(" with {} storage ({})", result.storage == Storage::Compact ? "compact" : "bitstate",
                        missed >= 0.995 ? "it has probably missed states"
                                        : fmt::format("chance that it missed a state: at most {:.2g} %", missed * 100));
  }
  if (hunt.depth) text += fmt::format(" down to depth {}", grouped(*hunt.depth));
  return text;
}

std::string proof_text(const Proof& proof) {
  if (proof.engine == Proof::Engine::Bounded) {
    return fmt::format("by bounded model checking over {}", counted(proof.bits, "bit"));
  }
  std::string text = fmt::format("by IC3 over {}, {}", counted(proof.bits, "bit"), counted(proof.frames, "frame"));
  if (proof.rules.empty()) return text;
  text += fmt::format("; an inductive invariant of {}", counted(proof.invariant.clauses.size(), "clause"));
  for (std::size_t i = 0; i < proof.rechecked.size(); ++i)
    text += (i == 0 ? ", rechecked by " : " and ") + proof.rechecked[i];
  return text;
}

namespace {

std::string difference_text(const TransitionSystem& system, const Difference& difference) {
  const char* const wanted = verdict_name(difference.wanted);
  if (!difference.found) {
    return fmt::format("'{}' should be {}, but it is not among the rules checked", difference.rule, wanted);
  }
  const std::string reason = reason_text(system, difference.reason);
  if (difference.alike > 1) {
    return fmt::format("{} other rules are unknown ({}), they should hold", difference.alike, reason);
  }
  const std::string found =
      *difference.found == Verdict::Holds ? "holds" : fmt::format("is {}", verdict_name(*difference.found));
  return fmt::format("'{}' {}{}, it should {}", difference.rule, found, reason.empty() ? "" : " (" + reason + ")",
                     difference.wanted == Verdict::Holds ? "hold" : fmt::format("be {}", wanted));
}

}  // namespace

std::string comparison_text(const TransitionSystem& system, const Comparison& comparison) {
  if (comparison.match == Match::Undecided) {
    const std::string reason = reason_text(system, comparison.undecided);
    return reason.empty() ? "undecided" : "undecided: " + reason;
  }
  std::string text;
  for (const Difference& difference : comparison.differences) {
    text += (text.empty() ? "" : "\n") + difference_text(system, difference);
  }
  return text;
}

}  // namespace quiesce::checker
