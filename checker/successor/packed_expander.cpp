#include "checker/successor/packed_expander.h"

#include "checker/successor/state_filter.h"
#include "checker/successor/step_counter.h"
#include "checker/successor/table_expander.h"

namespace quiesce::checker {

/// Receives the outcomes of one state: packs them, and counts the distinct steps among them.
class PackedExpander::Steps : public SuccessorSink {
 public:
  explicit Steps(const PackedSystem& system)
      : system_(system),
        words_(system.packing().words()),
        generator_(system.compiled()),
        packer_(system),
        cells_(system.packing().cells()),
        counter_(words_) {
    system.packing().unpack_constants(cells_.data());
  }

  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain) {
    out_ = &out;
    drain_ = drain;
    for (source_ = 0; source_ < count; ++source_) {
      outcomes_ = 0;
      state_ = states + source_ * words_;
      system_.packing().unpack_fields(state_, cells_.data());
      counter_.begin_state();
      generator_.expand(cells_.data(), *this);
    }
  }

  bool is_wanted() override {
    if (drain_ == nullptr) return true;
    if (!drain_->drain(*out_)) return false;
    // Steps that may repeat are few, but they are compared with states that have to stay.
    if (!counter_.is_empty()) return true;
    out_->states.clear();
    out_->origins.clear();
    return true;
  }

  void on_successor(const SuccessorView& view) override {
    if (++outcomes_ % kDrainOutcomes == 0 && !is_wanted()) return generator_.stop();
    for (std::int32_t check : *view.failed) out_->failed.push_back({static_cast<std::uint32_t>(source_), check});
    if (out_->wants_origins) {
      (view.ends_run() ? out_->ends : out_->origins)
          .push_back({static_cast<std::uint32_t>(source_), view.actor, view.cpu});
    }
    if (view.ends_run()) return;
    const std::size_t at = out_->states.size();
    out_->states.resize(at + words_);
    packer_.pack(state_, view, out_->states.data() + at);
    if (!view.may_repeat || counter_.is_new(view, out_->states.data(), at)) ++out_->steps;
  }

  const std::vector<bool>& exercised() const { return generator_.exercised(); }

 private:
  const PackedSystem& system_;
  const std::size_t words_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::int32_t> cells_;
  PackedSuccessors* out_ = nullptr;
  SuccessorDrain* drain_ = nullptr;
  std::uint32_t outcomes_ = 0;  // of the state being expanded
  std::size_t source_ = 0;
  const std::uint64_t* state_ = nullptr;
  StepCounter counter_;
};

namespace {

/// The cells that exchanges of instances move, and those whose numbers they rename.
CellExchanges exchanges_of(const InstanceSymmetry& symmetry) {
  CellExchanges result;
  if (symmetry.is_trivial()) return result;
  result.is_exact = false;  // instance_form.h promises a renaming of the state, not that it is the only one
  for (const InterchangeableClass& one : symmetry.classes) {
    for (const MemberExchange& exchange : one.exchange.front()) {
      result.exchanged.insert(result.exchanged.end(), exchange.cells.begin(), exchange.cells.end());
    }
  }
  for (std::uint32_t cell = 0; cell < symmetry.naming.size(); ++cell) {
    if (symmetry.naming[cell] != kNoNames) result.renamed.push_back(cell);
  }
  return result;
}

}  // namespace

PackedSystem::PackedSystem(const model::TransitionSystem& system, const ExpanderOptions& options)
    : compiled_(system),
      symmetry_(options.symmetry),
      derivation_(std::make_unique<CommandDerivation>(compiled_, exchanges_of(symmetry_))),
      packing_(system, derivation_->numbers()) {
  if (options.successors != Successors::Bytecode) {
    derivation_->fit(packing_);
    table_ =
        std::make_unique<CommandTable>(compiled_, packing_, *derivation_, options.vector_target, options.most_compared);
  }
  filter_ = std::make_unique<FilterTable>(compiled_, packing_, *derivation_, options.vector_target);
  derivation_.reset();
}

PackedSystem::~PackedSystem() = default;

PackedExpander::PackedExpander(const PackedSystem& system, Successors successors) : system_(system) {
  if (system.table() != nullptr && successors != Successors::Bytecode)
    table_ = std::make_unique<TableExpander>(system, *system.table());
}
PackedExpander::~PackedExpander() = default;

void PackedExpander::expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out,
                            SuccessorDrain* drain) {
  const bool is_in_order = out.wants_origins && !out.in_any_order;
  const bool has_no_origins = out.wants_origins && (drain != nullptr || table_ == nullptr || !table_->has_origins());
  if (table_ != nullptr && !is_in_order && !has_no_origins) return table_->expand(states, count, out, drain);
  if (steps_ == nullptr) steps_ = std::make_unique<Steps>(system_);
  steps_->expand(states, count, out, drain);
}

const std::vector<bool>& PackedExpander::exercised() {
  exercised_.assign(system_.compiled().code.checks.size(), false);
  const auto add = [this](const std::vector<bool>& checks) {
    for (std::size_t i = 0; i < checks.size(); ++i) exercised_[i] = exercised_[i] || checks[i];
  };
  if (table_ != nullptr) add(table_->exercised());
  if (steps_ != nullptr) add(steps_->exercised());
  return exercised_;
}

}  // namespace quiesce::checker
