#include "checker/space/packed_space.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/smt/initial_solver.h"
#include "model/base/scramble.h"
#include "model/interpret/interpreter.h"
#include "model/system/cell_set.h"
#include "model/system/traverse.h"

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

std::uint32_t PackedSpace::bits() const {
  const Packing& packing = packed_->packing();
  std::uint32_t bits = (packing.words() - 1) * 64 + 1;
  for (std::uint32_t cell = 0; cell < packing.cells(); ++cell) {
    const std::optional<Packing::Field> field = packing.field(model::CellId(cell));
    if (field) bits = std::max(bits, field->word * 64 + field->shift + field->bits);
  }
  return bits;
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
  look_for_atoms(interest.atoms);
  witnesses_.clear();
  triggers_.clear();
  for (const CompiledProperty& property : packed_->compiled().properties) {
    if (interest.witnesses[property.id.value]) witnesses_.push_back(&property);
    if (interest.triggers[property.id.value]) triggers_.push_back(&property);
  }
}

void PackedSpace::judge(const std::uint64_t* states, std::size_t count, Judgement& out) {
  maybe_.assign(count, 0);
  if (!interest_.only_atoms) filter_.may_show(states, count, maybe_.data());
  for (std::size_t i = 0; i < count; ++i) {
    if (!interest_.atoms.empty()) add_letters(states + i * words(), out.letters);
    if (maybe_[i] != 0) judge_one(states + i * words(), static_cast<std::uint32_t>(i), out);
  }
}

void PackedSpace::judge_one(const std::uint64_t* state, std::uint32_t position, Judgement& out) {
  packed_->packing().unpack(state, cells_.data());
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

void PackedSpace::look_for_atoms(const std::vector<model::ExprId>& atoms) {
  constexpr std::size_t kKnown = 4096;
  judge_.look_for_atoms(atoms);
  letters_.assign(atoms.empty() ? 0 : kKnown, {});
  model::CellSet reads(packed_->packing().cells());
  for (const model::ExprId atom : atoms) model::add_reads(system(), atom, reads);
  read_by_atoms_.assign(words(), 0);
  reads.for_each(
      [&](model::CellId cell) { read_by_atoms_[packed_->packing().word(cell)] |= packed_->packing().mask(cell); });
}

/// States that differ in nothing that the atoms read have the same letters: they are found only once for most.
void PackedSpace::add_letters(const std::uint64_t* state, std::vector<std::uint64_t>& letters) {
  read_.resize(words());
  for (std::size_t i = 0; i < read_.size(); ++i) read_[i] = state[i] & read_by_atoms_[i];
  const std::uint64_t hash = model::scramble(read_.data(), read_.size());
  KnownLetters& known = letters_[hash % letters_.size()];
  if (!known.is_used || known.read != read_) {
    packed_->packing().unpack(state, cells_.data());
    known.is_used = true;
    known.read = read_;
    known.letters.clear();
    judge_.add_letters(cells_.data(), known.letters);
  }
  letters.insert(letters.end(), known.letters.begin(), known.letters.end());
}

model::State PackedSpace::unpack(const std::uint64_t* state) const {
  model::State cells(packed_->packing().cells());
  packed_->packing().unpack(state, cells.data());
  return cells;
}

void PackedSpace::unpack_over(const std::uint64_t* state, model::State& cells) const {
  if (cells.empty()) {
    cells.resize(packed_->packing().cells());
    packed_->packing().unpack_constants(cells.data());
  }
  packed_->packing().unpack_fields(state, cells.data());
}

}  // namespace quiesce::checker
