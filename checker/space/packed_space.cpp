#include "checker/space/packed_space.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/smt/initial_solver.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

PackedSpace::PackedSpace(std::shared_ptr<const PackedSystem> system)
    : packed_(std::move(system)),
      expander_(*packed_),
      packer_(*packed_),
      filter_(*packed_),
      judge_(packed_->compiled()),
      finder_(*packed_),
      cells_(packed_->packing().cells()) {
  for (const CompiledCheck& check : packed_->compiled().code.checks) {
    checks_.push_back({check.rule, check.span, check.message, {}});
  }
  look_for(whole_interest(packed_->system()));
}

std::string PackedSpace::layout() const { return fmt::format("{}", fmt::join(packed_->packing().layout(), " ")); }

void PackedSpace::add_exercised(std::vector<bool>& rules) {
  const std::vector<bool>& checks = expander_.exercised();
  for (std::size_t check = 0; check < checks.size(); ++check) {
    if (checks[check]) rules[checks_[check].rule.value] = true;
  }
}

void PackedSpace::initial(const std::function<bool(const std::uint64_t*)>& visit,
                          const std::function<bool()>& may_continue) {
  PackedState packed(words());
  const auto pack_and_visit = [&](const model::State& state) {
    packer_.pack(state.data(), packed.data());
    return visit(packed.data());
  };
  InitialSolver guide(packed_->system());
  model::Interpreter(packed_->system()).for_each_initial_state(pack_and_visit, may_continue, &guide);
}

void PackedSpace::look_for(const Interest& interest) {
  interest_ = interest;
  filter_.look_for(interest);
  judge_.look_for_atoms(interest.atoms);
  witnesses_.clear();
  triggers_.clear();
  for (const CompiledProperty& property : packed_->compiled().properties) {
    if (interest.witnesses[property.id.value]) witnesses_.push_back(&property);
    if (interest.triggers[property.id.value]) triggers_.push_back(&property);
  }
}

void PackedSpace::judge(const std::uint64_t* states, std::size_t count, Judgement& out) {
  maybe_.resize(count);
  filter_.may_show(states, count, maybe_.data());
  for (std::size_t i = 0; i < count; ++i) {
    if (maybe_[i] != 0 || !interest_.atoms.empty()) judge_one(states + i * words(), static_cast<std::uint32_t>(i), out);
  }
}

void PackedSpace::judge_one(const std::uint64_t* state, std::uint32_t position, Judgement& out) {
  packed_->packing().unpack(state, cells_.data());
  judge_.add_letters(cells_.data(), out.letters);
  if (judge_.violations(cells_.data(), position, interest_.rules, out)) out.ended.push_back(position);
  for (const CompiledProperty* property : witnesses_) {
    if (judge_.is_true(property->condition, cells_.data())) out.witnesses.push_back({position, property->id});
  }
  std::erase_if(triggers_, [&](const CompiledProperty* property) {
    const bool is_shown = judge_.is_true(property->trigger, cells_.data());
    if (is_shown) out.triggers.push_back({position, property->id});
    return is_shown;
  });
}

model::State PackedSpace::unpack(const std::uint64_t* state) const {
  model::State cells(packed_->packing().cells());
  packed_->packing().unpack(state, cells.data());
  return cells;
}

}  // namespace quiesce::checker
